//! A hostile web process asks for a seal without a person's valid signature, or for a pin it has no registrar for: it gets nothing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use pki::cms::{SignedAttributes, signed_data};
use pki::signing::{OpensslSigner, Signer as _};
use signer::client::ClientError;
use signer::consent::challenge;
use signer::domain::{Algorithm, Purpose, RefusalCode as Code};
use support::Running;
use support::authenticator::{Authenticator, Manner};
use support::office::{Authority, Office, binding, digest, email, fresh_key, person_name};

const PAPER: &[u8] = b"revision one";
const NUMBERED: &[u8] = b"revision two, numbered";
const OTHER: &[u8] = b"something else";

async fn seal_refused(office: &mut Office, statement_of: &[u8], cms: &[u8], expected: Code) {
    let statement = office.seal_statement(NUMBERED, statement_of).await;
    let request = office.seal_request(&statement, NUMBERED, cms);
    let attempt = office.running.client.sign_seal(request);
    office.running.refuses(attempt, expected).await;
}

fn made_by(
    key: &OpensslSigner,
    certificate: &pki::certificate::Certificate,
    document: &[u8],
) -> Vec<u8> {
    let hash = pki::algorithm::Hash::Sha256;
    let attributes =
        SignedAttributes::new(pki::oids::DATA, hash, &hash.digest(document), certificate);
    let signature = key.sign(&attributes.to_der()).unwrap();
    signed_data(
        &attributes,
        key.algorithm(),
        &signature,
        certificate,
        &[],
        None,
    )
}

#[tokio::test]
async fn a_seal_without_the_persons_signature_is_refused() {
    let mut office = Office::open().await;
    for nothing in [&b""[..], &[0; 64], b"not DER", &[0x30, 0x00]] {
        seal_refused(&mut office, PAPER, nothing, Code::PersonSignature).await;
    }
}

#[tokio::test]
async fn a_seal_whose_statement_names_another_digest_than_the_person_signed_is_refused() {
    let mut office = Office::open().await;
    let cms = office.signed(PAPER).await;
    seal_refused(&mut office, OTHER, &cms, Code::PersonSignature).await;
}

#[tokio::test]
async fn a_seal_over_other_bytes_than_the_clerk_consented_to_is_refused() {
    let mut office = Office::open().await;
    let cms = office.signed(PAPER).await;
    let statement = office.seal_statement(NUMBERED, PAPER).await;
    let mut request = office.seal_request(&statement, NUMBERED, &cms);
    request.digest = digest(OTHER);
    let attempt = office.running.client.sign_seal(request);
    office.running.refuses(attempt, Code::DigestMismatch).await;
    // The two digests the other way round.
    let statement = office.seal_statement(PAPER, NUMBERED).await;
    let request = office.seal_request(&statement, NUMBERED, &cms);
    let attempt = office.running.client.sign_seal(request);
    office.running.refuses(attempt, Code::DigestMismatch).await;
}

#[tokio::test]
async fn a_persons_signature_with_one_changed_byte_is_refused() {
    let mut office = Office::open().await;
    let cms = office.signed(PAPER).await;
    for position in (0..cms.len()).step_by(cms.len() / 24) {
        let mut changed = cms.clone();
        changed[position] ^= 0x01;
        let statement = office.seal_statement(NUMBERED, PAPER).await;
        let request = office.seal_request(&statement, NUMBERED, &changed);
        match office.running.client.sign_seal(request).await {
            Err(ClientError::Refused {
                code: Code::PersonSignature,
                ..
            }) => {}
            // The embedded CA certificate is not what is judged.
            Ok(_) => assert!(in_chain(&office, &cms, position), "byte {position}"),
            other => panic!("byte {position}: {other:?}"),
        }
    }
}

fn in_chain(office: &Office, cms: &[u8], position: usize) -> bool {
    let chain = office.government.certificate.der();
    let begins = cms.windows(chain.len()).position(|w| w == chain).unwrap();
    (begins..begins + chain.len()).contains(&position)
}

#[tokio::test]
async fn bytes_behind_the_persons_signature_are_refused_but_zero_padding_is_not() {
    let mut office = Office::open().await;
    let mut cms = office.signed(PAPER).await;
    cms.extend_from_slice(&[0; 500]);
    let statement = office.seal_statement(NUMBERED, PAPER).await;
    let request = office.seal_request(&statement, NUMBERED, &cms);
    office.running.client.sign_seal(request).await.unwrap();
    cms.push(1);
    seal_refused(&mut office, PAPER, &cms, Code::PersonSignature).await;
}

#[tokio::test]
async fn a_signature_under_a_foreign_authority_is_no_persons_signature() {
    let mut office = Office::open().await;
    let now = office.running.now();
    let foreign = Authority::new("Government CA look-alike", now);
    let key = OpensslSigner::with_default(fresh_key()).unwrap();
    let certificate = foreign.certify(
        "person",
        person_name(),
        email("an@binhdinh.example"),
        key.spki(),
        now,
    );
    let cms = made_by(&key, &certificate, PAPER);
    seal_refused(&mut office, PAPER, &cms, Code::PersonSignature).await;
}

#[tokio::test]
async fn a_seal_or_a_mailbox_does_not_count_as_a_person() {
    let mut office = Office::open().await;
    let cms = office.signed(PAPER).await;
    let statement = office.seal_statement(NUMBERED, PAPER).await;
    let request = office.seal_request(&statement, NUMBERED, &cms);
    let seal = office.running.client.sign_seal(request).await.unwrap();
    // The seal over NUMBERED, offered as a person's signature over NUMBERED.
    seal_refused(&mut office, NUMBERED, &seal, Code::PersonSignature).await;
}

#[tokio::test]
async fn a_clerk_without_binding_to_the_seal_is_refused() {
    let mut office = Office::open().await;
    let cms = office.signed(PAPER).await;
    let statement = office.seal_statement(NUMBERED, PAPER).await;
    let mut request = office.seal_request(&statement, NUMBERED, &cms);
    request.assertion = office.official.assert(&challenge(&request.statement));
    let attempt = office.running.client.sign_seal(request);
    office
        .running
        .refuses(attempt, Code::CredentialUnknown)
        .await;
}

#[tokio::test]
async fn a_signature_made_outside_under_a_configured_anchor_may_be_sealed() {
    let government = Authority::new("Government CA look-alike", support::START);
    let anchor = government.certificate.der().to_vec();
    let running = Running::fresh_with(|config| config.anchors = vec![anchor]).await;
    let mut office = Office::open().await;
    let seal = running
        .client
        .generate_key(
            Purpose::Seal {
                agency: "agy_ubnd".into(),
            },
            Algorithm::EcdsaP256,
        )
        .await
        .unwrap();
    let certificate = government.certify(
        "seal",
        support::office::seal_name(),
        email("ubnd@binhdinh.example"),
        &seal.public_key,
        support::START,
    );
    let seal = running
        .client
        .install_certificate(&seal.key, certificate.der().to_vec())
        .await
        .unwrap();
    running
        .client
        .pin_registrar(
            office.registrar.credential_id.0.clone(),
            office.registrar.public_key.0.clone(),
        )
        .await
        .unwrap();
    let bound = binding(&office.clerk, "psn_clerk", &seal.key, support::START);
    let assertion = office.registrar.assert(&bound.challenge().unwrap());
    running.client.pin_consent(bound, assertion).await.unwrap();
    office.running = running;
    office.seal = seal;
    let key = OpensslSigner::with_default(fresh_key()).unwrap();
    let token = government.certify(
        "person",
        person_name(),
        email("an@binhdinh.example"),
        key.spki(),
        support::START,
    );
    let cms = made_by(&key, &token, PAPER);
    let statement = office.seal_statement(NUMBERED, PAPER).await;
    let request = office.seal_request(&statement, NUMBERED, &cms);
    assert!(
        !office
            .running
            .client
            .sign_seal(request)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_second_registrar_is_refused() {
    let office = Office::open().await;
    let intruder = Authenticator::es256("intruder");
    let client = office.running.client.clone();
    let attempt = client.pin_registrar(
        intruder.credential_id.0.clone(),
        intruder.public_key.0.clone(),
    );
    office.running.refuses(attempt, Code::RegistrarPinned).await;
}

#[tokio::test]
async fn a_pin_without_the_registrars_own_assertion_over_it_is_refused() {
    let mut office = Office::open().await;
    let client = office.running.client.clone();
    let now = office.running.now();
    let mut intruder = Authenticator::es256("intruder");
    let bound = binding(&intruder, "psn_an", &office.person.key, now);
    let challenge = bound.challenge().unwrap();
    // By himself.
    let assertion = intruder.assert(&challenge);
    office
        .running
        .refuses(
            client.pin_consent(bound.clone(), assertion),
            Code::CredentialUnknown,
        )
        .await;
    // By himself under the registrar's name.
    let mut assertion = intruder.assert(&challenge);
    assertion.credential_id = office.registrar.credential_id.clone();
    office
        .running
        .refuses(
            client.pin_consent(bound.clone(), assertion),
            Code::AssertionSignature,
        )
        .await;
    // By the registrar over another binding.
    let other = binding(&office.official, "psn_an", &office.person.key, now + 1);
    let assertion = office.registrar.assert(&other.challenge().unwrap());
    office
        .running
        .refuses(
            client.pin_consent(bound.clone(), assertion),
            Code::Challenge,
        )
        .await;
    // By the registrar without verification.
    let manner = Manner {
        flags: 0x01,
        ..Manner::default()
    };
    let assertion = office.registrar.assert_as(&challenge, &manner);
    office
        .running
        .refuses(client.pin_consent(bound, assertion), Code::UserVerification)
        .await;
}

#[tokio::test]
async fn a_binding_to_another_persons_key_or_used_before_is_refused() {
    let mut office = Office::open().await;
    let client = office.running.client.clone();
    let now = office.running.now();
    let intruder = Authenticator::es256("intruder");
    let bound = binding(&intruder, "psn_somebody", &office.person.key, now);
    let assertion = office.registrar.assert(&bound.challenge().unwrap());
    office
        .running
        .refuses(client.pin_consent(bound, assertion), Code::BindingInvalid)
        .await;
    // A passkey that is somebody else's already.
    let bound = binding(&office.clerk, "psn_an", &office.person.key, now);
    let assertion = office.registrar.assert(&bound.challenge().unwrap());
    office
        .running
        .refuses(client.pin_consent(bound, assertion), Code::BindingInvalid)
        .await;
    // Pinned, taken off, and replayed.
    let bound = binding(&intruder, "psn_an", &office.person.key, now);
    let assertion = office.registrar.assert(&bound.challenge().unwrap());
    client
        .pin_consent(bound.clone(), assertion.clone())
        .await
        .unwrap();
    client
        .unpin_consent(intruder.credential_id.0.clone(), &office.person.key, "lost")
        .await
        .unwrap();
    office
        .running
        .refuses(
            client.pin_consent(bound.clone(), assertion),
            Code::AssertionCounter,
        )
        .await;
    let fresh = office.registrar.assert(&bound.challenge().unwrap());
    office
        .running
        .refuses(client.pin_consent(bound, fresh), Code::BindingInvalid)
        .await;
}

#[tokio::test]
async fn a_certificate_of_another_key_is_not_installed() {
    let office = Office::open().await;
    let client = office.running.client.clone();
    let der = office.seal.certificate.clone().unwrap();
    let attempt = client.install_certificate(&office.person.key, der.0.clone());
    office
        .running
        .refuses(attempt, Code::CertificateMismatch)
        .await;
    let attempt = client.install_certificate(&office.person.key, b"rubbish".to_vec());
    office.running.refuses(attempt, Code::Malformed).await;
}
