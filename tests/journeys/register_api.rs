//! The register's JSON interface seen from outside: a token for an administrator by the code flow, and schemathesis as its judge.
//! Standard: OpenAPI 3.1.0; RFC 6749 §4.1; RFC 7636 §4.1; RFC 9457

use super::day::Person;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tests::province::province;
use tests::tools::run;

const REDIRECT: &str = "/clients/0/redirect_uri";

/// An access token of the registrar for the interface, as an application gets it.
async fn token() -> String {
    let mut registrar = Person::from_the_demo("registrar");
    let browser = registrar.at_the_province().await;
    let cookies = browser.cookies(&province().issuer());
    let cookies: Vec<String> = cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let verifier = "a-verifier-that-is-long-enough-for-the-rules-of-the-standard";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let mut ask = url::Url::parse(&format!("{}/authorize", province().issuer())).unwrap();
    ask.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &province().text("/clients/0/client_id"))
        .append_pair("redirect_uri", &province().text(REDIRECT))
        .append_pair("scope", "openid register")
        .append_pair("state", "s")
        .append_pair("nonce", "n")
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    let answer = client
        .get(ask)
        .header("cookie", cookies.join("; "))
        .send()
        .await
        .unwrap();
    let back = answer.headers()["location"].to_str().unwrap().to_owned();
    let back = url::Url::parse(&back).unwrap();
    let code = back
        .query_pairs()
        .find(|(name, _)| name == "code")
        .map(|(_, value)| value.into_owned())
        .unwrap_or_else(|| panic!("no code in {back}"));
    let answer = client
        .post(format!("{}/token", province().issuer()))
        .basic_auth(
            province().text("/clients/0/client_id"),
            Some(province().text("/clients/0/client_secret")),
        )
        .form(&[
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", province().text(REDIRECT).as_str()),
            ("code_verifier", verifier),
        ])
        .send()
        .await
        .unwrap();
    let tokens: Value = answer.json().await.unwrap();
    tokens["access_token"]
        .as_str()
        .unwrap_or_else(|| panic!("{tokens}"))
        .to_owned()
}

#[tokio::test]
async fn schemathesis_finds_no_server_error_and_no_answer_that_the_document_does_not_name() {
    let token = token().await;
    let judges = std::env::var("TEST_JUDGES").expect("TEST_JUDGES: tests/run sets it");
    let document = format!("{}/api/openapi.json", province().issuer());
    let header = format!("Authorization: Bearer {token}");
    // It keeps notes of what it found in its working directory, and reads them again.
    let folder = tempfile::tempdir().unwrap();
    let said = run(
        "env",
        [
            "-C",
            folder.path().to_str().unwrap(),
            &format!("{judges}/schemathesis/bin/schemathesis"),
            "run",
            document.as_str(),
            "--header",
            header.as_str(),
            "--checks",
            "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance",
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "15",
            "--max-time",
            "75",
            "--seed",
            "576",
            "--continue-on-failure",
            "--no-color",
        ],
    );
    println!("{}", said.out);
    said.must_succeed();
}

#[tokio::test]
async fn a_token_of_an_administrator_lists_people_and_one_without_the_scope_does_not() {
    let token = token().await;
    let client = reqwest::Client::new();
    let answer = client
        .get(format!(
            "{}/api/register/people?q=nguyen&limit=3",
            province().issuer()
        ))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let page: Value = answer.json().await.unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), 3);
    assert!(page["next"].is_string());
    let anonymous = client
        .get(format!("{}/api/register/people", province().issuer()))
        .send()
        .await
        .unwrap();
    assert_eq!(anonymous.status(), 401);
    assert_eq!(
        anonymous.headers()["content-type"],
        "application/problem+json"
    );
}
