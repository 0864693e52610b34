//! An office: a look-alike Government CA outside the signer, a person, a seal, a registrar and a clerk with their passkeys.

use super::Running;
use super::authenticator::Authenticator;
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use pki::certificate::Certificate;
use pki::issue::{Issuer, Locations, Request, assemble, prepare_tbs};
use pki::lint::lint;
use pki::names::{AlternativeName, Attr, DistinguishedName};
use pki::profile::Profile;
use pki::signing::{OpensslSigner, Signer as _};
use signer::consent::{Binding, ConsentPurpose, ConsentStatement, Content, challenge};
use signer::domain::{Algorithm, Bytes, Digest, DigestAlgorithm, KeyInfo, Purpose};
use signer::wire::{PersonSignature, SealSignature};

pub const DAY: i64 = 86_400_000;

/// A CA held by the test.
pub struct Authority {
    pub key: OpensslSigner,
    pub certificate: Certificate,
}

pub fn locations() -> Locations {
    Locations {
        crl: vec!["http://status.gov-ca.example/crl/1.crl".into()],
        ocsp: vec!["http://status.gov-ca.example/ocsp".into()],
        ca_issuers: vec!["http://status.gov-ca.example/ca/1.cer".into()],
    }
}

pub fn name(common: &str) -> DistinguishedName {
    DistinguishedName::new()
        .with(Attr::Country, "VN")
        .with(Attr::Organization, "DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ")
        .with(Attr::CommonName, common)
}

pub fn person_name() -> DistinguishedName {
    DistinguishedName::new()
        .with(Attr::Country, "VN")
        .with(Attr::Organization, "Ủy ban nhân dân tỉnh Bình Định")
        .with(Attr::Title, "Phó Chủ tịch")
        .with(Attr::CommonName, "Nguyễn Văn Ấn")
        .with(Attr::UserId, "psn_an")
}

pub fn seal_name() -> DistinguishedName {
    DistinguishedName::new()
        .with(Attr::Country, "VN")
        .with(Attr::Organization, "Ủy ban nhân dân tỉnh Bình Định")
        .with(Attr::CommonName, "Ủy ban nhân dân tỉnh Bình Định")
        .with(Attr::OrganizationIdentifier, "GOVVN-H08")
}

pub fn email(address: &str) -> Vec<AlternativeName> {
    vec![AlternativeName::Email(address.into())]
}

pub fn fresh_key() -> PKey<openssl::pkey::Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

impl Authority {
    pub fn new(common: &str, now: i64) -> Self {
        let key = OpensslSigner::with_default(fresh_key()).unwrap();
        let issuer = Issuer::itself(&name(common), key.spki(), key.algorithm()).unwrap();
        let certificate = issue(
            &key,
            &issuer,
            "root",
            name(common),
            vec![],
            key.spki(),
            now,
            3650,
        );
        Self { key, certificate }
    }

    pub fn certify(
        &self,
        profile: &str,
        subject: DistinguishedName,
        names: Vec<AlternativeName>,
        spki: &[u8],
        now: i64,
    ) -> Certificate {
        let issuer = Issuer::of(&self.certificate).unwrap();
        issue(&self.key, &issuer, profile, subject, names, spki, now, 365)
    }
}

#[allow(clippy::too_many_arguments)]
fn issue(
    key: &OpensslSigner,
    issuer: &Issuer,
    profile: &str,
    subject: DistinguishedName,
    names: Vec<AlternativeName>,
    spki: &[u8],
    now: i64,
    days: i64,
) -> Certificate {
    let profile = Profile::built_in(profile).unwrap();
    let prepared =
        prepare_tbs(&request(&profile, issuer, subject, names, spki, now, days)).unwrap();
    let linted = lint(prepared, &profile, issuer).unwrap();
    let signature = key.sign(linted.tbs()).unwrap();
    assemble(linted, &signature).unwrap()
}

pub fn request<'a>(
    profile: &'a Profile,
    issuer: &'a Issuer,
    subject: DistinguishedName,
    alternative_names: Vec<AlternativeName>,
    spki: &'a [u8],
    now: i64,
    days: i64,
) -> Request<'a> {
    let mut serial = [0u8; 16];
    openssl::rand::rand_bytes(&mut serial).unwrap();
    let bare = profile.name() == "root";
    Request {
        profile,
        issuer,
        subject,
        alternative_names,
        spki,
        serial,
        not_before: now,
        not_after: now + days * DAY,
        locations: match profile.name() {
            _ if bare => Locations::default(),
            "ocsp" => Locations {
                ca_issuers: locations().ca_issuers,
                ..Locations::default()
            },
            "issuing" => Locations {
                ocsp: vec![],
                ..locations()
            },
            _ => locations(),
        },
        permitted: None,
    }
}

/// To-be-signed bytes of a certificate that our own CA shall sign.
pub fn tbs(
    profile: &str,
    issuer: &Issuer,
    subject: DistinguishedName,
    names: Vec<AlternativeName>,
    spki: &[u8],
    now: i64,
    days: i64,
) -> Vec<u8> {
    let profile = Profile::built_in(profile).unwrap();
    prepare_tbs(&request(&profile, issuer, subject, names, spki, now, days))
        .unwrap()
        .tbs()
        .to_vec()
}

/// The office: everything installed and pinned.
pub struct Office {
    pub running: Running,
    pub government: Authority,
    pub registrar: Authenticator,
    pub official: Authenticator,
    pub clerk: Authenticator,
    pub person: KeyInfo,
    pub seal: KeyInfo,
}

impl Office {
    pub async fn open() -> Self {
        let running = Running::fresh().await;
        let now = running.now();
        let government = Authority::new("Government CA look-alike", now);
        let client = running.client.clone();
        let mut registrar = Authenticator::es256("registrar");
        let official = Authenticator::es256("official");
        let clerk = Authenticator::es256("clerk");
        client
            .pin_registrar(
                registrar.credential_id.0.clone(),
                registrar.public_key.0.clone(),
            )
            .await
            .unwrap();
        let person = Purpose::Person {
            person: "psn_an".into(),
        };
        let seal = Purpose::Seal {
            agency: "agy_ubnd".into(),
        };
        let person = client
            .generate_key(person, Algorithm::EcdsaP256)
            .await
            .unwrap();
        let seal = client
            .generate_key(seal, Algorithm::EcdsaP256)
            .await
            .unwrap();
        let certificate = government.certify(
            "person",
            person_name(),
            email("an@binhdinh.example"),
            &person.public_key,
            now,
        );
        let person = client
            .install_certificate(&person.key, certificate.der().to_vec())
            .await
            .unwrap();
        let certificate = government.certify(
            "seal",
            seal_name(),
            email("ubnd@binhdinh.example"),
            &seal.public_key,
            now,
        );
        let seal = client
            .install_certificate(&seal.key, certificate.der().to_vec())
            .await
            .unwrap();
        for (authenticator, who, key) in
            [(&official, "psn_an", &person), (&clerk, "psn_clerk", &seal)]
        {
            let binding = binding(authenticator, who, &key.key, now);
            let assertion = registrar.assert(&binding.challenge().unwrap());
            client.pin_consent(binding, assertion).await.unwrap();
        }
        Self {
            running,
            government,
            registrar,
            official,
            clerk,
            person,
            seal,
        }
    }

    /// A statement of the person about a document, with a nonce just opened.
    pub async fn statement(&self, document: &[u8]) -> ConsentStatement {
        let key = &self.person.key;
        let opened = self.running.client.open_consent(key).await.unwrap();
        statement(ConsentPurpose::Sign, vec![content(document)], key, &opened)
    }

    pub async fn seal_statement(&self, document: &[u8], signed: &[u8]) -> ConsentStatement {
        let key = &self.seal.key;
        let opened = self.running.client.open_consent(key).await.unwrap();
        let contents = vec![content(document), content(signed)];
        statement(ConsentPurpose::Seal, contents, key, &opened)
    }

    pub fn person_request(
        &mut self,
        statement: &ConsentStatement,
        document: &[u8],
    ) -> PersonSignature {
        let bytes = statement.to_jcs().unwrap();
        PersonSignature {
            key: self.person.key.clone(),
            assertion: self.official.assert(&challenge(&bytes)),
            statement: bytes.into(),
            digest: digest(document),
            chain: vec![self.government.certificate.der().into()],
        }
    }

    pub fn seal_request(
        &mut self,
        statement: &ConsentStatement,
        document: &[u8],
        person_cms: &[u8],
    ) -> SealSignature {
        let bytes = statement.to_jcs().unwrap();
        SealSignature {
            key: self.seal.key.clone(),
            assertion: self.clerk.assert(&challenge(&bytes)),
            statement: bytes.into(),
            digest: digest(document),
            person_cms: person_cms.into(),
            chain: vec![self.government.certificate.der().into()],
        }
    }

    /// An honest signature of the person.
    pub async fn signed(&mut self, document: &[u8]) -> Vec<u8> {
        let statement = self.statement(document).await;
        let request = self.person_request(&statement, document);
        self.running.client.sign_person(request).await.unwrap()
    }
}

pub fn binding(authenticator: &Authenticator, person: &str, key: &str, not_before: i64) -> Binding {
    Binding {
        credential_id: authenticator.credential_id.clone(),
        public_key: authenticator.public_key.clone(),
        person: person.into(),
        key: key.into(),
        not_before,
    }
}

pub fn digest(document: &[u8]) -> Digest {
    Digest::sha256(&openssl::sha::sha256(document))
}

pub fn content(document: &[u8]) -> Content {
    Content {
        algorithm: DigestAlgorithm::Sha256,
        digest: digest(document).value,
        label: "Quyết định về việc thử nghiệm".into(),
    }
}

fn statement(
    purpose: ConsentPurpose,
    contents: Vec<Content>,
    key: &str,
    opened: &signer::domain::OpenedConsent,
) -> ConsentStatement {
    ConsentStatement {
        version: 1,
        purpose,
        contents,
        post: "pst_pct".into(),
        agency: "agy_ubnd".into(),
        decision: "dec_1".into(),
        capacity: "TM.+KT.".into(),
        basis: vec!["apt_1".into(), "asg_1".into()],
        key: key.into(),
        epoch: 7,
        nonce: Bytes(opened.nonce.0.clone()),
        not_after: opened.not_after,
    }
}
