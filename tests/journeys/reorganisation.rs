//! Two administrators switch the province to its shape of 01/07/2025 in a browser: the plan is loaded from the lists, questions are
//! answered, one proposes, the other approves, and both days stay readable (scenario “two provinces merge”).
//! Standard: none; docs/operations/reorganisation.md

use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::{Client, Locator};
use tests::chrome;
use tests::province::Province;

use super::pages::{axe, picture, sign_in};

/// The second administrator: the chairman of the province.
const SECOND: &str = "BD-000001";

fn list(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy/demo/data")
        .join(name);
    file.canonicalize().unwrap().to_str().unwrap().to_owned()
}

pub async fn open(client: &Client, province: &Province, path: &str) {
    client
        .goto(&format!("{}{path}", province.issuer()))
        .await
        .unwrap();
}

/// Types into fields by name.
pub async fn fill(client: &Client, fields: &[(&str, &str)]) {
    for (name, value) in fields {
        let field = client
            .find(Locator::Css(&format!("main [name='{name}']")))
            .await
            .unwrap();
        field.send_keys(value).await.unwrap();
    }
}

/// Presses a button and waits for what the answer shows.
pub async fn press(client: &Client, button: &str, shows: &str) {
    client
        .find(Locator::Css(button))
        .await
        .unwrap_or_else(|e| panic!("{button}: {e}"))
        .click()
        .await
        .unwrap();
    let begin = Instant::now();
    while client.find(Locator::Css(shows)).await.is_err() {
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "no {shows}: {}",
            words(client).await
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub async fn words(client: &Client) -> String {
    client
        .find(Locator::Css("main"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

/// Loads a plan from lists.
async fn load(client: &Client, province: &Province, name: &str, day: &str, files: &[&str]) {
    open(client, province, "/admin/plans").await;
    fill(
        client,
        &[
            ("name", name),
            ("at", day),
            ("basis", "Nghị quyết 1664/NQ-UBTVQH15"),
        ],
    )
    .await;
    let files: Vec<String> = files.iter().map(|file| list(file)).collect();
    client
        .find(Locator::Css("#files"))
        .await
        .unwrap()
        .send_keys(&files.join("\n"))
        .await
        .unwrap();
    press(client, "#new-plan button", "#figures").await;
}

/// Answers one question of a plan.
async fn answer(client: &Client, body: &str, successor: &str) {
    let field = format!("[id='a-{body}']");
    let element = client.find(Locator::Css(&field)).await.unwrap();
    if element.tag_name().await.unwrap() == "select" {
        element.select_by_value(successor).await.unwrap();
    } else {
        element.send_keys(successor).await.unwrap();
    }
    press(
        client,
        &format!("[id='ask-{body}'] button"),
        &format!("[id='ask-{body}'] .badge.ok"),
    )
    .await;
}

/// One proposes, the other approves. Whoever's post ended with the switch has to sign in again. Gives how long the approval took.
async fn publish(province: &Province, first: &Client, second: &Client) -> Duration {
    press(first, "#publish button", "#proposal").await;
    let address = first.current_url().await.unwrap();
    assert!(
        first.find(Locator::Css("#decide")).await.is_err(),
        "nobody approves what he proposed"
    );
    second.goto(address.as_str()).await.unwrap();
    second
        .find(Locator::Css("#plan"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    second
        .wait()
        .for_element(Locator::Css("#figures"))
        .await
        .unwrap();
    second.goto(address.as_str()).await.unwrap();
    let begin = Instant::now();
    press(
        second,
        "#decide button[value=approve]",
        "#state.ok, #login-password",
    )
    .await;
    let took = begin.elapsed();
    sign_in(first, province, "registrar").await;
    first.goto(address.as_str()).await.unwrap();
    let state = first.find(Locator::Css("#state.ok")).await;
    assert!(state.is_ok(), "{}", words(first).await);
    took
}

/// Nothing sticks out sideways: as on a phone of 390 px, and as a window of 1280 px shows at 200 %.
pub async fn fits(client: &Client, complaints: &mut Vec<String>) {
    for width in [390, 640] {
        client.set_window_size(width, 900).await.unwrap();
        let script = "return [document.documentElement.scrollWidth, window.innerWidth]";
        let found = client.execute(script, vec![]).await.unwrap();
        if found[0].as_i64() > found[1].as_i64() {
            complaints.push(format!(
                "{}: {found} at {width} px",
                client.current_url().await.unwrap()
            ));
        }
    }
    client.set_window_size(1280, 1200).await.unwrap();
    for violation in axe(client).await {
        complaints.push(format!(
            "{}: axe {violation}",
            client.current_url().await.unwrap()
        ));
    }
}

#[tokio::test]
async fn two_administrators_switch_the_province_to_its_shape_of_2025_and_both_days_stay_readable() {
    let province = &Province::start();
    let (first, second) = (
        chrome::open("vi", 1280).await,
        chrome::open("vi", 1280).await,
    );
    let mut complaints = Vec::new();
    sign_in(&first, province, "registrar").await;
    sign_in(&second, province, "chairman").await;
    open(&second, province, "/admin/plans").await;
    assert!(
        second.find(Locator::Css("#new-plan")).await.is_err(),
        "the chairman administers nothing yet"
    );

    // While one administrator is alone he can only invite a second.
    open(&first, province, "/admin/rights/new").await;
    fill(
        &first,
        &[
            ("person", SECOND),
            ("basis_number", "Quyết định 7/QĐ-UBND"),
            ("basis_day", "20/11/2026"),
            ("from", "20/11/2026"),
        ],
    )
    .await;
    first
        .find(Locator::Css("input[name=role][value=province]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    press(&first, "#act button[value=preview]", "#preview").await;
    press(&first, "#act button[value=save]", "#proposal").await;

    // The wards of 2024 first: the lists of 2025 start from them. Who took over the four that ended is asked.
    load(
        &first,
        province,
        "Sắp xếp phường 2024",
        "01/12/2024",
        &["unit_versions.csv"],
    )
    .await;
    assert!(
        first.find(Locator::Css("#publish")).await.is_err(),
        "open questions: {}",
        words(&first).await
    );
    for (body, successor) in [
        ("H08.31.07", "H08.31.12"),
        ("H08.31.08", "H08.31.11"),
        ("H08.31.09", "H08.31.12"),
        ("H08.31.13", "H08.31.11"),
    ] {
        answer(&first, body, successor).await;
    }
    fits(&first, &mut complaints).await;
    println!(
        "wards of 2024 switched in {:?}",
        publish(province, &first, &second).await
    );

    let begin = Instant::now();
    load(
        &first,
        province,
        "Hợp nhất tỉnh 2025",
        "01/07/2025",
        &[
            "merger_2025.csv",
            "agency_mergers.csv",
            "agencies_after_2025_merger.csv",
        ],
    )
    .await;
    println!(
        "merger of 2025 loaded and previewed in {:?}",
        begin.elapsed()
    );
    for (body, successor) in [
        ("H08.23", "H21.01"),
        ("H08.32.10", "H21.21628"),
        ("H08.41.02", "H21.21997"),
        ("H08.41.03", "H21.22006"),
    ] {
        answer(&first, body, successor).await;
    }
    fits(&first, &mut complaints).await;
    picture(&first, "plan.png").await;
    let plan = first.current_url().await.unwrap();
    first.goto(&format!("{plan}?body=H08.41.03")).await.unwrap();
    assert!(
        words(&first).await.contains("An Nghĩa")
            || first.find(Locator::Css("#opened")).await.is_ok()
    );
    fits(&first, &mut complaints).await;
    first.goto(plan.as_str()).await.unwrap();
    let switched = publish(province, &first, &second).await;
    println!("merger of 2025 switched in {switched:?}");

    // The day before and the day itself.
    open(&first, province, "/organisation?at=30/06/2025").await;
    let before = words(&first).await;
    open(&first, province, "/organisation?at=01/07/2025").await;
    let after = words(&first).await;
    assert!(
        before.contains("Bình Định") && !before.contains("tỉnh Gia Lai"),
        "{before}"
    );
    assert!(after.contains("Ủy ban nhân dân tỉnh Gia Lai"), "{after}");
    fits(&first, &mut complaints).await;
    picture(&first, "organisation-2025.png").await;
    // An old code still says what it means today.
    open(&first, province, "/search?q=H08.41.03").await;
    let found = words(&first).await;
    assert!(
        found.contains("Mã cũ") && found.contains("Nay là"),
        "{found}"
    );
    fits(&first, &mut complaints).await;
    // The plan is closed, with its figures; whoever followed works on at the successor.
    first.goto(plan.as_str()).await.unwrap();
    assert!(
        first.find(Locator::Css("#acts")).await.is_err()
            && words(&first).await.contains("Đã công bố")
    );
    fits(&first, &mut complaints).await;
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    first.close().await.unwrap();
    second.close().await.unwrap();
}
