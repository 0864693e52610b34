//! Lists as offices send them: 6,015 rows of an Excel file with every fault that was put into it, and seven encodings of one list.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use platform::Ground;
use platform::audit::Actor;
use platform::db::Db;
use platform::testing::{self, Callers};
use register::domain::intake::encoding::{self, Encoding};
use register::domain::intake::match_up::Outcome;
use register::domain::intake::sheet::Cell;
use register::domain::intake::weigh::Line;
use register::domain::intake::{Note, Verdict, delimited};
use register::domain::words::{Kind, Verb};
use register::facts::{self, AsOf};
use register::flows::choose_for_list::{self, Choice};
use register::flows::read_list::{self, ReadList};
use register::flows::receive_list::{self, Upload};
use register::flows::record_role::{self, RecordRole};
use register::flows::undo_list::UndoList;
use register::flows::{discard_list, export_register, publish_list, undo_list};
use register::rights::scope_of;

use super::support::{ACTOR, Csv, entropy, migrate};

const DIRTY: &[u8] = include_bytes!("../data/officials_import_dirty.xlsx");
const EXPECTED: &str = include_str!("../data/officials_import_expected.csv");
/// The administrator, who is also a row of the list.
pub const ADMINISTRATOR: &str = "BD-000033";
/// Her personal number.
const ADMINISTRATORS_NUMBER: &str = "099175097979";

/// A province with its agencies and units, and nobody but its administrator.
pub struct Office {
    pub ground: Ground,
    pub administrator: String,
}

impl Office {
    pub async fn open(db: Db) -> Self {
        migrate(&db).await;
        let ground = testing::ground(db, Callers::default());
        let all = Csv::demo();
        let mut lines = all.officials.lines();
        let officials = [
            lines.next().unwrap(),
            lines.find(|line| line.starts_with(ADMINISTRATOR)).unwrap(),
        ]
        .map(|line| format!("{line}\n"))
        .concat();
        let csv = Csv { officials, ..all };
        let tools = register::flows::import_register::Tools {
            db: &ground.db,
            entropy: &ground.entropy,
            sealer: &ground.sealer,
        };
        register::flows::import_register::run(tools, ground.now(), &ACTOR, &csv.files())
            .await
            .unwrap();
        let mut conn = ground.db.read().await.unwrap();
        let person = facts::person_by_staff_no(&mut conn, ADMINISTRATOR)
            .await
            .unwrap()
            .unwrap()
            .id;
        drop(conn);
        let role = RecordRole {
            person: person.clone(),
            role: register::domain::administration::PROVINCE.into(),
            agency: None,
            basis: "Quyết định 1/QĐ-UBND".into(),
            from: ground.now() - 1,
            to: None,
        };
        record_role::run(&ground.db, &entropy(), ground.now(), &ACTOR, &role)
            .await
            .unwrap();
        Self {
            ground,
            administrator: person,
        }
    }

    pub fn actor(&self) -> Actor {
        Actor::Person {
            person: self.administrator.clone(),
            post: None,
        }
    }

    pub async fn receive(&self, name: &str, bytes: &[u8]) -> Result<String, ReadList> {
        let upload = Upload {
            file_name: name.into(),
            bytes: bytes.to_vec(),
            effective: self.ground.now(),
        };
        receive_list::run(&self.ground, &self.administrator, None, upload).await
    }

    pub async fn lines(&self, id: &str) -> Vec<Line> {
        let mut conn = self.ground.db.read().await.unwrap();
        let tools = read_list::Tools {
            entropy: &self.ground.entropy,
            sealer: &self.ground.sealer,
        };
        read_list::run(&mut conn, tools, &self.administrator, id, self.ground.now())
            .await
            .unwrap()
            .lines
    }

    pub async fn accept(&self, id: &str, words: &[&str]) {
        let choice = Choice {
            accepted: Some(words.iter().map(|word| (*word).to_owned()).collect()),
            ..Choice::default()
        };
        choose_for_list::run(&self.ground, &self.administrator, id, choice)
            .await
            .unwrap();
    }

    pub async fn publish(&self, id: &str) -> register::flows::import_register::ImportReport {
        publish_list::begin(&self.ground, &self.administrator, id)
            .await
            .unwrap();
        publish_list::carry_on(&self.ground, &self.actor(), &self.administrator, id)
            .await
            .unwrap()
    }

    pub async fn export(&self) -> Vec<u8> {
        let mut conn = self.ground.db.read().await.unwrap();
        let now = self.ground.now();
        let scope = scope_of(
            &mut conn,
            &self.administrator,
            None,
            (Verb::See, Kind::Person),
            now,
        )
        .await
        .unwrap();
        export_register::csv(&mut conn, &scope, AsOf::now(now))
            .await
            .unwrap()
    }

    async fn people(&self) -> usize {
        let text = String::from_utf8(self.export().await).unwrap();
        text.lines().count() - 1
    }
}

/// The word of the expected file for a note; `None` for what is said about the population and not about a fault put in.
fn fault(note: &Note) -> Option<&'static str> {
    Some(match note.word() {
        "dob-text" => "dob_as_text",
        "dob-two-digits" => "dob_d_m_yy_dots",
        "dob-year-only" => "dob_year_only",
        "lost-zeros" => "cccd_lost_leading_zero",
        "number-missing" => "cccd_missing",
        "old-number" => "cmnd_9_digits",
        "name-nfd" => "name_nfd",
        "post-short" => "post_short_form",
        "spaces" => "spaces_nbsp",
        "zero-width" => "zero_width_space",
        "upper-case" => "upper_case",
        "agency-short" => "agency_short_form",
        "agency-spelling" => "agency_qui_nhon",
        "eth-for-d" => "eth_for_d",
        "old-tone" => "old_tone_placement",
        "duplicate" => "duplicate_of_previous",
        "lookalike" => "cyrillic_lookalike",
        // The made-up population has posts outside the table of their kind of agency, and heads of two bodies.
        "outside-table" => return None,
        other => other,
    })
}

/// Every group of proposals.
const LOOK: [&str; 11] = [
    "lost-zeros",
    "upper-case",
    "dob-year-only",
    "dob-unclear",
    "number-missing",
    "old-number",
    "number-disagrees",
    "agency-marks",
    "possible",
    "moves",
    "name-differs",
];

fn expected() -> BTreeMap<u32, BTreeSet<String>> {
    EXPECTED
        .lines()
        .skip(1)
        .map(|line| {
            let mut parts = line.split(',');
            let row = parts.next().unwrap().parse().unwrap();
            let faults = parts.nth(1).unwrap_or_default();
            let faults = faults.split('|').filter(|f| !f.is_empty());
            (row, faults.map(str::to_owned).collect())
        })
        .collect()
}

async fn the_whole_life_of_the_list(db: Db) -> String {
    let office = Office::open(db).await;
    let before = office.export().await;
    let begin = Instant::now();
    let id = office.receive("DS CBCC.xlsx", DIRTY).await.unwrap();
    let lines = office.lines(&id).await;
    let judged = begin.elapsed();

    // Every row, as the file of truth says.
    let expected = expected();
    assert_eq!(lines.len(), 6_015);
    let mut differing = Vec::new();
    for line in &lines {
        let found: BTreeSet<String> = line
            .notes
            .iter()
            .filter_map(fault)
            .map(str::to_owned)
            .collect();
        if expected.get(&line.number) != Some(&found) {
            differing.push(format!(
                "{} {}: {found:?} instead of {:?}",
                line.number,
                line.name,
                expected.get(&line.number)
            ));
        }
    }
    assert!(
        differing.is_empty(),
        "{} rows differ:\n{}",
        differing.len(),
        differing[..differing.len().min(40)].join("\n")
    );
    let count = |verdict| lines.iter().filter(|line| line.verdict == verdict).count();
    assert_eq!(
        count(Verdict::Refused),
        6 + 15,
        "look-alikes and duplicates, nothing else"
    );
    let mut names: Vec<&str> = lines
        .iter()
        .filter(|line| line.verdict != Verdict::Refused)
        .map(|line| line.name.as_str())
        .collect();
    names.sort_unstable();
    let sharing = names.windows(2).filter(|pair| pair[0] == pair[1]).count();
    assert!(
        sharing > 1_000,
        "homonyms stay people of their own: {sharing}"
    );

    // Without accepting anything only what is certain comes in; nothing has come in yet.
    assert_eq!(office.export().await, before);
    office.accept(&id, &LOOK).await;
    let begin = Instant::now();
    let report = office.publish(&id).await;
    let published = begin.elapsed();
    assert_eq!(report.counts.people, 6_015 - 21 - 1, "{report}");
    assert_eq!(office.people().await, 6_015 - 21);
    let after = office.export().await;

    // A second upload of the same file changes nothing.
    let again = office.receive("DS CBCC (2).xlsx", DIRTY).await.unwrap();
    office.accept(&again, &LOOK).await;
    let lines = office.lines(&again).await;
    let others: Vec<String> = lines
        .iter()
        .filter(|line| !matches!(line.outcome, Outcome::Stays | Outcome::Nothing))
        .map(|line| format!("{line:?}"))
        .collect();
    assert!(
        others.is_empty(),
        "{}: {:#?}",
        others.len(),
        &others[..others.len().min(5)]
    );
    let report = office.publish(&again).await;
    assert_eq!(report.change_set, None);
    assert_eq!(office.export().await, after);

    // Undo restores the export byte for byte; the list can then come in once more.
    let begin = Instant::now();
    undo_list::run(&office.ground, &office.actor(), &office.administrator, &id)
        .await
        .unwrap();
    let undone = begin.elapsed();
    assert_eq!(office.export().await, before);
    let twice = undo_list::run(&office.ground, &office.actor(), &office.administrator, &id).await;
    assert!(matches!(twice, Err(UndoList::Closed)));
    format!(
        "list of 6,015 rows: received and judged {judged:.2?}, published {published:.2?}, undone {undone:.2?}"
    )
}

platform::both_engines! {
    async fn the_dirty_list_is_judged_row_by_row_published_once_and_taken_back(db: Db) {
        println!("{}", the_whole_life_of_the_list(db).await);
    }

    async fn a_list_of_one_agency_s_administrator_reaches_no_other_agency(db: Db) {
        let office = Office::open(db).await;
        let mut conn = office.ground.db.read().await.unwrap();
        let department = facts::agency_by_code(&mut conn, "H08.02", office.ground.now()).await.unwrap().unwrap();
        drop(conn);
        let list = "Họ và tên;Ngày sinh;Số CCCD;Cơ quan;Phòng, ban;Chức vụ\n\
            Nguyễn Thị Một;01/02/1980;099180000001;Sở Nội vụ;Văn phòng Sở;Chuyên viên\n\
            Nguyễn Thị Hai;01/02/1980;099180000002;Sở Tài chính;Văn phòng Sở;Chuyên viên\n";
        let id = office.receive("ds.csv", list.as_bytes()).await.unwrap();
        assert!(office.lines(&id).await.iter().all(|line| line.outcome == Outcome::Joins));
        let publish = office.publish(&id).await;
        assert_eq!(publish.counts.people, 2);
        let mut conn = office.ground.db.read().await.unwrap();
        let one = facts::person_by_username(&mut conn, "motnt").await.unwrap().unwrap();
        drop(conn);
        let nobody = read_list::may_read(&mut office.ground.db.read().await.unwrap(), &one.id, office.ground.now()).await;
        assert!(matches!(nobody, Err(ReadList::NoRight)));
        let role = RecordRole { person: one.id.clone(), role: register::domain::administration::AGENCY.into(), agency: Some(department.id), basis: "QĐ".into(), from: office.ground.now() - 1, to: None };
        record_role::run(&office.ground.db, &platform::random::Entropy::seeded(9), office.ground.now(), &ACTOR, &role).await.unwrap();
        let hers = Office { ground: office.ground.clone(), administrator: one.id };
        let more = list.replace("Một", "Ba").replace("Hai", "Tư").replace("0991800000", "0991800001");
        let id = hers.receive("ds.csv", more.as_bytes()).await.unwrap();
        let lines = hers.lines(&id).await;
        assert_eq!(lines[0].outcome, Outcome::Joins, "{lines:#?}");
        assert!(lines[1].notes.iter().any(|note| note.word() == "other-agency"), "{lines:#?}");
        assert_eq!(hers.publish(&id).await.counts.people, 1);

        // The number of somebody in another agency neither moves nor shows him.
        let stolen = format!("Họ và tên;Ngày sinh;Số CCCD;Cơ quan;Phòng, ban;Chức vụ\nTrần Văn Bịa;05/09/1975;{ADMINISTRATORS_NUMBER};Sở Nội vụ;Văn phòng Sở;Chuyên viên\n");
        let probe = hers.receive("ds.csv", stolen.as_bytes()).await.unwrap();
        hers.accept(&probe, &LOOK).await;
        let line = hers.lines(&probe).await.remove(0);
        assert_eq!((line.verdict, line.outcome), (Verdict::Refused, Outcome::Nothing), "{line:?}");
        assert!(line.notes.contains(&Note::HeldElsewhere), "{line:?}");
        assert!(!format!("{line:?}").contains("Trần Thanh Đàn"), "{line:?}");
    }

    async fn number_and_name_for_signing_in_of_somebody_taken_back_are_given_to_nobody_else(db: Db) {
        let office = Office::open(db).await;
        let list = "Họ và tên;Ngày sinh;Số CCCD;Cơ quan;Phòng, ban;Chức vụ\nNguyễn Thị Một;01/02/1980;099180000001;Sở Nội vụ;Văn phòng Sở;Chuyên viên\n";
        let first = office.receive("ds.csv", list.as_bytes()).await.unwrap();
        office.publish(&first).await;
        undo_list::run(&office.ground, &office.actor(), &office.administrator, &first).await.unwrap();
        // Another person of the same name.
        let other = list.replace("01/02/1980;099180000001", "03/04/1985;099185000002");
        let second = office.receive("ds2.csv", other.as_bytes()).await.unwrap();
        office.publish(&second).await;
        let mut conn = office.ground.db.read().await.unwrap();
        assert!(facts::person_by_username(&mut conn, "motnt").await.unwrap().is_none());
        assert!(facts::person_by_staff_no(&mut conn, "CB-000001").await.unwrap().is_none());
        let one = facts::person_by_staff_no(&mut conn, "CB-000002").await.unwrap().unwrap();
        assert_eq!((one.full_name.as_str(), one.username.starts_with("motnt")), ("Nguyễn Thị Một", true));
    }

    async fn another_s_list_is_not_there_for_the_administrator_of_one_agency(db: Db) {
        let office = Office::open(db).await;
        let list = "Họ và tên;Ngày sinh;Số CCCD;Cơ quan;Phòng, ban;Chức vụ\nNguyễn Thị Một;01/02/1980;099180000001;Sở Nội vụ;Văn phòng Sở;Chuyên viên\n";
        let id = office.receive("ds.csv", list.as_bytes()).await.unwrap();
        office.publish(&id).await;
        let (ground, now) = (&office.ground, office.ground.now());
        let mut conn = ground.db.read().await.unwrap();
        let one = facts::person_by_username(&mut conn, "motnt").await.unwrap().unwrap();
        let department = facts::agency_by_code(&mut conn, "H08.02", now).await.unwrap().unwrap();
        drop(conn);
        let role = RecordRole { person: one.id.clone(), role: register::domain::administration::AGENCY.into(), agency: Some(department.id), basis: "QĐ".into(), from: now - 1, to: None };
        record_role::run(&ground.db, &platform::random::Entropy::seeded(7), now, &ACTOR, &role).await.unwrap();
        let hers = Office { ground: ground.clone(), administrator: one.id };
        let mut conn = ground.db.read().await.unwrap();
        assert!(matches!(read_list::own(&mut conn, &hers.administrator, &id, now).await, Err(ReadList::NotFound)));
        assert!(read_list::newest(&mut conn, &hers.administrator, now, 50).await.unwrap().is_empty());
        assert_eq!(read_list::newest(&mut conn, &office.administrator, now, 50).await.unwrap().len(), 1);
        drop(conn);
        let before = office.export().await;
        let undone = undo_list::run(ground, &hers.actor(), &hers.administrator, &id).await;
        assert!(matches!(undone, Err(UndoList::Read(ReadList::NotFound))), "{undone:?}");
        let begun = publish_list::begin(ground, &hers.administrator, &id).await;
        assert!(matches!(begun, Err(publish_list::PublishList::Read(ReadList::NotFound))), "{begun:?}");
        assert!(discard_list::run(ground, &hers.actor(), &hers.administrator, &id).await.is_err());
        assert!(choose_for_list::run(ground, &hers.administrator, &id, Choice::default()).await.is_err());
        assert_eq!(office.export().await, before);
    }

    async fn what_later_acts_rest_on_is_not_taken_back(db: Db) {
        let office = Office::open(db).await;
        let list = "Họ và tên;Ngày sinh;Số CCCD;Cơ quan;Phòng, ban;Chức vụ\nNguyễn Thị Một;01/02/1980;099180000001;Sở Nội vụ;Văn phòng Sở;Chuyên viên\n";
        let id = office.receive("ds.csv", list.as_bytes()).await.unwrap();
        office.publish(&id).await;
        let mut conn = office.ground.db.read().await.unwrap();
        let one = facts::person_by_username(&mut conn, "motnt").await.unwrap().unwrap();
        drop(conn);
        let role = RecordRole { person: one.id, role: register::domain::administration::PROVINCE.into(), agency: None, basis: "QĐ".into(), from: office.ground.now(), to: None };
        record_role::run(&office.ground.db, &platform::random::Entropy::seeded(8), office.ground.now(), &ACTOR, &role).await.unwrap();
        let before = office.export().await;
        let refused = undo_list::run(&office.ground, &office.actor(), &office.administrator, &id).await;
        assert!(matches!(refused, Err(UndoList::Later(_))), "{refused:?}");
        assert_eq!(office.export().await, before);
    }

    async fn broken_files_are_refused_in_words_and_kept_nowhere(db: Db) {
        let office = Office::open(db).await;
        let cut = &DIRTY[..DIRTY.len() / 2];
        for (name, bytes) in [("empty.xlsx", &b""[..]), ("cut.xlsx", cut), ("zip.xlsx", b"PK\x03\x04"), ("old.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0\0\0")] {
            let outcome = office.receive(name, bytes).await;
            match outcome {
                Err(ReadList::Unreadable(_)) => {}
                // Bytes that read as some text have no headings: nothing can be judged or published.
                Ok(id) => {
                    assert!(office.lines(&id).await.is_empty(), "{name}");
                    discard_list::run(&office.ground, &office.actor(), &office.administrator, &id).await.unwrap();
                }
                Err(other) => panic!("{name}: {other:?}"),
            }
        }
    }
}

#[test]
fn seven_encodings_of_one_list_give_the_same_rows() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/legacy");
    let truth = std::fs::read_to_string(folder.join("utf8_nfc.csv")).unwrap();
    let rows = |text: &str| -> Vec<Vec<Cell>> {
        let sheet = delimited::read(text).unwrap();
        sheet.rows.into_iter().map(|row| row.cells).collect()
    };
    let truth = rows(&truth);
    assert_eq!(truth.len(), 196);
    for (file, encoding) in [
        ("utf8_nfc.csv", Encoding::Utf8),
        ("utf8_nfd.csv", Encoding::Utf8),
        ("utf8_bom_crlf.csv", Encoding::Utf8),
        ("utf16le_bom.txt", Encoding::Utf16Le),
        ("tcvn3.csv", Encoding::Tcvn3),
        ("vni.csv", Encoding::Vni),
        ("cp1258.csv", Encoding::Windows1258),
    ] {
        let bytes = std::fs::read(folder.join(file)).unwrap();
        assert_eq!(encoding::guesses(&bytes).first(), Some(&encoding), "{file}");
        let found = rows(&encoding::decode(&bytes, encoding).unwrap());
        let composed: Vec<Vec<Cell>> = found
            .into_iter()
            .map(|row| {
                row.into_iter()
                    .map(|cell| Cell::Text(register::domain::text::tidy(&cell.text())))
                    .collect()
            })
            .collect();
        assert_eq!(composed.len(), truth.len(), "{file}");
        for (row, wanted) in composed.iter().zip(&truth) {
            assert_eq!(row, wanted, "{file}");
        }
    }
}
