//! Nobody gains or keeps a right by a reorganisation that nobody gave: scopes over bodies that end, move, split or hand functions over.

use platform::db::Db;
use platform::random::Entropy;
use register::domain::administration::{AGENCY, READING};
use register::facts;
use register::flows::record_role::{self, RecordRole};
use register::rights::{covers, scope_of};

use super::administration::{agency, give, person};
use super::merger::{day, decide, load, preview, publish};
use super::support::{ACTOR, Csv, import, migrate};

/// The district H08.31 ends: one ward goes on under the province, one merges into it; H08.02 splits; H08.03 hands a function to H08.01.
const PLAN: &str = "action,old_code,new_code,new_name,parent_code,kind,mail_domain,functions\n\
    end,H08.31,,,,,,\n\
    move,H08.31.01,H08.31.01,,H08,,,\n\
    merge,H08.31.02,H08.31.01,,,,,\n\
    split,H08.02,H08.90,Sở Mới Một,H08,so,mot.binhdinh.gov.vn,\n\
    split,H08.02,H08.91,Sở Mới Hai,H08,so,hai.binhdinh.gov.vn,\n\
    take_over,H08.03,H08.01,,,,,cấp phép\n";

/// Whether somebody's role over `of` reaches the body `id` at an instant.
async fn reaches(db: &Db, who: &str, id: &str, at: i64) -> bool {
    let mut conn = db.read().await.unwrap();
    let scope = scope_of(&mut conn, who, None, READING, at).await.unwrap();
    covers(&mut conn, &scope, id).await.unwrap()
}

platform::both_engines! {
    async fn a_reorganisation_gives_no_scope_and_leaves_none_behind(db: Db) {
        migrate(&db).await;
        import(&db, &Csv::of(&["H08", "H08.01", "H08.02", "H08.03", "H08.31", "H08.31.01", "H08.31.02"])).await.unwrap();
        let at = day("2027-01-01");
        let [district, ward, second, split, giver, taker] =
            ["H08.31", "H08.31.01", "H08.31.02", "H08.02", "H08.03", "H08.01"].map(|code| agency(&db, code));
        let (district, ward, second) = (district.await, ward.await, second.await);
        let (split, giver, taker) = (split.await, giver.await, taker.await);
        let (of_district, of_ward, of_taker) = (person(&db, "BD-000001").await, person(&db, "BD-000002").await, person(&db, "BD-000003").await);
        give(&db, &of_district, AGENCY, Some(&district), None).await;
        give(&db, &of_ward, AGENCY, Some(&ward), None).await;
        give(&db, &of_taker, AGENCY, Some(&taker), None).await;
        let plan = load(&db, "Sắp xếp", at, &[PLAN.as_bytes().to_vec()]).await.unwrap();
        let mut answers = vec![("H08.02", "H08.90")];
        let open = preview(&db, &plan).await.questions;
        let others: Vec<String> = open.iter().map(|q| q.key.clone()).filter(|key| key != "H08.02").collect();
        answers.extend(others.iter().map(|key| (key.as_str(), "-")));
        decide(&db, &plan, &answers).await;
        publish(&db, &plan).await;
        let mut conn = db.read().await.unwrap();
        let one = facts::agency_by_code(&mut conn, "H08.90", at).await.unwrap().unwrap().id;
        let two = facts::agency_by_code(&mut conn, "H08.91", at).await.unwrap().unwrap().id;
        drop(conn);
        let of_one = person(&db, "BD-000004").await;
        let role = RecordRole { person: of_one.clone(), role: AGENCY.into(), agency: Some(one), basis: "1/QĐ".into(), from: at, to: None };
        record_role::run(&db, &Entropy::system(), at, &ACTOR, &role).await.unwrap();
        let cases = [
            ("until the instant the district reaches its wards", &of_district, &ward, at - 1, true),
            ("a ward that goes on elsewhere is lost to whoever kept the district", &of_district, &ward, at, false),
            ("the ended district itself stays his", &of_district, &district, at, true),
            ("before, a ward does not reach its neighbour", &of_ward, &second, at - 1, false),
            ("the successor reaches what it took over whole", &of_ward, &second, at, true),
            ("but not the district above", &of_ward, &district, at, false),
            ("one half of a split reaches the body before", &of_one, &split, at, true),
            ("but not the other half", &of_one, &two, at, false),
            ("functions handed over give no right over the body that goes on", &of_taker, &giver, at, false),
        ];
        for (why, who, what, when, expected) in cases {
            assert_eq!(reaches(&db, who, what, when).await, expected, "{why}");
        }
    }
}
