//! Who is found in scopes of few and of many agencies: the pages together are what a plain filter over all people finds, in order,
//! whoever is in two agencies once, and nobody whose appointment was taken back.

use std::collections::{BTreeMap, BTreeSet};

use platform::audit::Housekeeping;
use platform::db::{Conn, Db, Error};
use platform::random::Entropy;
use register::domain::administration::{AGENCY, PROVINCE, READING};
use register::domain::text::{fold, marked, tidy};
use register::domain::words::{AppointmentKind, Standing};
use register::facts::{self, Facts};
use register::flows::record_appointment::{RecordAppointment, run as appoint};
use register::rights::{Scope, scope_of};
use register::store::search;

use super::administration::give;
use super::bitemporal::number;
use super::support::{ACTOR, Csv, NOW, everybody_is_found, import, migrate};

platform::statements! {
    /// An appointment that never should have been recorded; its agency keeps the phrases.
    pub TAKE_BACK = "UPDATE appointment SET closed_by = 'evt_taken_back' WHERE id = $1 AND closed_by IS NULL";
}

/// All bodies of the demo, with some people of each.
fn some_of_each() -> Csv {
    let mut all = Csv::demo();
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept = String::new();
    for line in all.officials.lines() {
        let code = line.split(',').find(|cell| cell.starts_with("H08"));
        let nth = met.entry(code.unwrap_or_default().to_owned()).or_default();
        if *nth == 0 || *nth % 9 == 8 {
            kept.push_str(line);
            kept.push('\n');
        }
        *nth += 1;
    }
    all.officials = kept;
    all
}

/// Everything there is, to look through by hand.
struct Plain {
    facts: Facts,
    /// Name and staff number.
    people: BTreeMap<String, [String; 2]>,
}

impl Plain {
    async fn load(conn: &mut Conn, known: Option<i64>) -> Self {
        let facts = facts::snapshot(conn, known).await.unwrap();
        let mut people = BTreeMap::new();
        for appointment in &facts.appointments {
            let id = &appointment.person;
            if !people.contains_key(id) {
                let person = facts::person(conn, id).await.unwrap().unwrap();
                people.insert(id.clone(), [person.full_name, person.staff_no]);
            }
        }
        Self { facts, people }
    }

    fn agency_of(&self, post: &str) -> &str {
        let found = self.facts.posts.iter().find(|p| p.id == post);
        &found.unwrap().agency
    }

    /// Bodies at or under the one with this code.
    fn under(&self, code: &str) -> BTreeSet<&str> {
        let all = self.facts.agencies.iter();
        all.filter(|a| a.code == code || a.code.starts_with(&format!("{code}.")))
            .map(|a| a.id.as_str())
            .collect()
    }

    /// Appointments there: id and person, one of each person.
    fn held(&self, code: &str) -> Vec<(&str, &str)> {
        let (inside, mut met) = (self.under(code), BTreeSet::new());
        let all = self.facts.appointments.iter();
        all.filter(|a| inside.contains(self.agency_of(&a.post)) && met.insert(&a.person))
            .map(|a| (a.id.as_str(), a.person.as_str()))
            .collect()
    }

    /// Rank, words found and person, in order, of those in the agencies.
    fn find(&self, inside: &BTreeSet<&str>, typed: &str) -> Vec<(i64, String, String)> {
        let all = self.facts.appointments.iter();
        let here: BTreeSet<&str> = all
            .filter(|a| inside.contains(self.agency_of(&a.post)))
            .map(|a| a.person.as_str())
            .collect();
        let mut found: Vec<_> = here
            .into_iter()
            .filter_map(|person| {
                let (rank, words) = hit(&self.people[person], typed)?;
                Some((rank, words, person.to_owned()))
            })
            .collect();
        found.sort();
        found
    }
}

/// The first words that begin as typed, with marks or else without.
fn hit(texts: &[String; 2], typed: &str) -> Option<(i64, String)> {
    let first = |key: fn(&str) -> String| {
        let typed = key(typed);
        let runs = texts.iter().flat_map(|text| runs(&key(&tidy(text))));
        runs.filter(|run| run.starts_with(&typed)).min()
    };
    let marks = first(marked).map(|words| (0, words));
    marks.or_else(|| first(fold).map(|words| (1, words)))
}

/// What follows from each place where a word begins.
fn runs(text: &str) -> Vec<String> {
    let begins = |at: usize, letter: char| {
        let before = text[..at].chars().next_back();
        letter.is_alphanumeric() && !before.is_some_and(char::is_alphanumeric)
    };
    text.char_indices()
        .filter(|(at, letter)| begins(*at, *letter))
        .map(|(at, _)| text[at..].to_owned())
        .collect()
}

/// All pages, one after another.
async fn pages(
    conn: &mut Conn,
    scope: &Scope,
    typed: &str,
    known: Option<i64>,
    limit: i64,
) -> Vec<(i64, String, String)> {
    let query = search::Query::of(typed).unwrap();
    let (mut all, mut after) = (Vec::new(), search::After::start());
    loop {
        let page = search::people(conn, scope, &query, known, &after, limit)
            .await
            .unwrap();
        assert!(page.len() <= usize::try_from(limit).unwrap());
        let Some(last) = page.last() else {
            return all;
        };
        after = search::After::decode(&search::After::of(last).encode()).unwrap();
        all.extend(
            page.into_iter()
                .map(|one| (one.rank, one.phrase[1..].to_owned(), one.person)),
        );
    }
}

/// Gives each of six people of one body a second post in another. Gives the second appointments.
async fn second_posts(db: &Db, plain: &Plain, from: &str, skip: usize, to: &str) -> Vec<String> {
    let place = plain.under(to);
    let mut posts = plain
        .facts
        .posts
        .iter()
        .filter(|p| p.standing == Standing::Staff && place.contains(p.agency.as_str()))
        .cycle();
    let mut second = Vec::new();
    for (_, person) in plain.held(from).into_iter().skip(skip).take(6) {
        let held = plain
            .facts
            .appointments
            .iter()
            .find(|a| a.person == person)
            .unwrap();
        let own = plain.agency_of(&held.post);
        let appointment = RecordAppointment {
            person: person.to_owned(),
            post: posts.find(|p| p.agency != own).unwrap().id.clone(),
            kind: AppointmentKind::Concurrent,
            basis: "7/QĐ".into(),
            from: NOW,
            to: None,
        };
        second.push(
            appoint(db, &Entropy::system(), NOW, &ACTOR, &appointment)
                .await
                .unwrap(),
        );
    }
    assert_eq!(second.len(), 6);
    second
}

async fn take_back(db: &Db, appointments: &[&str]) {
    db.write(|mut tx| async move {
        for id in appointments {
            assert_eq!(tx.execute(&TAKE_BACK, (*id,)).await?, 1);
        }
        Ok::<_, Error>(tx.housekeeping(Housekeeping::Measurement, ()))
    })
    .await
    .unwrap();
}

platform::both_engines! {
    async fn pages_of_few_and_of_many_agencies_are_what_a_plain_filter_finds(db: Db) {
        migrate(&db).await;
        import(&db, &some_of_each()).await.unwrap();
        let first = number(&db).await;
        let plain = Plain::load(&mut db.read().await.unwrap(), None).await;
        // Within the city, into it from a neighbour, into it from afar, and out of it.
        let mut second = Vec::new();
        for (from, skip, to) in [("H08.31", 0, "H08.31"), ("H08.32", 0, "H08.31"), ("H08.41", 0, "H08.31"), ("H08.31", 6, "H08.41")] {
            second.push(second_posts(&db, &plain, from, skip, to).await);
        }
        let both = number(&db).await;
        // Of each six, two keep the first post alone, two the second, two both; and four of the city never were there.
        let mut wrong: Vec<&str> = plain.held("H08.31").into_iter().skip(12).take(4).map(|(id, _)| id).collect();
        for (six, (from, skip)) in second.iter().zip([("H08.31", 0), ("H08.32", 0), ("H08.41", 0), ("H08.31", 6)]) {
            wrong.extend(six.iter().take(2).map(String::as_str));
            wrong.extend(plain.held(from).into_iter().skip(skip + 2).take(2).map(|(id, _)| id));
        }
        take_back(&db, &wrong).await;
        everybody_is_found(&db).await;

        let roots: [&[&str]; 4] = [&["H08.31"], &["H08.02", "H08.41"], &["H08.31", "H08.32", "H08.33", "H08.34", "H08.35", "H08.36"], &["H08"]];
        let mut scopes = Vec::new();
        for ((_, who), codes) in plain.held("H08.17").into_iter().zip(roots) {
            for code in codes {
                let agency = plain.facts.agencies.iter().find(|a| a.code == *code).unwrap();
                let (role, place) = if *code == "H08" { (PROVINCE, None) } else { (AGENCY, Some(agency.id.as_str())) };
                give(&db, who, role, place, None).await;
            }
            let mut conn = db.read().await.unwrap();
            scopes.push((scope_of(&mut conn, who, None, READING, NOW).await.unwrap(), codes));
        }
        let sizes: Vec<usize> = scopes.iter().map(|(scope, _)| scope.agencies().split(' ').count()).collect();
        assert_eq!(sizes, [22, 9, 97, 1]);
        assert!(scopes[3].0.is_whole());

        let mut conn = db.read().await.unwrap();
        let mut in_the_city = Vec::new();
        for known in [None, Some(both), Some(first)] {
            let then = Plain::load(&mut conn, known).await;
            for (scope, codes) in &scopes {
                let inside: BTreeSet<&str> = codes.iter().flat_map(|code| then.under(code)).collect();
                for (typed, limits) in [("n", [7, 1_000]), ("nguyen", [1, 20]), ("Nguyễn", [2, 50]), ("th", [9, 60]), ("bd-00", [13, 51]), ("ha", [1, 4])] {
                    let expected = then.find(&inside, typed);
                    for limit in limits {
                        let found = pages(&mut conn, scope, typed, known, limit).await;
                        assert_eq!(found, expected, "{typed} in {codes:?} as known at {known:?}, {limit} on a page");
                    }
                    if typed == "bd-00" && **codes == ["H08.31"] {
                        in_the_city.push(expected.len());
                    }
                }
            }
        }
        let (now, before, at_first) = (in_the_city[0], in_the_city[1], in_the_city[2]);
        assert_eq!(before - at_first, 12, "twelve came into the city, six from within it");
        // Four never were there; of the twelve who came, four did not; of the six who went out, two are only there.
        assert_eq!(before - now, 4 + 4 + 2);
    }
}
