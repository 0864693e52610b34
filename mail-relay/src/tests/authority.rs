//! An authority in memory that signs for every mailbox it is asked for, and the certificate of the relay's own TLS.

use crate::ports::{BoxFuture, MailTrust, MailboxSigner, MailboxSignerError, Trust};
use pki::algorithm::Hash;
use pki::certificate::Certificate;
use pki::cms::{self, SignedAttributes};
use pki::issue::{Issuer, Locations, Request, assemble, prepare_tbs};
use pki::lint::lint;
use pki::names::{AlternativeName, Attr, DistinguishedName};
use pki::path::{Anchor, AnchorKind};
use pki::profile::Profile;
use pki::signing::{OpensslSigner, Signer as _};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use tokio_rustls::TlsConnector;

const DAY: i64 = 86_400_000;

/// Runs openssl in a folder; its output when it was content.
pub fn openssl(folder: &std::path::Path, arguments: &str) -> Result<Vec<u8>, String> {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("openssl is installed");
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

pub struct Authority {
    pub root: Certificate,
    issuing: Certificate,
    issuing_key: OpensslSigner,
    mailbox_key: OpensslSigner,
}

static AUTHORITY: LazyLock<Authority> = LazyLock::new(Authority::new);

fn key() -> OpensslSigner {
    let folder = platform::testing::directory();
    let pem = openssl(
        &folder,
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    )
    .unwrap();
    OpensslSigner::from_pem(&pem).unwrap()
}

fn issued(
    profile: &str,
    issuer: &Issuer,
    by: &OpensslSigner,
    common: &str,
    spki: &[u8],
    email: Option<&str>,
) -> Certificate {
    let profile = Profile::built_in(profile).unwrap();
    let now = super::world::NOW;
    let (locations, days) = match profile.name() {
        "root" => (Locations::default(), 7000),
        name => (
            Locations {
                crl: vec!["http://status.binhdinh.test/crl/a.crl".into()],
                ..Locations::default()
            },
            if name == "issuing" { 3000 } else { 390 },
        ),
    };
    let request = Request {
        profile: &profile,
        issuer,
        subject: subject(common),
        alternative_names: email
            .iter()
            .map(|a| AlternativeName::Email((*a).into()))
            .collect(),
        spki,
        serial: [common.len() as u8 | 1; 16],
        not_before: now - DAY,
        not_after: now + days * DAY,
        locations,
        permitted: None,
    };
    let linted = lint(prepare_tbs(&request).unwrap(), &profile, issuer).unwrap();
    let signature = by.sign(linted.tbs()).unwrap();
    assemble(linted, &signature).unwrap()
}

fn subject(common: &str) -> DistinguishedName {
    DistinguishedName::new()
        .with(Attr::Country, "VN")
        .with(Attr::Organization, "Ủy ban nhân dân tỉnh Bình Định")
        .with(Attr::CommonName, common)
}

impl Authority {
    fn new() -> Self {
        let (root_key, issuing_key, mailbox_key) = (key(), key(), key());
        let itself =
            Issuer::itself(&subject("Gốc"), root_key.spki(), root_key.algorithm()).unwrap();
        let root = issued("root", &itself, &root_key, "Gốc", root_key.spki(), None);
        let issuing = issued(
            "issuing",
            &Issuer::of(&root).unwrap(),
            &root_key,
            "Phát hành",
            issuing_key.spki(),
            None,
        );
        Self {
            root,
            issuing,
            issuing_key,
            mailbox_key,
        }
    }

    fn cms(&self, address: &str, digest: &[u8; 32], at: i64) -> Vec<u8> {
        let certificate = issued(
            "mailbox",
            &Issuer::of(&self.issuing).unwrap(),
            &self.issuing_key,
            &format!("Hộp thư {address}"),
            self.mailbox_key.spki(),
            Some(address),
        );
        let attributes = SignedAttributes::new(pki::oids::DATA, Hash::Sha256, digest, &certificate)
            .signing_time(at);
        let signature = self.mailbox_key.sign(&attributes.to_der()).unwrap();
        cms::signed_data(
            &attributes,
            self.mailbox_key.algorithm(),
            &signature,
            &certificate,
            &[self.issuing.der()],
            None,
        )
    }
}

/// The relay's port to the authority.
#[derive(Default)]
pub struct Port {
    /// No mailbox has a certificate.
    pub none: AtomicBool,
    /// The signer is away.
    pub away: AtomicBool,
}

pub fn root() -> Certificate {
    AUTHORITY.root.clone()
}

impl MailboxSigner for Port {
    fn sign<'a>(
        &'a self,
        address: &'a str,
        digest: [u8; 32],
        signing_time: i64,
        from: &'a str,
    ) -> BoxFuture<'a, Result<Vec<u8>, MailboxSignerError>> {
        Box::pin(async move {
            if self.none.load(Ordering::SeqCst) || address != from {
                return Err(MailboxSignerError::NoCertificate(address.to_owned()));
            }
            if self.away.load(Ordering::SeqCst) {
                return Err(MailboxSignerError::Refused("away".into()));
            }
            Ok(AUTHORITY.cms(address, &digest, signing_time))
        })
    }
}

impl MailTrust for Port {
    fn trust(&self) -> Trust {
        Trust {
            anchors: vec![Anchor {
                label: "Gốc của tỉnh".into(),
                kind: AnchorKind::Own,
                certificate: root(),
            }],
            intermediates: Vec::new(),
            lists: Vec::new(),
        }
    }
}

/// TLS of the relay, and a client that trusts exactly its certificate.
pub struct Tls {
    pub server: Arc<rustls::ServerConfig>,
    pub client: TlsConnector,
}

pub static TLS: LazyLock<Tls> = LazyLock::new(|| {
    let folder = platform::testing::directory();
    openssl(&folder, "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE").unwrap();
    let certificate = CertificateDer::from_pem_file(folder.join("cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Tls {
        server: Arc::new(server),
        client: TlsConnector::from(Arc::new(client)),
    }
});
