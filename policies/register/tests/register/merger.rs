//! The real reorganisations of Bình Định as plans: wards of 2024, provinces, departments and communes of 2025; compared with the lists themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use platform::clock::{day_start, parse_date};
use platform::db::Db;
use platform::random::Entropy;
use register::domain::import::Cause;
use register::domain::reorganisation::Preview;
use register::domain::words::{Fate, Item};
use register::facts::{self, AgencyFact, Facts};
use register::flows::load_plan::{LoadPlan, LoadPlanError};
use register::flows::{decide_in_plan, load_plan, publish_plan, see_plan};

use super::support::{ACTOR, Csv, NOW, import, migrate};

pub fn day(text: &str) -> i64 {
    day_start(parse_date(text).unwrap())
}

pub fn file(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let demo = folder.join("../../deploy/demo/data").join(name);
    std::fs::read(demo)
        .or_else(|_| std::fs::read(folder.join("tests/vectors").join(name)))
        .unwrap()
}

fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    let bytes = file(name);
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    reader.deserialize().map(Result::unwrap).collect()
}

pub async fn load(
    db: &Db,
    name: &str,
    at: i64,
    files: &[Vec<u8>],
) -> Result<String, LoadPlanError> {
    let plan = LoadPlan {
        name,
        at,
        basis: "Nghị quyết 1664/NQ-UBTVQH15",
        files: files.iter().map(Vec::as_slice).collect(),
    };
    load_plan::run(db, &Entropy::system(), NOW, &ACTOR, &plan).await
}

pub async fn preview(db: &Db, plan: &str) -> Preview {
    let mut conn = db.read().await.unwrap();
    let kept = see_plan::find(&mut conn, plan).await.unwrap().unwrap();
    see_plan::preview(&mut conn, &kept).await.unwrap()
}

pub async fn decide(db: &Db, plan: &str, answers: &[(&str, &str)]) {
    let answers: Vec<(String, String)> = answers
        .iter()
        .map(|(k, a)| ((*k).into(), (*a).into()))
        .collect();
    decide_in_plan::run(db, &Entropy::system(), NOW, &ACTOR, plan, &answers)
        .await
        .unwrap();
}

pub async fn publish(db: &Db, plan: &str) -> Preview {
    publish_plan::run(db, &Entropy::system(), NOW, &ACTOR, plan)
        .await
        .unwrap()
}

pub async fn snapshot(db: &Db) -> Facts {
    facts::snapshot(&mut db.read().await.unwrap(), None)
        .await
        .unwrap()
}

/// The tree at an instant: code → (name, code above).
fn tree(facts: &Facts, at: i64) -> BTreeMap<String, (String, String)> {
    let there: Vec<&AgencyFact> = facts
        .agencies
        .iter()
        .filter(|a| a.interval().holds(at))
        .collect();
    let code: BTreeMap<&str, &str> = there
        .iter()
        .map(|a| (a.id.as_str(), a.code.as_str()))
        .collect();
    there
        .iter()
        .map(|a| {
            let above = a.parent.as_deref().map_or("", |p| code[p]);
            (a.code.clone(), (a.name.clone(), above.to_string()))
        })
        .collect()
}

fn tree_of_list(name: &str) -> BTreeMap<String, (String, String)> {
    rows(name)
        .into_iter()
        .map(|row| {
            (
                row["code"].clone(),
                (row["name_vi"].clone(), row["parent_code"].clone()),
            )
        })
        .collect()
}

/// Communes at an instant by statistical code, as places.
fn communes(facts: &Facts, at: i64) -> BTreeSet<(String, String)> {
    facts
        .agencies
        .iter()
        .filter(|a| {
            a.interval().holds(at)
                && matches!(a.kind.as_str(), "ubnd_xa" | "ubnd_phuong" | "ubnd_thi_tran")
        })
        .map(|a| {
            (
                a.gso_code.clone().unwrap(),
                a.name.to_lowercase().replace("ủy ban nhân dân ", ""),
            )
        })
        .collect()
}

fn communes_of_list(at: &str) -> BTreeSet<(String, String)> {
    rows("unit_versions.csv")
        .into_iter()
        .filter(|row| {
            row["level"] == "commune"
                && row["valid_from"].as_str() <= at
                && (row["valid_to"].is_empty() || row["valid_to"].as_str() > at)
        })
        .map(|row| (row["gso_code"].clone(), row["name_vi"].to_lowercase()))
        .collect()
}

/// The wards of Quy Nhơn on 01/12/2024; who took over the four that ended is not in the list and has to be said.
pub async fn wards_of_2024(db: &Db) -> String {
    let plan = load(
        db,
        "Sắp xếp phường 2024",
        day("2024-12-01"),
        &[file("unit_versions.csv")],
    )
    .await
    .unwrap();
    let asked: BTreeSet<String> = preview(db, &plan)
        .await
        .questions
        .iter()
        .filter(|q| q.is_open())
        .map(|q| q.key.clone())
        .collect();
    assert_eq!(
        asked,
        ["H08.31.07", "H08.31.08", "H08.31.09", "H08.31.13"]
            .map(String::from)
            .into()
    );
    let refused = publish_plan::run(db, &Entropy::system(), NOW, &ACTOR, &plan).await;
    assert!(matches!(refused, Err(publish_plan::PublishPlanError::Open(open)) if open.len() == 4));
    let answers = [
        ("H08.31.07", "H08.31.12"),
        ("H08.31.08", "H08.31.11"),
        ("H08.31.09", "H08.31.12"),
        ("H08.31.13", "H08.31.11"),
    ];
    decide(db, &plan, &answers).await;
    publish(db, &plan).await;
    plan
}

/// The three tables of 2025 as one plan.
pub fn files_of_2025() -> Vec<Vec<u8>> {
    [
        "merger_2025.csv",
        "agency_mergers.csv",
        "agencies_after_2025_merger.csv",
    ]
    .map(file)
    .into()
}

pub const ANSWERS_OF_2025: [(&str, &str); 4] = [
    ("H08.23", "H21.01"),
    ("H08.32.10", "H21.21628"),
    ("H08.41.02", "H21.21997"),
    ("H08.41.03", "H21.22006"),
];

/// What the preview says about every kind agrees with the records before and after, thing by thing.
pub fn nothing_is_lost(before: &Facts, after: &Facts, preview: &Preview, at: i64) {
    let listed = |item: Item, fates: &[Fate]| -> BTreeMap<&str, usize> {
        let mut all = BTreeMap::new();
        for outcome in preview
            .outcomes
            .iter()
            .filter(|o| o.item == item && fates.contains(&o.fate))
        {
            *all.entry(outcome.id.as_str()).or_default() += 1;
        }
        all
    };
    type Spans<'f> = Vec<(&'f str, i64, Option<i64>)>;
    let spans = |facts: &'_ Facts, item: Item| -> Vec<(String, i64, Option<i64>)> {
        let all: Spans<'_> = match item {
            Item::Agency => facts
                .agencies
                .iter()
                .map(|f| (f.id.as_str(), f.from, f.to))
                .collect(),
            Item::Unit => facts
                .units
                .iter()
                .map(|f| (f.id.as_str(), f.from, f.to))
                .collect(),
            Item::Post => facts
                .posts
                .iter()
                .map(|f| (f.id.as_str(), f.from, f.to))
                .collect(),
            Item::Appointment => facts
                .appointments
                .iter()
                .map(|f| (f.id.as_str(), f.from, f.to))
                .collect(),
            Item::Assignment => facts
                .assignments
                .iter()
                .map(|f| (f.id.as_str(), f.from, f.to))
                .collect(),
            Item::Seal => facts
                .seals
                .iter()
                .map(|f| (f.id.as_str(), f.from, f.to))
                .collect(),
            other => panic!("{other:?} has no list"),
        };
        all.into_iter()
            .map(|(id, from, to)| (id.to_string(), from, to))
            .collect()
    };
    let in_force = |all: &[(String, i64, Option<i64>)], at: i64| -> BTreeSet<String> {
        all.iter()
            .filter(|(_, from, to)| *from <= at && to.is_none_or(|to| at < to))
            .map(|(id, ..)| id.clone())
            .collect()
    };
    for item in [
        Item::Agency,
        Item::Unit,
        Item::Post,
        Item::Appointment,
        Item::Assignment,
        Item::Seal,
    ] {
        let (old, new) = (spans(before, item), spans(after, item));
        let was = in_force(&old, at - 1);
        assert_eq!(
            was,
            in_force(&new, at - 1),
            "{item:?}: the past is what it was"
        );
        let is = in_force(&new, at);
        let gone: BTreeSet<&str> = was.difference(&is).map(String::as_str).collect();
        let ended = listed(item, &[Fate::Moves, Fate::Lapses, Fate::Undecided]);
        let said: BTreeSet<&str> = ended
            .keys()
            .copied()
            .filter(|id| was.contains(*id))
            .collect();
        assert_eq!(
            gone, said,
            "{item:?}: whatever ends is listed, and nothing else"
        );
        assert!(ended.values().all(|n| *n == 1), "{item:?} is listed twice");
        // What was to begin at the instant anyway is no work of the plan.
        let meant = in_force(&old, at);
        let came: BTreeSet<&str> = is
            .iter()
            .filter(|id| !was.contains(*id) && !meant.contains(*id))
            .map(String::as_str)
            .collect();
        match item {
            Item::Appointment => {
                let moved = listed(item, &[Fate::Moves]);
                let moved = moved.keys().filter(|id| meant.contains(**id)).count();
                assert_eq!(came.len(), moved, "one new appointment for each that moves");
            }
            Item::Assignment => assert!(came.len() <= listed(item, &[Fate::Moves]).len()),
            _ => assert_eq!(
                came,
                listed(item, &[Fate::Begins]).keys().copied().collect(),
                "{item:?}: whatever begins is listed"
            ),
        }
        assert_eq!(
            preview.before.get(&item).copied().unwrap_or(0),
            was.len(),
            "{item:?} before"
        );
        assert_eq!(
            preview.after.get(&item).copied().unwrap_or(0),
            is.len(),
            "{item:?} after"
        );
        let begun = is.difference(&was).count();
        assert_eq!(was.len() - gone.len() + begun, is.len(), "{item:?} adds up");
    }
}

platform::both_engines! {
    async fn the_merger_of_2025_is_previewed_and_switched_and_the_tree_is_the_lists(db: Db) {
        migrate(&db).await;
        import(&db, &Csv::demo()).await.unwrap();
        let at = day("2025-07-01");
        // The register of 30/11/2024 does not fit the table of 2025: statistical codes have changed hands since.
        let Err(LoadPlanError::Rows { faults, .. }) = load(&db, "2025", at, &files_of_2025()).await else { panic!("it must not fit") };
        let names: BTreeSet<String> = faults.iter().filter_map(|f| match &f.cause {
            Cause::NameDiffers(listed, _) => Some(listed.clone()),
            _ => None,
        }).collect();
        assert_eq!(names, ["Phường Trần Phú", "Phường Thị Nại", "Thị trấn Cát Khánh"].map(String::from).into());
        wards_of_2024(&db).await;
        let plan = load(&db, "Hợp nhất tỉnh, bỏ cấp huyện", at, &files_of_2025()).await.unwrap();
        let began = Instant::now();
        let first = preview(&db, &plan).await;
        let previewed = began.elapsed();
        assert!(first.problems.is_empty(), "{:?}", first.problems);
        let asked: BTreeMap<&str, Option<&str>> = first.questions.iter().filter(|q| q.is_open()).map(|q| (q.key.as_str(), q.proposed.as_deref())).collect();
        let expected = [("H08.23", None), ("H08.32.10", Some("H21.21628")), ("H08.41.02", Some("H21.21997")), ("H08.41.03", Some("H21.22006"))];
        assert_eq!(asked, expected.into());
        assert_eq!(first.count(Item::Agency, Fate::Begins), 151 - 10, "9 departments and 1 commune go on");
        decide(&db, &plan, &ANSWERS_OF_2025).await;
        let before = snapshot(&db).await;
        let began = Instant::now();
        let done = publish(&db, &plan).await;
        let switched = began.elapsed();
        let after = snapshot(&db).await;
        println!("{:?}: previewed in {previewed:?}, switched in {switched:?}; {} things; {:?}", db.kind(), done.outcomes.len(), done.counts);
        assert_eq!(after.epoch, before.epoch + 1, "the switch raises the epoch");
        assert_eq!(tree(&after, day("2024-11-30")), tree_of_list("agencies.csv"));
        assert_eq!(communes(&after, day("2025-06-30")), communes_of_list("2025-06-30"));
        assert_eq!(communes(&after, day("2025-06-30")).len(), 155);
        assert_eq!(tree(&after, at - 1), tree(&before, at - 1));
        assert_eq!(tree(&after, at), tree_of_list("agencies_after_2025_merger.csv"));
        assert!(!after.agencies.iter().any(|a| a.interval().holds(at) && ["ubnd_huyen", "ubnd_thi_xa", "ubnd_thanh_pho"].contains(&a.kind.as_str())), "the level of districts has ended");
        nothing_is_lost(&before, &after, &done, at);
        // Old codes keep resolving, and say what they are today.
        let mut conn = db.read().await.unwrap();
        assert_eq!(facts::agency_by_code(&mut conn, "H08.41.03", at - 1).await.unwrap().unwrap().name, "Ủy ban nhân dân xã Canh Hiệp");
        assert!(facts::agency_by_code(&mut conn, "H08.41.03", at).await.unwrap().is_none());
        let today = |found: Vec<AgencyFact>| found.into_iter().map(|a| a.code).collect::<Vec<_>>();
        assert_eq!(today(facts::heirs_of_code(&mut conn, "H08.41.03", at).await.unwrap()), ["H21.21994", "H21.22006"]);
        assert_eq!(today(facts::heirs_of_code(&mut conn, "H08.31.08", at).await.unwrap()), ["H21.21583"], "through the ward of 2024");
        assert_eq!(today(facts::heirs_of_code(&mut conn, "H08.03", at).await.unwrap()), ["H21.03"]);
        assert_eq!(today(facts::heirs_of_code(&mut conn, "H08.31", at).await.unwrap()), Vec::<String>::new());
        assert_eq!(today(facts::heirs_of_code(&mut conn, "H21.03", at).await.unwrap()), ["H21.03"]);
        drop(conn);
        // The old files once more revive nothing: what they say of the past is known, and whoever was to begin later is refused.
        let report = import(&db, &Csv::demo()).await;
        assert!(report.is_err(), "{report:?}");
        assert_eq!(snapshot(&db).await, after);
    }
}
