//! Every route is asked without signing in, with a session of another body, and with a token of the wrong scope.

use super::day::Person;
use demo::browser::Browser;
use serde_json::Value;
use tests::province::{antin, province};
use tests::tools::run;

fn routes() -> Vec<(String, String, String)> {
    let said = run(antin().to_str().unwrap(), ["routes", "--json"])
        .must_succeed()
        .out;
    let list: Value = serde_json::from_str(&said).unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    list.as_array()
        .unwrap()
        .iter()
        .map(|row| (text(row, "method"), text(row, "path"), text(row, "access")))
        .collect()
}

fn filled(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        out.push_str("khong-co");
        rest = &rest[rest.find('}').unwrap() + 1..];
    }
    out + rest
}

async fn ask(client: &reqwest::Client, method: &str, path: &str) -> reqwest::Response {
    let address = format!("{}{}", province().issuer(), filled(path));
    client
        .request(method.parse().unwrap(), address)
        .header("accept", "application/json")
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn without_signing_in_nothing_but_public_routes_answers() {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let all = routes();
    assert!(all.len() > 40, "{} routes", all.len());
    for (method, path, access) in all {
        let answer = ask(&client, &method, &path).await;
        let status = answer.status().as_u16();
        match access.as_str() {
            "public" => assert_ne!(status, 401, "{method} {path}"),
            "client" => assert!(
                matches!(status, 400 | 401 | 415 | 422),
                "{method} {path}: {status}"
            ),
            "bearer" => assert_eq!(status, 401, "{method} {path}"),
            _ => {
                let to_login = answer
                    .headers()
                    .get("location")
                    .is_some_and(|l| l.to_str().unwrap_or_default().starts_with("/login"));
                assert!(
                    to_login || matches!(status, 401 | 403 | 404),
                    "{method} {path} ({access}): {status}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_clerk_of_a_department_reaches_no_route_of_registrars() {
    let mut recipient = Person::from_the_demo("recipient");
    let browser: Browser = recipient.at_the_province().await;
    for (method, path, access) in routes() {
        if access != "registrar" || method != "GET" {
            continue;
        }
        let page = browser
            .open(&format!("{}{}", province().issuer(), filled(&path)))
            .await
            .unwrap();
        assert!(
            matches!(page.status, 403 | 404),
            "{method} {path}: {}",
            page.status
        );
    }
}

#[tokio::test]
async fn unknown_addresses_are_not_found_and_every_page_sends_its_policy() {
    let client = reqwest::Client::new();
    let answer = client
        .get(format!("{}/khong-co-trang-nay", province().issuer()))
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 404);
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(
        policy.contains("default-src 'self'")
            && policy.contains("frame-ancestors 'none'")
            && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
}
