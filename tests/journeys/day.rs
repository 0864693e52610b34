//! The eight steps of the day, repeated from outside as a person at a browser: statuses, reason codes, clauses, file bytes.
//! Standard: OpenID Connect Core 1.0 §3.1; AuthZEN Authorization API 1.0 §5; RFC 9457

use demo::browser::{Browser, Page};
use demo::story::people::{Cast, Kit, Role, element, pass_sign_in};
use tests::province::{Province, province, read};
use tests::tools::run;

/// Somebody of the demo with his own passkeys, as `people.json` keeps them.
pub struct Person(Kit);

impl Person {
    pub fn from_the_demo(role: &str) -> Self {
        Self::of(province(), role)
    }

    pub fn of(province: &Province, role: &str) -> Self {
        let cast = Cast::open(&province.data.join("people.json")).unwrap();
        let role: Role = serde_json::from_value(role.into()).unwrap();
        Self(cast.kit(role).unwrap().clone())
    }

    pub fn kit(&self) -> &Kit {
        &self.0
    }

    pub fn kit_mut(&mut self) -> &mut Kit {
        &mut self.0
    }

    pub async fn at_the_province(&mut self) -> Browser {
        self.at(province()).await
    }

    pub async fn at(&mut self, province: &Province) -> Browser {
        let browser = Browser::new().unwrap();
        let page = browser
            .open(&format!("{}/login?next=/", province.issuer()))
            .await
            .unwrap();
        let page = pass_sign_in(&browser, &mut self.0, page).await.unwrap();
        assert_eq!(page.status, 200, "{}", page.words());
        assert!(!page.url.path().starts_with("/login"), "{}", page.words());
        browser
    }

    pub async fn at_the_desk(&mut self) -> (Browser, Page) {
        let browser = Browser::new().unwrap();
        let page = browser
            .open(&format!("{}/login", province().text("/eoffice")))
            .await
            .unwrap();
        let page = pass_sign_in(&browser, &mut self.0, page).await.unwrap();
        assert!(
            page.url.as_str().starts_with(&province().text("/eoffice")),
            "{} {}",
            page.url,
            page.words()
        );
        (browser, page)
    }
}

/// Makes a draft and returns the desk and the paper's id.
async fn draft(browser: &Browser, desk: &Page, title: &str, field: &str) -> String {
    let form = desk
        .form("lap-du-thao")
        .unwrap()
        .with("title", title)
        .with("field", field)
        .with("body", "Điều 1. Thử.\nĐiều 2. Thi hành.");
    let desk = browser.submit(&form).await.unwrap();
    assert_eq!(desk.status, 200, "{}", desk.words());
    let at = desk.body.find(title).expect("the draft stands on the desk");
    desk.body[..at]
        .rsplit("/papers/")
        .next()
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned()
}

async fn press(browser: &Browser, act: &str, paper: &str) -> Page {
    let desk = browser
        .open(&format!("{}/", province().text("/eoffice")))
        .await
        .unwrap();
    browser
        .submit(&desk.form(&format!("{act}-{paper}")).unwrap())
        .await
        .unwrap()
}

fn code(page: &Page) -> String {
    page.body
        .split("data-code=\"")
        .nth(1)
        .unwrap_or_default()
        .split('"')
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn step_1_the_desk_shows_what_the_vice_chairman_may_sign_and_he_signs_in_his_field() {
    let mut person = Person::from_the_demo("vice_chairman");
    let (browser, desk) = person.at_the_desk().await;
    let words = desk.words();
    assert!(words.contains("TM. ỦY BAN NHÂN DÂN"), "{words}");
    let paper = draft(&browser, &desk, "Thử bước một", "Kinh tế tổng hợp").await;
    let page = press(&browser, "sign", &paper).await;
    assert_eq!(page.status, 200);
    assert!(
        page.url
            .as_str()
            .starts_with(&format!("{}/consent/", province().issuer())),
        "{}",
        page.url
    );
    assert!(page.words().contains("KT. CHỦ TỊCH"), "{}", page.words());
    // Without touching the passkey nothing is signed.
    let (_, bytes) = browser
        .download(&format!(
            "{}/papers/{paper}/document.pdf",
            province().text("/eoffice")
        ))
        .await
        .unwrap();
    assert!(
        !bytes.windows(10).any(|w| w == b"/ByteRange"),
        "a signature before consent"
    );
}

#[tokio::test]
async fn step_2_outside_his_fields_he_is_refused_with_status_code_clause_and_who_could() {
    let mut person = Person::from_the_demo("vice_chairman");
    let (browser, desk) = person.at_the_desk().await;
    let paper = draft(&browser, &desk, "Thử bước hai", "Văn hóa - xã hội").await;
    let page = press(&browser, "sign", &paper).await;
    assert_eq!(page.status, 403);
    assert_eq!(code(&page), "outside_assignment");
    let clause = element(&page.body, "can-cu");
    assert!(
        clause.contains("30/2020") && clause.contains("13"),
        "{clause}"
    );
    assert!(
        page.words().contains("Trần Đình Tường"),
        "who could: {}",
        page.words()
    );
}

#[test]
fn step_3_the_instrument_and_the_paper_under_it_are_signed_pdfs() {
    for name in ["3-instrument.pdf", "4-signed-under-handover.pdf"] {
        let bytes = read(&province().story(name));
        assert!(bytes.starts_with(b"%PDF-"), "{name}");
        assert!(
            bytes
                .windows(21)
                .any(|w| w == b"/ETSI.CAdES.detached/" || w.starts_with(b"ETSI.CAdES.detached")),
            "{name}"
        );
    }
    let text = run(
        "pdftotext",
        [
            "-layout",
            province().story("3-instrument.pdf").to_str().unwrap(),
            "-",
        ],
    )
    .must_succeed()
    .out;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("đến hết ngày"), "{text}");
}

#[tokio::test]
async fn step_4_sealing_before_the_signature_is_refused() {
    let mut signer = Person::from_the_demo("vice_chairman");
    let (browser, desk) = signer.at_the_desk().await;
    let paper = draft(&browser, &desk, "Thử bước bốn", "Kinh tế tổng hợp").await;
    let mut clerk = Person::from_the_demo("clerk");
    let (browser, _) = clerk.at_the_desk().await;
    let page = press(&browser, "seal", &paper).await;
    assert_eq!(page.status, 409);
    assert_eq!(code(&page), "unsigned");
}

#[test]
fn step_4_number_and_date_are_a_revision_of_their_own_between_signature_and_seal() {
    let signed = read(&province().story("4-signed-under-handover.pdf"));
    let numbered = read(&province().story("5-numbered.pdf"));
    let sealed = read(&province().story("6-sealed.pdf"));
    assert!(
        numbered.starts_with(&signed),
        "the signed bytes stand unchanged"
    );
    assert!(
        sealed.starts_with(&numbered),
        "the numbered bytes stand unchanged"
    );
    assert!(signed.len() < numbered.len() && numbered.len() < sealed.len());
}

#[test]
fn step_5_three_recipients_have_the_mail() {
    let story: serde_json::Value =
        serde_json::from_slice(&read(&province().story("story.json"))).unwrap();
    let step = story
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["number"] == 5)
        .unwrap();
    let recipients = step["facts"]["recipients"].as_array().unwrap();
    assert_eq!(recipients.len(), 3);
    for recipient in recipients {
        let file = step["facts"][recipient.as_str().unwrap()].as_str().unwrap();
        let mail = read(std::path::Path::new(file));
        let text = String::from_utf8_lossy(&mail);
        assert!(
            text.contains("multipart/signed") && text.contains("From: "),
            "{file}"
        );
    }
}

#[tokio::test]
async fn step_6_a_citizen_reads_three_verdicts_without_signing_in() {
    let citizen = Browser::new().unwrap();
    let sealed = read(&province().story("6-sealed.pdf"));
    let page = citizen
        .upload(
            &format!("{}/verify", province().issuer()),
            "verify",
            "file",
            "a.pdf",
            "application/pdf",
            &sealed,
        )
        .await
        .unwrap();
    assert_eq!(page.status, 200);
    for verdict in ["whole", "trusted", "allowed"] {
        assert!(
            page.body.contains(&format!("data-{verdict}=\"true\"")),
            "{verdict}: {}",
            page.words()
        );
    }
    assert!(
        page.words().contains("KT. CHỦ TỊCH") || page.words().contains("ký thay"),
        "{}",
        page.words()
    );
    let unsigned = read(&province().story("1-draft.pdf"));
    let page = citizen
        .upload(
            &format!("{}/verify", province().issuer()),
            "verify",
            "file",
            "a.pdf",
            "application/pdf",
            &unsigned,
        )
        .await
        .unwrap();
    assert_eq!(page.status, 200);
    assert!(
        !page.body.contains("data-allowed=\"true\""),
        "{}",
        page.words()
    );
}

#[tokio::test]
async fn step_7_at_noon_of_d_plus_4_outside_is_refused_and_inside_passes() {
    let mut person = Person::from_the_demo("vice_chairman");
    let browser = person.at_the_province().await;
    let story: serde_json::Value =
        serde_json::from_slice(&read(&province().story("story.json"))).unwrap();
    let fact = |n: u64, name: &str| {
        story
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["number"] == n)
            .unwrap()["facts"][name]
            .clone()
    };
    let noon = fact(7, "handed_over")["at"].as_str().unwrap().to_owned();
    let handed_over = fact(3, "paper").as_str().unwrap().to_owned();
    let ask = |field: &str, at: &str| {
        let query = [
            ("action", "sign"),
            ("kind", "quyet_dinh"),
            ("field", field),
            ("paper", handed_over.as_str()),
            ("at", at),
        ];
        url::Url::parse_with_params(&format!("{}/decisions", province().issuer()), query)
            .unwrap()
            .to_string()
    };
    let page = browser.open(&ask("Văn hóa - xã hội", &noon)).await.unwrap();
    assert!(
        page.body.contains("data-allowed=\"false\""),
        "{}",
        page.words()
    );
    let page = browser.open(&ask("Kinh tế tổng hợp", &noon)).await.unwrap();
    assert!(
        page.body.contains("data-allowed=\"true\""),
        "{}",
        page.words()
    );
}

#[test]
fn step_8_the_log_is_whole_and_every_used_decision_replays_alike() {
    let data = province().data.to_str().unwrap().to_owned();
    let binary = tests::province::antin();
    let said = run(binary.to_str().unwrap(), ["log", "verify", "--data", &data])
        .must_succeed()
        .out;
    assert!(said.contains("whole"), "{said}");
    let said = run(
        binary.to_str().unwrap(),
        ["log", "replay", "--data", &data, "--json"],
    )
    .must_succeed()
    .out;
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert!(report["decisions"].as_u64().unwrap() >= 4, "{said}");
    assert_eq!(report["different"], 0, "{said}");
}
