//! The life of a paper: refused, signed with consent, numbered, sealed, verified; and every order that the law does not allow.

use super::world::{CHAIRMAN, CLERK, OFFICER, OTHER_VICE, REGISTRAR, VICE, World};
use ca::domain::verdict::Answer;
use ca::flows::give_consent::{self, GiveConsent};
use ca::flows::number_paper::{self, NumberPaper};
use ca::flows::open_consent::{self, OpenConsent};
use ca::flows::request_signature::{self, RequestSignature};
use ca::flows::submit_paper::{self, Drafter, NewPaper, SubmitPaper};
use ca::flows::{reconcile, request_seal, revoke_certificate, see_paper, verify_document};
use ca::store::requests;
use policies::engine::Code;

type Expected = fn(&SubmitPaper) -> bool;

const FIELD: &str = "Kinh tế tổng hợp";

pub fn pdf(subject: &str) -> Vec<u8> {
    documents::compose(&documents::PaperText {
        agency: vec!["ỦY BAN NHÂN DÂN".into(), "TỈNH BÌNH ĐỊNH".into()],
        notation: "QĐ-UBND".into(),
        place: "Bình Định".into(),
        title: "QUYẾT ĐỊNH".into(),
        subject: subject.into(),
        addressee: None,
        issuer: Some("ỦY BAN NHÂN DÂN TỈNH BÌNH ĐỊNH".into()),
        bases: vec!["Căn cứ Luật Tổ chức chính quyền địa phương;".into()],
        body: vec!["Điều 1. Phân bổ kinh phí sửa chữa đê biển.".into()],
        recipients: vec!["Như Điều 1;".into(), "Lưu: VT.".into()],
        demo: true,
    })
    .unwrap()
}

pub async fn submit(world: &World, field: &str) -> String {
    let officer = world.caller(OFFICER).await;
    let new = NewPaper {
        title: "Phân bổ kinh phí sửa chữa đê biển".into(),
        kind: "quyet_dinh".into(),
        field: Some(field.into()),
        agency: world.province.clone(),
        document: pdf("Phân bổ kinh phí sửa chữa đê biển"),
    };
    let drafter = Drafter {
        person: officer.person,
        post: officer.post,
    };
    submit_paper::run(&world.ca, new, &drafter).await.unwrap()
}

/// Asks for the vice chairman's signature; he was shown the paper by the drafter, so the desk of H08 sees it.
async fn ask(world: &World, staff: &str, paper: &str) -> Result<String, RequestSignature> {
    let caller = world.caller(staff).await;
    request_signature::run(&world.ca, &caller, paper, None, "/papers")
        .await
        .map(|waiting| waiting.request)
}

pub async fn consent(world: &World, staff: &str, request: &str) -> Result<(), GiveConsent> {
    let caller = world.caller(staff).await;
    let opened = open_consent::run(&world.ca, &caller, request).await?;
    let answer = world.answer(staff, &opened.challenge);
    give_consent::run(&world.ca, &caller, request, &opened.statement, &answer)
        .await
        .map(|_| ())
}

pub async fn sign(world: &World, paper: &str) {
    let request = ask(world, VICE, paper).await.unwrap();
    consent(world, VICE, &request).await.unwrap();
}

async fn newest(world: &World, staff: &str, paper: &str) -> (String, Vec<u8>) {
    let caller = world.caller(staff).await;
    let (row, revision) = see_paper::document(&world.ca, &caller, paper)
        .await
        .unwrap();
    (row.state, revision.document)
}

platform::both_engines! {
    async fn a_paper_is_signed_numbered_and_sealed_and_every_verdict_is_yes(db: Db) {
        let world = World::new(db).await;
        let clerk = world.caller(CLERK).await;
        let paper = submit(&world, FIELD).await;

        let early = number_paper::run(&world.ca, &clerk, &paper).await;
        assert!(matches!(early, Err(NumberPaper::Request(RequestSignature::Unsigned(_)))), "{early:?}");
        let early = request_seal::run(&world.ca, &clerk, &paper, "/papers").await;
        assert!(matches!(early, Err(RequestSignature::Unsigned(_))), "{early:?}");

        sign(&world, &paper).await;
        let (state, signed) = newest(&world, VICE, &paper).await;
        assert_eq!(state, "signed");
        let verdict = verify_document::run(&world.ca, signed.clone()).await.unwrap();
        assert!(verdict.good(), "{verdict:#?}");
        assert_eq!(verdict.signatures.len(), 1);
        let one = &verdict.signatures[0];
        assert_eq!(one.block, ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]);
        assert_eq!(one.capacity.as_deref(), Some("TM_KT"));
        assert!(one.consented && one.stamped_at.is_some() && one.covers_document);
        let twice = ask(&world, VICE, &paper).await;
        assert!(matches!(twice, Err(RequestSignature::State(_))), "{twice:?}");

        let early = request_seal::run(&world.ca, &clerk, &paper, "/papers").await;
        assert!(matches!(early, Err(RequestSignature::NotNumbered)), "{early:?}");
        let numbered = number_paper::run(&world.ca, &clerk, &paper).await.unwrap();
        assert_eq!(numbered.notation, "01/QĐ-UBND");
        assert!(number_paper::run(&world.ca, &clerk, &paper).await.is_err(), "numbered once");

        let waiting = request_seal::run(&world.ca, &clerk, &paper, "/papers").await.unwrap();
        consent(&world, CLERK, &waiting.request).await.unwrap();
        let (state, sealed) = newest(&world, CLERK, &paper).await;
        assert_eq!(state, "sealed");
        let verdict = verify_document::run(&world.ca, sealed.clone()).await.unwrap();
        assert!(verdict.good(), "{verdict:#?}");
        assert_eq!(verdict.signatures.len(), 2);
        assert_eq!(verdict.number.as_deref(), Some("01"));
        let offline = verify_document::offline(&world.ca.trust(), &sealed, world.ca.now());
        assert_eq!((offline.whole.answer, offline.trusted.answer, offline.allowed.answer), (Answer::Yes, Answer::Yes, Answer::Unknown));

        // The newest signature's own /Contents is the one place that no signature covers.
        let [_, first, second, _] = documents::inspect(&sealed).unwrap().signatures.pop().unwrap().byte_range;
        let contents = first as usize..second as usize;
        for at in (0..sealed.len()).step_by(sealed.len() / 40).filter(|at| !contents.contains(at)) {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            let verdict = verify_document::run(&world.ca, changed).await.unwrap();
            assert!(!verdict.good(), "byte {at} changed unseen");
        }

        let second = submit(&world, FIELD).await;
        sign(&world, &second).await;
        assert_eq!(number_paper::run(&world.ca, &clerk, &second).await.unwrap().notation, "02/QĐ-UBND");
    }

    async fn a_vice_chairman_is_refused_outside_his_fields_with_the_clause_and_who_could(db: Db) {
        let world = World::new(db).await;
        let paper = submit(&world, FIELD).await;
        let refused = ask(&world, OTHER_VICE, &paper).await.unwrap_err();
        let RequestSignature::Refused(explained) = refused else { panic!("{refused:?}") };
        assert_eq!(explained.decided.code, Code::OutsideAssignment);
        assert!(explained.decided.clause.as_deref().is_some_and(|clause| clause.contains("13")), "{:?}", explained.decided.clause);
        let vice = world.caller(VICE).await.person;
        assert!(explained.decided.who_could.iter().any(|could| *could.person == *vice));
        let (state, _) = newest(&world, OFFICER, &paper).await;
        assert_eq!(state, "draft", "a refusal changes nothing");
    }

    async fn consent_is_the_persons_own_for_these_bytes_and_once(db: Db) {
        let world = World::new(db).await;
        let paper = submit(&world, FIELD).await;
        let request = ask(&world, VICE, &paper).await.unwrap();
        let (vice, other) = (world.caller(VICE).await, world.caller(OTHER_VICE).await);
        let foreign = open_consent::run(&world.ca, &other, &request).await;
        assert!(matches!(foreign.err(), Some(OpenConsent::NotFound)));

        let opened = open_consent::run(&world.ca, &vice, &request).await.unwrap();
        let mut statement: serde_json::Value = serde_json::from_slice(&opened.statement).unwrap();
        statement["contents"][0]["digest"] = serde_json::json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        let forged = serde_json::to_vec(&statement).unwrap();
        let answer = world.answer(VICE, &signer::consent::challenge(&forged));
        let error = give_consent::run(&world.ca, &vice, &request, &forged, &answer).await.unwrap_err();
        assert!(matches!(error, GiveConsent::Mismatch("document")), "{error:?}");

        let wrong_key = world.answer(OTHER_VICE, &opened.challenge);
        let error = give_consent::run(&world.ca, &vice, &request, &opened.statement, &wrong_key).await.unwrap_err();
        assert!(matches!(error, GiveConsent::Signer(_)), "{error:?}");
        let (state, bytes) = newest(&world, VICE, &paper).await;
        assert_eq!(state, "draft", "the paper may be asked for again");
        assert!(documents::inspect(&bytes).unwrap().signatures.is_empty());
        let spent = consent(&world, VICE, &request).await.unwrap_err();
        assert!(matches!(spent, GiveConsent::Open(OpenConsent::Ended(_))), "{spent:?}");

        sign(&world, &paper).await;
        assert_eq!(newest(&world, VICE, &paper).await.0, "signed");
    }

    async fn a_consent_without_outcome_is_given_up_and_the_paper_can_be_signed_again(db: Db) {
        let world = World::new(db).await;
        let paper = submit(&world, FIELD).await;
        let request = ask(&world, VICE, &paper).await.unwrap();
        let vice = world.caller(VICE).await;
        let opened = open_consent::run(&world.ca, &vice, &request).await.unwrap();
        let now = world.ca.now() - world.ca.config.intent_patience - 1;
        let stored = requests::Consent { statement: "{}", assertion: "{}", decision_id: &opened.decided.id, decision: &opened.request.decision };
        let (request, stored) = (&request, &stored);
        world.ca.ground.db.write(|mut tx| async move {
            assert!(requests::intend(&mut tx, request, stored, now).await?);
            Ok::<_, platform::db::Error>(tx.housekeeping(platform::audit::Housekeeping::Dialogue, ()))
        }).await.unwrap();
        let done = reconcile::run(&world.ca).await.unwrap();
        assert_eq!(done.abandoned, 1);
        assert_eq!(reconcile::run(&world.ca).await.unwrap(), reconcile::Reconciled::default());
        sign(&world, &paper).await;
    }

    async fn what_is_not_a_plain_draft_is_not_taken(db: Db) {
        let world = World::new(db).await;
        let officer = world.caller(OFFICER).await;
        let drafter = Drafter { person: officer.person.clone(), post: officer.post.clone() };
        let good = NewPaper { title: "a".into(), kind: "quyet_dinh".into(), field: None, agency: world.province.clone(), document: pdf("a") };
        let paper = submit(&world, FIELD).await;
        sign(&world, &paper).await;
        let signed = newest(&world, VICE, &paper).await.1;
        let mut conn = world.ca.ground.db.read().await.unwrap();
        // A body beside the officer's own, neither his nor above it.
        let elsewhere = register::facts::agency_by_code(&mut conn, "H08.02", world.ca.now()).await.unwrap().unwrap().id;
        drop(conn);
        let cases: Vec<(NewPaper, Expected)> = vec![
            (NewPaper { title: "  ".into(), ..good.clone() }, |e| matches!(e, SubmitPaper::Title)),
            (NewPaper { kind: "nghi_quyet".into(), ..good.clone() }, |e| matches!(e, SubmitPaper::Kind(_))),
            (NewPaper { agency: "agy_nobody".into(), ..good.clone() }, |e| matches!(e, SubmitPaper::Agency(_))),
            (NewPaper { agency: elsewhere.clone(), ..good.clone() }, |e| matches!(e, SubmitPaper::OtherAgency(_))),
            (NewPaper { document: b"%PDF-1.7 nonsense".to_vec(), ..good.clone() }, |e| matches!(e, SubmitPaper::Unreadable(_))),
            (NewPaper { document: vec![0; (32 << 20) + 1], ..good.clone() }, |e| matches!(e, SubmitPaper::TooLarge(_))),
            (NewPaper { document: signed, ..good.clone() }, |e| matches!(e, SubmitPaper::Signed)),
        ];
        for (case, expected) in cases {
            let error = submit_paper::run(&world.ca, case, &drafter).await.unwrap_err();
            assert!(expected(&error), "{error:?}");
        }
    }

    async fn a_paper_is_seen_by_those_concerned_and_nobody_else(db: Db) {
        let world = World::new(db).await;
        let paper = submit(&world, FIELD).await;
        for staff in [OFFICER, CHAIRMAN, VICE, CLERK] {
            let caller = world.caller(staff).await;
            assert!(see_paper::run(&world.ca, &caller, &paper).await.is_ok(), "{staff}");
        }
        let mut stranger = world.caller(REGISTRAR).await;
        stranger.post = None;
        stranger.agency = None;
        assert!(see_paper::run(&world.ca, &stranger, &paper).await.is_err(), "administering the province does not open its papers");
        let bad = request_signature::run(&world.ca, &world.caller(VICE).await, &paper, None, "http://evil.example/").await;
        assert!(matches!(bad, Err(RequestSignature::ReturnUrl(_))));
    }

    async fn only_a_registrar_revokes_and_only_what_is_ours(db: Db) {
        let world = World::new(db).await;
        let mut conn = world.ca.ground.db.read().await.unwrap();
        let tsa = ca::domain::certificate::Holder::Service("tsa".into());
        let ours = ca::store::certificates::of_holder(&mut conn, &tsa).await.unwrap().remove(0);
        let seal = ca::domain::certificate::Holder::Agency(world.province.clone());
        let theirs = ca::store::certificates::of_holder(&mut conn, &seal).await.unwrap().remove(0);
        drop(conn);
        use ca::domain::certificate::RevocationReason::Superseded;
        use revoke_certificate::RevokeCertificate as No;
        let (officer, registrar) = (world.caller(OFFICER).await, world.caller(REGISTRAR).await);
        assert!(matches!(revoke_certificate::run(&world.ca, &ours.id, Superseded, "", &officer).await, Err(No::NotRegistrar)));
        assert!(matches!(revoke_certificate::run(&world.ca, &theirs.id, Superseded, "", &registrar).await, Err(No::NotOurs)));
        assert!(revoke_certificate::run(&world.ca, &ours.id, Superseded, "", &registrar).await.unwrap().is_none());
        assert!(matches!(revoke_certificate::run(&world.ca, &ours.id, Superseded, "", &registrar).await, Err(No::Already)));
    }
}
