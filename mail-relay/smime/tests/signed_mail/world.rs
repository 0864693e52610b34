//! A small hierarchy with one mailbox, its signed mail, and the `openssl` command line as judge.

use pki::algorithm::Hash;
use pki::certificate::Certificate;
use pki::cms::{self, SignedAttributes};
use pki::crl::{self, Crl, Entry};
use pki::issue::{Issuer, Locations, Request, assemble, prepare_tbs};
use pki::lint::lint;
use pki::names::{AlternativeName, Attr, DistinguishedName};
use pki::path::{Anchor, AnchorKind};
use pki::profile::Profile;
use pki::signing::{OpensslSigner, Signer as _};
use smime::sign::prepare;
use smime::verify::{Report, Trust, verify};
use std::process::Command;

/// 18/11/2026.
pub const NOW: i64 = 1_795_000_000_000;
pub const DAY: i64 = 86_400_000;
pub const ADDRESS: &str = "chutich@binhdinh.example.com";
pub const PLAIN: &str = "From: =?utf-8?B?Q2jhu6cgdOG7i2No?= <chutich@binhdinh.example.com>\r\nTo: soyte@binhdinh.example.com\r\nSubject: =?utf-8?B?UXV54bq/dCDEkeG7i25o?=\r\nDate: Wed, 18 Nov 2026 20:26:40 +0700\r\nMessage-ID: <1@binhdinh.example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nK=C3=ADnh g=E1=BB=ADi S=E1=BB=9F Y t=E1=BA=BF,\r\n\r\nQuy=E1=BA=BFt =C4=91=E1=BB=8Bnh 118.\r\n";

pub struct Desk(tempfile::TempDir);

impl Desk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn put(&self, file: &str, bytes: &[u8]) {
        std::fs::write(self.0.path().join(file), bytes).unwrap();
    }

    pub fn get(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(file)).unwrap()
    }

    pub fn openssl(&self, arguments: &str) -> (bool, String) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&text).into_owned(),
        )
    }

    #[track_caller]
    pub fn accepts(&self, arguments: &str) {
        let (ok, text) = self.openssl(arguments);
        assert!(ok, "openssl {arguments}: {text}");
    }

    pub fn key(&self, file: &str) -> OpensslSigner {
        self.accepts(&format!(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {file}"
        ));
        OpensslSigner::from_pem(&self.get(file)).unwrap()
    }
}

/// Root, issuing CA and the chairman's mailbox.
pub struct World {
    pub desk: Desk,
    pub root: Certificate,
    pub root_key: OpensslSigner,
    pub issuing: Certificate,
    pub issuing_key: OpensslSigner,
    pub mailbox: Certificate,
    pub mailbox_key: OpensslSigner,
}

pub fn name(common: &str) -> DistinguishedName {
    DistinguishedName::new()
        .with(Attr::Country, "VN")
        .with(Attr::Organization, "Ủy ban nhân dân tỉnh Bình Định")
        .with(Attr::CommonName, common)
}

pub fn issued(
    profile: &str,
    issuer: &Issuer,
    by: &OpensslSigner,
    subject: DistinguishedName,
    spki: &[u8],
    emails: &[&str],
    serial: u8,
) -> Certificate {
    let profile = Profile::built_in(profile).unwrap();
    let locations = if profile.name() == "root" {
        Locations::default()
    } else {
        Locations {
            crl: vec!["http://status.antin.example.com/crl/a.crl".into()],
            ..Locations::default()
        }
    };
    let days = match profile.name() {
        "root" => 7000,
        "issuing" => 3000,
        _ => 390,
    };
    let request = Request {
        profile: &profile,
        issuer,
        subject,
        alternative_names: emails
            .iter()
            .map(|address| AlternativeName::Email((*address).into()))
            .collect(),
        spki,
        serial: [serial; 16],
        not_before: NOW - DAY,
        not_after: NOW + days * DAY,
        locations,
        permitted: None,
    };
    let linted = lint(prepare_tbs(&request).unwrap(), &profile, issuer).unwrap();
    let signature = by.sign(linted.tbs()).unwrap();
    assemble(linted, &signature).unwrap()
}

impl World {
    pub fn new() -> Self {
        let desk = Desk::new();
        let root_key = desk.key("root.key");
        let issuing_key = desk.key("issuing.key");
        let mailbox_key = desk.key("mailbox.key");
        let subject = name("Gốc");
        let itself = Issuer::itself(&subject, root_key.spki(), root_key.algorithm()).unwrap();
        let root = issued("root", &itself, &root_key, subject, root_key.spki(), &[], 1);
        let issuing = issued(
            "issuing",
            &Issuer::of(&root).unwrap(),
            &root_key,
            name("CA"),
            issuing_key.spki(),
            &[],
            2,
        );
        let mailbox = issued(
            "mailbox",
            &Issuer::of(&issuing).unwrap(),
            &issuing_key,
            name("Hộp thư Chủ tịch"),
            mailbox_key.spki(),
            &[ADDRESS],
            3,
        );
        let pem = |certificate: &Certificate| pki::pem::encode("CERTIFICATE", certificate.der());
        desk.put("root.pem", pem(&root).as_bytes());
        desk.put("ca.pem", pem(&issuing).as_bytes());
        desk.put("mailbox.pem", pem(&mailbox).as_bytes());
        Self {
            desk,
            root,
            root_key,
            issuing,
            issuing_key,
            mailbox,
            mailbox_key,
        }
    }

    /// Signs a message as the relay does, with the chairman's mailbox.
    pub fn sign(&self, message: &str) -> Vec<u8> {
        let prepared = prepare(message.as_bytes(), "antin-118").unwrap();
        let attributes = SignedAttributes::new(
            pki::oids::DATA,
            Hash::Sha256,
            &prepared.digest(),
            &self.mailbox,
        )
        .signing_time(NOW);
        let signature = self.mailbox_key.sign(&attributes.to_der()).unwrap();
        let cms = cms::signed_data(
            &attributes,
            self.mailbox_key.algorithm(),
            &signature,
            &self.mailbox,
            &[self.issuing.der()],
            None,
        );
        prepared.finish(&cms)
    }

    pub fn judge_with(&self, mail: &[u8], lists: &[Crl], now: i64) -> Report {
        let anchors = [Anchor {
            label: "Gốc của tỉnh".into(),
            kind: AnchorKind::Own,
            certificate: self.root.clone(),
        }];
        let trust = Trust {
            anchors: &anchors,
            intermediates: &[],
            lists,
        };
        verify(mail, &trust, now)
    }

    pub fn judge(&self, mail: &[u8]) -> Report {
        self.judge_with(mail, &[], NOW)
    }

    pub fn openssl_accepts(&self, mail: &[u8]) -> bool {
        self.desk.put("mail.eml", mail);
        self.desk
            .openssl(&format!(
                "cms -verify -purpose smimesign -in mail.eml -CAfile root.pem -attime {} -out out",
                NOW / 1000
            ))
            .0
    }
}

impl World {
    pub fn list(&self, entries: &[Entry]) -> Crl {
        let issuer = Issuer::of(&self.issuing).unwrap();
        let tbs = crl::prepare_tbs(&crl::List {
            issuer: &issuer,
            number: 1,
            this_update: NOW,
            next_update: NOW + DAY,
            entries,
        })
        .unwrap();
        let signature = self.issuing_key.sign(&tbs).unwrap();
        Crl::parse(&crl::assemble(&tbs, &issuer, &signature).unwrap()).unwrap()
    }
}
