//! A software passkey.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use serde_json::json;
use signer::consent::cose;
use signer::domain::Bytes;

/// A passkey with its counter.
pub struct Authenticator {
    pub credential_id: Vec<u8>,
    pub public_key: Vec<u8>,
    key: PKey<Private>,
    counter: u32,
}

impl Authenticator {
    pub fn new(name: &str) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = EcKey::generate(&group).unwrap();
        let mut context = BigNumContext::new().unwrap();
        let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        key.public_key()
            .affine_coordinates(&group, &mut x, &mut y, &mut context)
            .unwrap();
        let x: [u8; 32] = x.to_vec_padded(32).unwrap().try_into().unwrap();
        let y: [u8; 32] = y.to_vec_padded(32).unwrap().try_into().unwrap();
        Self {
            credential_id: name.as_bytes().to_vec(),
            public_key: cose::es256(&x, &y).0,
            key: PKey::from_ec_key(key).unwrap(),
            counter: 0,
        }
    }

    /// An AuthenticationResponseJSON over the challenge.
    pub fn answer(&mut self, challenge: &[u8]) -> serde_json::Value {
        self.counter += 1;
        let client = json!({
            "type": "webauthn.get",
            "challenge": Bytes(challenge.to_vec()).encoded(),
            "origin": "http://localhost:8080",
            "crossOrigin": false,
        })
        .to_string();
        let mut data = sha256(b"localhost").to_vec();
        data.push(0x05);
        data.extend_from_slice(&self.counter.to_be_bytes());
        let mut message = data.clone();
        message.extend_from_slice(&sha256(client.as_bytes()));
        let signature = openssl::sign::Signer::new(MessageDigest::sha256(), &self.key)
            .unwrap()
            .sign_oneshot_to_vec(&message)
            .unwrap();
        let text = |bytes: &[u8]| Bytes(bytes.to_vec()).encoded();
        json!({
            "id": text(&self.credential_id),
            "rawId": text(&self.credential_id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "authenticatorData": text(&data),
                "clientDataJSON": text(client.as_bytes()),
                "signature": text(&signature),
            },
        })
    }
}
