//! A reorganisation changes who may sign, from its instant and not before: an ended post gives no power, and the epoch is another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

use platform::audit::Actor;
use platform::clock::{day_start, parse_date};
use policies::engine::{Capacity, Request, Resource};
use policies::flows::use_decision::UseDecision;
use register::facts;
use register::flows::load_plan::{self, LoadPlan};
use register::flows::publish_plan;
use support::{ECONOMY, Province, Seat};

/// The department goes under the office; the province goes on under another name and code.
const PLAN: &[u8] = "action,old_code,new_code,new_name,mail_domain\n\
    merge,H08.02,H08.01,,\n\
    continue,H08,H21,Ủy ban nhân dân tỉnh Gia Lai,gialai.test\n"
    .as_bytes();

fn as_head(seat: &Seat, at: i64) -> Request {
    Request {
        resource: Resource {
            id: "pap_department".into(),
            kind: "quyet_dinh".into(),
            field: None,
            agency: seat.agency.clone(),
            ..Resource::default()
        },
        person: seat.person.clone(),
        post: seat.post.clone(),
        action: policies::engine::Action::Sign,
        capacity: Some(Capacity::Own),
        at,
    }
}

platform::both_engines! {
    async fn decisions_differ_on_both_sides_of_the_instant_as_they_should(db: Db) {
        let province = Province::on(db).await;
        let (ground, at) = (&province.ground, day_start(parse_date("01/07/2027").unwrap()));
        let head = &province.department_head;
        assert!(province.authority.decide(&as_head(head, at)).allowed, "without the plan he would go on");
        let epoch = province.authority.epoch().number();
        let decided_before = province.authority.decide(&province.ask(&province.economy, "pap_economy", ECONOMY, ground.now()));
        let plan = LoadPlan { name: "Sắp xếp 2027", at, basis: "Nghị quyết", files: vec![PLAN] };
        let id = load_plan::run(&ground.db, &ground.entropy, ground.now(), &Actor::System("test"), &plan).await.unwrap();
        assert_eq!(province.authority.epoch().number(), epoch, "a draft changes nothing");
        assert!(!province.authority.refresh(&ground.db).await.unwrap());
        publish_plan::run(&ground.db, &ground.entropy, ground.now(), &Actor::System("test"), &id).await.unwrap();
        // What was decided on the epoch before cannot be used any more, although the plan is about the future.
        let used = province.use_it(&decided_before, "act").await;
        assert!(matches!(used, Err(UseDecision::Stale)), "{used:?}");
        assert!(province.authority.refresh(&ground.db).await.unwrap());
        assert_eq!(province.authority.epoch().number(), epoch + 1);
        assert!(province.authority.epoch().defects().is_empty(), "{:?}", province.authority.epoch().defects());
        let before = province.authority.decide(&as_head(head, at - 1));
        assert!(before.allowed, "{before:?}");
        assert_eq!(before.valid_until, Some(at), "and the answer says when it ends");
        let after = province.authority.decide(&as_head(head, at));
        assert!(!after.allowed, "an appointment to an ended post gives no power: {after:?}");
        // The body that goes on under another name and code: the same people sign, in the same posts, before and after.
        for at in [at - 1, at] {
            let signed = province.authority.decide(&province.ask(&province.economy, "pap_economy", ECONOMY, at));
            assert!(signed.allowed, "{signed:?}");
            assert_eq!(signed.block_lines, ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]);
        }
        let mut conn = ground.db.read().await.unwrap();
        assert_eq!(facts::agency(&mut conn, &province.agency, at).await.unwrap().unwrap().code, "H21");
        assert_eq!(facts::agency(&mut conn, &province.agency, at - 1).await.unwrap().unwrap().code, "H08");
        assert!(facts::posts_of(&mut conn, &head.person, at).await.unwrap().is_empty());
        // The custody of the province's own seal goes on; that of the department's has ended.
        assert!(facts::keeps_seal(&mut conn, &province.clerk.post, &province.agency, at).await.unwrap());
        assert!(facts::seal_keepers(&mut conn, &head.agency, at - 1).await.unwrap().len() == 1);
        assert!(facts::seal_keepers(&mut conn, &head.agency, at).await.unwrap().is_empty());
    }
}
