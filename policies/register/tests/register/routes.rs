//! Every route of administration × every role: allowed exactly when the table of roles says so; nobody, and people of other agencies, get nothing.

use platform::testing::caller;
use register::admin::{NEEDS, routes};
use register::domain::administration::{PROVINCE, Table};
use register::domain::words::Reach;

use super::administration::{agency, give, person};
use super::site::{Site, location};
use super::support::{NOW, province};

fn filled(path: &str, id: &str) -> String {
    path.replace("{id}", id).replace("{kind}", "person")
}

async fn ask(site: &Site, who: &str, method: &str, path: &str) -> (u16, String) {
    match method {
        "GET" => site.get(who, path).await,
        _ => site.post(who, path, &[]).await,
    }
}

#[test]
fn every_need_is_a_route_once() {
    let mut seen: Vec<(&str, &str)> = routes().map(|route| (route.method, route.path)).collect();
    assert_eq!(seen.len(), NEEDS.len());
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), NEEDS.len());
}

platform::both_engines! {
    async fn every_route_answers_exactly_the_roles_that_the_table_names(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        let office = agency(&db, "H08.01").await;
        let somebody = person(&db, "BD-000017").await;
        site.callers.admit("holder", caller(&person(&db, "BD-000018").await, None));
        for (role, staff_no) in Table::ours().grantable().zip(["BD-000001", "BD-000002", "BD-000003", "BD-000004", "BD-000005"]) {
            let who = person(&db, staff_no).await;
            let place = (role.reach == Reach::Agency).then_some(office.as_str());
            give(&db, &who, &role.code, place, None).await;
            site.callers.admit(&role.code, caller(&who, None));
            // Somebody else's role ended yesterday: it opens nothing today.
        }
        let ended = person(&db, "BD-000006").await;
        give(&db, &ended, PROVINCE, None, Some(NOW)).await;
        site.callers.admit("ended", caller(&ended, None));
        for (method, path, need) in NEEDS {
            let path = filled(path, &somebody);
            let (status, answer) = ask(&site, "nobody", method, &path).await;
            let to_login = answer.contains("location: /login");
            assert!(status == 303 && to_login || status == 403 && *method == "POST", "{method} {path}: nobody got {status}");
            for stranger in ["holder", "ended"] {
                let (status, page) = ask(&site, stranger, method, &path).await;
                assert_eq!(status, 403, "{method} {path}: {stranger}");
                assert!(page.contains("Lê Mỹ Linh"), "a refusal says who could");
            }
            for role in Table::ours().grantable() {
                let (status, _) = ask(&site, &role.code, method, &path).await;
                assert_eq!(status != 403, role.allows(*need), "{method} {path} as {}: {status}", role.code);
                assert!(status < 500, "{method} {path} as {}: {status}", role.code);
            }
        }
    }

    async fn a_role_of_one_agency_finds_nothing_of_another(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        let (office, city) = (agency(&db, "H08.01").await, agency(&db, "H08.31").await);
        let inside = person(&db, "BD-000017").await;
        let mut conn = db.read().await.unwrap();
        let post = register::facts::posts_of_agency(&mut conn, &city, NOW).await.unwrap().remove(0);
        let outside = register::facts::holders_of(&mut conn, &post.id, NOW).await.unwrap().remove(0);
        drop(conn);
        let who = person(&db, "BD-000018").await;
        give(&db, &who, "agency", Some(&office), None).await;
        site.callers.admit("office", caller(&who, None));
        let grant = give(&db, &outside.person, "agency", Some(&city), None).await;
        for (path, id) in [("/admin/people/{id}/erase", &outside.person), ("/admin/rights/{id}/end", &grant), ("/people/{id}", &outside.person), ("/posts/{id}", &post.id)] {
            let (status, page) = site.get("office", &filled(path, id)).await;
            assert_eq!(status, 404, "{path}");
            assert!(!page.contains(&outside.name));
        }
        let (status, page) = site.get("office", "/admin/rights").await;
        assert!(status == 200 && !page.contains(&outside.name));
        assert_eq!(site.get("office", &format!("/admin/people/{inside}/erase")).await.0, 200);
        let fields = [("person", "BD-000019"), ("role", "personnel"), ("agency", "H08.31"), ("from", "30/11/2026"), ("basis_number", "1/QĐ"), ("basis_day", "01/11/2026"), ("step", "save")];
        let (status, page) = site.post("office", "/admin/rights/new", &fields).await;
        assert_eq!(status, 422);
        assert!(page.contains("Không tìm thấy trong phạm vi"));
    }

    async fn the_pages_lead_a_grant_from_the_form_to_the_role(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        for (cookie, staff_no) in [("a", "BD-000001"), ("b", "BD-000002")] {
            let who = person(&db, staff_no).await;
            give(&db, &who, PROVINCE, None, None).await;
            site.callers.admit(cookie, caller(&who, None));
        }
        let mut fields = vec![("person", "bd-000017"), ("role", "personnel"), ("agency", "h08.01"), ("from", "30/11/2026"), ("to", "31/12/2026"), ("basis_number", "7/QĐ-VP"), ("basis_day", "29/11/2026"), ("step", "preview")];
        let (status, page) = site.post("a", "/admin/rights/new", &fields).await;
        assert_eq!(status, 200, "{page}");
        for word in ["Xem trước", "Cán bộ tổ chức – nhân sự", "đến hết 31/12/2026", "7/QĐ-VP ngày 29/11/2026"] {
            assert!(page.contains(word), "{word} is missing");
        }
        fields.pop();
        fields.push(("step", "save"));
        let (status, answer) = site.post("a", "/admin/rights/new", &fields).await;
        assert_eq!(status, 303, "{answer}");
        let proposal = location(&answer);
        let (_, page) = site.get("a", &proposal).await;
        assert!(page.contains("chờ duyệt") && !page.contains("value=\"approve\""), "no button for the proposer");
        let (_, start) = site.get("b", "/admin").await;
        assert!(start.contains(&proposal) && start.contains("Quản trị viên tỉnh"));
        assert!(!site.get("a", "/admin").await.1.contains(&proposal), "nothing waits for the proposer himself");
        let (status, _) = site.post("b", &proposal, &[("verdict", "reject")]).await;
        assert_eq!(status, 422, "a rejection needs a reason");
        let (status, _) = site.post("b", &proposal, &[("verdict", "approve")]).await;
        assert_eq!(status, 303);
        let (_, page) = site.get("b", &proposal).await;
        assert!(page.contains("đã thực hiện"));
        let (_, rights) = site.get("b", "/admin/rights").await;
        assert!(rights.contains("BD-000017") && rights.contains("7/QĐ-VP"));
        let (_, english) = site.get("b", "/admin/rights?lang=en").await;
        assert!(english.contains("Personnel officer"));
        let (status, page) = site.post("a", "/admin/rights/new", &[("person", "Lê"), ("role", "x"), ("agency", ""), ("from", "mai"), ("step", "save")]).await;
        assert_eq!(status, 422);
        for word in ["Hãy chọn một", "Mục này còn trống", "Hãy viết ngày như", "Lê Mỹ Linh"] {
            assert!(page.contains(word), "{word} is missing");
        }
    }
}
