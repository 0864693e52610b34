//! Path validation at an instant.

use super::world::*;
use crate::certificate::Certificate;
use crate::crl::{Crl, Entry, Reason};
use crate::issue::{Issuer, assemble};
use crate::lint::lint;
use crate::ocsp::{self, Request, Response, Single, Status};
use crate::path::{Anchor, AnchorKind, PathProblem, Revocation, Trusted, Usage, validate};
use crate::profile::Profile;
use crate::signing::Signer as _;

fn anchors(world: &World) -> Vec<Anchor> {
    vec![Anchor {
        label: "Gốc của tỉnh".into(),
        kind: AnchorKind::Own,
        certificate: world.root.certificate.clone(),
    }]
}

fn judge(
    world: &World,
    certificate: &Certificate,
    at: i64,
    usage: Usage,
    revocation: &Revocation<'_>,
) -> Result<Trusted, PathProblem> {
    validate(
        certificate,
        std::slice::from_ref(&world.issuing.certificate),
        &anchors(world),
        at,
        usage,
        revocation,
    )
}

#[test]
fn good_certificates_reach_their_anchor_for_their_use_and_no_other() {
    for make in [p256, p384, pss_3072] {
        let world = World::with_keys(make, None);
        let all = [
            Usage::DocumentSigning,
            Usage::EmailProtection,
            Usage::TimeStamping,
            Usage::OcspSigning,
            Usage::Tls,
        ];
        for (holder, good) in [
            (&world.mailbox, &all[1..2]),
            (&world.person, &all[0..2]),
            (&world.tsa, &all[2..3]),
            (&world.ocsp, &all[3..4]),
            (&world.issuing, &all[0..0]),
        ] {
            for usage in all {
                let outcome = judge(&world, &holder.certificate, NOW, usage, &Revocation::NONE);
                assert_eq!(outcome.is_ok(), good.contains(&usage), "{usage:?}");
                if let Ok(trusted) = outcome {
                    assert_eq!(trusted.label, "Gốc của tỉnh");
                    assert_eq!(trusted.chain.len(), 3);
                    assert!(!trusted.revocation_checked);
                }
            }
        }
    }
}

#[test]
fn an_unknown_root_a_missing_ca_and_a_twin_of_the_ca_are_no_path() {
    let world = World::new();
    let other = World::new();
    let leaf = &world.mailbox.certificate;
    for (between, roots) in [
        (vec![], anchors(&world)),
        (vec![world.issuing.certificate.clone()], anchors(&other)),
        (vec![other.issuing.certificate.clone()], anchors(&world)),
        (vec![world.issuing.certificate.clone()], vec![]),
    ] {
        let outcome = validate(
            leaf,
            &between,
            &roots,
            NOW,
            Usage::EmailProtection,
            &Revocation::NONE,
        );
        assert!(matches!(outcome, Err(PathProblem::NoPath { .. })));
    }
}

#[test]
fn the_instant_counts_not_the_clock_of_the_machine() {
    let world = World::new();
    let leaf = &world.mailbox.certificate;
    let at = |at| judge(&world, leaf, at, Usage::EmailProtection, &Revocation::NONE);
    assert!(at(leaf.not_before()).is_ok());
    assert!(at(leaf.not_after()).is_ok());
    assert!(matches!(
        at(leaf.not_before() - 1),
        Err(PathProblem::NotYetValid { .. })
    ));
    assert!(matches!(
        at(leaf.not_after() + 1000),
        Err(PathProblem::Expired { .. })
    ));
    assert!(matches!(
        at(NOW + 3001 * DAY),
        Err(PathProblem::Expired { .. })
    ));
}

fn lists(world: &World, this_update: i64, entries: &[Entry]) -> [Crl; 2] {
    [
        Crl::parse(&world.list(1, this_update, entries)).unwrap(),
        Crl::parse(&list(&world.root, 1, this_update, &[])).unwrap(),
    ]
}

#[test]
fn revocation_counts_from_its_instant_and_proof_is_asked_for_when_required() {
    let world = World::new();
    let leaf = &world.person.certificate;
    let entry = Entry {
        serial: leaf.serial().to_vec(),
        revoked_at: NOW - 60_000,
        reason: Some(Reason::CessationOfOperation),
    };
    let judge = |at, crls: &[Crl]| {
        let revocation = Revocation {
            crls,
            ocsp: &[],
            required: true,
        };
        judge(&world, leaf, at, Usage::DocumentSigning, &revocation)
    };
    let clean = lists(&world, NOW - 1000, &[]);
    assert!(judge(NOW, &clean).unwrap().revocation_checked);
    let revoked = lists(&world, NOW - 1000, std::slice::from_ref(&entry));
    assert_eq!(
        judge(NOW, &revoked).unwrap_err(),
        PathProblem::Revoked {
            subject: leaf.subject_name().to_string(),
            at: NOW - 60_000,
            reason: Some(Reason::CessationOfOperation)
        }
    );
    assert!(
        judge(NOW - 120_000, &revoked).is_ok(),
        "a signature from before the revocation stays good"
    );
    assert_eq!(judge(NOW - 60_000, &revoked).unwrap_err().code(), "revoked");
    assert_eq!(judge(NOW, &[]).unwrap_err().code(), "revocation_unknown");
    assert_eq!(
        judge(NOW, &clean[..1]).unwrap_err().code(),
        "revocation_unknown",
        "the issuing CA's own status needs the root's list"
    );
    let stale = lists(&world, NOW - 30 * DAY, &[]);
    assert_eq!(judge(NOW, &stale).unwrap_err().code(), "revocation_unknown");
    let foreign = lists(&World::new(), NOW - 1000, &[entry]);
    assert_eq!(
        judge(NOW, &foreign).unwrap_err().code(),
        "revocation_unknown"
    );
}

#[test]
fn a_list_from_after_expiry_proves_nothing_because_entries_may_have_been_dropped() {
    let world = World::new();
    let leaf = &world.person.certificate;
    let at = leaf.not_after() - DAY;
    for (when, good) in [
        (leaf.not_after() - 1000, true),
        (leaf.not_after() + DAY, false),
    ] {
        let crls = lists(&world, when, &[]);
        let revocation = Revocation {
            crls: &crls,
            ocsp: &[],
            required: true,
        };
        let outcome = judge(&world, leaf, at, Usage::DocumentSigning, &revocation);
        assert_eq!(outcome.is_ok(), good);
    }
}

#[test]
fn ocsp_answers_count_like_lists() {
    let world = World::new();
    let leaf = &world.person.certificate;
    let issuer = &world.issuing.certificate;
    let respond = |status| {
        let request = Request::parse(&ocsp::request(issuer, leaf.serial(), None)).unwrap();
        let answer = Single {
            id: request.certificates()[0].clone(),
            status,
            this_update: NOW,
            next_update: Some(NOW + DAY),
        };
        let data = ocsp::response_data(&world.ocsp.certificate, NOW, &[answer], None);
        let signature = world.ocsp.signer.sign(&data).unwrap();
        Response::parse(&ocsp::assemble(
            &data,
            world.ocsp.signer.algorithm(),
            &signature,
            &[world.ocsp.certificate.der()],
        ))
        .unwrap()
    };
    let root_list = [Crl::parse(&list(&world.root, 1, NOW, &[])).unwrap()];
    let judge = |status| {
        let responses = [respond(status)];
        let revocation = Revocation {
            crls: &root_list,
            ocsp: &responses,
            required: true,
        };
        judge(
            &world,
            leaf,
            NOW + 1000,
            Usage::DocumentSigning,
            &revocation,
        )
        .map(|trusted| trusted.revocation_checked)
        .map_err(|problem| problem.code())
    };
    assert_eq!(judge(Status::Good), Ok(true));
    assert_eq!(judge(Status::Unknown), Err("revocation_unknown"));
    let revoked = Status::Revoked {
        at: NOW,
        reason: None,
    };
    assert_eq!(judge(revoked), Err("revoked"));
}

#[test]
fn a_certificate_for_a_name_its_ca_may_not_certify_is_refused() {
    let world = World::constrained();
    let good = judge(
        &world,
        &world.mailbox.certificate,
        NOW,
        Usage::EmailProtection,
        &Revocation::NONE,
    );
    assert!(good.is_ok());
    let careless = careless_issuer(&world);
    let profile = Profile::built_in("mailbox").unwrap();
    let key = p256();
    let mut request = asked(&profile, &careless, name("Hộp thư giả"), key.spki(), 40);
    request.alternative_names = email("thutuong@chinhphu.example.com");
    let linted = lint(
        crate::issue::prepare_tbs(&request).unwrap(),
        &profile,
        &careless,
    )
    .unwrap();
    let signature = world.issuing.signer.sign(linted.tbs()).unwrap();
    let certificate = assemble(linted, &signature).unwrap();
    let outcome = judge(
        &world,
        &certificate,
        NOW,
        Usage::EmailProtection,
        &Revocation::NONE,
    );
    assert_eq!(outcome.unwrap_err(), PathProblem::NameConstraint);
}

/// The constrained CA as if it had no constraints.
fn careless_issuer(world: &World) -> Issuer {
    let mut issuer = world.issuer();
    issuer.permitted = None;
    issuer
}

#[test]
fn a_leaf_cannot_issue() {
    let world = World::new();
    let profile = Profile::built_in("mailbox").unwrap();
    let mut leaf = Issuer::of(&world.mailbox.certificate).unwrap();
    leaf.is_ca = true;
    leaf.signs_certificates = true;
    let key = p256();
    let mut request = asked(&profile, &leaf, name("Hộp thư giả"), key.spki(), 41);
    request.alternative_names = email("a@binhdinh.example.com");
    let linted = lint(
        crate::issue::prepare_tbs(&request).unwrap(),
        &profile,
        &leaf,
    )
    .unwrap();
    let signature = world.mailbox.signer.sign(linted.tbs()).unwrap();
    let certificate = assemble(linted, &signature).unwrap();
    let outcome = validate(
        &certificate,
        &[
            world.mailbox.certificate.clone(),
            world.issuing.certificate.clone(),
        ],
        &anchors(&world),
        NOW,
        Usage::EmailProtection,
        &Revocation::NONE,
    );
    assert_eq!(outcome.unwrap_err().code(), "may_not_issue");
}

#[test]
fn many_twins_of_a_ca_do_not_cost_more_than_the_bound() {
    let world = World::new();
    let leaf = &world.mailbox.certificate;
    let mut between: Vec<Certificate> = (0..200)
        .map(|_| world.issuing.certificate.clone())
        .collect();
    between.push(world.root.certificate.clone());
    let started = std::time::Instant::now();
    let outcome = validate(
        leaf,
        &between,
        &anchors(&world),
        NOW,
        Usage::EmailProtection,
        &Revocation::NONE,
    );
    assert!(started.elapsed() < std::time::Duration::from_secs(2));
    drop(outcome);
}
