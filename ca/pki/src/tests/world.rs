//! A small hierarchy for tests, and the `openssl` command line as judge.

use crate::algorithm::{Scheme, SignatureAlgorithm};
use crate::certificate::Certificate;
use crate::crl::{self, Entry};
use crate::issue::{Issuer, Locations, NameConstraints, Request, assemble, prepare_tbs};
use crate::lint::lint;
use crate::names::{AlternativeName, Attr, DistinguishedName};
use crate::pem;
use crate::profile::Profile;
use crate::signing::{OpensslSigner, Signer};
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use std::path::{Path, PathBuf};
use std::process::Command;

/// 18/11/2026.
pub const NOW: i64 = 1_795_000_000_000;
pub const DAY: i64 = 86_400_000;

/// A key with its certificate.
pub struct Holder {
    pub signer: OpensslSigner,
    pub certificate: Certificate,
}

/// Root, issuing CA, and one of each kind under it.
pub struct World {
    pub root: Holder,
    pub issuing: Holder,
    pub mailbox: Holder,
    pub person: Holder,
    pub tsa: Holder,
    pub ocsp: Holder,
}

pub fn ec(curve: Nid) -> PKey<Private> {
    PKey::from_ec_key(EcKey::generate(&EcGroup::from_curve_name(curve).unwrap()).unwrap()).unwrap()
}

pub fn p256() -> OpensslSigner {
    OpensslSigner::with_default(ec(Nid::X9_62_PRIME256V1)).unwrap()
}

pub fn name(common: &str) -> DistinguishedName {
    DistinguishedName::new()
        .with(Attr::Country, "VN")
        .with(Attr::StateOrProvince, "Bình Định")
        .with(Attr::Organization, "Ủy ban nhân dân tỉnh Bình Định")
        .with(Attr::CommonName, common)
}

pub fn person_name() -> DistinguishedName {
    DistinguishedName::new()
        .with(Attr::Country, "VN")
        .with(Attr::Organization, "Ủy ban nhân dân tỉnh Bình Định")
        .with(Attr::Title, "Phó Chủ tịch")
        .with(Attr::CommonName, "Ngô Đức Thịnh")
        .with(Attr::UserId, "SHCC:BD-000002")
}

pub fn locations() -> Locations {
    Locations {
        crl: vec!["http://status.antin.example.com/crl/issuing.crl".into()],
        ocsp: vec!["http://status.antin.example.com/ocsp".into()],
        ca_issuers: vec!["http://status.antin.example.com/ca/issuing.cer".into()],
    }
}

/// What a test asks for; change fields before `sign`.
pub fn asked<'a>(
    profile: &'a Profile,
    issuer: &'a Issuer,
    subject: DistinguishedName,
    spki: &'a [u8],
    serial: u8,
) -> Request<'a> {
    Request {
        profile,
        issuer,
        subject,
        alternative_names: Vec::new(),
        spki,
        serial: [serial; 16],
        not_before: NOW - 3_600_000,
        not_after: NOW + 80 * DAY,
        locations: locations(),
        permitted: None,
    }
}

pub fn sign(request: &Request<'_>, by: &OpensslSigner) -> Certificate {
    let linted = lint(
        prepare_tbs(request).unwrap(),
        request.profile,
        request.issuer,
    )
    .unwrap_or_else(|findings| panic!("{findings:?}"));
    let signature = by.sign(linted.tbs()).unwrap();
    assemble(linted, &signature).unwrap()
}

pub fn email(address: &str) -> Vec<AlternativeName> {
    vec![AlternativeName::Email(address.into())]
}

impl World {
    pub fn new() -> Self {
        Self::with_keys(p256, None)
    }

    pub fn constrained() -> Self {
        Self::with_keys(
            p256,
            Some(NameConstraints {
                emails: vec!["binhdinh.example.com".into()],
                dns: vec!["binhdinh.example.com".into()],
            }),
        )
    }

    pub fn with_keys(make: impl Fn() -> OpensslSigner, permitted: Option<NameConstraints>) -> Self {
        let (root, issuing) = (make(), make());
        let profile = Profile::built_in("root").unwrap();
        let subject = name("Gốc Ấn Tín");
        let issuer = Issuer::itself(&subject, root.spki(), root.algorithm()).unwrap();
        let mut request = asked(&profile, &issuer, subject, root.spki(), 1);
        request.locations = Locations::default();
        request.not_after = NOW + 7000 * DAY;
        request.not_before = NOW - 30 * DAY;
        let root_certificate = sign(&request, &root);
        let issuer = Issuer::of(&root_certificate).unwrap();
        let profile = Profile::built_in("issuing").unwrap();
        let mut request = asked(&profile, &issuer, name("CA Ấn Tín"), issuing.spki(), 2);
        request.not_after = NOW + 3000 * DAY;
        request.not_before = NOW - 30 * DAY;
        request.locations.ocsp.clear();
        request.permitted = permitted;
        let issuing_certificate = sign(&request, &root);
        let under = Issuer::of(&issuing_certificate).unwrap();
        let leaf = |profile: &str, serial, subject, names: Vec<AlternativeName>| {
            let profile = Profile::built_in(profile).unwrap();
            let key = match make() {
                rsa if profile.name() == "tsa" && rsa.algorithm().scheme != Scheme::Ecdsa => p256(),
                key => key,
            };
            let mut request = asked(&profile, &under, subject, key.spki(), serial);
            request.alternative_names = names;
            if profile.name() == "ocsp" {
                request.locations.crl.clear();
                request.locations.ocsp.clear();
            }
            Holder {
                certificate: sign(&request, &issuing),
                signer: key,
            }
        };
        Self {
            mailbox: leaf(
                "mailbox",
                3,
                name("Hộp thư Chủ tịch UBND tỉnh"),
                email("chutich@binhdinh.example.com"),
            ),
            person: leaf(
                "person",
                4,
                person_name(),
                email("thinhnd@binhdinh.example.com"),
            ),
            tsa: leaf("tsa", 5, name("TSA Ấn Tín"), Vec::new()),
            ocsp: leaf("ocsp", 6, name("OCSP Ấn Tín"), Vec::new()),
            root: Holder {
                signer: root,
                certificate: root_certificate,
            },
            issuing: Holder {
                signer: issuing,
                certificate: issuing_certificate,
            },
        }
    }

    pub fn issuer(&self) -> Issuer {
        Issuer::of(&self.issuing.certificate).unwrap()
    }

    /// A signed list of the issuing CA.
    pub fn list(&self, number: u64, this_update: i64, entries: &[Entry]) -> Vec<u8> {
        list(&self.issuing, number, this_update, entries)
    }
}

pub fn list(by: &Holder, number: u64, this_update: i64, entries: &[Entry]) -> Vec<u8> {
    let issuer = Issuer::of(&by.certificate).unwrap();
    let tbs = crl::prepare_tbs(&crl::List {
        issuer: &issuer,
        number,
        this_update,
        next_update: this_update + 7 * DAY,
        entries,
    })
    .unwrap();
    let signature = by.signer.sign(&tbs).unwrap();
    crl::assemble(&tbs, &issuer, &signature).unwrap()
}

/// A directory with files, and `openssl` run in it.
pub struct Desk(tempfile::TempDir);

impl Desk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    pub fn put(&self, file: &str, bytes: &[u8]) {
        std::fs::write(self.path(file), bytes).unwrap();
    }

    pub fn get(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.path(file)).unwrap()
    }

    pub fn certificates(&self, file: &str, all: &[&Certificate]) {
        let text: String = all
            .iter()
            .map(|certificate| pem::encode("CERTIFICATE", certificate.der()))
            .collect();
        self.put(file, text.as_bytes());
    }

    /// Runs `openssl`; success and everything it printed.
    pub fn openssl(&self, arguments: &str) -> (bool, String) {
        run(self.0.path(), arguments)
    }

    #[track_caller]
    pub fn accepts(&self, arguments: &str) -> String {
        let (ok, text) = self.openssl(arguments);
        assert!(ok, "openssl {arguments}: {text}");
        text
    }

    #[track_caller]
    pub fn refuses(&self, arguments: &str) -> String {
        let (ok, text) = self.openssl(arguments);
        assert!(!ok, "openssl {arguments}: {text}");
        text
    }
}

fn run(directory: &Path, arguments: &str) -> (bool, String) {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(directory)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// Seconds for `-attime`.
pub fn attime() -> String {
    (NOW / 1000).to_string()
}

pub fn pss_3072() -> OpensslSigner {
    let key = PKey::from_rsa(openssl::rsa::Rsa::generate(3072).unwrap()).unwrap();
    OpensslSigner::new(key, SignatureAlgorithm::PSS_SHA256).unwrap()
}

pub fn p384() -> OpensslSigner {
    OpensslSigner::with_default(ec(Nid::SECP384R1)).unwrap()
}
