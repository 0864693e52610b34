//! Authority over the register's own facts: the hand-over of one paper, decisions used, stale and replayed, on both engines.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use platform::audit::Actor;
use platform::clock;
use policies::engine::Form;
use policies::engine::{Action, Capacity, Code, Interval, LinkKind, Request, Resource, Signed};
use policies::flows::activate_instrument::ActivateInstrument;
use policies::flows::draft_handover::{self, Draft, DraftHandover};
use policies::flows::end_mandate::{self, EndMandate};
use policies::flows::use_decision::UseDecision;
use policies::flows::{explain, recall, replay};
use policies::{Fault, Instrument, State, Words};
use support::{CULTURE, DAY, ECONOMY, Province, Seat};

fn draft(province: &Province) -> Draft {
    Draft {
        paper: "pap_culture".into(),
        grantee: province.economy.post.clone(),
        manner: Form::Kt,
        until_day: clock::format_date(province.ground.now() + 3 * DAY),
        basis: "Quy chế làm việc của Ủy ban nhân dân tỉnh, Điều 5".into(),
    }
}

async fn hand_over(
    province: &Province,
    by: &Seat,
    draft: &Draft,
) -> Result<Instrument, DraftHandover> {
    draft_handover::run(
        &province.ground,
        &province.authority,
        province.desk.as_ref(),
        &province.caller(by),
        draft,
        31,
    )
    .await
}

fn faults(outcome: Result<Instrument, DraftHandover>) -> Vec<Fault> {
    match outcome {
        Err(DraftHandover::Refused(refused)) => {
            refused.into_iter().map(|refused| refused.fault).collect()
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
}

platform::both_engines! {
    async fn the_register_of_the_demo_gives_the_block_the_law_writes(db: Db) {
        let province = Province::on(db).await;
        let now = province.ground.now();
        assert!(province.authority.epoch().defects().is_empty(), "{:?}", province.authority.epoch().defects());
        let inside = province.authority.decide(&province.ask(&province.economy, "pap_economy", ECONOMY, now));
        assert!(inside.allowed, "{inside:?}");
        assert_eq!(inside.block_lines, ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]);
        assert_eq!(inside.clause.as_deref(), Some("Nghị định 30/2020/NĐ-CP, Điều 13 khoản 2"));
        assert!(inside.basis().contains(&province.economy.appointment.as_str()));
        assert!(inside.covers(Interval::instant(now)));
        let outside = province.authority.decide(&province.ask(&province.economy, "pap_culture", CULTURE, now));
        assert_eq!(outside.code, Code::OutsideAssignment);
        let who: Vec<&str> = outside.who_could.iter().map(|c| c.person.as_str()).collect();
        assert_eq!(who, [province.culture.person.as_str(), province.chair.person.as_str()]);
        // The clerk of the office keeps the province's seal, and only after the signature.
        let mut seal = Request { action: Action::Seal, capacity: None, ..province.ask(&province.clerk, "pap_economy", ECONOMY, now) };
        assert_eq!(province.authority.decide(&seal).code, Code::Unsigned);
        seal.resource.signed = Some(Signed { person: province.economy.person.clone(), post: province.economy.post.clone() });
        assert!(province.authority.decide(&seal).allowed);
        let mut foreign = seal.clone();
        foreign.person = province.department_head.person.clone();
        foreign.post = province.department_head.post.clone();
        assert_eq!(province.authority.decide(&foreign).code, Code::NoPower);
    }

    async fn the_head_hands_over_one_paper_and_it_ends_with_its_day(db: Db) {
        let province = Province::on(db).await;
        let now = province.ground.now();
        let outside = province.ask(&province.economy, "pap_culture", CULTURE, now);
        let instrument = hand_over(&province, &province.chair, &draft(&province)).await.unwrap();
        assert_eq!(instrument.state, State::Draft);
        province.authority.refresh(&province.ground.db).await.unwrap();
        assert_eq!(province.authority.decide(&outside).code, Code::OutsideAssignment, "a draft changes nothing");
        let drawn = province.desk.drawn.lock().unwrap().last().unwrap().clone();
        assert_eq!(drawn.agency, ["ỦY BAN NHÂN DÂN", "TỈNH BÌNH ĐỊNH"]);
        assert!(drawn.body[0].contains("Ngô Đức Thịnh") && drawn.body[0].contains("Khen thưởng đột xuất"), "{drawn:?}");
        assert!(drawn.body[2].contains("đến hết ngày 03/12/2026"), "{drawn:?}");
        // The instrument is signed by the chair on his own authority, and by no deputy.
        let sign = |seat: &Seat, capacity| Request {
            capacity,
            resource: Resource { id: instrument.paper.clone(), kind: "giay_giao_viec".into(), field: None, agency: province.agency.clone(), ..Resource::default() },
            ..province.ask(seat, "", ECONOMY, now)
        };
        let own = province.authority.answer(&sign(&province.chair, None));
        assert_eq!((own.capacity, own.block_lines.as_slice()), (Some(Capacity::Own), &["CHỦ TỊCH".to_owned()][..]));
        assert_eq!(province.authority.decide(&sign(&province.economy, Some(Capacity::Kt))).code, Code::KindNotListed);

        assert!(matches!(province.signed(&instrument.paper, &province.culture).await, Err(ActivateInstrument::WrongPost)));
        assert!(province.signed("pap_economy", &province.chair).await.unwrap().is_none(), "other papers carry no instrument");
        let mandate = province.signed(&instrument.paper, &province.chair).await.unwrap().unwrap();
        assert!(matches!(province.signed(&instrument.paper, &province.chair).await, Err(ActivateInstrument::NotDraft)));

        let passed = province.authority.decide(&outside);
        assert!(passed.allowed, "{passed:?}");
        assert_eq!(passed.block_lines, ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]);
        assert!(passed.basis().contains(&mandate.as_str()));
        assert!(passed.chain.iter().any(|link| link.what == LinkKind::Mandate && link.instrument.as_deref() == Some("Giấy giao việc ngày 30/11/2026")));
        assert_eq!(passed.valid_until, instrument.ends());
        assert_eq!(clock::format_instant(instrument.ends().unwrap()), "00:00:00 04/12/2026");
        assert!(!province.authority.decide(&Request { person: province.culture.person.clone(), post: province.culture.post.clone(), ..province.ask(&province.culture, "pap_culture", ECONOMY, now) }).allowed);

        let last = province.authority.decide(&Request { at: instrument.ends().unwrap() - 1, ..outside.clone() });
        assert!(last.allowed);
        let noon = clock::day_start(clock::parse_date("04/12/2026").unwrap()) + 12 * 3_600_000;
        assert_eq!(province.authority.decide(&Request { at: noon, ..outside.clone() }).code, Code::Expired);
        assert_eq!(province.authority.decide(&province.ask(&province.economy, "pap_culture_2", CULTURE, noon)).code, Code::OutsideAssignment);
        assert!(province.authority.decide(&province.ask(&province.economy, "pap_economy_2", ECONOMY, noon)).allowed);
    }

    async fn a_draft_that_the_law_or_the_facts_refuse_is_refused_with_every_fault(db: Db) {
        let province = Province::on(db).await;
        let good = draft(&province);
        let today = clock::format_date(province.ground.now());
        let chair = &province.chair;
        province.desk.put("pap_order", "Giấy giao việc", "giay_giao_viec", None, &province.agency);
        province.desk.put("pap_foreign", "Của Sở", "quyet_dinh", None, &province.department_head.agency);
        province.desk.put("pap_signed", "Đã ký", "quyet_dinh", None, &province.agency);
        province.desk.papers.lock().unwrap().last_mut().unwrap().signed = true;
        let cases: Vec<(&str, Draft, Vec<Fault>)> = vec![
            ("no end", Draft { until_day: String::new(), ..good.clone() }, vec![Fault::EndMissing]),
            ("past end", Draft { until_day: "29/11/2026".into(), ..good.clone() }, vec![Fault::EndPast]),
            ("far end", Draft { until_day: "30/11/2027".into(), ..good.clone() }, vec![Fault::EndTooFar]),
            ("no such day", Draft { until_day: "31/11/2026".into(), ..good.clone() }, vec![Fault::EndUnreadable]),
            ("no basis", Draft { basis: "  ".into(), ..good.clone() }, vec![Fault::BasisMissing]),
            ("long basis", Draft { basis: "x".repeat(401), ..good.clone() }, vec![Fault::BasisTooLong]),
            ("self", Draft { grantee: chair.post.clone(), ..good.clone() }, vec![Fault::Unlawful, Fault::SelfGrant]),
            ("foreign agency", Draft { grantee: province.department_head.post.clone(), ..good.clone() }, vec![Fault::ForeignAgency]),
            ("unknown post", Draft { grantee: "pst_nobody".into(), ..good.clone() }, vec![Fault::GranteeUnknown]),
            ("TUQ to a deputy", Draft { manner: Form::Tuq, ..good.clone() }, vec![Fault::Unlawful]),
            ("UQ to a deputy", Draft { manner: Form::Uq, ..good.clone() }, vec![Fault::Unlawful]),
            ("unknown paper", Draft { paper: "pap_nothing".into(), ..good.clone() }, vec![Fault::PaperUnknown]),
            ("paper of another agency", Draft { paper: "pap_foreign".into(), ..good.clone() }, vec![Fault::PaperUnknown]),
            ("signed paper", Draft { paper: "pap_signed".into(), ..good.clone() }, vec![Fault::PaperSigned]),
            ("an instrument", Draft { paper: "pap_order".into(), ..good.clone() }, vec![Fault::PaperIsInstrument]),
            ("everything", Draft { paper: String::new(), grantee: String::new(), manner: Form::Tuq, until_day: String::new(), basis: String::new() },
                vec![Fault::PaperUnknown, Fault::GranteeUnknown, Fault::BasisMissing, Fault::EndMissing]),
        ];
        for (name, wrong, expected) in cases {
            assert_eq!(faults(hand_over(&province, chair, &wrong).await), expected, "{name}");
        }
        match hand_over(&province, chair, &Draft { manner: Form::Tuq, ..good.clone() }).await {
            Err(DraftHandover::Refused(refused)) => {
                let law = refused[0].law.as_ref().unwrap();
                assert_eq!(law.citation.as_deref(), Some("Nghị định 30/2020/NĐ-CP, Điều 13 khoản 3"));
                assert_eq!(law.remedy.as_deref(), Some("use-kt"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(faults(hand_over(&province, &province.economy, &Draft { grantee: province.culture.post.clone(), ..good.clone() }).await), [Fault::NotHead]);
        assert!(province.desk.drawn.lock().unwrap().is_empty(), "nothing was drawn");
        assert!(hand_over(&province, chair, &Draft { until_day: today, ..good }).await.is_ok(), "until the end of today is a day");
    }

    async fn an_act_is_stopped_when_authority_moved_after_the_decision(db: Db) {
        let province = Province::on(db).await;
        let now = province.ground.now();
        let decided = province.authority.decide(&province.ask(&province.economy, "pap_economy", ECONOMY, now));
        province.use_it(&decided, "act_1").await.unwrap();
        let mut conn = province.ground.db.read().await.unwrap();
        let stored = recall::load(&mut conn, &decided.id).await.unwrap().unwrap();
        assert_eq!((stored.decided, stored.act.as_str()), (decided.clone(), "act_1"));
        assert!(recall::load(&mut conn, "dec_none").await.unwrap().is_none());
        drop(conn);
        let again = province.authority.decide(&province.ask(&province.economy, "pap_economy", ECONOMY, now));
        province.raise_epoch().await;
        assert!(matches!(province.use_it(&again, "act_2").await, Err(UseDecision::Stale)));
        assert!(province.authority.refresh(&province.ground.db).await.unwrap());
        assert!(!province.authority.refresh(&province.ground.db).await.unwrap(), "nothing moved since");
        let fresh = province.authority.decide(&province.ask(&province.economy, "pap_economy", ECONOMY, now));
        province.use_it(&fresh, "act_2").await.unwrap();
        let refused = province.authority.decide(&province.ask(&province.economy, "pap_culture", CULTURE, now));
        assert!(matches!(province.use_it(&refused, "act_3").await, Err(UseDecision::NotAllowed)));
        let mut conn = province.ground.db.read().await.unwrap();
        assert_eq!(recall::of_paper(&mut conn, "pap_economy").await.unwrap().len(), 2);
        assert!(recall::of_paper(&mut conn, "pap_culture").await.unwrap().is_empty());
        let mut used = recall::used(&mut conn).await.unwrap();
        used.sort();
        let mut expected = vec![decided.id, fresh.id];
        expected.sort();
        assert_eq!(used, expected);
    }

    async fn an_act_is_stopped_at_the_instant_the_decision_ends(db: Db) {
        let province = Province::on(db).await;
        let instrument = hand_over(&province, &province.chair, &draft(&province)).await.unwrap();
        province.signed(&instrument.paper, &province.chair).await.unwrap();
        let decided = province.authority.decide(&province.ask(&province.economy, "pap_culture", CULTURE, province.ground.now()));
        province.ground.clock.advance(instrument.ends().unwrap() - province.ground.now() - 1);
        province.use_it(&decided, "act_1").await.unwrap();
        let last = province.authority.decide(&province.ask(&province.economy, "pap_culture", CULTURE, province.ground.now()));
        province.ground.clock.advance(1);
        assert!(matches!(province.use_it(&last, "act_2").await, Err(UseDecision::Stale)), "the facts did not move, time did");
    }

    async fn the_auditor_replays_a_decision_from_the_record_and_sees_later_corrections_apart(db: Db) {
        let province = Province::on(db).await;
        province.log.advance().await.unwrap();
        let instrument = hand_over(&province, &province.chair, &draft(&province)).await.unwrap();
        province.signed(&instrument.paper, &province.chair).await.unwrap();
        let now = province.ground.now();
        let by_paper = province.authority.decide(&province.ask(&province.economy, "pap_culture", CULTURE, now));
        let by_field = province.authority.decide(&province.ask(&province.economy, "pap_economy", ECONOMY, now));
        province.use_it(&by_paper, "act_paper").await.unwrap();
        province.use_it(&by_field, "act_field").await.unwrap();
        let mut conn = province.ground.db.read().await.unwrap();
        assert!(matches!(replay::replay(&mut conn, &by_paper.id).await, Err(replay::ReplayError::NotLoggedYet)));
        drop(conn);
        province.log.advance().await.unwrap();
        // Afterwards the hand-over is ended, and it is recorded that the deputy had left his post before he signed.
        province.ground.clock.advance(DAY);
        let mandate = by_paper.chain.iter().find(|link| link.what == LinkKind::Mandate).unwrap().id.to_string();
        end_mandate::run(&province.ground, &province.authority, &province.caller(&province.chair), &mandate, "đã về").await.unwrap();
        register::flows::end_appointment::run(
            &province.ground.db,
            &province.ground.entropy,
            province.ground.now(),
            &Actor::System("test"),
            &register::flows::end_appointment::EndAppointment { appointment: province.economy.appointment.clone(), to: now - DAY, basis: "quyết định nghỉ hưu".into() },
        )
        .await
        .unwrap();
        province.log.advance().await.unwrap();
        let mut conn = province.ground.db.read().await.unwrap();
        for id in [&by_paper.id, &by_field.id] {
            let replayed = replay::replay(&mut conn, id).await.unwrap();
            assert!(replayed.agrees(), "{replayed:#?}");
            assert!(replayed.same_rules);
            assert!(replayed.changed_since());
            assert_eq!(replayed.now.code, Code::Expired, "as known now he had left");
        }
        // As known before anything was handed over, the paper was outside his fields.
        let first = replay::decide_at(&mut conn, &by_paper.request, Some(1)).await.unwrap();
        assert_eq!(first.code, Code::OutsideAssignment);
        assert!(matches!(replay::replay(&mut conn, "dec_none").await, Err(replay::ReplayError::Unknown)));
    }

    async fn only_the_post_that_handed_over_ends_it_and_the_end_is_immediate(db: Db) {
        let province = Province::on(db).await;
        let instrument = hand_over(&province, &province.chair, &draft(&province)).await.unwrap();
        let mandate = province.signed(&instrument.paper, &province.chair).await.unwrap().unwrap();
        let end = async |by: &Seat| end_mandate::run(&province.ground, &province.authority, &province.caller(by), &mandate, "").await;
        assert!(matches!(end(&province.economy).await, Err(EndMandate::NotGrantor)));
        province.ground.clock.advance(60_000);
        let asked = province.ask(&province.economy, "pap_culture", CULTURE, province.ground.now());
        assert!(province.authority.decide(&asked).allowed);
        end(&province.chair).await.unwrap();
        assert_eq!(province.authority.decide(&asked).code, Code::Expired);
        assert!(province.authority.decide(&Request { at: asked.at - 1, ..asked }).allowed, "it did hold until then");
        assert!(matches!(end(&province.chair).await, Err(EndMandate::Unknown)));
    }

    async fn a_suspended_official_is_out_for_exactly_that_time(db: Db) {
        let province = Province::on(db).await;
        let now = province.ground.now();
        register::flows::suspend_appointment::run(
            &province.ground.db,
            &province.ground.entropy,
            now,
            &Actor::System("test"),
            &register::flows::suspend_appointment::SuspendAppointment {
                appointment: province.economy.appointment.clone(),
                reason: "nghỉ phép".into(),
                from: now + DAY,
                to: Some(now + 2 * DAY),
            },
        )
        .await
        .unwrap();
        province.authority.refresh(&province.ground.db).await.unwrap();
        for (at, allowed) in [(now, true), (now + DAY - 1, true), (now + DAY, false), (now + 2 * DAY - 1, false), (now + 2 * DAY, true)] {
            let decided = province.authority.decide(&province.ask(&province.economy, "pap_economy", ECONOMY, at));
            assert_eq!(decided.allowed, allowed, "{at}: {decided:?}");
        }
    }

    async fn a_decision_is_explained_in_both_languages_with_names_and_clause(db: Db) {
        let province = Province::on(db).await;
        let now = province.ground.now();
        let mut conn = province.ground.db.read().await.unwrap();
        let refused = province.authority.decide(&province.ask(&province.economy, "pap_culture", CULTURE, now));
        let explanation = explain::run(&mut conn, &province.authority, refused, Some("Khen thưởng".into())).await.unwrap();
        let vi = Words::new(platform::i18n::Lang::Vi).plain(&explanation);
        for part in ["Không được ký", "Ngô Đức Thịnh", CULTURE, "outside_assignment", "Điều 13 khoản 2", "Trần Đình Tường", "Lê Mỹ Linh", "giao riêng văn bản này"] {
            assert!(vi.contains(part), "{part} is missing in:\n{vi}");
        }
        let allowed = province.authority.decide(&province.ask(&province.economy, "pap_economy", ECONOMY, now));
        let explanation = explain::run(&mut conn, &province.authority, allowed, None).await.unwrap();
        let en = Words::new(platform::i18n::Lang::En).plain(&explanation);
        for part in ["May sign", "TM. ỦY BAN NHÂN DÂN", "Was assigned the field Kinh tế tổng hợp", "Holds the post Phó Chủ tịch"] {
            assert!(en.contains(part), "{part} is missing in:\n{en}");
        }
        assert!(!vi.contains('{') && !en.contains('{'), "a text is missing:\n{vi}\n{en}");
        println!("{vi}\n\n{en}");
    }
}

#[tokio::test]
async fn every_statement_prepares_on_both_engines_and_both_schemas_are_one() {
    let (sqlite, postgres) = (
        platform::testing::sqlite().await,
        platform::testing::postgres().await,
    );
    for db in [&sqlite, &postgres] {
        platform::migrations::apply(db, &[&register::MIGRATIONS, &policies::MIGRATIONS], 0)
            .await
            .unwrap();
    }
    let complaints = platform::db::prepare::check(&sqlite, &postgres, &policies::statements())
        .await
        .unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let complaints = platform::db::prepare::compare_schemas(&sqlite, &postgres)
        .await
        .unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert!(policies::statements().len() >= 14);
}

#[test]
fn both_languages_have_the_same_keys_and_every_key_has_words() {
    let read = |lang: &str| {
        let path = format!("{}/locales/{lang}/main.ftl", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let mut keys: Vec<String> = text
            .lines()
            .filter_map(|line| line.split_once(" = "))
            .map(|(key, words)| {
                assert!(!words.trim().is_empty(), "{lang}: {key}");
                key.to_owned()
            })
            .collect();
        keys.sort();
        keys
    };
    assert_eq!(read("vi"), read("en"));
}
