//! An administrator prints the letters of a commune in a browser, and an official signs in with the code from his.
//! Standard: NIST SP 800-63B §4.1.2; WCAG 2.2 AA (axe rules)

use super::pages::{axe, sign_in};
use fantoccini::{Client, Locator};
use serde_json::json;
use std::path::{Path, PathBuf};
use tests::chrome;
use tests::province::province;
use tests::tools::run;

/// A commune of 23 people whom no other journey touches.
const COMMUNE: &str = "H08.31.07";

async fn press(client: &Client, button: &str) {
    let found = client.find(Locator::Css(button)).await.unwrap();
    found.click().await.unwrap();
}

async fn number(client: &Client, id: &str) -> String {
    let found = client.find(Locator::Id(id)).await.unwrap();
    found.text().await.unwrap()
}

/// Looks at the page at two widths: nothing to complain of, nothing sticks out; keeps pictures when TEST_PICTURES names a folder.
async fn look(client: &Client, name: &str) {
    assert_eq!(axe(client).await, Vec::<String>::new(), "{name}");
    for width in [1280, 390] {
        client.set_window_size(width, 1000).await.unwrap();
        let script =
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        let over = client.execute(script, vec![]).await.unwrap();
        assert_eq!(over, json!(0), "{name} at {width} px");
        if let Some(folder) = std::env::var_os("TEST_PICTURES") {
            let file = Path::new(&folder).join(format!("{name}-{width}.png"));
            chrome::screenshot(client, &file).await;
        }
    }
    client.set_window_size(1280, 1000).await.unwrap();
}

/// Presses the button of a form on the agency's page, then prints; gives the file that the browser saved.
async fn print(client: &Client, form: &str, name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let place = json!({ "cmd": "Browser.setDownloadBehavior", "params": { "behavior": "allow", "downloadPath": folder.path() } });
    chrome::command(client, reqwest::Method::POST, "/goog/cdp/execute", place).await;
    press(client, &format!("#{form} button[type=submit]")).await;
    client
        .wait()
        .for_element(Locator::Id("make"))
        .await
        .unwrap();
    look(client, name).await;
    press(client, "#make button").await;
    let file = folder.path().join(format!("thu-kich-hoat-{COMMUNE}.pdf"));
    for _ in 0..300 {
        if file.exists() {
            return (folder, file);
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no file came: {}", client.source().await.unwrap());
}

/// Name, username and code of each letter, read from the pages.
fn letters(file: &Path) -> Vec<(String, String, String)> {
    let said = run("pdftotext", ["-layout", file.to_str().unwrap(), "-"]);
    let text = said.must_succeed().out;
    let mut found = Vec::new();
    for page in text
        .split('\u{c}')
        .filter(|page| page.contains("CHỈ NGƯỜI CÓ TÊN"))
    {
        let lines: Vec<&str> = page
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect();
        let after = |words: &str| {
            let at = lines
                .iter()
                .position(|line| line.contains(words))
                .unwrap_or_else(|| panic!("{words}: {page}"));
            lines[at + 1].to_owned()
        };
        let username = lines
            .iter()
            .find_map(|line| line.strip_prefix("Tên đăng nhập: "))
            .unwrap();
        found.push((
            after("CHỈ NGƯỜI CÓ TÊN"),
            username.trim().to_owned(),
            after("Mã kích hoạt (viết"),
        ));
    }
    found
}

#[tokio::test]
async fn an_administrator_prints_letters_for_a_commune_and_an_official_signs_in_with_the_code_from_his()
 {
    let issuer = province().issuer();
    let client = chrome::open("vi", 1280).await;
    sign_in(&client, province(), "registrar").await;
    client.goto(&format!("{issuer}/admin")).await.unwrap();
    press(&client, "a[href='/admin/letters']").await;
    client
        .wait()
        .for_element(Locator::Id("h-agencies"))
        .await
        .unwrap();
    look(&client, "letters").await;
    let script = "return Array.from(document.querySelectorAll('tbody tr')).find(r => r.querySelector('.soft').textContent.trim() === arguments[0]).querySelector('a').href";
    let page = client.execute(script, vec![json!(COMMUNE)]).await.unwrap();
    let page = page.as_str().unwrap().to_owned();
    client.goto(&page).await.unwrap();
    look(&client, "letters-agency").await;
    let people: usize = number(&client, "n-people").await.parse().unwrap();
    assert_eq!(number(&client, "n-without").await, people.to_string());
    let (_first_folder, file) = print(&client, "missing", "letters-confirm").await;
    let first = letters(&file);
    assert_eq!(first.len(), people, "a letter for each");
    if let Some(folder) = std::env::var_os("TEST_PICTURES") {
        std::fs::copy(&file, Path::new(&folder).join("letters.pdf")).unwrap();
    }
    let names: std::collections::BTreeSet<&String> =
        first.iter().map(|(_, name, _)| name).collect();
    assert_eq!(names.len(), people, "each a username of his own");

    // The official: opens the page named in the letter, types the code, makes a passkey, and signs in with it.
    let (name, _, code) = &first[0];
    let official = chrome::open("vi", 390).await;
    chrome::add_authenticator(&official).await;
    official.goto(&format!("{issuer}/activate")).await.unwrap();
    let form = official.form(Locator::Id("activate")).await.unwrap();
    form.set_by_name("code", &code.to_uppercase())
        .await
        .unwrap();
    press(&official, "#activate button").await;
    official
        .wait()
        .for_element(Locator::Id("activate-passkey"))
        .await
        .unwrap();
    assert!(official.source().await.unwrap().contains(name.as_str()));
    press(&official, "#activate-passkey button").await;
    official
        .wait()
        .for_element(Locator::Id("login-passkey"))
        .await
        .unwrap();
    press(&official, "#login-passkey button").await;
    official
        .wait()
        .for_element(Locator::Id("logout"))
        .await
        .unwrap();
    official.close().await.unwrap();

    // Printed again, the others get other codes; he gets none, and nobody lacks a letter.
    client.goto(&page).await.unwrap();
    assert_eq!(number(&client, "n-activated").await, "1");
    assert!(client.find(Locator::Id("missing")).await.is_err());
    look(&client, "letters-agency-after").await;
    let (_second_folder, file) = print(&client, "all", "letters-confirm-again").await;
    let second = letters(&file);
    assert_eq!(second.len(), people - 1);
    let find = |all: &[(String, String, String)]| {
        all.iter()
            .find(|one| one.1 == second[0].1)
            .map(|one| one.2.clone())
    };
    let (old, new) = (find(&first).unwrap(), find(&second).unwrap());
    assert_ne!(old, new);
    let asked = reqwest::Client::new();
    for (code, status) in [(old, 422), (new, 200)] {
        let address = format!("{issuer}/activate?code={}", code.replace(' ', "-"));
        let answer = asked
            .get(address)
            .header("accept", "text/html")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    client.close().await.unwrap();
}
