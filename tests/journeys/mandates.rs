//! The chairman, away for a month, lets the chief of his office sign letters: filled in, shown, signed with his passkey; the chief sees it
//! at once; the chairman suspends it and the answer says so.
//! Standard: Decree 30/2020/NĐ-CP Art. 13 clause 3

use fantoccini::{Client, Locator};
use tests::chrome;
use tests::province::province;

use super::day::Person;
use super::moves::{minute, now};
use super::pages::{axe, picture, sign_in, sign_in_with_password};
use super::reorganisation::{fill, fits, open, press, words};

/// A day so many days after today, as it is typed.
async fn day_after(client: &Client, days: u64) -> String {
    let at = minute(client, now() + days * 86_400_000).await;
    at.split(' ').next().unwrap().to_owned()
}

/// Signs in with password and code; false when the form comes back with its complaint.
async fn at_home(client: &Client, login: &str) -> bool {
    sign_in_with_password(client, login).await;
    let began = std::time::Instant::now();
    while began.elapsed() < std::time::Duration::from_secs(30) {
        if client.find(Locator::Css("#handovers")).await.is_ok() {
            return true;
        }
        if client.find(Locator::Css("[role=alert]")).await.is_ok() {
            return false;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no answer: {}", client.source().await.unwrap());
}

#[tokio::test]
async fn the_chairman_delegates_signing_sees_what_it_changes_first_and_suspends_it_again() {
    let province = province();
    let chair = chrome::open("vi", 1280).await;
    sign_in(&chair, province, "chairman").await;
    let mut complaints = Vec::new();
    open(&chair, province, "/mandates/new?form=TUQ").await;
    fits(&chair, &mut complaints).await;
    assert_eq!(axe(&chair).await, Vec::<String>::new());
    picture(&chair, "grant.png").await;

    // Without an end and content the law refuses, with its clause.
    press(&chair, "#grant button[type=submit]", "#grant [role=alert]").await;
    let refused = words(&chair).await;
    assert!(
        refused.contains("Phải nêu căn cứ") && refused.contains("Người nhận"),
        "{refused}"
    );
    let receivers = chair
        .find_all(Locator::Css("#grantee label"))
        .await
        .unwrap();
    for label in receivers {
        if label.text().await.unwrap().contains("Phùng Ngọc Dung") {
            label.click().await.unwrap();
        }
    }
    chair
        .find(Locator::Css("input[name=kind_cong_van]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    fill(
        &chair,
        &[("basis", "Chủ tịch đi công tác, Quy chế làm việc Điều 7")],
    )
    .await;
    press(&chair, "#grant button[type=submit]", "#grant [role=alert]").await;
    let refused = words(&chair).await;
    assert!(
        refused.contains("Phải có ngày cuối") && refused.contains("Điều 13 khoản 3"),
        "{refused}"
    );
    assert_eq!(axe(&chair).await, Vec::<String>::new());

    let last = day_after(&chair, 30).await;
    // Complete: who will be able to sign what, in which block, until when, before anything is drawn.
    fill(&chair, &[("until_day", &last)]).await;
    press(&chair, "#grant button[type=submit]", "#preview").await;
    let shown = words(&chair).await;
    for part in [
        "Phùng Ngọc Dung",
        "công văn",
        "TUQ. CHỦ TỊCH",
        "CHÁNH VĂN PHÒNG ỦY BAN NHÂN DÂN TỈNH",
        &last,
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    fits(&chair, &mut complaints).await;
    assert_eq!(axe(&chair).await, Vec::<String>::new());
    picture(&chair, "grant-preview.png").await;
    chair.set_window_size(390, 844).await.unwrap();
    fits(&chair, &mut complaints).await;
    picture(&chair, "grant-preview-phone.png").await;
    chair.set_window_size(1280, 900).await.unwrap();
    press(&chair, "#grant-confirm button", "#mandate").await;
    let paper = chair
        .find(Locator::Css("#open-instrument"))
        .await
        .unwrap()
        .attr("href")
        .await
        .unwrap()
        .unwrap();

    // He signs the instrument with his passkey.
    let mut person = Person::of(province, "chairman");
    let browser = person.at(province).await;
    let page = browser
        .open(&format!("{}{paper}", province.issuer()))
        .await
        .unwrap();
    let page = browser.submit(&page.form("sign").unwrap()).await.unwrap();
    assert!(
        page.words().contains("GIẤY ỦY QUYỀN") || page.words().contains("Ủy quyền"),
        "{}",
        page.words()
    );
    let form = page.form("consent").unwrap();
    let page = browser
        .submit_passkey(&form, &mut person.kit_mut().authenticator)
        .await
        .unwrap();
    assert!(
        page.url.as_str().contains("result=signed"),
        "{} {}",
        page.url,
        page.words()
    );

    // The chief sees it at once, and the question is answered with the chain.
    let office = chrome::open("vi", 390).await;
    let mut tries = 0;
    while !at_home(&office, &format!("{}/login", province.issuer())).await {
        // A code that somebody used in this half minute is refused: wait for the next one.
        tries += 1;
        assert!(tries < 5, "{}", words(&office).await);
        tokio::time::sleep(std::time::Duration::from_millis(30_500 - now() % 30_000)).await;
    }
    open(&office, province, "/").await;
    let home = words(&office).await;
    assert!(
        home.contains("TUQ. CHỦ TỊCH") && home.contains("công văn"),
        "{home}"
    );
    fits(&office, &mut complaints).await;
    picture(&office, "grant-received-phone.png").await;
    press(
        &office,
        "section[aria-labelledby=handovers] ul a[href^='/mandates/']",
        "#mandate",
    )
    .await;
    let mandate = office.current_url().await.unwrap().path().to_owned();
    assert!(
        words(&office).await.contains("Đang có hiệu lực"),
        "{}",
        words(&office).await
    );
    assert_eq!(axe(&office).await, Vec::<String>::new());

    // Suspended: gone from the chief's page with the next request.
    open(&chair, province, &mandate).await;
    fits(&chair, &mut complaints).await;
    assert_eq!(axe(&chair).await, Vec::<String>::new());
    picture(&chair, "mandate.png").await;
    press(&chair, "#suspend-mandate button", "#resume-mandate").await;
    open(&office, province, "/").await;
    assert!(
        !words(&office).await.contains("TUQ. CHỦ TỊCH"),
        "{}",
        words(&office).await
    );
    open(&office, province, &mandate).await;
    assert!(words(&office).await.contains("Đang tạm dừng"));
    press(&chair, "#resume-mandate button", "#suspend-mandate").await;
    open(&office, province, "/").await;
    assert!(words(&office).await.contains("TUQ. CHỦ TỊCH"));
    press(&chair, "#end-mandate button", "#mandate[data-state=ended]").await;
    open(&office, province, "/").await;
    assert!(!words(&office).await.contains("TUQ. CHỦ TỊCH"));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    chair.close().await.unwrap();
    office.close().await.unwrap();
}
