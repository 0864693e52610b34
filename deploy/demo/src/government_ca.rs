//! A look-alike of the Government CA for the demo: own root, own issuing CA, own CRL, certificates for keys that live in the signer.
//! Standard: RFC 5280 §4.2, §5
//! It must never be mistaken for the real one: every name says DEMO, and its keys are made on this machine at run time.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod,
    KeyPair, KeyUsagePurpose, PublicKeyData, RevocationReason, RevokedCertParams, SanType,
    SerialNumber,
};
use std::path::{Path, PathBuf};
use time::{Duration, OffsetDateTime};

/// What goes wrong at the look-alike.
#[derive(Debug, thiserror::Error)]
pub enum GovernmentCaError {
    /// A certificate or list could not be made.
    #[error("government CA look-alike: {0}")]
    Rcgen(#[from] rcgen::Error),
    /// Its files could not be read or written.
    #[error("government CA look-alike: {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A public key that is not an uncompressed P-256 point.
    #[error("government CA look-alike: only P-256 keys are certified")]
    Key,
    /// A time outside what certificates can carry.
    #[error("government CA look-alike: time out of range")]
    Time,
}

/// What a certificate is asked for.
#[derive(Debug, Clone)]
pub enum Subject<'a> {
    /// An official in a post.
    Person {
        /// Full name.
        name: &'a str,
        /// Title of the post (stated in the certificate: Decree 23/2025 Art. 13).
        title: &'a str,
        /// Agency.
        agency: &'a str,
        /// Staff number, shown as `UID=SHCC:…`; never a personal number.
        staff_no: &'a str,
        /// Mail address.
        email: &'a str,
    },
    /// A body's seal.
    Seal {
        /// Name of the body.
        agency: &'a str,
        /// Its code.
        code: &'a str,
        /// Mail address.
        email: &'a str,
    },
}

/// The look-alike with its two keys.
pub struct GovernmentCa {
    root: KeyPair,
    issuing: KeyPair,
    root_der: Vec<u8>,
    issuing_der: Vec<u8>,
    crl_url: String,
    aia_url: String,
}

const NAME: &str = "DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ";
const ROOT: &str = "DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ · Gốc mô phỏng CA Chính phủ";
const ISSUING: &str = "DEMO – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ · CA công vụ mô phỏng";

impl GovernmentCa {
    /// Opens the look-alike kept in `directory`, or makes it (keys 0600). `base_url` is where its list and certificate are served.
    pub fn open_or_create(
        directory: &Path,
        base_url: &str,
        now_ms: i64,
    ) -> Result<Self, GovernmentCaError> {
        let root = key(directory, "root.key.pem")?;
        let issuing = key(directory, "issuing.key.pem")?;
        let root_der = stored(&directory.join("root.cer"), || {
            let mut params = authority(ROOT, None, now_ms)?;
            params.key_identifier_method = KeyIdMethod::Sha256;
            Ok(params.self_signed(&root)?.der().to_vec())
        })?;
        let issuing_der = stored(&directory.join("issuing.cer"), || {
            let issuer = Issuer::new(authority(ROOT, None, now_ms)?, &root);
            let mut params = authority(ISSUING, Some(0), now_ms)?;
            params.use_authority_key_identifier_extension = true;
            params.crl_distribution_points = vec![CrlDistributionPoint {
                uris: vec![format!("{base_url}/government/root.crl")],
            }];
            Ok(params.signed_by(&issuing, &issuer)?.der().to_vec())
        })?;
        Ok(Self {
            root,
            issuing,
            root_der,
            issuing_der,
            crl_url: format!("{base_url}/government/issuing.crl"),
            aia_url: format!("{base_url}/government/issuing.cer"),
        })
    }

    /// DER of the root.
    pub fn root(&self) -> &[u8] {
        &self.root_der
    }

    /// DER of the issuing CA.
    pub fn issuing(&self) -> &[u8] {
        &self.issuing_der
    }

    /// Certifies a public key (DER SubjectPublicKeyInfo) for two years. `serial` is 16 random bytes.
    pub fn certify(
        &self,
        subject: &Subject<'_>,
        spki: &[u8],
        serial: [u8; 16],
        now_ms: i64,
    ) -> Result<Vec<u8>, GovernmentCaError> {
        let mut params = CertificateParams::default();
        params.not_before = instant(now_ms)? - Duration::hours(1);
        params.not_after = instant(now_ms)? + Duration::days(730);
        let mut serial = serial;
        if let Some(first) = serial.first_mut() {
            *first = (*first & 0x7f) | 0x40;
        }
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::ContentCommitment,
        ];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 36]),
            ExtendedKeyUsagePurpose::EmailProtection,
        ];
        let mut name = DistinguishedName::new();
        name.push(DnType::CountryName, "VN");
        name.push(DnType::StateOrProvinceName, "Bình Định");
        match subject {
            Subject::Person {
                name: full_name,
                title,
                agency,
                staff_no,
                email,
            } => {
                name.push(DnType::OrganizationName, short(agency));
                name.push(DnType::OrganizationalUnitName, NAME);
                name.push(DnType::CustomDnType(vec![2, 5, 4, 12]), short(title));
                name.push(DnType::CommonName, short(full_name));
                name.push(
                    DnType::CustomDnType(vec![0, 9, 2342, 19200300, 100, 1, 1]),
                    format!("SHCC:{staff_no}"),
                );
                params.subject_alt_names = vec![SanType::Rfc822Name((*email).try_into()?)];
            }
            Subject::Seal {
                agency,
                code,
                email,
            } => {
                name.push(DnType::OrganizationName, short(agency));
                name.push(DnType::OrganizationalUnitName, NAME);
                name.push(DnType::CommonName, short(agency));
                name.push(
                    DnType::CustomDnType(vec![2, 5, 4, 97]),
                    format!("GOVVN-{code}"),
                );
                params.subject_alt_names = vec![SanType::Rfc822Name((*email).try_into()?)];
            }
        }
        params.distinguished_name = name;
        params.use_authority_key_identifier_extension = true;
        params.crl_distribution_points = vec![CrlDistributionPoint {
            uris: vec![self.crl_url.clone()],
        }];
        params
            .custom_extensions
            .push(authority_information(&self.aia_url));
        let key = Point::of(spki).ok_or(GovernmentCaError::Key)?;
        let issuer = Issuer::new(authority(ISSUING, Some(0), now_ms)?, &self.issuing);
        Ok(params.signed_by(&key, &issuer)?.der().to_vec())
    }

    /// The issuing CA's revocation list.
    pub fn crl(
        &self,
        revoked: &[Vec<u8>],
        number: u64,
        now_ms: i64,
    ) -> Result<Vec<u8>, GovernmentCaError> {
        list(
            authority(ISSUING, Some(0), now_ms)?,
            &self.issuing,
            revoked,
            number,
            now_ms,
        )
    }

    /// The root's revocation list: empty.
    pub fn root_crl(&self, number: u64, now_ms: i64) -> Result<Vec<u8>, GovernmentCaError> {
        list(
            authority(ROOT, None, now_ms)?,
            &self.root,
            &[],
            number,
            now_ms,
        )
    }
}

/// A P-256 public key, as the point at the end of its SubjectPublicKeyInfo (RFC 5480 §2).
struct Point(Vec<u8>);

impl Point {
    fn of(spki: &[u8]) -> Option<Self> {
        const HEAD: [u8; 26] = [
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
            0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
        ];
        let point = spki.strip_prefix(&HEAD)?;
        (point.len() == 65 && point.first() == Some(&4)).then(|| Self(point.to_vec()))
    }
}

impl PublicKeyData for Point {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

fn list(
    issuer: CertificateParams,
    key: &KeyPair,
    revoked: &[Vec<u8>],
    number: u64,
    now_ms: i64,
) -> Result<Vec<u8>, GovernmentCaError> {
    let issuer = Issuer::new(issuer, key);
    let now = instant(now_ms)?;
    let params = CertificateRevocationListParams {
        this_update: now,
        next_update: now + Duration::days(7),
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: None,
        revoked_certs: revoked
            .iter()
            .map(|serial| RevokedCertParams {
                serial_number: SerialNumber::from_slice(serial),
                revocation_time: now,
                reason_code: Some(RevocationReason::CessationOfOperation),
                invalidity_date: None,
            })
            .collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    Ok(params.signed_by(&issuer)?.der().to_vec())
}

fn authority(
    common_name: &str,
    path_length: Option<u8>,
    now_ms: i64,
) -> Result<CertificateParams, GovernmentCaError> {
    let mut params = CertificateParams::default();
    params.not_before = instant(now_ms)? - Duration::hours(2);
    params.not_after = instant(now_ms)? + Duration::days(3650);
    params.is_ca = IsCa::Ca(path_length.map_or(
        BasicConstraints::Unconstrained,
        BasicConstraints::Constrained,
    ));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "VN");
    name.push(DnType::OrganizationName, NAME);
    name.push(DnType::CommonName, short(common_name));
    params.distinguished_name = name;
    Ok(params)
}

/// `ub-common-name` and its like allow 64 characters (RFC 5280 appendix A.1).
fn short(text: &str) -> String {
    text.chars().take(64).collect()
}

fn instant(ms: i64) -> Result<OffsetDateTime, GovernmentCaError> {
    OffsetDateTime::from_unix_timestamp(ms.div_euclid(1000)).map_err(|_| GovernmentCaError::Time)
}

/// AuthorityInfoAccess with one caIssuers address (RFC 5280 §4.2.2.1).
fn authority_information(url: &str) -> CustomExtension {
    let location = tlv(0x86, url.as_bytes());
    let method = tlv(0x06, &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02]);
    let access = tlv(0x30, &[method, location].concat());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], tlv(0x30, &access))
}

/// DER tag-length-value for contents under 64 KiB.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match length {
        0..=127 => out.push(length as u8),
        128..=255 => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend_from_slice(content);
    out
}

fn key(directory: &Path, name: &str) -> Result<KeyPair, GovernmentCaError> {
    let path = directory.join(name);
    let pem = stored(&path, || {
        Ok(KeyPair::generate()?.serialize_pem().into_bytes())
    })?;
    Ok(KeyPair::from_pem(&String::from_utf8_lossy(&pem))?)
}

/// Reads a file, or makes it (owner only) with what `make` returns.
fn stored(
    path: &Path,
    make: impl FnOnce() -> Result<Vec<u8>, GovernmentCaError>,
) -> Result<Vec<u8>, GovernmentCaError> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let file_error = |source| GovernmentCaError::File {
        path: path.to_owned(),
        source,
    };
    match std::fs::read(path) {
        Ok(bytes) => return Ok(bytes),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(file_error(e)),
    }
    let bytes = make()?;
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(file_error)?;
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(file_error)?;
    file.write_all(&bytes)
        .and_then(|()| file.sync_all())
        .map_err(file_error)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openssl_accepts_the_chain_and_the_list_of_the_look_alike() {
        let dir = tempfile::tempdir().unwrap();
        let now = 1_795_000_000_000;
        let ca =
            GovernmentCa::open_or_create(dir.path(), "http://gov.antin.example.com", now).unwrap();
        let again =
            GovernmentCa::open_or_create(dir.path(), "http://gov.antin.example.com", now).unwrap();
        assert_eq!(
            ca.root(),
            again.root(),
            "a second start finds the same look-alike"
        );
        let person = KeyPair::generate().unwrap();
        let spki = person.subject_public_key_info();
        let subject = Subject::Person {
            name: "Ngô Đức Thịnh",
            title: "Phó Chủ tịch",
            agency: "Ủy ban nhân dân tỉnh Bình Định",
            staff_no: "BD-000002",
            email: "thinhnd@binhdinh.test",
        };
        let cert = ca.certify(&subject, &spki, [7; 16], now).unwrap();
        let cert = openssl::x509::X509::from_der(&cert).unwrap();
        let issuing = openssl::x509::X509::from_der(ca.issuing()).unwrap();
        assert!(cert.verify(&issuing.public_key().unwrap()).unwrap());
        assert!(
            issuing
                .verify(
                    &openssl::x509::X509::from_der(ca.root())
                        .unwrap()
                        .public_key()
                        .unwrap()
                )
                .unwrap()
        );
        let crl =
            openssl::x509::X509Crl::from_der(&ca.crl(&[vec![7; 16]], 1, now).unwrap()).unwrap();
        assert!(crl.verify(&issuing.public_key().unwrap()).unwrap());
    }
}
