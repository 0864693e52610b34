//! The time machine: valid on a day, as known at a log position; corrections leave the old record as it was.

use std::sync::Arc;

use platform::clock::Clock;
use platform::db::Db;
use platform::log::Log;
use platform::testing::MemorySigner;
use register::facts::{self, AsOf};
use register::flows::end_appointment::{EndAppointment, run as end};

use super::support::{ACTOR, Csv, NOW, entropy, import, migrate, province};

const DAY: i64 = 86_400_000;

platform::statements! {
    pub RECORDS = "SELECT record, COALESCE(closed_by, '') AS closed_by FROM appointment WHERE id = $1 ORDER BY record";
}

/// Gives numbers to all events so far; the size of the log afterwards.
pub async fn number(db: &Db) -> i64 {
    let signer = Arc::new(MemorySigner::new("register.example/log", [9; 32]));
    let log = Log::new(
        db.clone(),
        Clock::fixed(NOW),
        "register.example/log",
        signer,
    );
    log.advance().await.unwrap();
    platform::log::store::size(&mut db.read().await.unwrap())
        .await
        .unwrap()
}

platform::both_engines! {
    async fn what_was_known_earlier_stays_askable_after_an_end_is_recorded(db: Db) {
        province(&db).await;
        let before = number(&db).await;
        let (vice, appointment) = {
            let mut conn = db.read().await.unwrap();
            let vice = facts::person_by_staff_no(&mut conn, "BD-000002").await.unwrap().unwrap();
            let held = facts::posts_of(&mut conn, &vice.id, NOW).await.unwrap();
            (vice.id, held[0].appointment.clone())
        };
        let ended = EndAppointment { appointment: appointment.clone(), to: NOW + DAY, basis: "12/QĐ-UBND".into() };
        let epoch = register::epoch::current(&mut db.read().await.unwrap()).await.unwrap();
        assert_eq!(end(&db, &entropy(), NOW, &ACTOR, &ended).await.unwrap(), epoch + 1);
        let after = number(&db).await;
        assert!(after > before);
        let mut conn = db.read().await.unwrap();
        assert!(facts::appointment_in_force(&mut conn, &appointment, NOW + DAY - 1).await.unwrap());
        assert!(!facts::appointment_in_force(&mut conn, &appointment, NOW + DAY).await.unwrap(), "the end is exclusive");
        for (known, to) in [(Some(before), None), (Some(after), Some(NOW + DAY)), (None, Some(NOW + DAY))] {
            let facts = facts::snapshot(&mut conn, known).await.unwrap();
            let record: Vec<_> = facts.appointments.iter().filter(|a| a.id == appointment).collect();
            assert_eq!((record.len(), record[0].to), (1, to), "as known at {known:?}");
        }
        assert!(facts::snapshot(&mut conn, Some(0)).await.unwrap().agencies.is_empty(), "nothing was known before the first leaf");
        let records: Vec<(String, String)> = conn.all(&RECORDS, (&appointment,)).await.unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!(records.iter().filter(|r| r.1.starts_with("evt_")).count(), 1, "the old record is closed by an event, not changed");
        assert!(facts::posts_of(&mut conn, &vice, NOW + DAY).await.unwrap().is_empty());
    }

    async fn an_event_without_a_number_is_known_now_and_at_no_earlier_position(db: Db) {
        province(&db).await;
        let mut conn = db.read().await.unwrap();
        assert_eq!(facts::snapshot(&mut conn, Some(1_000_000)).await.unwrap().agencies.len(), 0);
        assert_eq!(facts::snapshot(&mut conn, None).await.unwrap().agencies.len(), 5);
    }

    async fn a_renamed_agency_has_both_names_each_on_its_days(db: Db) {
        province(&db).await;
        let mut later = Csv::small();
        let old = later.agencies.lines().find(|l| l.starts_with("H08.02,")).unwrap().to_string();
        let new = old.replace("Sở Nội vụ", "Sở Nội vụ và Lao động").replace("2012-10-24", "2026-12-05");
        later.agencies = later.agencies.replace(&old, &new);
        import(&db, &later).await.unwrap();
        let mut conn = db.read().await.unwrap();
        let today = facts::agency_by_code(&mut conn, "H08.02", NOW).await.unwrap().unwrap();
        let soon = facts::agency_by_code(&mut conn, "H08.02", NOW + 10 * DAY).await.unwrap().unwrap();
        assert_eq!((today.name.as_str(), soon.name.as_str()), ("Sở Nội vụ", "Sở Nội vụ và Lao động"));
        assert_eq!(today.id, soon.id, "an agency outlives its name");
        assert_eq!(today.to, Some(soon.from));
        drop(conn);
        assert_eq!(import(&db, &later).await.unwrap().change_set, None);
    }

    async fn who_begins_in_the_future_is_not_in_post_today(db: Db) {
        migrate(&db).await;
        let mut csv = Csv::small();
        csv.officials = csv.officials.replacen("2018-06-16", "2026-12-16", 1);
        import(&db, &csv).await.unwrap();
        let mut conn = db.read().await.unwrap();
        let vice = facts::person_by_staff_no(&mut conn, "BD-000002").await.unwrap().unwrap();
        assert!(facts::posts_of(&mut conn, &vice.id, NOW).await.unwrap().is_empty());
        assert_eq!(facts::posts_of(&mut conn, &vice.id, NOW + 20 * DAY).await.unwrap().len(), 1);
        assert_eq!(AsOf::now(NOW).known, None);
    }
}
