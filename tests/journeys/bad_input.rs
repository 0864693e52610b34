//! Foreign bytes at every open door of the running program: a clear answer, and the same program afterwards.

use tests::province::{province, read};
use tests::tools::run_with_input;

/// An answer in words or in the protocol's own form, from a program that goes on answering.
async fn post(address: &str, media_type: &str, body: Vec<u8>) -> (u16, String, Vec<u8>) {
    let client = reqwest::Client::new();
    let answer = client
        .post(address)
        .header("content-type", media_type)
        .body(body)
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    let kind = answer
        .headers()
        .get("content-type")
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default();
    (status, kind, answer.bytes().await.unwrap().to_vec())
}

/// DER that is empty, cut, of indefinite length, longer than it is, or nested without end.
fn broken_der() -> Vec<(&'static str, Vec<u8>)> {
    let mut nested = Vec::new();
    for _ in 0..2000 {
        nested.extend([0x30, 0x80]);
    }
    vec![
        ("empty", Vec::new()),
        ("text", b"hello".to_vec()),
        ("cut", vec![0x30, 0x82, 0x01]),
        (
            "longer than it is",
            vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        ),
        ("indefinite", vec![0x30, 0x80, 0x00, 0x00]),
        ("nested", nested),
        ("an empty sequence", vec![0x30, 0x00]),
    ]
}

#[tokio::test]
async fn broken_der_to_ocsp_and_tsa_gets_the_error_of_the_protocol() {
    let status = province().text("/status_url");
    let status = status.trim_end_matches('/');
    for (name, bytes) in broken_der() {
        let (code, kind, body) = post(
            &format!("{status}/ocsp"),
            "application/ocsp-request",
            bytes.clone(),
        )
        .await;
        assert_eq!(
            (code, kind.as_str()),
            (200, "application/ocsp-response"),
            "{name}"
        );
        // RFC 6960 §4.2.1: OCSPResponse with responseStatus malformedRequest (1) and nothing else.
        assert_eq!(body, [0x30, 0x03, 0x0a, 0x01, 0x01], "{name}");
        let (code, kind, body) = post(
            &format!("{status}/tsa"),
            "application/timestamp-query",
            bytes,
        )
        .await;
        assert_eq!(
            (code, kind.as_str()),
            (200, "application/timestamp-reply"),
            "{name}"
        );
        let said = run_with_input("openssl", ["asn1parse", "-inform", "DER"], &body);
        // RFC 3161 §2.4.2: PKIStatus rejection (2), no token.
        assert!(
            said.out.contains("INTEGER           :02") && !said.out.contains("signedData"),
            "{name}: {}",
            said.all()
        );
    }
}

#[tokio::test]
async fn what_is_no_paper_is_answered_with_a_problem_in_words() {
    let address = format!("{}/api/verify", province().issuer());
    let signed = read(&province().story("6-sealed.pdf"));
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("text", b"xin chao".to_vec()),
        ("head only", b"%PDF-1.7\n".to_vec()),
        ("half a paper", signed[..signed.len() / 2].to_vec()),
        (
            "a far cross-reference",
            b"%PDF-1.7\nstartxref\n99999999999999999999\n%%EOF".to_vec(),
        ),
        (
            "references in a circle",
            b"%PDF-1.7\n1 0 obj\n1 0 R\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF"
                .to_vec(),
        ),
    ] {
        let (status, kind, body) = post(&address, "application/pdf", bytes).await;
        let answer: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let refused = (400..500).contains(&status) && kind == "application/problem+json";
        let judged = status == 200 && answer["whole"] == false;
        assert!(refused || judged, "{name}: {status} {kind} {answer}");
    }
}
