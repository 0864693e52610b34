//! The forms of administration as an administrator fills them in: preview first, then the act, then the page that shows it.

use platform::clock::DAY;
use platform::testing::caller;
use register::domain::administration::{AGENCY, PROVINCE};
use register::domain::words::Standing;
use register::facts::{self, AppointmentKind};

use super::administration::{give, person};
use super::site::{Site, location};
use super::support::{NOW, province};

const BASIS: [(&str, &str); 2] = [("basis_number", "15/QĐ-UBND"), ("basis_day", "20/11/2026")];

fn with<'a>(fields: &[(&'a str, &'a str)], step: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut all = fields.to_vec();
    all.extend(BASIS);
    all.push(("step", step));
    all
}

platform::both_engines! {
    async fn a_head_leaves_and_a_deputy_is_given_the_acting_post_from_a_day_ahead(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        let chair = person(&db, "BD-000001").await;
        give(&db, &person(&db, "BD-000017").await, PROVINCE, None, None).await;
        site.callers.admit("admin", caller(&person(&db, "BD-000017").await, None));
        let vice = person(&db, "BD-000002").await;
        let mut conn = db.read().await.unwrap();
        let held = facts::posts_of(&mut conn, &chair, NOW).await.unwrap().remove(0);
        drop(conn);
        let acting = [("person", "BD-000002"), ("post", held.post.as_str()), ("kind", "acting"), ("from", "02/12/2026 13:00")];
        let (status, page) = site.post("admin", "/admin/appointments/new", &with(&acting, "preview")).await;
        assert_eq!(status, 200, "{page}");
        for word in ["Từ ngày 13:00:00 02/12/2026, ông/bà Ngô Đức Thịnh (BD-000002) giữ quyền Chủ tịch", "Người đang giữ chức: Lê Mỹ Linh", "chỉ có một chỗ", "15/QĐ-UBND ngày 20/11/2026"] {
            assert!(page.contains(word), "{word} is missing");
        }
        let (status, page) = site.post("admin", "/admin/appointments/new", &with(&acting, "save")).await;
        assert!(status == 422 && page.contains("đang có người giữ"), "{status}");
        let end = format!("/admin/appointments/{}/end", held.appointment);
        let (status, page) = site.post("admin", &end, &with(&[("end", "02/12/2026 13:00")], "preview")).await;
        assert!(status == 200 && page.contains("Từ 13:00:00 02/12/2026, ông/bà Lê Mỹ Linh (BD-000001) thôi giữ chức Chủ tịch"), "{page}");
        let (status, answer) = site.post("admin", &end, &with(&[("end", "02/12/2026 13:00")], "save")).await;
        assert_eq!((status, location(&answer)), (303, format!("/people/{chair}")));
        let (status, page) = site.post("admin", &end, &with(&[("end", "03/12/2026")], "save")).await;
        assert!(status == 422 && page.contains("kết thúc sớm hơn"));
        let (status, answer) = site.post("admin", "/admin/appointments/new", &with(&acting, "save")).await;
        assert_eq!((status, location(&answer)), (303, format!("/people/{vice}")));
        let one_o_clock = platform::clock::day_start(platform::clock::parse_date("02/12/2026").unwrap()) + 13 * 3_600_000;
        let mut conn = db.read().await.unwrap();
        for (at, who, kind) in [(one_o_clock - 1, &chair, AppointmentKind::Full), (one_o_clock, &vice, AppointmentKind::Acting)] {
            let holders = facts::holders_of(&mut conn, &held.post, at).await.unwrap();
            assert_eq!(holders.iter().map(|h| (&h.person, h.kind)).collect::<Vec<_>>(), [(who, kind)]);
        }
        drop(conn);
        let (_, calendar) = site.get("admin", "/admin/calendar").await;
        for word in ["13:00:00 02/12/2026", "Giao quyền (Q.): Ngô Đức Thịnh", "Hết Bổ nhiệm: Lê Mỹ Linh", "<svg"] {
            assert!(calendar.contains(word), "{word} is missing");
        }
        let (_, history) = site.get("admin", &format!("/admin/history/post/{}", held.post)).await;
        for word in ["Ghi bổ nhiệm", "Ghi chấm dứt bổ nhiệm", "Nhập danh sách", "15/QĐ-UBND ngày 20/11/2026"] {
            assert!(history.contains(word), "{word} is missing");
        }
        let (_, post) = site.get("admin", &format!("/posts/{}", held.post)).await;
        assert!(post.contains("/admin/appointments/new?post=") && post.contains(&end) && post.contains("quyền"));
    }

    async fn several_people_leave_or_move_by_one_decision_and_one_who_cannot_stops_all(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        give(&db, &person(&db, "BD-000017").await, PROVINCE, None, None).await;
        site.callers.admit("admin", caller(&person(&db, "BD-000017").await, None));
        let mut conn = db.read().await.unwrap();
        let department = facts::agency_by_code(&mut conn, "H08.02", NOW).await.unwrap().unwrap();
        let city = facts::agency_by_code(&mut conn, "H08.31", NOW).await.unwrap().unwrap();
        let staff = |posts: Vec<facts::PostFact>| posts.into_iter().find(|p| p.standing == Standing::Staff && p.code != "VT").unwrap();
        let here = facts::posts_of_agency(&mut conn, &department.id, NOW).await.unwrap();
        let head = here.iter().find(|p| p.is_head).unwrap().clone();
        let there = staff(facts::posts_of_agency(&mut conn, &city.id, NOW).await.unwrap());
        let mut members = Vec::new();
        for post in here.iter().filter(|p| p.standing == Standing::Staff) {
            members.extend(facts::holders_of(&mut conn, &post.id, NOW).await.unwrap());
        }
        let chief = facts::holders_of(&mut conn, &head.id, NOW).await.unwrap().remove(0);
        drop(conn);
        let epoch = facts::snapshot(&mut db.read().await.unwrap(), None).await.unwrap().epoch;
        let path = format!("/admin/agencies/{}/people", department.id);
        let (one, two, three) = (&members[0], &members[1], &members[2]);
        let boxes = [(one.appointment.as_str(), "on"), (two.appointment.as_str(), "on")];
        let mut fields = vec![("act", "move"), ("post", there.id.as_str()), ("from", "02/12/2026 13:00")];
        fields.extend(boxes);
        let (status, page) = site.post("admin", &path, &with(&fields, "preview")).await;
        assert_eq!(status, 200, "{page}");
        for who in [one, two] {
            assert!(page.contains(&format!("{} ({}): ", who.name, who.staff_no)), "{page}");
        }
        assert!(page.contains(&city.name) && !page.contains(&format!("{} ({}): ", three.name, three.staff_no)));
        // As the preview sends it on: the chosen ones in one hidden field.
        let chosen = format!("{} {}", one.appointment, two.appointment);
        let sent = [("act", "move"), ("post", there.id.as_str()), ("from", "02/12/2026 13:00"), ("people", chosen.as_str())];
        let (status, answer) = site.post("admin", &path, &with(&sent, "save")).await;
        assert_eq!((status, location(&answer)), (303, format!("/agencies/{}", department.id)), "{answer}");
        let at = platform::clock::day_start(platform::clock::parse_date("02/12/2026").unwrap()) + 13 * 3_600_000;
        let mut conn = db.read().await.unwrap();
        assert_eq!(facts::snapshot(&mut conn, None).await.unwrap().epoch, epoch + 1, "one unit, one epoch");
        for who in [one, two] {
            let before = facts::posts_of(&mut conn, &who.person, at - 1).await.unwrap();
            let after = facts::posts_of(&mut conn, &who.person, at).await.unwrap();
            assert!(before.iter().all(|held| held.agency == department.id), "{before:?}");
            assert_eq!(after.iter().map(|held| held.post.as_str()).collect::<Vec<_>>(), [there.id.as_str()]);
        }
        drop(conn);
        // Two into the head's one seat: the first name that cannot be seated stops all, and says so.
        let both = format!("{} {}", three.appointment, members[3].appointment);
        let seat = [("act", "move"), ("post", head.id.as_str()), ("from", "03/12/2026"), ("people", both.as_str())];
        let (status, page) = site.post("admin", &path, &with(&seat, "save")).await;
        assert!(status == 422 && page.contains("Chưa ghi gì") && page.contains(&three.name), "{page}");
        let mut conn = db.read().await.unwrap();
        assert_eq!(facts::snapshot(&mut conn, None).await.unwrap().epoch, epoch + 1, "nothing was recorded");
        drop(conn);
        // They leave; nobody chosen, and somebody of another agency, is refused.
        let leave = [("act", "leave"), ("from", "04/12/2026"), ("people", chief.appointment.as_str())];
        assert_eq!(site.post("admin", &path, &with(&leave, "save")).await.0, 303);
        let nobody = [("act", "leave"), ("from", "04/12/2026")];
        let (status, page) = site.post("admin", &path, &with(&nobody, "save")).await;
        assert!(status == 422 && page.contains("ít nhất một người"), "{page}");
        let mut conn = db.read().await.unwrap();
        let chair = facts::posts_of(&mut conn, &person(&db, "BD-000001").await, NOW).await.unwrap().remove(0);
        drop(conn);
        let foreign = [("act", "leave"), ("from", "04/12/2026"), ("people", chair.appointment.as_str())];
        assert_eq!(site.post("admin", &path, &with(&foreign, "save")).await.0, 422, "only people of this agency");
        give(&db, &one.person, AGENCY, Some(&city.id), None).await;
        site.callers.admit("city", caller(&one.person, None));
        assert_eq!(site.get("city", &path).await.0, 404, "another's agency is not there");
    }

    async fn a_new_person_is_told_from_namesakes_appointed_corrected_and_suspended(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        give(&db, &person(&db, "BD-000017").await, PROVINCE, None, None).await;
        site.callers.admit("admin", caller(&person(&db, "BD-000017").await, None));
        let fields = [("staff_no", "bd-900001"), ("full_name", "Lê Mỹ Linh"), ("birth_date", "02/03/1990"), ("username", "linhlm9"), ("email", "linhlm9@binhdinh.test"), ("personal_number", "052190123456"), ("gender", "F"), ("agency", "H08.01")];
        let (status, page) = site.post("admin", "/admin/people/new", &with(&fields, "preview")).await;
        assert!(status == 200 && page.contains("Ghi người mới: Lê Mỹ Linh, số hiệu BD-900001, sinh 02/03/1990") && page.contains("người cùng họ tên"), "{page}");
        let (status, answer) = site.post("admin", "/admin/people/new", &with(&fields, "save")).await;
        assert_eq!(status, 303, "{answer}");
        let next = location(&answer);
        let who = next.split("person=").nth(1).unwrap().to_owned();
        let (status, page) = site.post("admin", "/admin/people/new", &with(&fields, "save")).await;
        assert!(status == 422 && page.contains("không dùng lại"));
        let wrong = [("staff_no", ""), ("full_name", "Linh"), ("username", "LINH"), ("personal_number", "52190123456"), ("agency", "H08.01")];
        let (status, page) = site.post("admin", "/admin/people/new", &with(&wrong, "save")).await;
        assert_eq!(status, 422);
        for word in ["Chỉ dùng chữ cái, chữ số, gạch ngang", "Cần ít nhất họ và tên", "Chỉ dùng chữ thường không dấu", "Cần đúng 12 chữ số"] {
            assert!(page.contains(word), "{word} is missing");
        }
        assert!(site.get("admin", &next).await.1.contains("BD-900001"));
        let mut conn = db.read().await.unwrap();
        let office = facts::agency_by_code(&mut conn, "H08.01", NOW).await.unwrap().unwrap();
        let seat = facts::posts_of_agency(&mut conn, &office.id, NOW).await.unwrap().into_iter().find(|p| !p.standing.single_seat()).unwrap();
        drop(conn);
        let fields = [("person", who.as_str()), ("post", seat.id.as_str()), ("kind", "full"), ("from", "30/11/2026"), ("to", "20/12/2026")];
        assert_eq!(site.post("admin", "/admin/appointments/new", &with(&fields, "save")).await.0, 303);
        let (_, board) = site.get("admin", "/admin/quality").await;
        assert!(board.contains("Sắp hết thời hạn") && board.contains("đến hết 20/12/2026"), "the appointment ends within thirty days");
        let correct = format!("/admin/people/{who}/correct");
        let (_, page) = site.get("admin", &correct).await;
        assert!(page.contains("value=\"linhlm9\"") && !page.contains("052190123456"), "the number is shown to nobody");
        let fields = [("staff_no", "BD-900001"), ("full_name", "Lê Mỹ Linh"), ("birth_date", "02/03/1991"), ("username", "linhlm9"), ("email", "linhlm.moi@binhdinh.test"), ("gender", "F")];
        let (_, page) = site.post("admin", &correct, &with(&fields, "preview")).await;
        assert!(page.contains("Ngày sinh: “02/03/1990” thành “02/03/1991”."), "{page}");
        assert_eq!(site.post("admin", &correct, &with(&fields, "save")).await.0, 303);
        let (status, page) = site.post("admin", &correct, &with(&fields, "save")).await;
        assert!(status == 422 && page.contains("Không có gì khác"));
        let mut conn = db.read().await.unwrap();
        assert_eq!(facts::person(&mut conn, &who).await.unwrap().unwrap().birth_year, Some(1991));
        assert!(facts::mailbox(&mut conn, "linhlm9@binhdinh.test", NOW).await.unwrap().is_none());
        assert!(facts::mailbox(&mut conn, "linhlm.moi@binhdinh.test", NOW).await.unwrap().is_some());
        let appointment = facts::posts_of(&mut conn, &who, NOW).await.unwrap().remove(0).appointment;
        drop(conn);
        let suspend = format!("/admin/appointments/{appointment}/suspend");
        let fields = [("reason", "nghỉ phép"), ("from", "01/12/2026"), ("to", "03/12/2026")];
        let (_, page) = site.post("admin", &suspend, &with(&fields, "preview")).await;
        assert!(page.contains("không thực hiện thẩm quyền") && page.contains("nghỉ phép"));
        assert_eq!(site.post("admin", &suspend, &with(&fields, "save")).await.0, 303);
        let mut conn = db.read().await.unwrap();
        assert!(!facts::appointment_in_force(&mut conn, &appointment, NOW + DAY).await.unwrap());
        drop(conn);
        let (_, history) = site.get("admin", &format!("/admin/history/person/{who}")).await;
        for word in ["Ghi người mới", "Sửa thông tin", "Ghi bổ nhiệm", "Ghi tạm đình chỉ", "nghỉ phép (15/QĐ-UBND"] {
            assert!(history.contains(word), "{word} is missing");
        }
    }

    async fn fields_and_seals_are_assigned_to_whom_the_law_allows(db: Db) {
        province(&db).await;
        let site = Site::open(&db).await;
        give(&db, &person(&db, "BD-000017").await, PROVINCE, None, None).await;
        site.callers.admit("admin", caller(&person(&db, "BD-000017").await, None));
        let mut conn = db.read().await.unwrap();
        let (vice, chair) = (person(&db, "BD-000002").await, person(&db, "BD-000001").await);
        let deputy = facts::posts_of(&mut conn, &vice, NOW).await.unwrap().remove(0);
        let head = facts::posts_of(&mut conn, &chair, NOW).await.unwrap().remove(0);
        drop(conn);
        let field = [("kind", "field"), ("post", deputy.post.as_str()), ("field", "Tài chính, ngân sách"), ("from", "01/12/2026")];
        let (status, page) = site.post("admin", "/admin/assignments/new", &with(&field, "preview")).await;
        assert!(status == 200 && page.contains("được phân công lĩnh vực “Tài chính, ngân sách” và ký thay (KT.)") && page.contains("Ngô Đức Thịnh"), "{page}");
        let (status, answer) = site.post("admin", "/admin/assignments/new", &with(&field, "save")).await;
        assert_eq!((status, location(&answer)), (303, format!("/posts/{}", deputy.post)));
        let seal = [("kind", "seal_custody"), ("post", deputy.post.as_str()), ("from", "01/12/2026")];
        let (status, page) = site.post("admin", "/admin/assignments/new", &with(&seal, "save")).await;
        assert!(status == 422 && page.contains("chỉ giao cho văn thư"));
        let to_head = [("kind", "field"), ("post", head.post.as_str()), ("field", "Tài chính"), ("from", "01/12/2026")];
        let (status, page) = site.post("admin", "/admin/assignments/new", &with(&to_head, "save")).await;
        assert!(status == 422 && page.contains("cấp phó trong cùng cơ quan"));
        let nameless = [("kind", "field"), ("post", deputy.post.as_str()), ("from", "01/12/2026")];
        assert_eq!(site.post("admin", "/admin/assignments/new", &with(&nameless, "save")).await.0, 422);
        let given = facts::assignments_of_post(&mut db.read().await.unwrap(), &deputy.post).await.unwrap();
        let given = given.into_iter().find(|a| a.field.as_deref() == Some("Tài chính, ngân sách")).unwrap();
        let end = format!("/admin/assignments/{}/end", given.id);
        assert!(site.get("admin", &format!("/posts/{}", deputy.post)).await.1.contains(&end));
        assert_eq!(site.post("admin", &end, &with(&[("end", "31/12/2026")], "save")).await.0, 303);
        let leave = format!("/admin/appointments/{}/end", head.appointment);
        assert_eq!(site.post("admin", &leave, &with(&[("end", "30/11/2026")], "save")).await.0, 303);
        let (status, board) = site.get("admin", "/admin/quality").await;
        assert_eq!(status, 200);
        for word in ["Chức vụ chưa có người", "Con dấu chưa có người giữ", "Cấp phó chưa được phân công", head.post.as_str()] {
            assert!(board.contains(word), "{word} is missing");
        }
        assert!(board.len() < 100_000);
    }
}
