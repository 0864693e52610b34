//! A hostile web process asks for a person's signature without the person's consent to exactly these bytes: it gets nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use signer::consent::{ConsentPurpose, challenge};
use signer::domain::{Algorithm, Bytes, Digest, DigestAlgorithm, Purpose, RefusalCode as Code};
use support::authenticator::{Authenticator, Manner};
use support::office::{Office, binding, content, digest};

const PAPER: &[u8] = b"paper that was shown";
const OTHER: &[u8] = b"paper that was not shown";

async fn refused_with(manner: Manner, expected: Code) {
    let mut office = Office::open().await;
    let statement = office.statement(PAPER).await;
    let mut request = office.person_request(&statement, PAPER);
    request.assertion = office
        .official
        .assert_as(&challenge(&request.statement), &manner);
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, expected).await;
}

#[tokio::test]
async fn another_digest_than_the_one_consented_to_is_refused() {
    let mut office = Office::open().await;
    let statement = office.statement(PAPER).await;
    let mut request = office.person_request(&statement, PAPER);
    request.digest = digest(OTHER);
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, Code::DigestMismatch).await;
}

#[tokio::test]
async fn the_same_digest_under_another_algorithm_name_is_refused() {
    let mut office = Office::open().await;
    let mut statement = office.statement(PAPER).await;
    statement.contents[0].algorithm = DigestAlgorithm::Sha384;
    statement.contents[0].digest = Bytes(vec![1; 48]);
    let mut request = office.person_request(&statement, PAPER);
    request.digest = Digest {
        algorithm: DigestAlgorithm::Sha384,
        value: Bytes(vec![1; 48]),
    };
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, Code::DigestMismatch).await;
}

#[tokio::test]
async fn another_persons_passkey_is_refused() {
    let mut office = Office::open().await;
    let statement = office.statement(PAPER).await;
    let mut request = office.person_request(&statement, PAPER);
    // The clerk's passkey is pinned, but to the seal.
    request.assertion = office.clerk.assert(&challenge(&request.statement));
    let attempt = office.running.client.sign_person(request.clone());
    office
        .running
        .refuses(attempt, Code::CredentialUnknown)
        .await;
    // The clerk's signature under the official's credential id.
    let statement = office.statement(PAPER).await;
    let mut request = office.person_request(&statement, PAPER);
    let id = request.assertion.credential_id.clone();
    request.assertion = office.clerk.assert(&challenge(&request.statement));
    request.assertion.credential_id = id;
    let attempt = office.running.client.sign_person(request);
    office
        .running
        .refuses(attempt, Code::AssertionSignature)
        .await;
}

#[tokio::test]
async fn a_replayed_nonce_is_refused_after_success() {
    let mut office = Office::open().await;
    let statement = office.statement(PAPER).await;
    let request = office.person_request(&statement, PAPER);
    office
        .running
        .client
        .sign_person(request.clone())
        .await
        .unwrap();
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, Code::NonceUnknown).await;
    // A fresh assertion over the same statement does not help.
    let again = office.person_request(&statement, PAPER);
    let attempt = office.running.client.sign_person(again);
    office.running.refuses(attempt, Code::NonceUnknown).await;
}

#[tokio::test]
async fn a_nonce_is_spent_by_a_failed_attempt() {
    let mut office = Office::open().await;
    let statement = office.statement(PAPER).await;
    let mut spoiled = office.person_request(&statement, PAPER);
    spoiled.digest = digest(OTHER);
    let attempt = office.running.client.sign_person(spoiled);
    office.running.refuses(attempt, Code::DigestMismatch).await;
    let honest = office.person_request(&statement, PAPER);
    let attempt = office.running.client.sign_person(honest);
    office.running.refuses(attempt, Code::NonceUnknown).await;
}

#[tokio::test]
async fn a_nonce_of_another_key_or_of_nobody_is_refused() {
    let mut office = Office::open().await;
    let mut statement = office.statement(PAPER).await;
    let opened = office
        .running
        .client
        .open_consent(&office.seal.key)
        .await
        .unwrap();
    statement.nonce = opened.nonce;
    let request = office.person_request(&statement, PAPER);
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, Code::NonceUnknown).await;
    statement.nonce = Bytes(vec![9; 32]);
    let request = office.person_request(&statement, PAPER);
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, Code::NonceUnknown).await;
}

#[tokio::test]
async fn user_verification_off_is_refused() {
    let manner = Manner {
        flags: 0x01,
        ..Manner::default()
    };
    refused_with(manner, Code::UserVerification).await;
}

#[tokio::test]
async fn user_presence_off_is_refused() {
    let manner = Manner {
        flags: 0x04,
        ..Manner::default()
    };
    refused_with(manner, Code::UserPresence).await;
}

#[tokio::test]
async fn a_foreign_origin_is_refused() {
    for origin in [
        "http://localhost:8081",
        "https://localhost:8080",
        "http://localhost:8080.evil.example",
        "null",
    ] {
        let manner = Manner {
            origin: origin.into(),
            ..Manner::default()
        };
        refused_with(manner, Code::Origin).await;
    }
}

#[tokio::test]
async fn an_assertion_made_inside_a_foreign_page_is_refused() {
    let manner = Manner {
        cross_origin: true,
        ..Manner::default()
    };
    refused_with(manner, Code::Origin).await;
}

#[tokio::test]
async fn another_relying_party_is_refused() {
    let manner = Manner {
        rp_id: "evil.example".into(),
        ..Manner::default()
    };
    refused_with(manner, Code::RelyingParty).await;
}

#[tokio::test]
async fn a_registration_instead_of_an_assertion_is_refused() {
    let manner = Manner {
        kind: "webauthn.create".into(),
        ..Manner::default()
    };
    refused_with(manner, Code::AssertionType).await;
}

#[tokio::test]
async fn flags_that_do_not_fit_the_data_are_refused() {
    for flags in [0x45, 0x85, 0x15] {
        let manner = Manner {
            flags,
            ..Manner::default()
        };
        refused_with(manner, Code::Malformed).await;
    }
}

#[tokio::test]
async fn an_assertion_over_another_challenge_is_refused() {
    let mut office = Office::open().await;
    let statement = office.statement(PAPER).await;
    let other = office.statement(OTHER).await;
    let mut request = office.person_request(&statement, PAPER);
    // What he consented to was another statement.
    request.assertion = office.official.assert(&challenge(&other.to_jcs().unwrap()));
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, Code::Challenge).await;
    // A plain SHA-256 of the statement, without our prefix (an assertion fished elsewhere).
    let statement = office.statement(PAPER).await;
    let mut request = office.person_request(&statement, PAPER);
    request.assertion = office
        .official
        .assert(&openssl::sha::sha256(&request.statement));
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, Code::Challenge).await;
}

#[tokio::test]
async fn a_changed_assertion_is_refused() {
    let mut office = Office::open().await;
    for part in 0..3 {
        let statement = office.statement(PAPER).await;
        let mut request = office.person_request(&statement, PAPER);
        let assertion = &mut request.assertion;
        match part {
            0 => assertion.authenticator_data.0[36] ^= 1,
            1 => assertion.client_data_json.0.insert(1, b' '),
            _ => {
                let last = assertion.signature.0.len() - 1;
                assertion.signature.0[last] ^= 1;
            }
        }
        let attempt = office.running.client.sign_person(request);
        office
            .running
            .refuses(attempt, Code::AssertionSignature)
            .await;
    }
}

#[tokio::test]
async fn an_expired_statement_is_refused() {
    let mut office = Office::open().await;
    let mut statement = office.statement(PAPER).await;
    statement.not_after = office.running.now() + 1_000;
    let request = office.person_request(&statement, PAPER);
    office.running.advance(1_001);
    let attempt = office.running.client.sign_person(request);
    office
        .running
        .refuses(attempt, Code::StatementExpired)
        .await;
}

#[tokio::test]
async fn a_nonce_ends_after_two_minutes() {
    let mut office = Office::open().await;
    let mut statement = office.statement(PAPER).await;
    office.running.advance(120_001);
    statement.not_after = office.running.now() + 60_000;
    let request = office.person_request(&statement, PAPER);
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, Code::NonceUnknown).await;
}

#[tokio::test]
async fn a_statement_that_lives_longer_than_two_minutes_is_refused() {
    let mut office = Office::open().await;
    let mut statement = office.statement(PAPER).await;
    statement.not_after = office.running.now() + 120_001;
    let request = office.person_request(&statement, PAPER);
    let attempt = office.running.client.sign_person(request);
    office
        .running
        .refuses(attempt, Code::StatementTooLong)
        .await;
}

#[tokio::test]
async fn a_statement_for_another_key_is_refused() {
    let mut office = Office::open().await;
    let mut statement = office.statement(PAPER).await;
    statement.key = office.seal.key.clone();
    let request = office.person_request(&statement, PAPER);
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, Code::StatementKey).await;
}

#[tokio::test]
async fn a_person_key_does_not_seal_and_a_seal_key_does_not_sign() {
    let mut office = Office::open().await;
    let statement = office.statement(PAPER).await;
    let mut request = office.person_request(&statement, PAPER);
    request.key = office.seal.key.clone();
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, Code::WrongPurpose).await;
    let mut statement = office.statement(PAPER).await;
    statement.purpose = ConsentPurpose::Seal;
    statement.contents.push(content(OTHER));
    let request = office.person_request(&statement, PAPER);
    let attempt = office.running.client.sign_person(request);
    office
        .running
        .refuses(attempt, Code::StatementPurpose)
        .await;
}

#[tokio::test]
async fn a_batch_is_refused_as_not_done_yet() {
    let mut office = Office::open().await;
    let mut statement = office.statement(PAPER).await;
    statement.purpose = ConsentPurpose::Batch;
    let request = office.person_request(&statement, PAPER);
    let attempt = office.running.client.sign_person(request);
    office.running.refuses(attempt, Code::Unsupported).await;
}

#[tokio::test]
async fn json_that_is_not_canonical_is_refused() {
    let mut office = Office::open().await;
    for change in [
        |text: String| text.replacen(':', ": ", 1),
        |text: String| text.replacen("\"epoch\":7", "\"epoch\":7,\"epoch\":7", 1),
        |text: String| text.replacen("\"epoch\":7", "\"epoch\":7.0", 1),
        |text: String| text.replacen("TM.", "\\u0054M.", 1),
        |text: String| format!("{text} "),
        |text: String| text.replacen("\"epoch\":7", "\"epoch\":7,\"extra\":0", 1),
    ] {
        let statement = office.statement(PAPER).await;
        let mut request = office.person_request(&statement, PAPER);
        let text = change(String::from_utf8(request.statement.0.clone()).unwrap());
        request.statement = Bytes(text.into_bytes());
        // Even with the person's honest consent to these very bytes.
        request.assertion = office.official.assert(&challenge(&request.statement));
        let attempt = office.running.client.sign_person(request);
        office
            .running
            .refuses(attempt, Code::StatementMalformed)
            .await;
    }
}

#[tokio::test]
async fn a_counter_that_does_not_grow_is_refused() {
    let mut office = Office::open().await;
    office.signed(PAPER).await;
    let statement = office.statement(OTHER).await;
    let mut request = office.person_request(&statement, OTHER);
    office.official.counter = 1;
    let manner = Manner {
        count: false,
        ..Manner::default()
    };
    request.assertion = office
        .official
        .assert_as(&challenge(&request.statement), &manner);
    let attempt = office.running.client.sign_person(request);
    office
        .running
        .refuses(attempt, Code::AssertionCounter)
        .await;
}

#[tokio::test]
async fn rsa_and_elliptic_signatures_are_not_confused() {
    let mut office = Office::open().await;
    let mut rsa = Authenticator::rs256("rsa");
    let now = office.running.now();
    let bound = binding(&rsa, "psn_an", &office.person.key, now);
    let assertion = office.registrar.assert(&bound.challenge().unwrap());
    office
        .running
        .client
        .pin_consent(bound, assertion)
        .await
        .unwrap();
    // RS256 works by itself …
    let statement = office.statement(PAPER).await;
    let mut request = office.person_request(&statement, PAPER);
    request.assertion = rsa.assert(&challenge(&request.statement));
    office.running.client.sign_person(request).await.unwrap();
    // … but neither passes under the other's credential.
    for swap in [true, false] {
        let statement = office.statement(PAPER).await;
        let mut request = office.person_request(&statement, PAPER);
        let challenge = challenge(&request.statement);
        let (mut made, wrong) = if swap {
            (
                rsa.assert(&challenge),
                office.official.credential_id.clone(),
            )
        } else {
            (
                office.official.assert(&challenge),
                rsa.credential_id.clone(),
            )
        };
        made.credential_id = wrong;
        request.assertion = made;
        let attempt = office.running.client.sign_person(request);
        office
            .running
            .refuses(attempt, Code::AssertionSignature)
            .await;
    }
}

#[tokio::test]
async fn a_passkey_taken_off_or_not_yet_in_force_is_refused() {
    let mut office = Office::open().await;
    let mut later = Authenticator::es256("later");
    let bound = binding(
        &later,
        "psn_an",
        &office.person.key,
        office.running.now() + 60_000,
    );
    let assertion = office.registrar.assert(&bound.challenge().unwrap());
    office
        .running
        .client
        .pin_consent(bound, assertion)
        .await
        .unwrap();
    let statement = office.statement(PAPER).await;
    let mut request = office.person_request(&statement, PAPER);
    request.assertion = later.assert(&challenge(&request.statement));
    let attempt = office.running.client.sign_person(request);
    office
        .running
        .refuses(attempt, Code::CredentialNotYet)
        .await;

    let client = office.running.client.clone();
    let id = office.official.credential_id.0.clone();
    client
        .unpin_consent(id, &office.person.key, "left the post")
        .await
        .unwrap();
    let statement = office.statement(PAPER).await;
    let request = office.person_request(&statement, PAPER);
    let attempt = client.sign_person(request);
    office
        .running
        .refuses(attempt, Code::CredentialUnknown)
        .await;
}

#[tokio::test]
async fn a_key_without_certificate_or_with_an_expired_one_is_refused() {
    let mut office = Office::open().await;
    let client = office.running.client.clone();
    let bare = Purpose::Person {
        person: "psn_an".into(),
    };
    let bare = client
        .generate_key(bare, Algorithm::EcdsaP256)
        .await
        .unwrap();
    let bound = binding(&office.official, "psn_an", &bare.key, office.running.now());
    let assertion = office.registrar.assert(&bound.challenge().unwrap());
    client.pin_consent(bound, assertion).await.unwrap();
    let installed = std::mem::replace(&mut office.person, bare);
    let statement = office.statement(PAPER).await;
    let request = office.person_request(&statement, PAPER);
    let attempt = client.sign_person(request);
    office.running.refuses(attempt, Code::NoCertificate).await;

    office.person = installed;
    office.running.advance(366 * support::office::DAY);
    let statement = office.statement(PAPER).await;
    let request = office.person_request(&statement, PAPER);
    let attempt = client.sign_person(request);
    office
        .running
        .refuses(attempt, Code::CertificateNotValid)
        .await;
}
