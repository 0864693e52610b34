//! Ends, appointments of every kind, suspensions, assignments, roles, successions, erasure: what they do and what they refuse.

use platform::db::Db;
use register::domain::administration::{AGENCY, PROVINCE};
use register::domain::words::{Kind, SuccessionKind, Verb};
use register::facts::{self, AppointmentKind, AssignmentKind};
use register::flows::end_appointment::{EndAppointment, EndAppointmentError};
use register::flows::end_assignment::{EndAssignment, EndAssignmentError};
use register::flows::record_appointment::{RecordAppointment, RecordAppointmentError};
use register::flows::record_assignment::{RecordAssignment, RecordAssignmentError};
use register::flows::record_role::{RecordRole, RecordRoleError};
use register::flows::record_succession::{RecordSuccession, RecordSuccessionError};
use register::flows::suspend_appointment::{SuspendAppointment, SuspendAppointmentError};
use register::flows::{
    end_appointment, end_assignment, erase_person, record_appointment, record_assignment,
    record_role, record_succession, suspend_appointment,
};

use super::support::{ACTOR, NOW, entropy, picture, province};

const DAY: i64 = 86_400_000;
const RECORDS: (Verb, Kind) = (Verb::Record, Kind::Appointment);

struct People {
    chair: String,
    chair_post: String,
    chair_appointment: String,
    vice: String,
    vice_post: String,
    vice_appointment: String,
    clerk_post: String,
    h08: String,
    office: String,
}

async fn people(db: &Db) -> People {
    let mut conn = db.read().await.unwrap();
    let mut held = Vec::new();
    for staff in ["BD-000001", "BD-000002", "BD-000017"] {
        let person = facts::person_by_staff_no(&mut conn, staff)
            .await
            .unwrap()
            .unwrap();
        let post = facts::posts_of(&mut conn, &person.id, NOW)
            .await
            .unwrap()
            .remove(0);
        held.push((person.id, post.post, post.appointment, post.agency));
    }
    People {
        chair: held[0].0.clone(),
        chair_post: held[0].1.clone(),
        chair_appointment: held[0].2.clone(),
        vice: held[1].0.clone(),
        vice_post: held[1].1.clone(),
        vice_appointment: held[1].2.clone(),
        clerk_post: held[2].1.clone(),
        h08: held[0].3.clone(),
        office: held[2].3.clone(),
    }
}

fn appoint(person: &str, post: &str, kind: AppointmentKind) -> RecordAppointment {
    RecordAppointment {
        person: person.into(),
        post: post.into(),
        kind,
        basis: "15/QĐ-TTg".into(),
        from: NOW,
        to: None,
    }
}

platform::both_engines! {
    async fn after_the_head_left_a_deputy_can_be_acting_head_and_not_before(db: Db) {
        province(&db).await;
        let p = people(&db).await;
        let acting = appoint(&p.vice, &p.chair_post, AppointmentKind::Acting);
        let refused = record_appointment::run(&db, &entropy(), NOW, &ACTOR, &acting).await;
        assert!(matches!(refused, Err(RecordAppointmentError::SeatHeld(held)) if held == p.chair_appointment));
        let end = EndAppointment { appointment: p.chair_appointment.clone(), to: NOW, basis: "14/QĐ-TTg".into() };
        end_appointment::run(&db, &entropy(), NOW, &ACTOR, &end).await.unwrap();
        assert!(matches!(end_appointment::run(&db, &entropy(), NOW, &ACTOR, &end).await, Err(EndAppointmentError::EndedAlready)));
        let id = record_appointment::run(&db, &platform::random::Entropy::seeded(9), NOW, &ACTOR, &acting).await.unwrap();
        let mut conn = db.read().await.unwrap();
        let holders = facts::holders_of(&mut conn, &p.chair_post, NOW).await.unwrap();
        assert_eq!((holders.len(), holders[0].kind, holders[0].appointment.clone()), (1, AppointmentKind::Acting, id));
        assert_eq!(facts::posts_of(&mut conn, &p.vice, NOW).await.unwrap().len(), 2);
        assert!(facts::posts_of(&mut conn, &p.chair, NOW).await.unwrap().is_empty());
        assert!(!facts::posts_of(&mut conn, &p.chair, NOW - 1).await.unwrap().is_empty());
    }

    async fn a_deputy_is_put_in_charge_beside_his_post_and_ways_of_holding_fit_the_post(db: Db) {
        province(&db).await;
        let p = people(&db).await;
        record_appointment::run(&db, &entropy(), NOW, &ACTOR, &appoint(&p.vice, &p.vice_post, AppointmentKind::InCharge)).await.unwrap();
        for (post, kind) in [(&p.vice_post, AppointmentKind::Acting), (&p.chair_post, AppointmentKind::InCharge), (&p.clerk_post, AppointmentKind::Acting)] {
            let refused = record_appointment::run(&db, &entropy(), NOW, &ACTOR, &appoint(&p.vice, post, kind)).await;
            assert!(matches!(refused, Err(RecordAppointmentError::WrongKind)), "{kind:?}");
        }
        let again = record_appointment::run(&db, &entropy(), NOW, &ACTOR, &appoint(&p.vice, &p.vice_post, AppointmentKind::Full)).await;
        assert!(matches!(again, Err(RecordAppointmentError::HeldAlready)));
        let nobody = record_appointment::run(&db, &entropy(), NOW, &ACTOR, &appoint("psn_none", &p.vice_post, AppointmentKind::Full)).await;
        assert!(matches!(nobody, Err(RecordAppointmentError::UnknownPerson)));
    }

    async fn a_suspended_appointment_is_not_in_force_inside_the_gap_only(db: Db) {
        province(&db).await;
        let p = people(&db).await;
        let leave = SuspendAppointment { appointment: p.vice_appointment.clone(), reason: "nghỉ phép".into(), from: NOW, to: Some(NOW + DAY) };
        suspend_appointment::run(&db, &entropy(), NOW, &ACTOR, &leave).await.unwrap();
        let empty = SuspendAppointment { to: Some(NOW), ..leave.clone() };
        assert!(matches!(suspend_appointment::run(&db, &entropy(), NOW, &ACTOR, &empty).await, Err(SuspendAppointmentError::Outside)));
        let mut conn = db.read().await.unwrap();
        for (at, in_force) in [(NOW - 1, true), (NOW, false), (NOW + DAY - 1, false), (NOW + DAY, true)] {
            assert_eq!(facts::appointment_in_force(&mut conn, &p.vice_appointment, at).await.unwrap(), in_force);
            assert_eq!(facts::posts_of(&mut conn, &p.vice, at).await.unwrap().len(), usize::from(in_force));
            assert_eq!(facts::holders_of(&mut conn, &p.vice_post, at).await.unwrap().len(), usize::from(in_force));
            let address = facts::mailbox_appointment(&mut conn, "thinhnd@binhdinh.test", &p.vice, at).await.unwrap();
            assert_eq!(address.is_some(), in_force, "the mailbox follows the appointment");
        }
    }

    async fn fields_go_to_deputies_of_the_agency_and_seals_to_clerks(db: Db) {
        province(&db).await;
        let p = people(&db).await;
        let field = RecordAssignment { kind: AssignmentKind::Field, post: p.vice_post.clone(), agency: p.h08.clone(), field: Some("Tài chính".into()), basis: "3/TB-UBND".into(), from: NOW, to: None };
        let id = record_assignment::run(&db, &entropy(), NOW, &ACTOR, &field).await.unwrap();
        let elsewhere = RecordAssignment { agency: p.office.clone(), ..field.clone() };
        let to_head = RecordAssignment { post: p.chair_post.clone(), ..field.clone() };
        for wrong in [&elsewhere, &to_head] {
            assert!(matches!(record_assignment::run(&db, &entropy(), NOW, &ACTOR, wrong).await, Err(RecordAssignmentError::NotADeputyThere)));
        }
        let seal = RecordAssignment { kind: AssignmentKind::SealCustody, field: None, ..field.clone() };
        assert!(matches!(record_assignment::run(&db, &entropy(), NOW, &ACTOR, &seal).await, Err(RecordAssignmentError::NotAClerk)));
        let nameless = RecordAssignment { field: Some("  ".into()), ..field.clone() };
        assert!(matches!(record_assignment::run(&db, &entropy(), NOW, &ACTOR, &nameless).await, Err(RecordAssignmentError::Field)));
        let end = EndAssignment { assignment: id, to: NOW + DAY, basis: "4/TB-UBND".into() };
        end_assignment::run(&db, &platform::random::Entropy::seeded(4), NOW, &ACTOR, &end).await.unwrap();
        assert!(matches!(end_assignment::run(&db, &entropy(), NOW, &ACTOR, &end).await, Err(EndAssignmentError::OutsideTime)));
        let kept = facts::assignments_of_post(&mut db.read().await.unwrap(), &p.vice_post).await.unwrap();
        assert_eq!(kept.iter().find(|a| a.field.as_deref() == Some("Tài chính")).unwrap().to, Some(NOW + DAY));
    }

    async fn roles_fit_their_agency_and_end(db: Db) {
        province(&db).await;
        let p = people(&db).await;
        let role = RecordRole { person: p.vice.clone(), role: AGENCY.into(), agency: Some(p.office.clone()), basis: "5/QĐ".into(), from: NOW, to: None };
        let id = record_role::run(&db, &entropy(), NOW, &ACTOR, &role).await.unwrap();
        for wrong in [RecordRole { agency: None, ..role.clone() }, RecordRole { role: PROVINCE.into(), ..role.clone() }, RecordRole { agency: Some("agy_none".into()), ..role.clone() }] {
            assert!(matches!(record_role::run(&db, &entropy(), NOW, &ACTOR, &wrong).await, Err(RecordRoleError::Agency)));
        }
        let mut conn = db.read().await.unwrap();
        assert!(register::rights::may(&mut conn, &p.vice, RECORDS, Some(&p.office), NOW).await.unwrap());
        assert!(!register::rights::may(&mut conn, &p.vice, RECORDS, Some(&p.h08), NOW).await.unwrap());
        drop(conn);
        record_role::end(&db, &platform::random::Entropy::seeded(4), NOW, &ACTOR, &id, NOW + DAY).await.unwrap();
        let mut conn = db.read().await.unwrap();
        assert!(!register::rights::may(&mut conn, &p.vice, RECORDS, Some(&p.office), NOW + DAY).await.unwrap());
    }

    async fn successions_are_recorded_between_things_of_one_kind(db: Db) {
        province(&db).await;
        let p = people(&db).await;
        let fact = RecordSuccession { kind: SuccessionKind::Agency, predecessor: p.office.clone(), successor: p.h08.clone(), functions: "tất cả".into(), basis: "NQ 1".into(), at: NOW };
        record_succession::run(&db, &entropy(), NOW, &ACTOR, &fact).await.unwrap();
        let wrong = RecordSuccession { successor: p.vice_post.clone(), ..fact.clone() };
        assert!(matches!(record_succession::run(&db, &entropy(), NOW, &ACTOR, &wrong).await, Err(RecordSuccessionError::WrongKind(_))));
        let same = RecordSuccession { successor: p.office.clone(), ..fact };
        assert!(matches!(record_succession::run(&db, &entropy(), NOW, &ACTOR, &same).await, Err(RecordSuccessionError::Same)));
        assert_eq!(facts::snapshot(&mut db.read().await.unwrap(), None).await.unwrap().successions.len(), 1);
    }

    async fn erasure_takes_the_name_and_leaves_the_appointments(db: Db) {
        province(&db).await;
        let p = people(&db).await;
        let facts_before = facts::snapshot(&mut db.read().await.unwrap(), None).await.unwrap();
        erase_person::run(&db, &entropy(), NOW, &ACTOR, &p.vice, "đơn 7").await.unwrap();
        assert!(matches!(erase_person::run(&db, &entropy(), NOW, &ACTOR, &p.vice, "đơn 7").await, Err(erase_person::ErasePersonError::ErasedAlready)));
        let mut conn = db.read().await.unwrap();
        let person = facts::person(&mut conn, &p.vice).await.unwrap().unwrap();
        assert!(person.erased && person.full_name.is_empty() && person.email.is_none() && person.staff_no.is_empty());
        assert!(facts::person_by_staff_no(&mut conn, "BD-000002").await.unwrap().is_none());
        let facts_after = facts::snapshot(&mut conn, None).await.unwrap();
        assert_eq!(facts_after.appointments, facts_before.appointments);
        assert_eq!(facts_after.epoch, facts_before.epoch + 1);
    }

    async fn a_refused_command_changes_nothing_and_leaves_no_event(db: Db) {
        province(&db).await;
        let before = picture(&db).await;
        let end = EndAppointment { appointment: "apt_none".into(), to: NOW, basis: "x".into() };
        assert!(matches!(end_appointment::run(&db, &entropy(), NOW, &ACTOR, &end).await, Err(EndAppointmentError::Unknown)));
        let early = EndAppointment { appointment: people(&db).await.vice_appointment, to: 0, basis: "x".into() };
        assert!(matches!(end_appointment::run(&db, &entropy(), NOW, &ACTOR, &early).await, Err(EndAppointmentError::NotAfterBeginning)));
        assert_eq!(picture(&db).await, before);
    }
}
