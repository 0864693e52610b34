//! A demo paper, test certificates, and the way a paper is signed in tests.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use documents::{Mark, PERSON_FIELD, PaperText, SEAL_FIELD, SignRequest, Visible};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{
    BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509NameBuilder};

pub const SIGNED_AT: i64 = 1_770_192_723_000; // 04/02/2026 15:12:03 +07:00

pub fn paper() -> PaperText {
    PaperText {
        agency: vec!["ỦY BAN NHÂN DÂN".into(), "TỈNH BÌNH ĐỊNH".into()],
        notation: "QĐ-UBND".into(),
        place: "Bình Định".into(),
        title: "QUYẾT ĐỊNH".into(),
        subject: "Phân bổ kinh phí sửa chữa đê biển năm 2026".into(),
        addressee: None,
        issuer: Some("CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH BÌNH ĐỊNH".into()),
        bases: vec![
            "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;".into(),
            "Theo đề nghị của Giám đốc Sở Tài chính tại Tờ trình số 45/TTr-STC.".into(),
        ],
        body: vec![
            "Điều 1. Phân bổ 12.500 triệu đồng cho các huyện Hoài Nhơn, Phù Mỹ, Phù Cát, Tuy Phước để sửa chữa, gia cố các đoạn đê biển bị sạt lở sau mùa mưa bão, theo biểu kèm theo.".into(),
            "Điều 2. Sở Tài chính chủ trì, phối hợp Sở Nông nghiệp và Phát triển nông thôn theo dõi, kiểm tra việc sử dụng kinh phí đúng mục đích.".into(),
            "Điều 3. Chánh Văn phòng Ủy ban nhân dân tỉnh, Giám đốc các Sở và Thủ trưởng các cơ quan liên quan chịu trách nhiệm thi hành Quyết định này kể từ ngày ký./.".into(),
        ],
        recipients: vec!["Như Điều 3;".into(), "CT, các PCT UBND tỉnh;".into(), "Lưu: VT, K2.".into()],
        demo: true,
    }
}

pub struct Signer {
    pub certificate: X509,
    pub key: PKey<Private>,
}

fn certificate(name: &str, serial: u32, issuer: Option<&Signer>) -> Signer {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("C", "VN").unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder
        .set_serial_number(&BigNum::from_u32(serial).unwrap().to_asn1_integer().unwrap())
        .unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder
        .set_issuer_name(issuer.map_or(&subject, |i| i.certificate.subject_name()))
        .unwrap();
    builder
        .set_not_before(&Asn1Time::from_unix(1_735_689_600).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::from_unix(2_051_222_400).unwrap())
        .unwrap();
    builder.set_pubkey(&key).unwrap();
    match issuer {
        None => {
            builder
                .append_extension(BasicConstraints::new().critical().ca().build().unwrap())
                .unwrap();
            builder
                .append_extension(
                    KeyUsage::new()
                        .critical()
                        .key_cert_sign()
                        .crl_sign()
                        .build()
                        .unwrap(),
                )
                .unwrap();
        }
        Some(_) => {
            builder
                .append_extension(
                    KeyUsage::new()
                        .critical()
                        .digital_signature()
                        .non_repudiation()
                        .build()
                        .unwrap(),
                )
                .unwrap();
            builder
                .append_extension(ExtendedKeyUsage::new().email_protection().build().unwrap())
                .unwrap();
        }
    }
    let context = builder.x509v3_context(issuer.map(|i| &*i.certificate), None);
    let identifier = SubjectKeyIdentifier::new().build(&context).unwrap();
    builder.append_extension(identifier).unwrap();
    builder
        .sign(issuer.map_or(&key, |i| &i.key), MessageDigest::sha256())
        .unwrap();
    Signer {
        certificate: builder.build(),
        key,
    }
}

pub struct People {
    pub root: Signer,
    pub person: Signer,
    pub office: Signer,
}

pub fn people() -> People {
    let root = certificate("DEMO Root", 1, None);
    let person = certificate("DEMO Ngô Đức Thịnh", 2, Some(&root));
    let office = certificate("DEMO UBND tỉnh Bình Định", 3, Some(&root));
    People {
        root,
        person,
        office,
    }
}

pub fn cms(signer: &Signer, content: &[u8]) -> Vec<u8> {
    let options = CMSOptions::DETACHED | CMSOptions::BINARY | CMSOptions::NOSMIMECAP;
    CmsContentInfo::sign(
        Some(&signer.certificate),
        Some(&signer.key),
        None,
        Some(content),
        options,
    )
    .unwrap()
    .to_der()
    .unwrap()
}

pub fn person_request() -> SignRequest {
    SignRequest {
        field: PERSON_FIELD.into(),
        placement: None,
        visible: Visible {
            mark: Mark::Signature,
            block: vec![
                "TM. ỦY BAN NHÂN DÂN".into(),
                "KT. CHỦ TỊCH".into(),
                "PHÓ CHỦ TỊCH".into(),
            ],
            name: "Ngô Đức Thịnh".into(),
            time: "04/02/2026 15:12:03 +07:00".into(),
            demo: true,
        },
        signing_time: SIGNED_AT,
        reason: Some("TM. ỦY BAN NHÂN DÂN, KT. CHỦ TỊCH".into()),
        lock: false,
        contents_size: 8192,
    }
}

pub fn seal_request() -> SignRequest {
    SignRequest {
        field: SEAL_FIELD.into(),
        placement: None,
        visible: Visible {
            mark: Mark::Seal,
            block: Vec::new(),
            name: "Ủy ban nhân dân tỉnh Bình Định".into(),
            time: String::new(),
            demo: true,
        },
        signing_time: SIGNED_AT + 60_000,
        reason: None,
        lock: true,
        contents_size: 8192,
    }
}

pub fn sign(base: &[u8], request: &SignRequest, signer: &Signer) -> Vec<u8> {
    let prepared = documents::prepare(base, request).unwrap();
    let (first, second) = prepared.signed_parts();
    let content = [first, second].concat();
    let signature = cms(signer, &content);
    documents::embed(prepared, &signature).unwrap()
}

pub struct Story {
    pub people: People,
    pub draft: Vec<u8>,
    pub signed: Vec<u8>,
    pub numbered: Vec<u8>,
    pub sealed: Vec<u8>,
}

pub fn story() -> Story {
    let people = people();
    let draft = documents::compose(&paper()).unwrap();
    let signed = sign(&draft, &person_request(), &people.person);
    let numbered = documents::fill_number(&signed, "118", "ngày 04 tháng 02 năm 2026").unwrap();
    let sealed = sign(&numbered, &seal_request(), &people.office);
    Story {
        people,
        draft,
        signed,
        numbered,
        sealed,
    }
}
