//! The pages over HTTP: what they say, in both languages, to whom; and how heavy they are.

use platform::testing::caller;
use register::facts;

use super::site::Site;
use super::support::{Csv, NOW, import, migrate, province};

platform::both_engines! {
    async fn pages_show_the_province_to_its_people_in_two_languages(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        site.sign_in(&db, "BD-000001").await;
        let (status, page) = site.get("BD-000001", "/organisation").await;
        assert_eq!(status, 200, "{page}");
        for word in ["Tổ chức", "5 cơ quan", "<svg", "role=\"img\"", "Cây tổ chức", "Phòng Hành chính - Tổ chức", "Phùng Ngọc Dung", "Ủy ban nhân dân tỉnh Bình Định"] {
            assert!(page.contains(word), "{word} is missing");
        }
        assert!(!page.contains("style=") && !page.contains("<script"), "no inline style, no script");
        let (_, english) = site.get("BD-000001", "/organisation?lang=en").await;
        assert!(english.contains("Organisation tree") && english.contains("5 agencies"));
        let mut conn = db.read().await.unwrap();
        let vice = facts::person_by_staff_no(&mut conn, "BD-000002").await.unwrap().unwrap();
        let held = facts::posts_of(&mut conn, &vice.id, NOW).await.unwrap().remove(0);
        drop(conn);
        let (status, person) = site.get("BD-000001", &format!("/people/{}", vice.id)).await;
        assert_eq!(status, 200);
        for word in ["Ngô Đức Thịnh", "BD-000002", "1994", "thinhnd@binhdinh.test", "Phó Chủ tịch (Kinh tế tổng hợp)", "từ 16/06/2018", "Đang làm việc"] {
            assert!(person.contains(word), "{word} is missing");
        }
        assert!(!person.contains("099094004035"), "the personal number is on no page");
        let (status, post) = site.get("BD-000001", &format!("/posts/{}", held.post)).await;
        assert_eq!(status, 200);
        for word in ["Ngô Đức Thịnh", "KT.", "Kinh tế tổng hợp", "Cấp phó của", "Người giữ chức qua các thời kỳ"] {
            assert!(post.contains(word), "{word} is missing");
        }
        let (_, before) = site.get("BD-000001", &format!("/people/{}?at=01/01/2010", vice.id)).await;
        assert!(before.contains("Không giữ chức vụ nào vào ngày này"));
        let (_, wrong) = site.get("BD-000001", "/organisation?at=32/13/2026").await;
        assert!(wrong.contains("Ngày không đọc được"));
        let (status, agency) = site.get("BD-000001", &format!("/agencies/{}", held.agency)).await;
        assert_eq!(status, 200);
        for word in ["Chủ tịch", "H08", "binhdinh.test", "000.00.00.H08", "Lê Mỹ Linh"] {
            assert!(agency.contains(word), "{word} is missing");
        }
        let (_, found) = site.get("BD-000001", "/search?q=ngo+duc+thinh").await;
        assert!(found.contains("Ngô Đức Thịnh") && found.contains("BD-000002"));
        let (_, telex) = site.get("BD-000001", "/search?q=Ngoo+Dduwcs+Thijnh").await;
        assert!(telex.contains("bộ gõ đang tắt") && telex.contains("Ngô Đức Thịnh"));
        let (_, markup) = site.get("BD-000001", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E").await;
        assert!(!markup.contains("<script>alert"), "what was typed is text");
    }

    async fn pages_of_other_agencies_are_not_there_and_strangers_are_sent_to_sign_in(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        let mut conn = db.read().await.unwrap();
        let city = facts::agency_by_code(&mut conn, "H08.31", NOW).await.unwrap().unwrap();
        let office = facts::agency_by_code(&mut conn, "H08.01", NOW).await.unwrap().unwrap();
        let post = facts::posts_of_agency(&mut conn, &city.id, NOW).await.unwrap().remove(0);
        let mayor = facts::holders_of(&mut conn, &post.id, NOW).await.unwrap().remove(0);
        drop(conn);
        site.sign_in(&db, "BD-000017").await;
        for path in [format!("/agencies/{}", city.id), format!("/posts/{}", post.id), format!("/people/{}", mayor.person), "/people/psn_none".into()] {
            let (status, page) = site.get("BD-000017", &path).await;
            assert_eq!(status, 404, "{path}");
            assert!(!page.contains(&mayor.name));
        }
        let (_, tree) = site.get("BD-000017", &format!("/organisation?agency={}", city.id)).await;
        assert!(!tree.contains(&city.name) && tree.contains(&office.name));
        for path in ["/organisation", "/search?q=a", "/agencies/x", "/posts/x", "/people/x"] {
            let (status, page) = site.get("nobody", path).await;
            assert_eq!(status, 303, "{path}");
            assert!(page.contains("/login?next="));
        }
        site.callers.admit("gone", caller(&mayor.person, Some("pst_none")));
        assert_eq!(site.get("gone", "/organisation").await.0, 403);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_of_the_whole_province_is_heavier_than_100_kilobytes() {
    let db = platform::testing::sqlite().await;
    migrate(&db).await;
    import(&db, &Csv::demo()).await.unwrap();
    let site = Site::open(&db).await;
    site.sign_in(&db, "BD-000001").await;
    let mut conn = db.read().await.unwrap();
    let city = facts::agency_by_code(&mut conn, "H08.31", NOW)
        .await
        .unwrap()
        .unwrap();
    drop(conn);
    for path in [
        "/organisation".to_string(),
        format!("/organisation?agency={}", city.id),
        format!("/agencies/{}", city.id),
        "/search?q=nguyen".into(),
    ] {
        let begin = std::time::Instant::now();
        let (status, page) = site.get("BD-000001", &path).await;
        println!("{path}: {} bytes in {:?}", page.len(), begin.elapsed());
        assert_eq!(status, 200);
        assert!(page.len() < 100_000, "{path} weighs {}", page.len());
    }
    let (_, page) = site.get("BD-000001", "/search?q=nguyen").await;
    assert!(page.contains("id=\"next\""));
    let next = page
        .split("id=\"next\" href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let (status, second) = site.get("BD-000001", &next).await;
    assert_eq!(status, 200);
    let first_hit = |page: &str| {
        page.split("id=\"people\"")
            .nth(1)
            .unwrap()
            .split("/people/")
            .nth(1)
            .unwrap()[..30]
            .to_string()
    };
    assert_ne!(first_hit(&page), first_hit(&second));
}
