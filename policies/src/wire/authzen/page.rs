//! Pages of a search: a limit, and a token that continues one search of one caller after what he has seen.
//! Standard: OpenID AuthZEN Authorization API 1.0 §8.2 (pagination)
//! It must never continue another search than the one the token was given for, nor one whose token was changed.

use data_encoding::BASE64URL_NOPAD;
use platform::secrets::{self, Sealer};
use serde_json::{Value, json};

use super::reading::{self, Malformed, Members};

/// Results of a page when no limit is stated.
const USUAL: usize = 50;
/// Results of a page at most, whatever limit is stated.
pub const MOST: usize = 200;
const PURPOSE: &str = "authzen page";
/// What keeps the parts of a token apart; no limit holds it.
const SEPARATOR: char = '\n';

/// Which part of the results is wanted.
#[derive(Debug)]
pub struct Page<'s> {
    limit: usize,
    after: Option<String>,
    sealer: &'s Sealer,
    bound: String,
}

/// A part of the results.
#[derive(Debug, PartialEq, Eq)]
pub struct Part<T> {
    /// The results.
    pub items: Vec<T>,
    /// `page` of the response.
    pub page: Value,
}

impl<T> Part<T> {
    /// The same part in another shape.
    pub fn map<U>(self, shape: impl FnMut(&T) -> U) -> Part<U> {
        Part {
            items: self.items.iter().map(shape).collect(),
            page: self.page,
        }
    }
}

impl<'s> Page<'s> {
    /// Reads `page` of a request. `search` and `caller` are whose token it must be; everything asked for is bound to it as well.
    pub fn read(
        body: &Members,
        sealer: &'s Sealer,
        search: &str,
        caller: &str,
    ) -> Result<Self, Malformed> {
        let empty = Members::new();
        let page = reading::object(body, "page", "page")?.unwrap_or(&empty);
        let properties = reading::object(page, "properties", "page.properties")?;
        let asked = ["subject", "action", "resource", "context"].map(|key| body.get(key));
        let mut this = Self {
            limit: USUAL,
            after: None,
            sealer,
            bound: json!([search, caller, asked, properties]).to_string(),
        };
        let limit = reading::whole(page, "limit", "page.limit")?;
        let limit = match limit.map(usize::try_from) {
            None => None,
            Some(Ok(limit)) => Some(limit.min(MOST)),
            Some(Err(_)) => {
                return Err(Malformed::Type("page.limit", "a whole number, not below 0"));
            }
        };
        let token = reading::text(page, "token", "page.token")?;
        match token.filter(|token| !token.is_empty()) {
            // The limit need not be said again; if it is, it must be the same.
            Some(token) => this.continue_with(&token, limit)?,
            None => this.limit = limit.unwrap_or(USUAL),
        }
        Ok(this)
    }

    fn continue_with(&mut self, token: &str, limit: Option<usize>) -> Result<(), Malformed> {
        let (place, mac) = token.split_once('.').ok_or(Malformed::Token)?;
        let read = |text: &str| {
            let bytes = BASE64URL_NOPAD.decode(text.as_bytes());
            bytes.map_err(|_| Malformed::Token)
        };
        let (place, mac) = (read(place)?, read(mac)?);
        if !secrets::equal(&self.mac(&place), &mac) {
            return Err(Malformed::Token);
        }
        let place = String::from_utf8(place).map_err(|_| Malformed::Token)?;
        let (then, after) = place.split_once(SEPARATOR).ok_or(Malformed::Token)?;
        self.limit = then.parse().map_err(|_| Malformed::Token)?;
        if limit.is_some_and(|limit| limit != self.limit) {
            return Err(Malformed::Token);
        }
        self.after = Some(after.to_owned());
        Ok(())
    }

    fn mac(&self, place: &[u8]) -> [u8; 32] {
        self.sealer.mac(PURPOSE, &[self.bound.as_bytes(), place])
    }

    /// The part wanted of all results, which stand in the order of `key`.
    pub fn part<T>(&self, all: Vec<T>, key: impl Fn(&T) -> &str) -> Part<T> {
        let total = all.len();
        let seen = |one: &T| self.after.as_deref().is_some_and(|after| key(one) <= after);
        let mut rest = all.into_iter().skip_while(|one| seen(one)).peekable();
        let mut items = Vec::new();
        while items.len() < self.limit
            && let Some(one) = rest.next()
        {
            items.push(one);
        }
        let last = items.last().map(&key).or(self.after.as_deref());
        let next = match rest.peek() {
            Some(_) => self.token(last.unwrap_or_default()),
            None => String::new(),
        };
        let page = json!({"next_token": next, "count": items.len(), "total": total});
        Part { items, page }
    }

    fn token(&self, last: &str) -> String {
        let place = format!("{}{SEPARATOR}{last}", self.limit);
        let mac = BASE64URL_NOPAD.encode(&self.mac(place.as_bytes()));
        format!("{}.{mac}", BASE64URL_NOPAD.encode(place.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::random::Entropy;
    use proptest::prelude::*;

    fn sealer() -> Sealer {
        Sealer::new(&[(1, [7; 32])].into(), Entropy::seeded(1)).unwrap()
    }

    fn body(page: Value) -> Members {
        let body = json!({"subject": {"type": "person"}, "action": {"name": "sign"}, "resource": {"type": "paper", "id": "pap_1"}, "page": page});
        body.as_object().unwrap().clone()
    }

    fn next(part: &Part<String>) -> String {
        part.page["next_token"].as_str().unwrap().to_owned()
    }

    fn all() -> Vec<String> {
        ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec()
    }

    #[test]
    fn pages_follow_one_another_until_the_token_is_empty_and_hold_everything_once() {
        let sealer = sealer();
        let mut page = json!({"limit": 2});
        let mut seen = Vec::new();
        let mut pages = 0;
        loop {
            let asked = Page::read(&body(page), &sealer, "subject", "psn_a").unwrap();
            let part = asked.part(all(), |one| one);
            assert_eq!(part.page["total"], 5);
            assert_eq!(part.page["count"], part.items.len());
            pages += 1;
            seen.extend(part.items.clone());
            if next(&part).is_empty() {
                break;
            }
            // The limit is not repeated: it stands in the token.
            page = json!({"token": next(&part)});
        }
        assert_eq!((seen, pages), (all(), 3));
        let none = Page::read(&body(json!({"limit": 0})), &sealer, "subject", "psn_a").unwrap();
        let none = none.part(all(), |one| one);
        assert!(none.items.is_empty() && !next(&none).is_empty());
        let large = Page::read(
            &body(json!({"limit": 1_000_000})),
            &sealer,
            "subject",
            "psn_a",
        )
        .unwrap();
        assert_eq!(large.limit, MOST);
        let empty = Page::read(&body(json!({"token": ""})), &sealer, "subject", "psn_a").unwrap();
        assert_eq!(empty.part(all(), |one| one).items.len(), 5);
    }

    #[test]
    fn a_token_is_good_for_its_own_search_and_caller_only() {
        let sealer = sealer();
        let first = Page::read(&body(json!({"limit": 2})), &sealer, "subject", "psn_a").unwrap();
        let token = next(&first.part(all(), |one| one));
        let read = |body: &Members, search: &str, caller: &str| {
            Page::read(body, &sealer, search, caller).map(|_| ())
        };
        let again = body(json!({"token": token, "limit": 2}));
        assert_eq!(read(&again, "subject", "psn_a"), Ok(()));
        assert_eq!(read(&again, "resource", "psn_a"), Err(Malformed::Token));
        assert_eq!(read(&again, "subject", "psn_b"), Err(Malformed::Token));
        assert_eq!(
            read(
                &body(json!({"token": token, "limit": 3})),
                "subject",
                "psn_a"
            ),
            Err(Malformed::Token)
        );
        let mut other = again.clone();
        other.insert("action".into(), json!({"name": "seal"}));
        assert_eq!(read(&other, "subject", "psn_a"), Err(Malformed::Token));
        let mut later = again.clone();
        later.insert("context".into(), json!({"at": 5}));
        assert_eq!(read(&later, "subject", "psn_a"), Err(Malformed::Token));
        for wrong in [
            json!({"limit": -1}),
            json!({"limit": "2"}),
            json!({"limit": 1.5}),
            json!([]),
            json!({"token": 1}),
            json!({"properties": 1}),
        ] {
            assert!(
                matches!(
                    read(&body(wrong.clone()), "subject", "psn_a"),
                    Err(Malformed::Type(..))
                ),
                "{wrong}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_changed_or_invented_token_is_taken(at in 0_usize..80, to in "[A-Za-z0-9_.-]", invented in "\\PC{0,60}") {
            let sealer = sealer();
            let first = Page::read(&body(json!({"limit": 2})), &sealer, "subject", "psn_a").unwrap();
            let token = next(&first.part(all(), |one| one));
            let mut changed: Vec<char> = token.chars().collect();
            let at = at % changed.len();
            changed[at] = to.chars().next().unwrap();
            let changed: String = changed.into_iter().collect();
            for wrong in [changed, invented] {
                if wrong == token || wrong.is_empty() {
                    continue;
                }
                let read = Page::read(&body(json!({"token": wrong})), &sealer, "subject", "psn_a");
                prop_assert_eq!(read.map(|_| ()).unwrap_err(), Malformed::Token);
            }
        }
    }
}
