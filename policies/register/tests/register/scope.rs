//! A scope shows its subtree and nothing else; without an appointment in force there is none.

use std::collections::BTreeSet;

use platform::db::Db;
use register::domain::administration::PROVINCE;
use register::facts::{self, AsOf};
use register::flows::end_appointment::{EndAppointment, run as end};
use register::flows::record_role::{RecordRole, run as give_role};
use register::rights::{READING, Scope, ScopeError, covers, scope_of};
use register::store::{agencies, appointments, people, posts, search, units};

use super::support::{ACTOR, NOW, entropy, province};

/// The scope of a person in his post, by staff number.
async fn scope(db: &Db, staff_no: &str) -> Scope {
    let mut conn = db.read().await.unwrap();
    let person = facts::person_by_staff_no(&mut conn, staff_no)
        .await
        .unwrap()
        .unwrap();
    let post = facts::posts_of(&mut conn, &person.id, NOW)
        .await
        .unwrap()
        .remove(0)
        .post;
    scope_of(&mut conn, &person.id, Some(&post), READING, NOW)
        .await
        .unwrap()
}

/// Somebody of the agency with this code.
async fn somebody(db: &Db, code: &str) -> String {
    let mut conn = db.read().await.unwrap();
    let agency = facts::agency_by_code(&mut conn, code, NOW)
        .await
        .unwrap()
        .unwrap();
    for post in facts::posts_of_agency(&mut conn, &agency.id, NOW)
        .await
        .unwrap()
    {
        if let Some(holder) = facts::holders_of(&mut conn, &post.id, NOW)
            .await
            .unwrap()
            .into_iter()
            .next()
        {
            return holder.staff_no;
        }
    }
    panic!("nobody works in {code}");
}

platform::both_engines! {
    async fn every_list_and_load_stays_inside_the_scope(db: Db) {
        province(&db).await;
        let staff_no = somebody(&db, "H08.31").await;
        let city = scope(&db, &staff_no).await;
        let mut conn = db.read().await.unwrap();
        let as_of = AsOf::now(NOW);
        let all = facts::snapshot(&mut conn, None).await.unwrap();
        let inside: BTreeSet<String> = agencies::list(&mut conn, &city, as_of).await.unwrap().into_iter().map(|a| a.id).collect();
        assert_eq!(inside.len(), 2, "the city and its ward");
        let of_post: std::collections::BTreeMap<&str, &str> = all.posts.iter().map(|p| (p.id.as_str(), p.agency.as_str())).collect();
        for agency in &all.agencies {
            let seen = inside.contains(&agency.id);
            assert_eq!(covers(&mut conn, &city, &agency.id).await.unwrap(), seen);
            assert_eq!(!agencies::versions(&mut conn, &city, &agency.id, None).await.unwrap().is_empty(), seen);
            assert_eq!(!units::of_agency(&mut conn, &city, &agency.id, as_of).await.unwrap().is_empty(), seen);
            assert_eq!(!posts::list(&mut conn, &city, &agency.id, as_of).await.unwrap().is_empty(), seen);
            assert_eq!(!people::holders_of_agency(&mut conn, &city, &agency.id, as_of).await.unwrap().is_empty(), seen);
        }
        for post in &all.posts {
            let seen = inside.contains(&post.agency);
            assert_eq!(posts::load(&mut conn, &city, &post.id, None).await.unwrap().is_some(), seen);
            let holders = people::holders_over_time(&mut conn, &city, &post.id, None).await.unwrap();
            assert!(seen || holders.is_empty());
        }
        for appointment in &all.appointments {
            let seen = inside.contains(of_post[appointment.post.as_str()]);
            assert_eq!(people::load(&mut conn, &city, &appointment.person).await.unwrap().is_some(), seen);
            assert_eq!(appointments::history(&mut conn, &city, &appointment.person, as_of).await.unwrap().len(), usize::from(seen));
        }
        for (agency, _) in people::headcount(&mut conn, &city, as_of).await.unwrap() {
            assert!(inside.contains(&agency));
        }
        assert!(posts::vacant_heads(&mut conn, &city, as_of).await.unwrap().iter().all(|(agency, _)| inside.contains(agency)));
        let query = search::Query::of("n").unwrap();
        for found in search::agencies(&mut conn, &city, &query, as_of, 1_000).await.unwrap() {
            assert!(inside.contains(&found.id));
        }
        let found = search::posts(&mut conn, &city, &query, as_of, 10_000).await.unwrap();
        assert!(!found.is_empty() && found.iter().all(|p| inside.contains(of_post[p.id.as_str()])));
        let found = search::people(&mut conn, &city, &query, None, &search::After::start(), 10_000).await.unwrap();
        let insiders: BTreeSet<&str> = all.appointments.iter().filter(|a| inside.contains(of_post[a.post.as_str()])).map(|a| a.person.as_str()).collect();
        assert!(!found.is_empty() && found.iter().all(|p| insiders.contains(p.person.as_str())));
    }

    async fn the_province_role_sees_all_and_ends_with_the_role(db: Db) {
        province(&db).await;
        let staff_no = somebody(&db, "H08.02").await;
        let own = scope(&db, &staff_no).await;
        let mut conn = db.read().await.unwrap();
        assert_eq!(agencies::list(&mut conn, &own, AsOf::now(NOW)).await.unwrap().len(), 1);
        let person = facts::person_by_staff_no(&mut conn, &staff_no).await.unwrap().unwrap();
        drop(conn);
        let role = RecordRole { person: person.id.clone(), role: PROVINCE.into(), agency: None, basis: "1/QĐ".into(), from: NOW, to: Some(NOW + 1_000) };
        give_role(&db, &entropy(), NOW, &ACTOR, &role).await.unwrap();
        let mut conn = db.read().await.unwrap();
        let wide = scope_of(&mut conn, &person.id, None, READING, NOW).await.unwrap();
        assert_eq!(agencies::list(&mut conn, &wide, AsOf::now(NOW)).await.unwrap().len(), 5);
        assert!(matches!(scope_of(&mut conn, &person.id, None, READING, NOW + 1_000).await, Err(ScopeError::NoRight)));
    }

    async fn no_post_somebody_elses_post_and_an_ended_post_give_no_scope(db: Db) {
        province(&db).await;
        let mut conn = db.read().await.unwrap();
        let vice = facts::person_by_staff_no(&mut conn, "BD-000002").await.unwrap().unwrap();
        let chair = facts::person_by_staff_no(&mut conn, "BD-000001").await.unwrap().unwrap();
        let held = facts::posts_of(&mut conn, &vice.id, NOW).await.unwrap().remove(0);
        for (person, post) in [(&vice.id, None), (&chair.id, Some(held.post.as_str())), (&vice.id, Some("pst_none"))] {
            assert!(matches!(scope_of(&mut conn, person, post, READING, NOW).await, Err(ScopeError::NoRight)));
        }
        drop(conn);
        end(&db, &entropy(), NOW, &ACTOR, &EndAppointment { appointment: held.appointment, to: NOW, basis: "x".into() }).await.unwrap();
        let mut conn = db.read().await.unwrap();
        assert!(matches!(scope_of(&mut conn, &vice.id, Some(&held.post), READING, NOW).await, Err(ScopeError::NoRight)));
    }

    async fn search_needs_no_accents_puts_exact_marks_first_and_pages_without_gaps(db: Db) {
        province(&db).await;
        let whole = scope(&db, "BD-000001").await;
        let mut conn = db.read().await.unwrap();
        let query = search::Query::of("nguyen").unwrap();
        let all = search::people(&mut conn, &whole, &query, None, &search::After::start(), 10_000).await.unwrap();
        assert!(all.len() > 30);
        let (mut paged, mut after) = (Vec::new(), search::After::start());
        loop {
            let page = search::people(&mut conn, &whole, &query, None, &after, 7).await.unwrap();
            let Some(last) = page.last() else { break };
            after = search::After::decode(&search::After::of(last).encode()).unwrap();
            paged.extend(page);
        }
        assert_eq!(paged, all);
        let marks = search::people(&mut conn, &whole, &search::Query::of("HÒA").unwrap(), None, &search::After::start(), 1_000).await.unwrap();
        let ranks: Vec<i64> = marks.iter().map(|p| p.rank).collect();
        assert!(ranks.contains(&0) && ranks.windows(2).all(|pair| pair[0] <= pair[1]));
        assert!(marks.iter().filter(|p| p.rank == 0).all(|p| p.full_name.contains("Hòa") || p.full_name.contains("Hoà")));
        let percent = search::people(&mut conn, &whole, &search::Query::of("%").unwrap(), None, &search::After::start(), 10).await.unwrap();
        assert!(percent.is_empty(), "a percent sign is text");
        assert!(search::Query::of(" \u{200b} ").is_none());
    }
}
