//! Signed messages: attributes first, then the signature, then the message; and the way back.
//! Standard: RFC 5652 §5, §11; RFC 5035 §3; ETSI EN 319 122-1 §5, EN 319 142-1 §6 (PAdES baseline)
//! It must never re-encode what was signed, and never accept a message without signed attributes.

mod attributes;
mod build;
mod evidence;
mod message;
mod verify;

pub use attributes::{EssCertificate, SignedAttributes};
pub use build::{
    BuildError, add_time_stamp, estimate_size, imprint_of_signature, signed_data,
    signed_data_without_certificates,
};
pub use evidence::{CapacityBasis, ConsentEvidence};
pub use message::{SignedMessage, SignerIdentifier, SignerInfo};
pub use verify::{CmsProblem, SignerResult};
