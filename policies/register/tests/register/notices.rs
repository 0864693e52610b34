//! Notices: each event that concerns somebody and that another did reaches him and nobody else, until he marks it as read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::clock::DAY;
use platform::db::{self, Db};
use platform::notices::{NoticePort, Uncounted};
use platform::random::Entropy;
use platform::testing::caller;
use register::domain::administration::{AGENCY, PROVINCE, Table};
use register::domain::notice::Rank;
use register::domain::proposal::{Act, Verdict};
use register::domain::words::Reach;
use register::facts;
use register::flows::end_appointment::{self, EndAppointment};
use register::flows::read_notices::{self, Page};
use register::flows::record_role::{self, RecordRole};
use register::flows::record_source::{self, Draft};
use register::flows::suspend_appointment::{self, SuspendAppointment};
use register::flows::{carry_out_proposal, decide_proposal, mark_notices, propose_act};

use super::administration::{agency, give, person};
use super::bitemporal::number;
use super::site::{Site, between, location};
use super::support::{Csv, NOW, import, migrate, province};

fn by(person: &str) -> Actor {
    Actor::Person {
        person: person.into(),
        post: None,
    }
}

async fn page(db: &Db, person: &str, before: Option<i64>, now: i64) -> Page {
    let mut conn = db.read().await.unwrap();
    read_notices::page(&mut conn, &caller(person, None), before, now)
        .await
        .unwrap()
}

/// Unread notices after every event got its place; the number of the head and of the page are one.
async fn unread(db: &Db, person: &str, now: i64) -> i64 {
    number(db).await;
    let mut conn = db.read().await.unwrap();
    let n = read_notices::unread(&mut conn, &caller(person, None), now)
        .await
        .unwrap();
    drop(conn);
    assert_eq!(page(db, person, None, now).await.unread, n);
    n
}

/// Marks all that his page shows as read.
async fn read_all(db: &Db, person: &str, now: i64) {
    let seen = page(db, person, None, now).await.seen;
    mark_notices::run(db, person, seen, now).await.unwrap();
}

async fn everybody(db: &Db) -> Vec<String> {
    let mut conn = db.read().await.unwrap();
    let all = facts::snapshot(&mut conn, None).await.unwrap();
    let mut people: Vec<String> = all.appointments.into_iter().map(|a| a.person).collect();
    people.sort();
    people.dedup();
    people
}

async fn everybody_read_all(db: &Db, people: &[String]) {
    number(db).await;
    for one in people {
        read_all(db, one, NOW).await;
    }
}

/// Ends what somebody holds, as recorded by somebody.
async fn end(db: &Db, who: &str, actor: &str) {
    let mut conn = db.read().await.unwrap();
    let held = facts::posts_of(&mut conn, who, NOW).await.unwrap();
    drop(conn);
    let command = EndAppointment {
        appointment: held[0].appointment.clone(),
        to: NOW + DAY,
        basis: "12/QĐ-UBND".into(),
    };
    end_appointment::run(db, &Entropy::system(), NOW, &by(actor), &command)
        .await
        .unwrap();
}

/// Something that another part of the program wrote into the log.
async fn happened(db: &Db, kind: &'static str, actor: &str) {
    let event = Event::new(kind, NOW, by(actor), &Entropy::system())
        .about("emergency", "emg_1")
        .detail(serde_json::json!({"reason": "Mất khóa của cả hai quản trị viên"}));
    db.write(|tx| {
        let event = event.clone();
        async move { Ok::<_, db::Error>(tx.commit(event, ())) }
    })
    .await
    .unwrap();
}

async fn silent_source(db: &Db, actor: &str, recorded: i64) -> String {
    let draft = Draft {
        name: "CSDL cán bộ Sở Nội vụ".into(),
        codes: vec!["H08.02".into()],
        automatic: false,
        may_end: false,
        silent_days: 35,
        basis: "12/QĐ-SNV".into(),
    };
    record_source::run(db, &Entropy::system(), recorded, &by(actor), &draft)
        .await
        .unwrap()
}

async fn give_since(db: &Db, person: &str, role: &str, agency: Option<&str>, from: i64) {
    let role = RecordRole {
        person: person.into(),
        role: role.into(),
        agency: agency.map(str::to_owned),
        basis: "1/QĐ".into(),
        from,
        to: None,
    };
    record_role::run(db, &Entropy::system(), NOW, &Actor::System("test"), &role)
        .await
        .unwrap();
}

platform::both_engines! {
    async fn an_event_reaches_whom_it_touched_and_neither_the_doer_nor_anybody_else(db: Db) {
        province(&db).await;
        let people = everybody(&db).await;
        let (chair, vice) = (person(&db, "BD-000001").await, person(&db, "BD-000002").await);
        number(&db).await;
        assert_eq!(unread(&db, &vice, NOW).await, 1, "the list that recorded him");
        everybody_read_all(&db, &people).await;
        end(&db, &vice, &chair).await;
        let before = page(&db, &vice, None, NOW).await;
        assert_eq!(before.unread, 0, "it has no place in the log yet");
        number(&db).await;
        for one in &people {
            assert_eq!(unread(&db, one, NOW).await, i64::from(*one == vice), "{one}");
        }
        let told = page(&db, &vice, None, NOW).await;
        assert_eq!((told.notices[0].event.kind.as_str(), told.notices[0].read), ("register.appointment.ended", false));
        assert!(told.first.is_empty() && told.notices[1..].iter().all(|one| one.read));
        // Whoever ends his own appointment knows it.
        end(&db, &chair, &chair).await;
        assert_eq!(unread(&db, &chair, NOW).await, 0);
        assert!(page(&db, &chair, None, NOW).await.notices.iter().all(|one| one.event.kind != "register.appointment.ended"));
    }

    async fn the_mark_holds_on_the_pages_and_a_later_event_is_unread_again(db: Db) {
        province(&db).await;
        let (chair, vice) = (person(&db, "BD-000001").await, person(&db, "BD-000002").await);
        let site = Site::open(&db).await;
        site.sign_in(&db, "BD-000002").await;
        end(&db, &vice, &chair).await;
        number(&db).await;
        let (status, shown) = site.get("BD-000002", "/notices").await;
        assert_eq!(status, 200, "{shown}");
        for word in ["Ông/bà thôi giữ chức vụ: Phó Chủ tịch (Kinh tế tổng hợp)", "12/QĐ-UBND", "Lê Mỹ Linh", "Chưa xem", "30/11/2026", "(2 chưa xem)", "aria-current=\"page\"", &format!("/people/{vice}")] {
            assert!(shown.contains(word), "{word} is missing in {shown}");
        }
        assert!(!shown.contains("style=") && !shown.contains("<script"));
        let (_, english) = site.get("BD-000002", "/notices?lang=en").await;
        assert!(english.contains("Your appointment ends") && english.contains("(2 unread)"));
        assert!(site.get("BD-000002", "/search").await.1.contains("(2 chưa xem)"), "every page says the number");
        let place = between(&shown, "name=\"place\" value=\"", "\"").unwrap();
        let at = between(&shown, "name=\"at\" value=\"", "\"").unwrap();
        for wrong in [[("place", "x"), ("at", at.as_str())], [("place", place.as_str()), ("at", "")]] {
            assert_eq!(site.post("BD-000002", "/notices", &wrong).await.0, 422);
        }
        assert_eq!(unread(&db, &vice, NOW).await, 2, "what cannot be read changes nothing");
        let (status, answer) = site.post("BD-000002", "/notices", &[("place", &place), ("at", &at)]).await;
        assert_eq!((status, location(&answer).as_str()), (303, "/notices"));
        let (_, after) = site.get("BD-000002", "/notices").await;
        assert!(after.contains("Ông/bà thôi giữ chức vụ") && !after.contains("hưa xem") && !after.contains("id=\"mark\""), "{after}");
        assert!(after.contains("id=\"notices\"") && !after.contains("tally"), "no number for none");
        // Beyond the log nothing can be marked, and no mark goes back.
        for place in ["999999", "-1"] {
            assert_eq!(site.post("BD-000002", "/notices", &[("place", place), ("at", "9223372036854775807")]).await.0, 303);
            assert_eq!(unread(&db, &vice, NOW).await, 0);
        }
        let mut conn = db.read().await.unwrap();
        let held = facts::posts_of(&mut conn, &vice, NOW).await.unwrap();
        drop(conn);
        let pause = SuspendAppointment { appointment: held[0].appointment.clone(), reason: "Nghỉ ốm".into(), from: NOW + 1, to: Some(NOW + 2) };
        suspend_appointment::run(&db, &Entropy::system(), NOW, &by(&chair), &pause).await.unwrap();
        assert_eq!(unread(&db, &vice, NOW).await, 1);
        let (_, again) = site.get("BD-000002", "/notices").await;
        assert!(again.contains("tạm đình chỉ") && again.contains("Nghỉ ốm") && again.contains("(1 chưa xem)"));
        assert_eq!(site.get("nobody", "/notices").await.0, 303);
    }

    async fn an_emergency_reaches_every_holder_of_a_role_and_nobody_else_until_it_is_read(db: Db) {
        province(&db).await;
        let people = everybody(&db).await;
        let office = agency(&db, "H08.01").await;
        let mut holders = Vec::new();
        for (role, staff_no) in Table::ours().grantable().zip(["BD-000001", "BD-000002", "BD-000003", "BD-000004", "BD-000005"]) {
            let who = person(&db, staff_no).await;
            give(&db, &who, &role.code, (role.reach == Reach::Agency).then_some(office.as_str()), None).await;
            holders.push(who);
        }
        give(&db, &person(&db, "BD-000006").await, PROVINCE, None, Some(NOW)).await;
        everybody_read_all(&db, &people).await;
        happened(&db, "emergency.opened", &holders[0]).await;
        happened(&db, "emergency.codes_made", "psn_operator").await;
        number(&db).await;
        for one in &people {
            let expected = if *one == holders[0] { 1 } else if holders.contains(one) { 2 } else { 0 };
            assert_eq!(unread(&db, one, NOW).await, expected, "{one}");
        }
        let seen = page(&db, &holders[2], None, NOW).await;
        assert_eq!(seen.first.len(), 2);
        assert!(seen.first.iter().all(|one| one.rule.rank == Rank::First && !one.read));
        assert!(seen.notices.iter().all(|one| one.rule.rank != Rank::First), "said once");
        let site = Site::open(&db).await;
        site.callers.admit("holder", caller(&holders[2], None));
        let (status, text) = site.get("holder", "/notices").await;
        assert_eq!(status, 200);
        for word in ["Truy cập khẩn cấp đã được mở", "Mã truy cập khẩn cấp đã được lập", "Khẩn", "Mất khóa của cả hai quản trị viên"] {
            assert!(text.contains(word), "{word} is missing in {text}");
        }
        read_all(&db, &holders[2], NOW).await;
        assert_eq!(unread(&db, &holders[2], NOW).await, 0);
        let later = page(&db, &holders[2], None, NOW).await;
        assert!(later.first.is_empty() && later.notices.iter().filter(|one| one.rule.rank == Rank::First).count() == 2);
        // More than a page: older pages follow without a gap and nothing twice.
        for _ in 0..70 {
            happened(&db, "emergency.opened", "psn_operator").await;
        }
        number(&db).await;
        read_all(&db, &holders[2], NOW).await;
        let (mut places, mut before) = (Vec::new(), None);
        loop {
            let shown = page(&db, &holders[2], before, NOW).await;
            places.extend(shown.notices.iter().map(|one| one.event.log_index));
            before = shown.next;
            if before.is_none() {
                break;
            }
        }
        assert!(places.windows(2).all(|pair| pair[0] > pair[1]), "{places:?}");
        assert_eq!(places.len(), 74, "72 of emergency, his role, and the list that recorded him");
    }

    async fn a_proposal_waits_for_who_may_decide_it_and_its_fate_is_told_to_who_made_it(db: Db) {
        province(&db).await;
        let people = everybody(&db).await;
        let (first, second, third) = (person(&db, "BD-000001").await, person(&db, "BD-000002").await, person(&db, "BD-000017").await);
        let (office, city) = (agency(&db, "H08.01").await, agency(&db, "H08.31").await);
        give(&db, &first, PROVINCE, None, None).await;
        give(&db, &second, PROVINCE, None, None).await;
        let elsewhere = person(&db, "BD-000003").await;
        give(&db, &elsewhere, AGENCY, Some(&city), None).await;
        number(&db).await;
        for one in &people {
            read_all(&db, one, NOW - 1).await;
        }
        let act = Act::GrantRole { person: third.clone(), role: AGENCY.into(), agency: Some(office), from: NOW, to: None };
        let proposal = propose_act::run(&db, &Entropy::system(), NOW, &by(&first), &act, "15/QĐ-UBND").await.unwrap();
        for (who, expected) in [(&first, 0), (&second, 1), (&third, 0), (&elsewhere, 0)] {
            assert_eq!(unread(&db, who, NOW).await, expected, "{who}");
        }
        let site = Site::open(&db).await;
        site.callers.admit("second", caller(&second, None));
        let (_, shown) = site.get("second", "/notices").await;
        assert!(shown.contains("Đề nghị chờ ông/bà quyết định") && shown.contains(&format!("/admin/proposals/{}", proposal.id)) && shown.contains("15/QĐ-UBND"));
        decide_proposal::run(&db, &Entropy::system(), NOW, &by(&second), &proposal.id, Verdict::Approve, "").await.unwrap();
        carry_out_proposal::run(&db, &Entropy::system(), NOW, &by(&second), &proposal.id).await.unwrap();
        for (who, expected) in [(&first, 1), (&second, 0), (&third, 1), (&elsewhere, 0)] {
            assert_eq!(unread(&db, who, NOW).await, expected, "{who}");
        }
        assert_eq!(page(&db, &first, None, NOW).await.notices[0].event.kind, "register.proposal.approved");
        assert_eq!(page(&db, &third, None, NOW).await.notices[0].event.kind, "register.role.recorded");
    }

    async fn a_source_silent_beyond_its_rhythm_is_said_to_who_sees_it_and_on_the_quality_board(db: Db) {
        province(&db).await;
        let (admin, inside, outside, clerk) = (person(&db, "BD-000001").await, person(&db, "BD-000002").await, person(&db, "BD-000003").await, person(&db, "BD-000004").await);
        let (department, city) = (agency(&db, "H08.02").await, agency(&db, "H08.31").await);
        let long_ago = NOW - 60 * DAY;
        give_since(&db, &admin, PROVINCE, None, long_ago).await;
        give_since(&db, &inside, "inspector", Some(&department), long_ago).await;
        give_since(&db, &outside, AGENCY, Some(&city), long_ago).await;
        give_since(&db, &clerk, "personnel", Some(&department), long_ago).await;
        let source = silent_source(&db, &admin, NOW - 36 * DAY).await;
        number(&db).await;
        for who in [&admin, &inside, &outside, &clerk] {
            read_all(&db, who, NOW - 1).await;
            assert_eq!(unread(&db, who, NOW - 1).await, 0, "not silent a moment before");
        }
        for (who, sees) in [(&admin, true), (&inside, true), (&outside, false), (&clerk, false)] {
            assert_eq!(unread(&db, who, NOW).await, i64::from(sees), "{who}");
            assert_eq!(page(&db, who, None, NOW).await.waiting.silences.len(), usize::from(sees));
        }
        let site = Site::open(&db).await;
        for (name, who, sees) in [("admin", &admin, true), ("inside", &inside, true), ("outside", &outside, false), ("clerk", &clerk, false)] {
            site.callers.admit(name, caller(who, None));
            let (_, notices) = site.get(name, "/notices").await;
            assert_eq!(notices.contains("Nguồn danh sách im lặng: CSDL cán bộ Sở Nội vụ") && notices.contains(&format!("/admin/feeds#{source}")), sees, "{name}");
            let (status, board) = site.get(name, "/admin/quality?check=quality-silent").await;
            assert_eq!(status, 200);
            assert_eq!(board.contains("CSDL cán bộ Sở Nội vụ"), sees, "{name}: {board}");
        }
        assert!(site.get("admin", "/admin/quality").await.1.contains("href=\"#quality-silent\""));
        read_all(&db, &admin, NOW).await;
        assert_eq!(unread(&db, &admin, NOW).await, 0);
        assert_eq!(page(&db, &admin, None, NOW).await.waiting.silences.len(), 1, "it stands while it lasts");
    }

    async fn nothing_of_people_outside_the_scope_comes_with_a_notice(db: Db) {
        province(&db).await;
        let (office, city) = (agency(&db, "H08.01").await, agency(&db, "H08.31").await);
        let mut conn = db.read().await.unwrap();
        let post = facts::posts_of_agency(&mut conn, &city, NOW).await.unwrap().remove(0);
        let mayor = facts::holders_of(&mut conn, &post.id, NOW).await.unwrap().remove(0);
        drop(conn);
        let (chair, admin) = (person(&db, "BD-000001").await, person(&db, "BD-000017").await);
        give(&db, &admin, AGENCY, Some(&office), None).await;
        let people = everybody(&db).await;
        everybody_read_all(&db, &people).await;
        end(&db, &mayor.person, &chair).await;
        number(&db).await;
        let site = Site::open(&db).await;
        site.callers.admit("mayor", caller(&mayor.person, Some(&post.id)));
        site.callers.admit("admin", caller(&admin, None));
        site.callers.admit("without a post", caller(&mayor.person, None));
        let (_, own) = site.get("mayor", "/notices").await;
        assert!(own.contains("Ông/bà thôi giữ chức vụ") && own.contains("người có thẩm quyền"), "{own}");
        assert!(!own.contains("Lê Mỹ Linh"), "the doer stands outside the mayor's scope");
        let (_, other) = site.get("admin", "/notices").await;
        assert!(!other.contains("thôi giữ chức vụ") && !other.contains(&mayor.name) && !other.contains(&city));
        let (status, bare) = site.get("without a post", "/notices").await;
        assert_eq!(status, 200);
        assert!(bare.contains("Ông/bà thôi giữ chức vụ") && !bare.contains("/people/"), "no door to a page that is shut");
    }

    async fn a_page_is_shown_without_a_number_when_it_cannot_be_counted(db: Db) {
        province(&db).await;
        let site = Site::with_notices(&db, Arc::new(Broken)).await;
        site.sign_in(&db, "BD-000002").await;
        let (status, shown) = site.get("BD-000002", "/search").await;
        assert_eq!(status, 200);
        assert!(shown.contains("id=\"notices\"") && !shown.contains("tally"));
    }
}

/// Cannot count.
struct Broken;

impl NoticePort for Broken {
    fn unread<'a>(
        &'a self,
        _caller: &'a Caller,
        _now: i64,
    ) -> BoxFuture<'a, Result<i64, Uncounted>> {
        Box::pin(async { Err(Uncounted("the table is not there".into())) })
    }
}

async fn each_count(db: &Db, who: &Caller) -> Duration {
    const TIMES: u32 = 300;
    let mut conn = db.read().await.unwrap();
    let begin = Instant::now();
    for _ in 0..TIMES {
        read_notices::unread(&mut conn, who, NOW).await.unwrap();
    }
    begin.elapsed() / TIMES
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_of_every_page_is_counted_quickly_in_a_whole_province() {
    let db = platform::testing::sqlite().await;
    migrate(&db).await;
    import(&db, &Csv::demo()).await.unwrap();
    let (plain, admin, below) = (
        person(&db, "BD-000700").await,
        person(&db, "BD-000001").await,
        person(&db, "BD-000002").await,
    );
    let long_ago = NOW - 60 * DAY;
    give_since(&db, &admin, PROVINCE, None, long_ago).await;
    let city = agency(&db, "H08.31").await;
    give_since(&db, &below, AGENCY, Some(&city), long_ago).await;
    silent_source(&db, &admin, NOW - 40 * DAY).await;
    for _ in 0..50 {
        happened(&db, "emergency.opened", "psn_operator").await;
    }
    end(&db, &plain, &admin).await;
    number(&db).await;
    for (name, who) in [
        ("somebody without a role", &plain),
        ("an administrator of the province", &admin),
        ("an administrator of an agency", &below),
    ] {
        let took = each_count(&db, &caller(who, None)).await;
        println!("unread notices of {name} among 6,000 people: {took:?}");
        assert!(took < Duration::from_millis(20), "{name}: {took:?}");
    }
}
