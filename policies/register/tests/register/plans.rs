//! Plans of reorganisation, act by act: names, mergers with mail and suspensions, the past, staging, cancelling, answers.

use register::domain::reorganisation::NOBODY;
use register::domain::words::{AppointmentKind, Fate, Item, Standing};
use register::facts;
use register::flows::publish_plan::{self, PublishPlanError};
use register::flows::{cancel_plan, record_appointment, suspend_appointment};

use platform::db::Db;
use platform::random::Entropy;

use super::merger::{day, decide, load, nothing_is_lost, preview, publish, snapshot};
use super::support::{ACTOR, NOW, picture, province, rows};

const RENAME: &[u8] = "action,old_code,old_name,new_code,new_name,short_name\nrename,H08.02,Sở Nội vụ,,Sở Nội vụ và Tôn giáo,SNVTG\n".as_bytes();
const MERGE: &[u8] = "action,old_code,new_code\nmerge,H08.02,H08.01\n".as_bytes();

platform::both_engines! {
    async fn a_rename_keeps_body_people_and_posts_and_the_old_name_stays_in_the_past(db: Db) {
        province(&db).await;
        let at = day("2027-01-01");
        let plan = load(&db, "Đổi tên", at, &[RENAME.to_vec()]).await.unwrap();
        let before = snapshot(&db).await;
        let done = publish(&db, &plan).await;
        let after = snapshot(&db).await;
        nothing_is_lost(&before, &after, &done, at);
        assert_eq!(after.appointments, before.appointments);
        let mut conn = db.read().await.unwrap();
        let old = facts::agency_by_code(&mut conn, "H08.02", at - 1).await.unwrap().unwrap();
        let new = facts::agency_by_code(&mut conn, "H08.02", at).await.unwrap().unwrap();
        assert_eq!((old.name.as_str(), new.name.as_str()), ("Sở Nội vụ", "Sở Nội vụ và Tôn giáo"));
        assert_eq!(old.id, new.id);
        assert_eq!(done.count(Item::Seal, Fate::Moves), 1, "another name, another seal");
        drop(conn);
        let twice = publish_plan::run(&db, &Entropy::system(), NOW, &ACTOR, &plan).await;
        assert!(matches!(twice, Err(PublishPlanError::Settled)));
    }

    async fn a_merge_moves_staff_and_forwards_mail_and_a_suspension_goes_along(db: Db) {
        province(&db).await;
        let at = day("2027-01-01");
        let mut conn = db.read().await.unwrap();
        let body = facts::agency_by_code(&mut conn, "H08.02", NOW).await.unwrap().unwrap();
        let posts = facts::posts_of_agency(&mut conn, &body.id, NOW).await.unwrap();
        let staff = posts.iter().find(|p| p.standing == Standing::Staff && p.code != "VT").unwrap();
        let head = posts.iter().find(|p| p.is_head).unwrap();
        let member = facts::holders_of(&mut conn, &staff.id, NOW).await.unwrap().remove(0);
        let chief = facts::holders_of(&mut conn, &head.id, NOW).await.unwrap().remove(0);
        let held = facts::posts_of(&mut conn, &member.person, NOW).await.unwrap().remove(0);
        drop(conn);
        suspend_appointment::run(&db, &Entropy::system(), NOW, &ACTOR, &suspend_appointment::SuspendAppointment {
            appointment: held.appointment.clone(), reason: "kỷ luật".into(), from: NOW, to: None,
        }).await.unwrap();
        let plan = load(&db, "Nhập sở", at, &[MERGE.to_vec()]).await.unwrap();
        let before = snapshot(&db).await;
        let done = publish(&db, &plan).await;
        let after = snapshot(&db).await;
        nothing_is_lost(&before, &after, &done, at);
        let mut conn = db.read().await.unwrap();
        assert!(facts::posts_of(&mut conn, &chief.person, at - 1).await.unwrap().len() == 1);
        assert!(facts::posts_of(&mut conn, &chief.person, at).await.unwrap().is_empty(), "the head's appointment lapses");
        assert!(facts::posts_of(&mut conn, &member.person, at).await.unwrap().is_empty(), "the suspension goes along");
        let moved = after.appointments.iter().find(|a| a.person == member.person && a.from == at).expect("the appointment moved");
        assert_ne!(moved.id, held.appointment, "a right rests on the new appointment");
        assert!(!facts::appointment_in_force(&mut conn, &held.appointment, at).await.unwrap());
        // The address of the văn thư goes on receiving for twelve months, at the successor's.
        let old = format!("vanthu@{}", body.mail_domain);
        assert!(facts::mailbox(&mut conn, &old, at).await.unwrap().is_none());
        let office = facts::agency_by_code(&mut conn, "H08.01", at).await.unwrap().unwrap();
        let receiving = facts::receiving_mailbox(&mut conn, &old, at).await.unwrap().unwrap();
        assert_eq!(receiving.address, format!("vanthu@{}", office.mail_domain));
        assert!(facts::receiving_mailbox(&mut conn, &old, day("2027-12-31")).await.unwrap().is_some());
        assert!(facts::receiving_mailbox(&mut conn, &old, day("2028-01-01")).await.unwrap().is_none());
        assert_eq!(facts::receiving_mailbox(&mut conn, &old, at - 1).await.unwrap().unwrap().address, old);
    }

    async fn a_plan_of_the_past_is_a_correction_and_what_was_known_stays_known(db: Db) {
        province(&db).await;
        let at = day("2025-03-01");
        let known = snapshot(&db).await;
        let plan = load(&db, "Nhập sở", at, &[MERGE.to_vec()]).await.unwrap();
        publish(&db, &plan).await;
        let after = snapshot(&db).await;
        assert!(after.agencies.iter().any(|a| a.code == "H08.02" && a.to == Some(at)));
        let mut conn = db.read().await.unwrap();
        let size = facts::snapshot(&mut conn, Some(0)).await.unwrap();
        assert!(size.agencies.is_empty(), "before anything was recorded nothing was known");
        drop(conn);
        assert!(known.agencies.iter().any(|a| a.code == "H08.02" && a.to.is_none()));
        // Another plan that touches the same body again is refused: the register has settled it.
        let again = load(&db, "Lần nữa", at, &[MERGE.to_vec()]).await.unwrap();
        let refused = publish_plan::run(&db, &Entropy::system(), NOW, &ACTOR, &again).await;
        assert!(matches!(refused, Err(PublishPlanError::Problems(_))), "{refused:?}");
    }

    async fn a_cancelled_plan_leaves_nothing_and_a_changed_register_makes_a_staged_one_stale(db: Db) {
        province(&db).await;
        let (before, all) = (picture(&db).await, rows(&db).await);
        let at = day("2027-01-01");
        let plan = load(&db, "Nhập sở", at, &[MERGE.to_vec()]).await.unwrap();
        let mut prepared = publish_plan::prepare(&db, &Entropy::system(), NOW, &plan).await.unwrap();
        assert!(publish_plan::stage_chunk(&db, &mut prepared).await.unwrap() || prepared.progress().0 > 0);
        assert!(rows(&db).await > all, "something is staged");
        let seen: Vec<String> = picture(&db).await.into_iter().filter(|l| !l.starts_with("event register.plan")).collect();
        assert_eq!(seen, before, "and nobody sees it");
        cancel_plan::run(&db, &Entropy::system(), NOW, &ACTOR, &plan).await.unwrap();
        assert_eq!(rows(&db).await, all, "cancelled, it is gone");
        assert!(matches!(cancel_plan::run(&db, &Entropy::system(), NOW, &ACTOR, &plan).await, Err(cancel_plan::CancelPlanError::Settled)));
        let plan = load(&db, "Nhập sở, lần hai", at, &[MERGE.to_vec()]).await.unwrap();
        let mut prepared = publish_plan::prepare(&db, &Entropy::system(), NOW, &plan).await.unwrap();
        while publish_plan::stage_chunk(&db, &mut prepared).await.unwrap() {}
        let mut conn = db.read().await.unwrap();
        let office = facts::agency_by_code(&mut conn, "H08.01", NOW).await.unwrap().unwrap();
        let staff = facts::posts_of_agency(&mut conn, &office.id, NOW).await.unwrap().into_iter().find(|p| p.standing == Standing::Staff).unwrap();
        let chair = facts::person_by_staff_no(&mut conn, "BD-000001").await.unwrap().unwrap();
        drop(conn);
        record_appointment::run(&db, &Entropy::system(), NOW, &ACTOR, &record_appointment::RecordAppointment {
            person: chair.id, post: staff.id, kind: AppointmentKind::Concurrent, basis: "Quyết định".into(), from: NOW, to: None,
        }).await.unwrap();
        let stale = publish_plan::publish(&db, &Entropy::system(), NOW, &ACTOR, prepared).await;
        assert!(matches!(stale, Err(PublishPlanError::Staging(register::flows::staging::StagingError::Stale))), "{stale:?}");
        assert_eq!(preview(&db, &plan).await.questions.len(), 0);
        publish(&db, &plan).await;
        decide_after_publishing_is_refused(&db, &plan).await;
    }
}

async fn decide_after_publishing_is_refused(db: &Db, plan: &str) {
    let answers = [("H08.02".to_string(), "H08.01".to_string())];
    let refused =
        register::flows::decide_in_plan::run(db, &Entropy::system(), NOW, &ACTOR, plan, &answers)
            .await;
    assert!(matches!(
        refused,
        Err(register::flows::decide_in_plan::DecideError::Settled)
    ));
    let other = load(
        db,
        "Hỏi",
        day("2028-01-01"),
        &["action,old_code,new_code\nask,H08.31,\n"
            .as_bytes()
            .to_vec()],
    )
    .await
    .unwrap();
    let wrong = [("H08.31".to_string(), "H99".to_string())];
    let refused =
        register::flows::decide_in_plan::run(db, &Entropy::system(), NOW, &ACTOR, &other, &wrong)
            .await;
    assert!(matches!(
        refused,
        Err(register::flows::decide_in_plan::DecideError::NoAnswer(..))
    ));
    decide(db, &other, &[("H08.31", NOBODY)]).await;
}
