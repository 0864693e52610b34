//! Headless Chromium through chromedriver, with a virtual authenticator, its console and its requests.
//! Standard: W3C WebDriver; W3C Web Authentication Level 3 §11 (virtual authenticators)

use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use url::Url;

static DRIVER: OnceLock<(u16, Child)> = OnceLock::new();

fn driver() -> u16 {
    DRIVER
        .get_or_init(|| {
            let port = std::net::TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port();
            let child = Command::new("chromedriver")
                .arg(format!("--port={port}"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap_or_else(|e| {
                    panic!("chromedriver cannot be started ({e}); tests/run installs it")
                });
            for _ in 0..200 {
                if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            (port, child)
        })
        .0
}

/// Ends the driver at the end of a test binary; call it from the last test or leave it to the operating system.
pub fn port() -> u16 {
    driver()
}

/// A browser window in one language.
pub async fn open(language: &str, width: u32) -> Client {
    let mut capabilities = serde_json::Map::new();
    let arguments = [
        "--headless=new".to_owned(),
        "--no-sandbox".into(),
        "--disable-gpu".into(),
        "--disable-quic".into(),
        "--no-first-run".into(),
        "--disable-background-networking".into(),
        "--disable-component-update".into(),
        "--disable-sync".into(),
        "--disable-dev-shm-usage".into(),
        "--hide-scrollbars".into(),
        format!("--lang={language}"),
        format!("--accept-lang={language}"),
        format!("--window-size={width},1200"),
    ];
    capabilities.insert(
        "goog:chromeOptions".into(),
        json!({ "args": arguments, "prefs": { "intl.accept_languages": language } }),
    );
    capabilities.insert(
        "goog:loggingPrefs".into(),
        json!({ "browser": "ALL", "performance": "ALL" }),
    );
    ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{}", driver()))
        .await
        .expect("a browser session")
}

/// One command that fantoccini has no method for, sent straight to the driver.
pub async fn command(client: &Client, method: reqwest::Method, path: &str, body: Value) -> Value {
    let session = client.session_id().await.unwrap().unwrap();
    let address = format!("http://127.0.0.1:{}/session/{session}{path}", driver());
    let answer = reqwest::Client::new()
        .request(method, address)
        .json(&body)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let value: Value = answer.json().await.unwrap();
    assert!(status.is_success(), "{path}: {value}");
    value["value"].clone()
}

/// Gives the window a platform authenticator that verifies its user.
pub async fn add_authenticator(client: &Client) -> String {
    let options = json!({ "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true });
    let id = command(
        client,
        reqwest::Method::POST,
        "/webauthn/authenticator",
        options,
    )
    .await;
    id.as_str().unwrap().to_owned()
}

/// Severe console messages and requests to other hosts since the last call.
pub async fn complaints(client: &Client, allowed_hosts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let console = command(
        client,
        reqwest::Method::POST,
        "/se/log",
        json!({ "type": "browser" }),
    )
    .await;
    for entry in console.as_array().into_iter().flatten() {
        let text = entry["message"].as_str().unwrap_or_default();
        // Chromium logs every answer ≥ 400 as an error; those are asserted by status elsewhere.
        if entry["level"] == "SEVERE" && !text.contains("the server responded with a status of") {
            found.push(format!("console: {text}"));
        }
    }
    let traffic = command(
        client,
        reqwest::Method::POST,
        "/se/log",
        json!({ "type": "performance" }),
    )
    .await;
    for entry in traffic.as_array().into_iter().flatten() {
        let message: Value =
            serde_json::from_str(entry["message"].as_str().unwrap_or("{}")).unwrap_or_default();
        if message["message"]["method"] != "Network.requestWillBeSent" {
            continue;
        }
        let address = message["message"]["params"]["request"]["url"]
            .as_str()
            .unwrap_or_default();
        if let Ok(url) = Url::parse(address)
            && let Some(host) = url.host_str()
            && !allowed_hosts.contains(&host)
        {
            found.push(format!("foreign request: {address}"));
        }
    }
    found
}

/// Saves what the window shows, whole page.
pub async fn screenshot(client: &Client, file: &std::path::Path) {
    let answer = command(client, reqwest::Method::POST, "/goog/cdp/execute", json!({ "cmd": "Page.captureScreenshot", "params": { "captureBeyondViewport": true, "format": "png" } })).await;
    let bytes = data_encoding::BASE64
        .decode(answer["data"].as_str().unwrap().as_bytes())
        .unwrap();
    std::fs::write(file, bytes).unwrap();
}
