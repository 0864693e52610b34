//! A look-alike of another authority: root, certificates for keys in the signer, and its list.

use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use pki::certificate::Certificate;
use pki::crl::{Entry, List, Reason};
use pki::issue::{Issuer, Locations, Request, assemble, prepare_tbs};
use pki::lint::lint;
use pki::names::{AlternativeName, Attr, DistinguishedName};
use pki::profile::Profile;
use pki::signing::{OpensslSigner, Signer as _};

const DAY: i64 = 86_400_000;

/// The authority.
pub struct Government {
    key: OpensslSigner,
    pub root: Certificate,
    now: i64,
}

fn name(common: &str) -> DistinguishedName {
    DistinguishedName::new()
        .with(Attr::Country, "VN")
        .with(Attr::Organization, "DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ")
        .with(Attr::CommonName, common)
}

impl Government {
    pub fn new(now: i64) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let key = OpensslSigner::with_default(key).unwrap();
        let subject = name("CA công vụ mô phỏng");
        let issuer = Issuer::itself(&subject, key.spki(), key.algorithm()).unwrap();
        let root = issue(
            &key,
            &issuer,
            "root",
            subject,
            vec![],
            key.spki(),
            now,
            3650,
        );
        Self { key, root, now }
    }

    pub fn person(&self, full_name: &str, title: &str, email: &str, spki: &[u8]) -> Certificate {
        let subject = DistinguishedName::new()
            .with(Attr::Country, "VN")
            .with(Attr::Organization, "Ủy ban nhân dân tỉnh Bình Định")
            .with(Attr::Title, title)
            .with(Attr::CommonName, full_name)
            .with(Attr::UserId, "SHCC:BD-1");
        self.certify("person", subject, email, spki)
    }

    pub fn seal(&self, agency: &str, email: &str, spki: &[u8]) -> Certificate {
        let subject = DistinguishedName::new()
            .with(Attr::Country, "VN")
            .with(Attr::Organization, agency)
            .with(Attr::CommonName, agency)
            .with(Attr::OrganizationIdentifier, "GOVVN-H08");
        self.certify("seal", subject, email, spki)
    }

    fn certify(
        &self,
        profile: &str,
        subject: DistinguishedName,
        email: &str,
        spki: &[u8],
    ) -> Certificate {
        let issuer = Issuer::of(&self.root).unwrap();
        let names = vec![AlternativeName::Email(email.into())];
        issue(
            &self.key, &issuer, profile, subject, names, spki, self.now, 365,
        )
    }

    pub fn list(&self, revoked: &[(Vec<u8>, i64)], number: u64, now: i64) -> Vec<u8> {
        let issuer = Issuer::of(&self.root).unwrap();
        let entries: Vec<Entry> = revoked
            .iter()
            .map(|(serial, at)| Entry {
                serial: serial.clone(),
                revoked_at: *at,
                reason: Some(Reason::KeyCompromise),
            })
            .collect();
        let tbs = pki::crl::prepare_tbs(&List {
            issuer: &issuer,
            number,
            this_update: now / 1000 * 1000,
            next_update: now / 1000 * 1000 + 7 * DAY,
            entries: &entries,
        })
        .unwrap();
        let signature = self.key.sign(&tbs).unwrap();
        pki::crl::assemble(&tbs, &issuer, &signature).unwrap()
    }
}

#[allow(clippy::too_many_arguments)]
fn issue(
    key: &OpensslSigner,
    issuer: &Issuer,
    profile: &str,
    subject: DistinguishedName,
    alternative_names: Vec<AlternativeName>,
    spki: &[u8],
    now: i64,
    days: i64,
) -> Certificate {
    let profile = Profile::built_in(profile).unwrap();
    let mut serial = [0_u8; 16];
    openssl::rand::rand_bytes(&mut serial).unwrap();
    let locations = if profile.name() == "root" {
        Locations::default()
    } else {
        Locations {
            crl: vec!["http://status.gov-ca.example/crl/1.crl".into()],
            ocsp: vec!["http://status.gov-ca.example/ocsp".into()],
            ca_issuers: vec!["http://status.gov-ca.example/ca/1.cer".into()],
        }
    };
    let request = Request {
        profile: &profile,
        issuer,
        subject,
        alternative_names,
        spki,
        serial,
        not_before: now - 3_600_000,
        not_after: now + days * DAY,
        locations,
        permitted: None,
    };
    let linted = lint(prepare_tbs(&request).unwrap(), &profile, issuer).unwrap();
    let signature = key.sign(linted.tbs()).unwrap();
    assemble(linted, &signature).unwrap()
}
