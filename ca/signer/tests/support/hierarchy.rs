//! Our own hierarchy inside the signer: root, issuing CA, OCSP responder, TSA, mailbox.

use super::Running;
use super::office::{email, name, tbs};
use pki::certificate::Certificate;
use pki::issue::Issuer;
use pki::names::{AlternativeName, DistinguishedName};
use signer::domain::{Algorithm, KeyInfo, Purpose};

pub const ADDRESS: &str = "vanphong@binhdinh.example";

pub struct Hierarchy {
    pub root: KeyInfo,
    pub issuing: KeyInfo,
    pub ocsp: KeyInfo,
    pub tsa: KeyInfo,
    pub mailbox: KeyInfo,
}

pub fn certificate(info: &KeyInfo) -> Certificate {
    Certificate::parse(info.certificate.as_ref().unwrap()).unwrap()
}

impl Hierarchy {
    pub async fn found(running: &Running) -> Self {
        let client = &running.client;
        let root = client
            .generate_key(Purpose::CaRoot, Algorithm::EcdsaP384)
            .await
            .unwrap();
        let itself = Issuer::itself(
            &name("Root"),
            &root.public_key,
            pki::algorithm::SignatureAlgorithm::ECDSA_SHA384,
        )
        .unwrap();
        let bytes = tbs(
            "root",
            &itself,
            name("Root"),
            vec![],
            &root.public_key,
            running.now(),
            7000,
        );
        let signed = client
            .sign_certificate(&root.key, "root", bytes)
            .await
            .unwrap();
        let root = client.install_certificate(&root.key, signed).await.unwrap();
        let issuing = Self::certified(
            running,
            &root,
            Purpose::CaIssuing,
            "issuing",
            name("Issuing"),
            vec![],
        )
        .await;
        let ocsp = Self::certified(
            running,
            &issuing,
            Purpose::Ocsp,
            "ocsp",
            name("OCSP"),
            vec![],
        )
        .await;
        let tsa =
            Self::certified(running, &issuing, Purpose::Tsa, "tsa", name("TSA"), vec![]).await;
        let purpose = Purpose::Mailbox {
            address: ADDRESS.into(),
        };
        let mailbox = Self::certified(
            running,
            &issuing,
            purpose,
            "mailbox",
            name("Văn phòng"),
            email(ADDRESS),
        )
        .await;
        Self {
            root,
            issuing,
            ocsp,
            tsa,
            mailbox,
        }
    }

    async fn certified(
        running: &Running,
        ca: &KeyInfo,
        purpose: Purpose,
        profile: &str,
        subject: DistinguishedName,
        names: Vec<AlternativeName>,
    ) -> KeyInfo {
        let client = &running.client;
        let info = client
            .generate_key(purpose, Algorithm::EcdsaP256)
            .await
            .unwrap();
        let issuer = Issuer::of(&certificate(ca)).unwrap();
        let days = if profile == "issuing" { 3650 } else { 89 };
        let bytes = tbs(
            profile,
            &issuer,
            subject,
            names,
            &info.public_key,
            running.now(),
            days,
        );
        let signed = client
            .sign_certificate(&ca.key, profile, bytes)
            .await
            .unwrap();
        client.install_certificate(&info.key, signed).await.unwrap()
    }
}
