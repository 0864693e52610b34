//! Scopes over random trees: whatever a list shows, a get finds, and nothing else; with one root and with two.

use std::collections::{BTreeMap, BTreeSet};

use platform::db::Conn;
use register::domain::administration::{AGENCY, PROVINCE, READING};
use register::facts::{self, AsOf};
use register::rights::{Scope, covers, scope_of};
use register::store::{agencies, appointments, people, posts, roles, search, units};

use super::administration::give;
use super::support::{Csv, NOW, import, migrate};

/// The codes of the small province and who stands above whom, drawn by a seed.
struct Tree {
    parents: BTreeMap<String, String>,
}

impl Tree {
    /// Another shape of the same agencies.
    fn draw(csv: &mut Csv, seed: u64) -> Self {
        let mut dice = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let mut roll = |n: usize| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            (dice >> 33) as usize % n
        };
        let mut known = Vec::new();
        let mut parents = BTreeMap::new();
        let mut lines = Vec::new();
        for (n, line) in csv.agencies.lines().enumerate() {
            let mut cells: Vec<&str> = line.splitn(3, ',').collect();
            let parent;
            if n > 1 {
                parent = known[roll(known.len())];
                cells[1] = parent;
                parents.insert(cells[0].to_owned(), parent.to_owned());
            }
            if n > 0 {
                known.push(cells[0]);
            }
            lines.push(format!("{}\n", cells.join(",")));
        }
        csv.agencies = lines.concat();
        Self { parents }
    }

    /// Whether one stands at or under the other, by walking up.
    fn stands_under(&self, code: &str, above: &str) -> bool {
        let mut at = code;
        loop {
            if at == above {
                return true;
            }
            match self.parents.get(at) {
                Some(parent) => at = parent,
                None => return false,
            }
        }
    }
}

/// Who is found by "n", page after page.
async fn everybody(conn: &mut Conn, scope: &Scope, limit: i64) -> Vec<search::FoundPerson> {
    let query = search::Query::of("n").unwrap();
    let (mut all, mut after) = (Vec::new(), search::After::start());
    loop {
        let page = search::people(conn, scope, &query, None, &after, limit)
            .await
            .unwrap();
        let Some(last) = page.last() else {
            return all;
        };
        after = search::After::of(last);
        all.extend(page);
    }
}

platform::both_engines! {
    async fn lists_filter_like_gets_in_random_trees(db: Db) {
        migrate(&db).await;
        let seed = std::env::var("TREE_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(576);
        println!("TREE_SEED={seed}");
        let mut csv = Csv::small();
        let tree = Tree::draw(&mut csv, seed);
        import(&db, &csv).await.unwrap();
        let all = facts::snapshot(&mut db.read().await.unwrap(), None).await.unwrap();
        let code: BTreeMap<&str, &str> = all.agencies.iter().map(|a| (a.id.as_str(), a.code.as_str())).collect();
        let holders: Vec<&str> = all.appointments.iter().map(|a| a.person.as_str()).take(all.agencies.len() * 2).collect();
        let above = all.appointments.iter().map(|a| a.person.as_str()).find(|person| !holders.contains(person)).unwrap();
        give(&db, above, PROVINCE, None, None).await;
        let mut conn = db.read().await.unwrap();
        let whole = scope_of(&mut conn, above, None, READING, NOW).await.unwrap();
        let anywhere = everybody(&mut conn, &whole, 10_000).await;
        assert_eq!(anywhere, everybody(&mut conn, &whole, 7).await);
        drop(conn);
        for (n, first) in all.agencies.iter().enumerate() {
            let second = &all.agencies[(n * 3 + 1) % all.agencies.len()];
            for (roots, who) in [(vec![first], holders[n]), (vec![first, second], holders[n + all.agencies.len()])] {
                for root in &roots {
                    give(&db, who, AGENCY, Some(&root.id), None).await;
                }
                let mut conn = db.read().await.unwrap();
                let scope = scope_of(&mut conn, who, None, READING, NOW).await.unwrap();
                let as_of = AsOf::now(NOW);
                let inside = |id: &str| roots.iter().any(|root| tree.stands_under(code[id], &root.code));
                let listed: BTreeSet<String> = agencies::list(&mut conn, &scope, as_of).await.unwrap().into_iter().map(|a| a.id).collect();
                for agency in &all.agencies {
                    let seen = inside(&agency.id);
                    assert_eq!(listed.contains(&agency.id), seen, "{} under {:?}", agency.code, scope.agencies());
                    assert_eq!(covers(&mut conn, &scope, &agency.id).await.unwrap(), seen);
                    assert_eq!(!units::of_agency(&mut conn, &scope, &agency.id, as_of).await.unwrap().is_empty(), seen);
                    let listed: BTreeSet<String> = posts::list(&mut conn, &scope, &agency.id, as_of).await.unwrap().into_iter().map(|p| p.id).collect();
                    for post in all.posts.iter().filter(|p| p.agency == agency.id) {
                        assert_eq!(listed.contains(&post.id), posts::load(&mut conn, &scope, &post.id, None).await.unwrap().is_some());
                        assert_eq!(listed.contains(&post.id), seen);
                    }
                }
                let found = everybody(&mut conn, &scope, 10_000).await;
                let in_parts = everybody(&mut conn, &scope, 3).await;
                assert_eq!(found, in_parts, "a page of three after another is the whole list");
                let here = |person: &str| all.appointments.iter().any(|a| a.person == person && all.posts.iter().any(|p| p.id == a.post && inside(&p.agency)));
                let expected: Vec<_> = anywhere.iter().filter(|one| here(&one.person)).cloned().collect();
                assert_eq!(found, expected, "{:?}", scope.agencies());
                for one in &found {
                    assert!(people::load(&mut conn, &scope, &one.person).await.unwrap().is_some());
                    assert!(!appointments::history(&mut conn, &scope, &one.person, as_of).await.unwrap().is_empty());
                }
                assert!(!found.is_empty());
                for grant in roles::list(&mut conn, &scope, as_of).await.unwrap() {
                    let placed = grant.agency.as_deref().map_or(scope.is_whole(), &inside);
                    assert!(placed, "{grant:?}");
                }
            }
        }
    }
}
