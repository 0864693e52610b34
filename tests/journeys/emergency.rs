//! Nobody can administer any more: the codes are printed, two officers enter theirs in a browser, and the administration is given again.
//! Standard: none; docs/operations/emergency.md

use fantoccini::Locator;
use serde_json::Value;
use tests::chrome;
use tests::province::{province, read};

use super::operations::{Served, call, doctor, state, stopped, text};
use super::pages::picture;
use super::reorganisation::{fill, fits, press, words};

#[tokio::test]
async fn two_officers_enter_their_codes_and_give_the_administration_of_the_province_to_somebody() {
    let (backup, data) = stopped();
    let people: Value =
        serde_json::from_slice(&read(&province().data.join("people.json"))).unwrap();
    let kits = people["kits"].as_array().unwrap();
    // Whoever administers holds no code.
    let officers: Vec<&str> = kits
        .iter()
        .filter(|kit| kit["role"] != "registrar")
        .filter_map(|kit| kit["username"].as_str())
        .take(3)
        .collect();
    let (code, findings) = doctor(&data);
    assert_eq!((code, state(&findings, "emergency").0), (3, "warning"));
    let sheets = backup.path("sheets");
    let at = (text(&data), text(&sheets));
    let print = |officers: &[&str]| {
        let mut arguments = vec!["emergency", "--data", &at.0, "--out", &at.1];
        for officer in officers {
            arguments.extend(["--officer", officer]);
        }
        call(&arguments)
    };
    let refused = print(&[officers[0], officers[1], officers[0]]);
    assert_eq!(refused.code, 65, "{}", refused.all());
    assert!(!sheets.exists());
    print(&officers).must_succeed();
    let code = |number: usize| {
        let file = sheets.join(format!("officer-{number}.txt"));
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains(officers[number - 1]), "{text}");
        text.trim_end().lines().last().unwrap().to_owned()
    };
    assert_eq!(state(&doctor(&data).1, "emergency").0, "good");

    let served = Served::start(&data, &backup.path("stderr")).await;
    let client = chrome::open("vi", 1280).await;
    let go = async |path: &str| {
        client
            .goto(&format!("{}{path}", served.address))
            .await
            .unwrap()
    };
    let mut complaints = Vec::new();
    go("/emergency").await;
    fits(&client, &mut complaints).await;
    picture(&client, "emergency.png").await;
    fill(
        &client,
        &[
            ("first", &code(1)),
            ("second", "khong-phai-ma"),
            ("reason", "Cả hai quản trị viên mất khóa đăng nhập"),
        ],
    )
    .await;
    press(&client, "#emergency button", "#loi").await;
    fill(&client, &[("first", &code(1)), ("second", &code(3))]).await;
    press(&client, "#emergency button", "#emergency-banner").await;
    assert!(
        client.current_url().await.unwrap().path() == "/admin",
        "{}",
        words(&client).await
    );
    fits(&client, &mut complaints).await;
    picture(&client, "emergency-admin.png").await;

    // The administration goes to somebody at once; the own account and papers are for nobody in such a session.
    go("/admin/rights/new").await;
    fill(
        &client,
        &[
            ("person", "BD-000099"),
            ("basis_number", "12/QĐ-UBND"),
            ("basis_day", "20/11/2026"),
            ("from", "20/11/2026"),
        ],
    )
    .await;
    client
        .find(Locator::Css("input[name=role][value=province]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    press(&client, "#act button[value=preview]", "#preview").await;
    assert!(
        words(&client).await.contains("thực hiện ngay"),
        "{}",
        words(&client).await
    );
    press(&client, "#act button[value=save]", "#state.ok").await;
    fits(&client, &mut complaints).await;
    for elsewhere in ["/account", "/papers", "/decisions", "/choose-post"] {
        go(elsewhere).await;
        assert_eq!(
            client.current_url().await.unwrap().path(),
            "/login",
            "{elsewhere}"
        );
    }
    go("/emergency").await;
    assert!(
        client.find(Locator::Css("#emergency")).await.is_err(),
        "used codes are over"
    );
    assert!(
        served.words().contains("emergency session was opened"),
        "{}",
        served.words()
    );
    complaints.extend(chrome::complaints(&client, &["localhost"]).await);
    client.close().await.unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
}
