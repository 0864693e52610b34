//! The demo province comes in whole, at once, twice without a change, and within its time.

use std::time::Instant;

use platform::db::Db;
use register::facts::{self, AssignmentKind, MailboxOwner, Standing};
use register::flows::import_register::{Tools, cancel, prepare, publish, stage_chunk};

use super::support::{ACTOR, Csv, NOW, entropy, import, migrate, picture, province, rows, sealer};

async fn full(db: &Db) -> String {
    migrate(db).await;
    let (entropy, sealer, csv) = (entropy(), sealer(), Csv::demo());
    let tools = Tools {
        db,
        entropy: &entropy,
        sealer: &sealer,
    };
    let begin = Instant::now();
    let mut prepared = prepare(tools, NOW, &csv.files())
        .await
        .expect("the demo files are in order");
    let planned = begin.elapsed();
    let (mut slowest, mut chunk) = (std::time::Duration::ZERO, Instant::now());
    while stage_chunk(tools, &mut prepared).await.unwrap() {
        slowest = slowest.max(chunk.elapsed());
        chunk = Instant::now();
    }
    let staged = begin.elapsed();
    assert!(
        facts::agency_by_code(&mut db.read().await.unwrap(), "H08", NOW)
            .await
            .unwrap()
            .is_none(),
        "staged rows are invisible"
    );
    let unit = Instant::now();
    let report = publish(tools, NOW, &ACTOR, prepared).await.unwrap();
    let published = unit.elapsed();
    assert_eq!(
        (
            report.counts.agencies,
            report.counts.officials,
            report.counts.people
        ),
        (193, 6_000, 6_000)
    );
    assert_eq!(report.counts.appointments, 6_000);
    let total = begin.elapsed();
    assert!(total.as_secs() < 60, "{total:?}");
    format!(
        "import of 6,000 officials: {total:.2?} (plan {planned:.2?}, {} chunks until {staged:.2?}, slowest chunk {slowest:.2?}, publish {published:.2?}); {report}",
        report.chunks
    )
}

platform::both_engines! {
    async fn the_demo_province_is_imported_and_a_second_run_changes_nothing(db: Db) {
        println!("{}", full(&db).await);
        let (before, stored) = (picture(&db).await, rows(&db).await);
        let again = import(&db, &Csv::demo()).await.unwrap();
        assert_eq!(again.change_set, None);
        assert!(again.to_string().starts_with("Không đổi"), "{again}");
        assert_eq!((picture(&db).await, rows(&db).await), (before, stored));
        let mut conn = db.read().await.unwrap();
        let facts = facts::snapshot(&mut conn, None).await.unwrap();
        assert_eq!(facts.agencies.len(), 193);
        assert_eq!(facts.posts.iter().filter(|p| p.standing == Standing::AgencyHead).count(), 192, "every body but the council's office has a head");
        assert_eq!(facts.assignments.iter().filter(|a| a.kind == AssignmentKind::Field).count(), 400, "a field for each of the 400 deputies who have one");
        assert_eq!(facts.assignments.iter().filter(|a| a.kind == AssignmentKind::SealCustody).count(), 193);
    }

    async fn vice_chairs_are_posts_of_their_own_and_the_province_seal_lies_with_the_office(db: Db) {
        province(&db).await;
        let mut conn = db.read().await.unwrap();
        let h08 = facts::agency_by_code(&mut conn, "H08", NOW).await.unwrap().unwrap();
        let office = facts::agency_by_code(&mut conn, "H08.01", NOW).await.unwrap().unwrap();
        assert!(h08.collective && !office.collective);
        assert_eq!(facts::agency_root(&mut conn, NOW).await.unwrap().unwrap().id, h08.id);
        let posts = facts::posts_of_agency(&mut conn, &h08.id, NOW).await.unwrap();
        let head = posts.iter().find(|p| p.is_head).unwrap();
        assert_eq!((head.code.as_str(), head.capacities.as_slice()), ("CT_UBND", ["TM".to_string(), "TRUC_TIEP".to_string()].as_slice()));
        let deputies: Vec<_> = posts.iter().filter(|p| p.code == "PCT_UBND").collect();
        assert_eq!(deputies.len(), 3);
        assert!(deputies.iter().all(|p| p.deputy_of.as_deref() == Some(head.id.as_str()) && p.unit.is_none() && p.standing == Standing::AgencyDeputy));
        let vice = facts::person_by_staff_no(&mut conn, "BD-000002").await.unwrap().unwrap();
        assert_eq!((vice.full_name.as_str(), vice.middle_name.as_str(), vice.given_name.as_str(), vice.birth_year), ("Ngô Đức Thịnh", "Đức", "Thịnh", Some(1994)));
        assert_eq!(facts::person_by_username(&mut conn, "thinhnd").await.unwrap().unwrap().id, vice.id);
        let held = facts::posts_of(&mut conn, &vice.id, NOW).await.unwrap();
        assert_eq!((held.len(), held[0].title.as_str(), held[0].field.as_deref(), held[0].agency_code.as_str()), (1, "Phó Chủ tịch", Some("Kinh tế tổng hợp"), "H08"));
        assert!(facts::appointment_in_force(&mut conn, &held[0].appointment, NOW).await.unwrap());
        let clerks = facts::posts_of_agency(&mut conn, &office.id, NOW).await.unwrap();
        let clerk = clerks.iter().find(|p| p.code == "VT").unwrap();
        assert_eq!(facts::holders_of(&mut conn, &clerk.id, NOW).await.unwrap().len(), 2);
        assert!(facts::keeps_seal(&mut conn, &clerk.id, &h08.id, NOW).await.unwrap());
        assert_eq!(facts::seals_kept(&mut conn, &clerk.id, NOW).await.unwrap().len(), 2);
        assert_eq!(facts::seal_keepers(&mut conn, &h08.id, NOW).await.unwrap().len(), 2);
        assert!(!facts::keeps_seal(&mut conn, &head.id, &h08.id, NOW).await.unwrap());
    }

    async fn a_post_mailbox_goes_with_the_post_and_the_own_one_with_the_person(db: Db) {
        province(&db).await;
        let mut conn = db.read().await.unwrap();
        let clerk = facts::person_by_staff_no(&mut conn, "BD-000017").await.unwrap().unwrap();
        let other = facts::person_by_staff_no(&mut conn, "BD-000002").await.unwrap().unwrap();
        let mailbox = facts::mailbox(&mut conn, "VanThu@binhdinh.test", NOW).await.unwrap().unwrap();
        assert!(matches!(mailbox.owner, MailboxOwner::Post(_)));
        assert!(facts::mailbox_appointment(&mut conn, "vanthu@binhdinh.test", &clerk.id, NOW).await.unwrap().is_some());
        assert!(facts::mailbox_appointment(&mut conn, "vanthu@binhdinh.test", &other.id, NOW).await.unwrap().is_none());
        assert!(facts::mailbox_appointment(&mut conn, "thinhnd@binhdinh.test", &other.id, NOW).await.unwrap().is_some());
        assert!(facts::mailbox_appointment(&mut conn, "thinhnd@binhdinh.test", &clerk.id, NOW).await.unwrap().is_none());
        let mine: Vec<_> = facts::mail_addresses(&mut conn, &clerk.id, NOW).await.unwrap().into_iter().map(|m| m.address).collect();
        assert_eq!(mine, [clerk.email.clone().unwrap(), "vanthu@binhdinh.test".into(), "vanthu@vpubnd.binhdinh.test".into()]);
    }

    async fn a_later_list_moves_people_and_corrects_names_without_overwriting(db: Db) {
        province(&db).await;
        let mut later = Csv::small();
        // The clerk becomes archivist from 01/12/2026 on, and the name of a vice chair was misspelt.
        later.officials = later
            .officials
            .lines()
            .map(|line| match line {
                l if l.starts_with("BD-000017,") => format!("{}\n", l.replace(",VT,Văn thư,", ",LT,Lưu trữ,").replace(&l.split(',').nth(15).unwrap().to_string(), "2026-12-01")),
                l if l.starts_with("BD-000003,") => format!("{}\n", l.replace("Võ Văn Tú,Võ,Văn", "Võ Vân Tú,Võ,Vân")),
                l => format!("{l}\n"),
            })
            .collect();
        let report = import(&db, &later).await.unwrap();
        assert_eq!((report.counts.closed, report.counts.people, report.counts.posts), (2, 0, 0));
        let mut conn = db.read().await.unwrap();
        let clerk = facts::person_by_staff_no(&mut conn, "BD-000017").await.unwrap().unwrap();
        let title = |held: &[facts::HeldPost]| held.iter().map(|h| h.title.clone()).collect::<Vec<_>>();
        assert_eq!(title(&facts::posts_of(&mut conn, &clerk.id, NOW).await.unwrap()), ["Văn thư"]);
        assert_eq!(title(&facts::posts_of(&mut conn, &clerk.id, NOW + 86_400_000).await.unwrap()), ["Lưu trữ"]);
        assert_eq!(facts::person_by_staff_no(&mut conn, "BD-000003").await.unwrap().unwrap().full_name, "Võ Vân Tú");
        assert_eq!(import(&db, &later).await.unwrap().change_set, None, "the later list twice changes nothing");
    }

    async fn an_import_resumes_where_it_stopped_and_a_cancelled_one_leaves_no_row(db: Db) {
        migrate(&db).await;
        let empty = rows(&db).await;
        let (entropy, sealer, csv) = (platform::random::Entropy::system(), sealer(), Csv::small());
        let tools = Tools { db: &db, entropy: &entropy, sealer: &sealer };
        let mut first = prepare(tools, NOW, &csv.files()).await.unwrap();
        assert!(stage_chunk(tools, &mut first).await.unwrap());
        let left = rows(&db).await;
        assert!(left > empty);
        let mut second = prepare(tools, NOW, &csv.files()).await.unwrap();
        assert_eq!(second.change_set(), first.change_set());
        while stage_chunk(tools, &mut second).await.unwrap() {}
        assert!(stage_chunk(tools, &mut first).await.is_err(), "two runs cannot stage the same set");
        cancel(&db, second.change_set().unwrap()).await.unwrap();
        assert_eq!(rows(&db).await, empty);
        assert!(publish(tools, NOW, &ACTOR, second).await.is_err(), "what was cancelled cannot be published");
        let report = import(&db, &csv).await.unwrap();
        assert!(!report.resumed && report.change_set.is_some());
    }

    async fn an_import_is_refused_when_the_register_changed_under_it(db: Db) {
        province(&db).await;
        let (entropy, sealer, mut csv) = (platform::random::Entropy::system(), sealer(), Csv::small());
        csv.officials = csv.officials.replace("Võ Văn Tú,Võ,Văn", "Võ Vân Tú,Võ,Vân");
        let tools = Tools { db: &db, entropy: &entropy, sealer: &sealer };
        let mut prepared = prepare(tools, NOW, &csv.files()).await.unwrap();
        while stage_chunk(tools, &mut prepared).await.unwrap() {}
        let facts = facts::snapshot(&mut db.read().await.unwrap(), None).await.unwrap();
        let end = register::flows::end_appointment::EndAppointment { appointment: facts.appointments[0].id.clone(), to: NOW, basis: "test".into() };
        register::flows::end_appointment::run(&db, &entropy, NOW, &ACTOR, &end).await.unwrap();
        let (before, _) = (picture(&db).await, ());
        assert!(publish(tools, NOW, &ACTOR, prepared).await.is_err());
        assert_eq!(picture(&db).await, before);
    }
}
