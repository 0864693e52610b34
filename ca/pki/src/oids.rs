//! Object identifiers by their names in the standards; ours stand under the documentation arc of RFC 5612.

use const_oid::ObjectIdentifier;

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: ObjectIdentifier = ObjectIdentifier::new_unwrap($text);)*
    };
}

oids! {
    /// Capacity, post and basis of a signature: our signed attribute.
    CAPACITY_AND_BASIS = "1.3.6.1.4.1.32473.576.1";
    /// Evidence of the person's consent: our signed attribute.
    CONSENT_EVIDENCE = "1.3.6.1.4.1.32473.576.2";
    /// Certificate policy: certificates for the province's own use.
    POLICY_OWN_USE = "1.3.6.1.4.1.32473.576.3";
    /// Time-stamp policy of our TSA.
    POLICY_TIME_STAMP = "1.3.6.1.4.1.32473.576.4";

    /// countryName.
    COUNTRY = "2.5.4.6";
    /// stateOrProvinceName.
    STATE_OR_PROVINCE = "2.5.4.8";
    /// localityName.
    LOCALITY = "2.5.4.7";
    /// organizationName.
    ORGANIZATION = "2.5.4.10";
    /// organizationalUnitName.
    ORGANIZATIONAL_UNIT = "2.5.4.11";
    /// title.
    TITLE = "2.5.4.12";
    /// commonName.
    COMMON_NAME = "2.5.4.3";
    /// surname.
    SURNAME = "2.5.4.4";
    /// givenName.
    GIVEN_NAME = "2.5.4.42";
    /// serialNumber of a name.
    SERIAL_NUMBER = "2.5.4.5";
    /// userId.
    USER_ID = "0.9.2342.19200300.100.1.1";
    /// organizationIdentifier.
    ORGANIZATION_IDENTIFIER = "2.5.4.97";
    /// emailAddress, read only.
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

    /// subjectKeyIdentifier.
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    /// keyUsage.
    KEY_USAGE = "2.5.29.15";
    /// subjectAltName.
    SUBJECT_ALT_NAME = "2.5.29.17";
    /// basicConstraints.
    BASIC_CONSTRAINTS = "2.5.29.19";
    /// cRLNumber.
    CRL_NUMBER = "2.5.29.20";
    /// cRLReason.
    CRL_REASON = "2.5.29.21";
    /// deltaCRLIndicator.
    DELTA_CRL_INDICATOR = "2.5.29.27";
    /// issuingDistributionPoint.
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    /// nameConstraints.
    NAME_CONSTRAINTS = "2.5.29.30";
    /// cRLDistributionPoints.
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    /// certificatePolicies.
    CERTIFICATE_POLICIES = "2.5.29.32";
    /// authorityKeyIdentifier.
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    /// extKeyUsage.
    EXTENDED_KEY_USAGE = "2.5.29.37";
    /// authorityInfoAccess.
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    /// id-ad-ocsp.
    ACCESS_OCSP = "1.3.6.1.5.5.7.48.1";
    /// id-ad-caIssuers.
    ACCESS_CA_ISSUERS = "1.3.6.1.5.5.7.48.2";
    /// id-qt-cps.
    QUALIFIER_CPS = "1.3.6.1.5.5.7.2.1";

    /// serverAuth.
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    /// clientAuth.
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    /// emailProtection.
    EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4";
    /// timeStamping.
    TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    /// OCSPSigning.
    OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    /// documentSigning (RFC 9336).
    DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36";
    /// anyExtendedKeyUsage.
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";

    /// id-pkix-ocsp-basic.
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1";
    /// id-pkix-ocsp-nonce.
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2";
    /// id-pkix-ocsp-nocheck.
    OCSP_NOCHECK = "1.3.6.1.5.5.7.48.1.5";

    /// id-data.
    DATA = "1.2.840.113549.1.7.1";
    /// id-signedData.
    SIGNED_DATA = "1.2.840.113549.1.7.2";
    /// id-ct-TSTInfo.
    TST_INFO = "1.2.840.113549.1.9.16.1.4";
    /// contentType attribute.
    CONTENT_TYPE = "1.2.840.113549.1.9.3";
    /// messageDigest attribute.
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    /// signingTime attribute.
    SIGNING_TIME = "1.2.840.113549.1.9.5";
    /// signingCertificate attribute (SHA-1), read only.
    SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
    /// signatureTimeStampToken attribute.
    SIGNATURE_TIME_STAMP = "1.2.840.113549.1.9.16.2.14";
    /// signingCertificateV2 attribute.
    SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";

    /// SHA-1, for identifiers only.
    SHA1 = "1.3.14.3.2.26";
    /// SHA-256.
    SHA256 = "2.16.840.1.101.3.4.2.1";
    /// SHA-384.
    SHA384 = "2.16.840.1.101.3.4.2.2";
    /// SHA-512.
    SHA512 = "2.16.840.1.101.3.4.2.3";
    /// SHA3-256.
    SHA3_256 = "2.16.840.1.101.3.4.2.8";
    /// SHA3-384.
    SHA3_384 = "2.16.840.1.101.3.4.2.9";
    /// SHA3-512.
    SHA3_512 = "2.16.840.1.101.3.4.2.10";
    /// rsaEncryption.
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
    /// id-mgf1.
    MGF1 = "1.2.840.113549.1.1.8";
    /// id-RSASSA-PSS.
    RSASSA_PSS = "1.2.840.113549.1.1.10";
    /// sha256WithRSAEncryption.
    RSA_SHA256 = "1.2.840.113549.1.1.11";
    /// sha384WithRSAEncryption.
    RSA_SHA384 = "1.2.840.113549.1.1.12";
    /// sha512WithRSAEncryption.
    RSA_SHA512 = "1.2.840.113549.1.1.13";
    /// RSA PKCS#1 v1.5 with SHA3-256.
    RSA_SHA3_256 = "2.16.840.1.101.3.4.3.14";
    /// RSA PKCS#1 v1.5 with SHA3-384.
    RSA_SHA3_384 = "2.16.840.1.101.3.4.3.15";
    /// RSA PKCS#1 v1.5 with SHA3-512.
    RSA_SHA3_512 = "2.16.840.1.101.3.4.3.16";
    /// ecdsa-with-SHA256.
    ECDSA_SHA256 = "1.2.840.10045.4.3.2";
    /// ecdsa-with-SHA384.
    ECDSA_SHA384 = "1.2.840.10045.4.3.3";
    /// ecdsa-with-SHA512.
    ECDSA_SHA512 = "1.2.840.10045.4.3.4";
    /// ECDSA with SHA3-256.
    ECDSA_SHA3_256 = "2.16.840.1.101.3.4.3.10";
    /// ECDSA with SHA3-384.
    ECDSA_SHA3_384 = "2.16.840.1.101.3.4.3.11";
    /// ECDSA with SHA3-512.
    ECDSA_SHA3_512 = "2.16.840.1.101.3.4.3.12";
    /// id-ecPublicKey.
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    /// secp256r1.
    P256 = "1.2.840.10045.3.1.7";
    /// secp384r1.
    P384 = "1.3.132.0.34";
    /// secp521r1.
    P521 = "1.3.132.0.35";
}
