//! A software authenticator: discoverable ES256 credentials with user verification.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) struct Authenticator {
    keys: Vec<Credential>,
    pub(crate) user_verified: bool,
    pub(crate) counter: u32,
}

struct Credential {
    id: Vec<u8>,
    user: Vec<u8>,
    key: EcdsaKeyPair,
}

fn bytes(major: u8, data: &[u8]) -> Vec<u8> {
    let mut out = match data.len() {
        n @ 0..=23 => vec![major | u8::try_from(n).unwrap()],
        n @ 24..=255 => vec![major | 24, u8::try_from(n).unwrap()],
        n => {
            let [a, b] = u16::try_from(n).unwrap().to_be_bytes();
            vec![major | 25, a, b]
        }
    };
    out.extend_from_slice(data);
    out
}

impl Authenticator {
    pub(crate) fn new() -> Self {
        Self {
            keys: Vec::new(),
            user_verified: true,
            counter: 0,
        }
    }

    fn flags(&self, attested: bool) -> u8 {
        0x01 | if self.user_verified { 0x04 } else { 0 } | if attested { 0x40 } else { 0 }
    }

    fn client_data(kind: &str, options: &Value, origin: &str) -> Vec<u8> {
        json!({ "type": kind, "challenge": options["challenge"], "origin": origin, "crossOrigin": false }).to_string().into_bytes()
    }

    pub(crate) fn create(&mut self, origin: &str, options: &Value) -> String {
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
                .unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).unwrap();
        let point = key.public_key().as_ref().to_vec();
        let id = Sha256::digest(&point).to_vec();
        let client_data = Self::client_data("webauthn.create", options, origin);
        let mut cose = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32];
        cose.extend_from_slice(&point[1..33]);
        cose.extend_from_slice(&[0x22, 0x58, 32]);
        cose.extend_from_slice(&point[33..65]);
        let mut data = Sha256::digest(options["rp"]["id"].as_str().unwrap().as_bytes()).to_vec();
        data.push(self.flags(true));
        data.extend_from_slice(&self.counter.to_be_bytes());
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(&u16::try_from(id.len()).unwrap().to_be_bytes());
        data.extend_from_slice(&id);
        data.extend_from_slice(&cose);
        let mut object = vec![0xa3];
        object.extend(bytes(0x60, b"fmt"));
        object.extend(bytes(0x60, b"none"));
        object.extend(bytes(0x60, b"attStmt"));
        object.push(0xa0);
        object.extend(bytes(0x60, b"authData"));
        object.extend(bytes(0x40, &data));
        let user = B64.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        self.keys.push(Credential {
            id: id.clone(),
            user,
            key,
        });
        json!({
            "id": B64.encode(&id), "rawId": B64.encode(&id), "type": "public-key", "clientExtensionResults": {},
            "response": { "clientDataJSON": B64.encode(client_data), "attestationObject": B64.encode(object), "transports": ["internal"] },
        })
        .to_string()
    }

    pub(crate) fn sign_in(&mut self, origin: &str, options: &Value) -> String {
        self.counter += 1;
        let credential = self.keys.last().unwrap();
        let client_data = Self::client_data("webauthn.get", options, origin);
        let mut data = Sha256::digest(options["rpId"].as_str().unwrap().as_bytes()).to_vec();
        data.push(self.flags(false));
        data.extend_from_slice(&self.counter.to_be_bytes());
        let mut message = data.clone();
        message.extend_from_slice(&Sha256::digest(&client_data));
        let signature = credential.key.sign(&SystemRandom::new(), &message).unwrap();
        json!({
            "id": B64.encode(&credential.id), "rawId": B64.encode(&credential.id), "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": B64.encode(client_data), "authenticatorData": B64.encode(data),
                "signature": B64.encode(signature.as_ref()), "userHandle": B64.encode(&credential.user),
            },
        })
        .to_string()
    }
}
