//! The pages of plans over HTTP: who may open them, what they say, what they do; and how heavy they are with the merger of 2025.

use platform::db::Db;
use register::domain::administration::PROVINCE;
use register::facts;

use super::administration::{give, person};
use super::merger::{ANSWERS_OF_2025, decide, files_of_2025, wards_of_2024};
use super::site::{Site, location};
use super::support::{Csv, NOW, import, migrate, province};

const REGISTRAR: &str = "BD-000020";
const URLENCODED: &str = "application/x-www-form-urlencoded";

async fn registrar(db: &Db, staff_no: &str) {
    let who = person(db, staff_no).await;
    give(db, &who, PROVINCE, None, None).await;
}

fn token(page: &str) -> String {
    page.split("name=\"_csrf\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_string()
}

/// A form with files, as a browser sends it.
fn form(csrf: &str, at: &str, files: &[Vec<u8>]) -> (String, String) {
    let mut body = Vec::new();
    for (name, value) in [
        ("_csrf", csrf),
        ("name", "Sắp xếp"),
        ("at", at),
        ("basis", "Nghị quyết 1664/NQ-UBTVQH15"),
    ] {
        body.extend_from_slice(
            format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .as_bytes(),
        );
    }
    for bytes in files {
        body.extend_from_slice(b"--xx\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n");
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xx--\r\n");
    (
        "multipart/form-data; boundary=xx".into(),
        String::from_utf8(body).unwrap(),
    )
}

platform::both_engines! {
    async fn a_registrar_loads_decides_publishes_and_cancels_plans_on_pages(db: Db) {
        province(&db).await;
        registrar(&db, "BD-000001").await;
        let site = Site::open(&db).await;
        site.sign_in(&db, "BD-000001").await;
        site.sign_in(&db, "BD-000002").await;
        for path in ["/admin/plans", "/admin/plans/pln_x", "/admin/plans/pln_x/report.csv"] {
            assert_eq!(site.get("BD-000002", path).await.0, 403, "{path}");
            assert_eq!(site.get("nobody", path).await.0, 303, "{path}");
        }
        assert_eq!(site.get("BD-000001", "/admin/plans/pln_x").await.0, 404);
        let (status, list) = site.get("BD-000001", "/admin/plans").await;
        assert_eq!(status, 200);
        assert!(list.contains("Chưa có kế hoạch nào") && !list.contains("style=") && !list.contains("<script"));
        let csrf = token(&list);
        let wrong = form(&csrf, "01/07/2027", &["action,old_code,old_name,new_code\nend,H08.02,Sở Y tế,\nbay,H08.02,,\n".as_bytes().to_vec()]);
        let (status, page) = site.send_body("BD-000001", "/admin/plans", &wrong.0, &wrong.1).await;
        assert_eq!(status, 400);
        assert!(page.contains("dòng 2") && page.contains("Sở Nội vụ") && page.contains("dòng 3") && page.contains("value=\"01/07/2027\""), "{page}");
        let good = "action,old_code,new_code\nask,H08.02,\n".as_bytes().to_vec();
        let forged = form("x", "01/07/2027", std::slice::from_ref(&good));
        assert_eq!(site.send_body("BD-000001", "/admin/plans", &forged.0, &forged.1).await.0, 403);
        let sent = form(&csrf, "01/07/2027", &[good]);
        assert_eq!(site.send_body("BD-000002", "/admin/plans", &sent.0, &sent.1).await.0, 403);
        let (status, answer) = site.send_body("BD-000001", "/admin/plans", &sent.0, &sent.1).await;
        assert_eq!(status, 303, "{answer}");
        let plan = location(&answer);
        let (status, page) = site.get("BD-000001", &plan).await;
        assert_eq!(status, 200);
        for word in ["Cần quyết định", "mục đang chờ", "Chưa công bố được", "Hiệu lực từ 01/07/2027", "Người giữ chức", "Lập từ tệp"] {
            assert!(page.contains(word), "{word} is missing");
        }
        assert!(!page.contains("id=\"publish\""), "what is open cannot be published");
        let early = site.send_body("BD-000001", &format!("{plan}/publish"), URLENCODED, &format!("_csrf={csrf}")).await;
        assert!(early.0 == 409 && early.1.contains("Còn mục chưa quyết định"), "{early:?}");
        let odd = site.send_body("BD-000001", &format!("{plan}/decide"), URLENCODED, &format!("_csrf={csrf}&answer.H08.02=H99")).await;
        assert!(odd.0 == 400 && odd.1.contains("H08.02 → H99"), "{odd:?}");
        let said = site.send_body("BD-000001", &format!("{plan}/decide"), URLENCODED, &format!("_csrf={csrf}&answer.H08.02=H08.01")).await;
        assert_eq!(said.0, 303, "{said:?}");
        let (_, page) = site.get("BD-000001", &format!("{plan}?body=H08.02")).await;
        for word in ["Kế hoạch đã sẵn sàng", "<svg", "role=\"img\"", "Sở Nội vụ: chuyển. Liên quan: Văn phòng Ủy ban nhân dân tỉnh", "Điều 13"] {
            assert!(page.contains(word), "{word} is missing");
        }
        let (status, report) = site.get("BD-000001", &format!("{plan}/report.csv")).await;
        assert!(status == 200 && report.contains("\u{FEFF}Loại;Kết quả;") && report.contains("Người giữ chức;chấm dứt;H08.02;Sở Nội vụ;Giám đốc"), "{report}");
        let alone = site.send_body("BD-000001", &format!("{plan}/publish"), URLENCODED, &format!("_csrf={csrf}")).await;
        assert!(alone.0 == 409 && alone.1.contains("cần hai quản trị viên tỉnh"), "{alone:?}");
        registrar(&db, REGISTRAR).await;
        site.sign_in(&db, REGISTRAR).await;
        let asked = site.send_body("BD-000001", &format!("{plan}/publish"), URLENCODED, &format!("_csrf={csrf}")).await;
        assert_eq!(asked.0, 303, "{asked:?}");
        let proposal = location(&asked.1);
        let own = site.send_body("BD-000001", &proposal, URLENCODED, &format!("_csrf={csrf}&verdict=approve")).await;
        assert_eq!(own.0, 422, "nobody approves what he proposed: {own:?}");
        // What was proposed is what is published: an answer given later makes it another plan.
        let (_, seen) = site.get(REGISTRAR, &proposal).await;
        assert!(seen.contains(&plan) && seen.contains("Sắp xếp"), "{seen}");
        let second = token(&seen);
        let later = site.send_body("BD-000001", &format!("{plan}/decide"), URLENCODED, &format!("_csrf={csrf}&answer.H08.02=-")).await;
        assert_eq!(later.0, 303, "{later:?}");
        let changed = site.send_body(REGISTRAR, &proposal, URLENCODED, &format!("_csrf={second}&verdict=approve&reason=x")).await;
        assert!(changed.0 == 422 && changed.1.contains("đã thay đổi sau khi đề nghị"), "{changed:?}");
        let back = site.send_body("BD-000001", &format!("{plan}/decide"), URLENCODED, &format!("_csrf={csrf}&answer.H08.02=H08.01")).await;
        assert_eq!(back.0, 303, "{back:?}");
        let done = site.send_body(REGISTRAR, &proposal, URLENCODED, &format!("_csrf={second}&verdict=carry_out")).await;
        assert_eq!(done.0, 303, "{done:?}");
        let (_, closed) = site.get(REGISTRAR, &proposal).await;
        assert!(closed.contains("đã thực hiện"), "{closed}");
        let (_, page) = site.get("BD-000001", &plan).await;
        assert!(page.contains("Đã công bố") && page.contains("Số liệu") && !page.contains("id=\"acts\""), "{page}");
        // The register of both days, with links between what was and what is.
        let (_, before) = site.get("BD-000001", "/organisation?at=30/06/2027").await;
        let (_, after) = site.get("BD-000001", "/organisation?at=2027-07-01").await;
        assert!(before.contains("Sở Nội vụ") && !after.contains("Sở Nội vụ"));
        let (_, found) = site.get("BD-000001", "/search?q=H08.02&at=01/07/2027").await;
        assert!(found.contains("Mã cũ") && found.contains("Nay là") && found.contains("Văn phòng Ủy ban nhân dân tỉnh"), "{found}");
        let mut conn = db.read().await.unwrap();
        let office = facts::agency_by_code(&mut conn, "H08.01", NOW).await.unwrap().unwrap();
        drop(conn);
        let (_, agency) = site.get("BD-000001", &format!("/agencies/{}", office.id)).await;
        assert!(agency.contains("Kế thừa từ") && agency.contains("Sở Nội vụ"), "{agency}");
        // Another one is given up.
        let sent = form(&csrf, "01/07/2028", &["action,old_code,new_code\nend,H08.31.01,\n".as_bytes().to_vec()]);
        let plan = location(&site.send_body("BD-000001", "/admin/plans", &sent.0, &sent.1).await.1);
        assert_eq!(site.send_body("BD-000001", &format!("{plan}/cancel"), URLENCODED, &format!("_csrf={csrf}")).await.0, 303);
        let (_, page) = site.get("BD-000001", &plan).await;
        assert!(page.contains("Đã hủy"));
        assert_eq!(site.send_body("BD-000001", &format!("{plan}/cancel"), URLENCODED, &format!("_csrf={csrf}")).await.0, 409);
        let (_, english) = site.get("BD-000001", "/admin/plans?lang=en").await;
        assert!(english.contains("Plans of reorganisation") && english.contains("Published") && english.contains("Cancelled"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_the_merger_of_2025_are_light_and_quick() {
    let db = platform::testing::sqlite().await;
    migrate(&db).await;
    import(&db, &Csv::demo()).await.unwrap();
    registrar(&db, REGISTRAR).await;
    wards_of_2024(&db).await;
    let site = Site::open(&db).await;
    site.sign_in(&db, REGISTRAR).await;
    let csrf = token(&site.get(REGISTRAR, "/admin/plans").await.1);
    let sent = form(&csrf, "01/07/2025", &files_of_2025());
    let (status, answer) = site
        .send_body(REGISTRAR, "/admin/plans", &sent.0, &sent.1)
        .await;
    assert_eq!(status, 303, "{answer}");
    let plan = location(&answer);
    for path in [
        plan.clone(),
        format!("{plan}?after=H08.33.03"),
        format!("{plan}?body=H21.21583"),
        format!("{plan}?body=H08.41.03"),
        "/admin/plans".into(),
    ] {
        let begin = std::time::Instant::now();
        let (status, page) = site.get(REGISTRAR, &path).await;
        println!("{path}: {} bytes in {:?}", page.len(), begin.elapsed());
        assert_eq!(status, 200);
        assert!(page.len() < 100_000, "{path} weighs {}", page.len());
    }
    let id = plan.rsplit('/').next().unwrap().to_string();
    decide(&db, &id, &ANSWERS_OF_2025).await;
    registrar(&db, "BD-000001").await;
    site.sign_in(&db, "BD-000001").await;
    let (status, answer) = site
        .send_body(
            REGISTRAR,
            &format!("{plan}/publish"),
            URLENCODED,
            &format!("_csrf={csrf}"),
        )
        .await;
    assert_eq!(status, 303, "{answer}");
    let proposal = location(&answer);
    let began = std::time::Instant::now();
    let approved = site
        .post("BD-000001", &proposal, &[("verdict", "approve")])
        .await;
    assert_eq!(approved.0, 303, "{approved:?}");
    let (_, page) = site.get(REGISTRAR, &plan).await;
    println!("published on the page in {:?}", began.elapsed());
    assert!(page.contains("Đã công bố") || page.contains("id=\"progress\""));
    while site
        .get(REGISTRAR, &plan)
        .await
        .1
        .contains("id=\"progress\"")
    {
        assert!(began.elapsed().as_secs() < 60, "it does not end");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    for (path, there, gone) in [
        (
            "/organisation?at=2024-12-31",
            "thành phố Quy Nhơn",
            "tỉnh Gia Lai",
        ),
        (
            "/organisation?at=01/07/2025",
            "tỉnh Gia Lai",
            "thành phố Quy Nhơn",
        ),
    ] {
        let (status, page) = site.get(REGISTRAR, path).await;
        println!("{path}: {} bytes", page.len());
        assert!(status == 200 && page.len() < 100_000 && page.contains("<svg"));
        assert!(page.contains(there) && !page.contains(gone), "{path}");
    }
}
