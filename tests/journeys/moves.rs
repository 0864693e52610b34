//! A clerk moves to a commune by a decision from a minute of the day: recorded ahead by an administrator in a browser, seen in the
//! calendar, and at that minute the old post is gone from her work and the new one is there. And how pages do on a poor line.
//! Standard: none; docs/SECURITY.md (a session whose post is no longer in force belongs to nobody)

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tests::chrome;
use tests::province::{Province, province};

use super::day::Person;
use super::pages::sign_in;
use super::reorganisation::{fill, fits, open, press, words};

/// The commune she goes to.
const COMMUNE: &str = "Ủy ban nhân dân xã Phước Mỹ";

pub fn now() -> u64 {
    u64::try_from(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_millis(),
    )
    .unwrap()
}

/// `25/11/2026 13:00` in Viet Nam.
pub async fn minute(client: &Client, at: u64) -> String {
    let script = "const t = new Date(arguments[0] + 7 * 3600000).toISOString(); return t.slice(8, 10) + '/' + t.slice(5, 7) + '/' + t.slice(0, 4) + ' ' + t.slice(11, 16)";
    let text = client.execute(script, vec![json!(at)]).await.unwrap();
    text.as_str().unwrap().to_owned()
}

/// Follows the first link whose address begins so.
async fn follow(client: &Client, begins: &str, shows: &str) {
    press(client, &format!("main a[href^='{begins}']"), shows).await;
}

/// Agency and post in the head of the page; the number of notices beside them changes by itself.
async fn header(client: &Client) -> String {
    let mut chips = Vec::new();
    for chip in client
        .find_all(Locator::Css("header .ag, header .as"))
        .await
        .unwrap()
    {
        chips.push(chip.text().await.unwrap());
    }
    chips.join("\n")
}

#[tokio::test]
async fn a_clerk_moves_at_a_minute_of_the_day_and_works_in_the_new_post_from_then_on() {
    let province = &Province::start();
    let (admin, clerk) = (
        chrome::open("vi", 1280).await,
        chrome::open("vi", 390).await,
    );
    let mut complaints = Vec::new();
    sign_in(&admin, province, "registrar").await;
    sign_in(&clerk, province, "recipient").await;
    let person = Person::of(province, "recipient").kit().person.clone();
    open(&clerk, province, "/").await;
    let before = header(&clerk).await;
    assert!(
        before.contains("Văn thư") && !before.contains(COMMUNE),
        "{before}"
    );

    // The minute after next: both decisions are written ahead.
    let at = (now() / 60_000 + 2) * 60_000;
    let when = minute(&admin, at).await;
    open(&admin, province, "/search?q=Phước+Mỹ").await;
    follow(&admin, "/agencies/", "#h-agency").await;
    let links = admin
        .find_all(Locator::Css("main a[href^='/posts/']"))
        .await
        .unwrap();
    let mut post = None;
    for link in links {
        if link.text().await.unwrap().contains("Văn thư") {
            post = link.attr("href").await.unwrap();
        }
    }
    open(&admin, province, &post.expect("the commune has a văn thư")).await;
    follow(&admin, "/admin/appointments/new?post=", "#act").await;
    fits(&admin, &mut complaints).await;
    fill(
        &admin,
        &[
            ("person", &person),
            ("from", &when),
            ("basis_number", "21/QĐ-SNV"),
            ("basis_day", "20/11/2026"),
        ],
    )
    .await;
    admin
        .find(Locator::Css("input[name=kind][value=full]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    press(&admin, "#act button[value=preview]", "#preview").await;
    assert!(
        words(&admin).await.contains(COMMUNE),
        "{}",
        words(&admin).await
    );
    fits(&admin, &mut complaints).await;
    press(&admin, "#act button[value=save]", ".head").await;
    open(&admin, province, &format!("/people/{person}")).await;
    press(&admin, "main a[href$='/end']", "#act").await;
    fill(
        &admin,
        &[
            ("end", &when),
            ("basis_number", "22/QĐ-SNV"),
            ("basis_day", "20/11/2026"),
        ],
    )
    .await;
    press(&admin, "#act button[value=preview]", "#preview").await;
    press(&admin, "#act button[value=save]", ".head").await;
    open(&admin, province, "/admin/calendar").await;
    let ahead = words(&admin).await;
    assert!(
        ahead.matches(when.split(' ').next_back().unwrap()).count() >= 2,
        "both changes stand ahead at {when}: {ahead}"
    );
    fits(&admin, &mut complaints).await;

    // Until then nothing has changed.
    open(&clerk, province, "/").await;
    assert!(
        now() >= at || header(&clerk).await == before,
        "the decision is not in force yet"
    );
    tokio::time::sleep(Duration::from_millis(at.saturating_sub(now()) + 1)).await;
    open(&clerk, province, "/").await;
    let gone = now() - at;
    let after = header(&clerk).await;
    assert!(
        !after.contains(
            before
                .lines()
                .find(|line| line.contains("Sở"))
                .unwrap_or("Sở Văn hóa")
        ),
        "{after}"
    );
    println!("the old post is gone {gone} ms after its minute");
    sign_in(&clerk, province, "recipient").await;
    open(&clerk, province, "/").await;
    let after = header(&clerk).await;
    assert!(
        after.contains("Văn thư") && after.contains("Phước Mỹ"),
        "{after}"
    );
    // Her history stays hers, and both posts stand in it.
    open(&admin, province, &format!("/people/{person}")).await;
    let history = words(&admin).await;
    assert!(
        history.contains(COMMUNE) && history.matches("Văn thư").count() >= 2,
        "{history}"
    );
    fits(&admin, &mut complaints).await;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    admin.close().await.unwrap();
    clerk.close().await.unwrap();
}

/// 256 kbit/s with 800 ms to the first answer, as on an island.
async fn poor_line(client: &Client) {
    for (command, parameters) in [
        ("Network.enable", json!({})),
        (
            "Network.setCacheDisabled",
            json!({ "cacheDisabled": false }),
        ),
        (
            "Network.emulateNetworkConditions",
            json!({ "offline": false, "latency": 800, "downloadThroughput": 32_000, "uploadThroughput": 32_000 }),
        ),
    ] {
        let body = json!({ "cmd": command, "params": parameters });
        chrome::command(client, reqwest::Method::POST, "/goog/cdp/execute", body).await;
    }
}

#[tokio::test]
async fn every_page_of_an_administrator_opens_on_a_line_of_256_kbit_s_and_weighs_little() {
    let client = chrome::open("vi", 390).await;
    sign_in(&client, province(), "registrar").await;
    poor_line(&client).await;
    let pages = province().demo["pages"].clone();
    let addresses = ["public", "registrar"]
        .iter()
        .flat_map(|role| pages[role].as_array().unwrap());
    let (mut heavy, mut slowest) = (Vec::new(), (Duration::ZERO, String::new()));
    for address in addresses.filter_map(Value::as_str) {
        let begin = Instant::now();
        client.goto(address).await.unwrap();
        let took = begin.elapsed();
        let script = "const all = performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')); return [all.length, all.reduce((sum, e) => sum + e.transferSize, 0)]";
        let found = client.execute(script, vec![]).await.unwrap();
        let (requests, bytes) = (found[0].as_u64().unwrap(), found[1].as_u64().unwrap());
        println!("{took:5.1?} {bytes:7} bytes {requests} requests {address}");
        if bytes > 100_000 || requests > 6 {
            heavy.push(format!("{address}: {bytes} bytes, {requests} requests"));
        }
        if took > slowest.0 {
            slowest = (took, address.to_owned());
        }
        assert!(
            client.find(Locator::Css("main h1")).await.is_ok(),
            "{address} shows nothing"
        );
    }
    println!("slowest: {slowest:?}");
    assert!(heavy.is_empty(), "{}", heavy.join("\n"));
    client.close().await.unwrap();
}
