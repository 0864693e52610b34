//! A software authenticator, honest or not as the test asks.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use signer::consent::{Assertion, cose};
use signer::domain::Bytes;

pub struct Authenticator {
    pub credential_id: Bytes,
    pub public_key: Bytes,
    key: PKey<Private>,
    pub counter: u32,
}

/// How an assertion is made; the default is honest.
#[derive(Clone)]
pub struct Manner {
    pub flags: u8,
    pub origin: String,
    pub rp_id: String,
    pub kind: String,
    pub cross_origin: bool,
    pub count: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            flags: 0x05,
            origin: super::ORIGIN.into(),
            rp_id: super::RP_ID.into(),
            kind: "webauthn.get".into(),
            cross_origin: false,
            count: true,
        }
    }
}

impl Authenticator {
    pub fn es256(name: &str) -> Self {
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
            credential_id: Bytes(name.as_bytes().to_vec()),
            public_key: cose::es256(&x, &y),
            key: PKey::from_ec_key(key).unwrap(),
            counter: 0,
        }
    }

    pub fn rs256(name: &str) -> Self {
        let key = openssl::rsa::Rsa::generate(2048).unwrap();
        Self {
            credential_id: Bytes(name.as_bytes().to_vec()),
            public_key: cose::rs256(&key.n().to_vec(), &key.e().to_vec()),
            key: PKey::from_rsa(key).unwrap(),
            counter: 0,
        }
    }

    pub fn assert(&mut self, challenge: &[u8; 32]) -> Assertion {
        self.assert_as(challenge, &Manner::default())
    }

    pub fn assert_as(&mut self, challenge: &[u8; 32], manner: &Manner) -> Assertion {
        if manner.count {
            self.counter += 1;
        }
        let client = serde_json::json!({
            "type": manner.kind,
            "challenge": Bytes(challenge.to_vec()).encoded(),
            "origin": manner.origin,
            "crossOrigin": manner.cross_origin,
        })
        .to_string();
        let mut data = sha256(manner.rp_id.as_bytes()).to_vec();
        data.push(manner.flags);
        data.extend_from_slice(&self.counter.to_be_bytes());
        let mut message = data.clone();
        message.extend_from_slice(&sha256(client.as_bytes()));
        let signature = openssl::sign::Signer::new(MessageDigest::sha256(), &self.key)
            .unwrap()
            .sign_oneshot_to_vec(&message)
            .unwrap();
        Assertion {
            credential_id: self.credential_id.clone(),
            authenticator_data: data.into(),
            client_data_json: client.into_bytes().into(),
            signature: signature.into(),
        }
    }
}
