//! Bad bytes for every parser: cut short, too long, indefinite, doubled, trailing, random.

use super::messages::{attributes, capacity, message};
use super::world::*;
use crate::certificate::Certificate;
use crate::cms::SignedMessage;
use crate::crl::Crl;
use crate::ocsp;
use crate::timestamp::{self, Token};
use proptest::prelude::*;

type Parser = fn(&[u8]) -> bool;

fn samples() -> Vec<(&'static str, Vec<u8>, Parser)> {
    let world = World::new();
    let signed = attributes(&world.person, b"content").capacity(capacity());
    let cms = message(&world, &world.person, &signed);
    let imprint = timestamp::Imprint::of(crate::algorithm::Hash::Sha256, b"x");
    let info = timestamp::TstInfo {
        policy: crate::oids::POLICY_TIME_STAMP,
        imprint: imprint.clone(),
        serial: vec![1],
        at: NOW,
        accuracy_ms: Some(1),
        nonce: Some(vec![1]),
        ordering: true,
    };
    let token = timestamp::issue(&info, &world.tsa.certificate, &[], &world.tsa.signer).unwrap();
    let request = ocsp::request(&world.issuing.certificate, &[5; 16], Some(b"nonce"));
    vec![
        (
            "certificate",
            world.person.certificate.der().to_vec(),
            |b| Certificate::parse(b).is_ok(),
        ),
        ("list", world.list(1, NOW, &[]), |b| Crl::parse(b).is_ok()),
        ("message", cms, |b| SignedMessage::parse(b).is_ok()),
        ("token", token, |b| Token::parse(b).is_ok()),
        ("OCSP request", request, |b| ocsp::Request::parse(b).is_ok()),
        (
            "OCSP refusal",
            ocsp::refusal(ocsp::Refusal::TryLater),
            |b| ocsp::Response::parse(b).is_ok(),
        ),
        (
            "time-stamp request",
            timestamp::query(&imprint, Some(&[7]), true),
            |b| timestamp::Request::parse(b).is_ok(),
        ),
        ("attributes", signed.to_der(), |b| {
            crate::cms::SignedAttributes::parse(b).is_ok()
        }),
        ("capacity", capacity().to_der(), |b| {
            crate::cms::CapacityBasis::parse(b).is_ok()
        }),
    ]
}

#[test]
fn every_parser_reads_its_sample_and_refuses_it_cut_short_or_with_a_byte_after_it() {
    for (what, der, parses) in samples() {
        assert!(parses(&der), "{what}");
        for length in 0..der.len() {
            assert!(!parses(&der[..length]), "{what} of {length} octets");
        }
        let mut longer = der.clone();
        longer.push(0);
        assert!(!parses(&longer), "{what} with a byte after it");
        assert!(!parses(&[&der[..], &der[..]].concat()), "{what} twice");
    }
}

#[test]
fn indefinite_huge_and_padded_lengths_are_refused() {
    for (what, der, parses) in samples() {
        let header = if der[1] < 0x80 {
            2
        } else {
            2 + usize::from(der[1] & 0x7f)
        };
        let content = &der[header..];
        let indefinite = [&[der[0], 0x80], content, &[0, 0]].concat();
        let huge = [&[der[0], 0x84, 0xff, 0xff, 0xff, 0xff], content].concat();
        let eight = [&[der[0], 0x88, 0, 0, 0, 0, 0, 0, 0, 1], content].concat();
        let length = (content.len() as u32).to_be_bytes();
        let padded = [&[der[0], 0x84], &length[..], content].concat();
        let high_tag = [&[0x3f, 0x10, 0x01][..], content].concat();
        for bad in [indefinite, huge, eight, padded, high_tag] {
            assert!(!parses(&bad), "{what}");
        }
    }
}

#[test]
fn a_thousand_nested_sequences_do_not_exhaust_the_stack() {
    let mut bomb = vec![5, 0];
    for _ in 0..20_000 {
        bomb = crate::asn1::write::tlv(0x30, &bomb);
    }
    for (what, _, parses) in samples() {
        assert!(!parses(&bomb), "{what}");
    }
}

#[test]
fn more_certificates_or_signers_than_the_bounds_are_refused() {
    use crate::asn1::{constructed, write};
    let world = World::new();
    let der = message(&world, &world.person, &attributes(&world.person, b"x"));
    let message = SignedMessage::parse(&der).unwrap();
    assert_eq!(message.certificates().len(), 2);
    let hash = crate::algorithm::Hash::Sha256.to_der();
    let build = |certificates: usize, signers: usize| {
        let info = write::sequence(&[write::small(1)]);
        let all: Vec<u8> = (0..certificates).flat_map(|_| write::null()).collect();
        let infos: Vec<u8> = (0..signers).flat_map(|_| info.clone()).collect();
        let data = write::sequence(&[
            write::small(1),
            write::set_of(vec![hash.clone()]),
            write::sequence(&[write::oid(&crate::oids::DATA)]),
            write::tlv(constructed(0), &all),
            write::tlv(0x31, &infos),
        ]);
        write::sequence(&[
            write::oid(&crate::oids::SIGNED_DATA),
            write::explicit(0, &data),
        ])
    };
    assert_eq!(
        SignedMessage::parse(&build(10_000, 1)).unwrap_err().why,
        "too many members"
    );
    assert!(SignedMessage::parse(&build(1, 10_000)).is_err());
    assert_eq!(
        SignedMessage::parse(&build(1, 0)).unwrap_err().why,
        "nobody signed"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn no_parser_panics_on_random_or_mutated_bytes(
        noise in proptest::collection::vec(any::<u8>(), 0..200),
        places in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..8),
    ) {
        static SAMPLES: std::sync::OnceLock<Vec<(&'static str, Vec<u8>, Parser)>> = std::sync::OnceLock::new();
        for (_, der, parses) in SAMPLES.get_or_init(samples) {
            parses(&noise);
            let mut changed = der.clone();
            for (place, value) in &places {
                let place = usize::from(*place) % changed.len();
                changed[place] = *value;
            }
            parses(&changed);
        }
    }
}
