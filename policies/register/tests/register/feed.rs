//! Complete lists: who is missing leaves, only where the list is complete, only when accepted; a month of changes ends in the truth.

use std::collections::BTreeSet;

use platform::clock::{day_start, parse_date};
use register::domain::intake::Verdict;
use register::domain::intake::leavers::{Doubt, Leaving};
use register::domain::intake::match_up::Outcome;
use register::facts;
use register::flows::claim_list::{self, ClaimList, Said};
use register::flows::read_list::{self, Weighed};
use register::flows::receive_list::{self, Upload};
use register::flows::record_role::{self, RecordRole};
use register::flows::undo_list;

use super::bitemporal::number;
use super::lists::Office;
use super::support::ACTOR;

/// Departments for which the lists are complete.
pub const DEPARTMENTS: [(&str, &str); 3] = [
    ("H08.02", "Sở Nội vụ"),
    ("H08.03", "Sở Tư pháp"),
    ("H08.05", "Sở Tài chính"),
];
const UNITS: [&str; 4] = [
    "Văn phòng Sở",
    "Thanh tra Sở",
    "Phòng Nghiệp vụ 1",
    "Phòng Nghiệp vụ 2",
];
/// What a person of the feed keeps accepted month by month.
pub const ACCEPTED: [&str; 3] = ["moves", "name-differs", "birth-differs"];

/// Numbers from a seed, so that every run is the same.
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % 1_000_000_007).unwrap() % n
    }
}

/// One official as the officials' database knows him.
#[derive(Clone)]
pub struct Official {
    pub number: String,
    pub name: String,
    pub birth: String,
    pub department: usize,
    pub unit: &'static str,
    pub post: &'static str,
    pub phone: String,
}

/// The officials' database.
#[derive(Clone)]
pub struct Database {
    pub people: Vec<Official>,
    next: usize,
}

impl Database {
    /// Three departments with a director each and staff; few names for many people.
    pub fn of(n: usize, dice: &mut Dice) -> Self {
        let mut all = Self {
            people: Vec::new(),
            next: 0,
        };
        for at in 0..n {
            all.joins(dice);
            let one = all.people.last_mut().unwrap();
            one.department = at % DEPARTMENTS.len();
            if at < DEPARTMENTS.len() {
                (one.post, one.unit) = ("Giám đốc", "Văn phòng Sở");
            }
        }
        all
    }

    pub fn joins(&mut self, dice: &mut Dice) {
        let (surnames, middles, given) = (
            ["Nguyễn", "Trần", "Lê", "Đặng"],
            ["Văn", "Đức", "Hữu"],
            ["An", "Bình", "Dũng", "Hải", "Minh", "Sơn", "Đạt"],
        );
        let pick = |of: &[&str], dice: &mut Dice| of[dice.below(of.len())].to_owned();
        let name = [
            pick(&surnames, dice),
            pick(&middles, dice),
            pick(&given, dice),
        ]
        .join(" ");
        let year = 1966 + dice.below(34);
        self.next += 1;
        self.people.push(Official {
            number: format!("0520{:02}{:06}", year % 100, self.next),
            name,
            birth: format!("{:02}/{:02}/{year}", 1 + dice.below(28), 1 + dice.below(12)),
            department: dice.below(DEPARTMENTS.len()),
            unit: UNITS[dice.below(UNITS.len())],
            post: ["Chuyên viên", "Chuyên viên chính", "Văn thư"][dice.below(3)],
            phone: format!("0912{:06}", self.next),
        });
    }

    /// A month: some come, some go, some change department or post, some names and numbers change. A director goes and a deputy of
    /// none follows him. The order of rows is another.
    pub fn month(&mut self, dice: &mut Dice, (joins, leaves): (usize, usize)) {
        for _ in 0..4 {
            let at = DEPARTMENTS.len() + dice.below(self.people.len() - DEPARTMENTS.len());
            let one = &mut self.people[at];
            one.name = format!("{} Quốc", one.name);
            let at = DEPARTMENTS.len() + dice.below(self.people.len() - DEPARTMENTS.len());
            self.people[at].phone = format!("0987{:06}", dice.below(999_999));
        }
        for _ in 0..8 {
            let at = DEPARTMENTS.len() + dice.below(self.people.len() - DEPARTMENTS.len());
            let one = &mut self.people[at];
            one.department = (one.department + 1) % DEPARTMENTS.len();
            one.unit = UNITS[dice.below(UNITS.len())];
        }
        if leaves > 0 {
            // The director of the first department goes; somebody of the second follows.
            let last = self.people.len() - 1;
            self.people.swap(0, last);
            self.people.pop();
            let one = &mut self.people[0];
            (one.department, one.unit, one.post) = (0, "Văn phòng Sở", "Giám đốc");
        }
        for _ in 1..leaves {
            let at = DEPARTMENTS.len() + dice.below(self.people.len() - DEPARTMENTS.len());
            self.people.remove(at);
        }
        for _ in 0..joins {
            self.joins(dice);
        }
    }

    pub fn csv(&self, dice: &mut Dice) -> String {
        let mut rows: Vec<String> = self
            .people
            .iter()
            .map(|one| {
                let place = DEPARTMENTS[one.department].1;
                format!(
                    "{};{};{};{place};{};{};{}\n",
                    one.name, one.birth, one.number, one.unit, one.post, one.phone
                )
            })
            .collect();
        for at in (1..rows.len()).rev() {
            rows.swap(at, dice.below(at + 1));
        }
        let heading = "Họ và tên;Ngày sinh;Số CCCD;Cơ quan;Phòng, ban;Chức vụ;Điện thoại\n";
        format!("{heading}{}", rows.concat())
    }

    /// What the register should say: name, birth, code of the agency, unit, post, telephone.
    pub fn truth(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .people
            .iter()
            .map(|one| {
                let unit = if one.post == "Giám đốc" {
                    ""
                } else {
                    one.unit
                };
                let code = DEPARTMENTS[one.department].0;
                [
                    one.name.as_str(),
                    &one.birth,
                    code,
                    unit,
                    one.post,
                    &one.phone,
                ]
                .join("|")
            })
            .collect();
        all.sort();
        all
    }
}

/// The same of the register, everybody of the departments.
pub async fn register(office: &Office) -> Vec<String> {
    let bytes = office.export().await;
    let text = String::from_utf8(bytes).unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut all: Vec<String> = reader
        .records()
        .map(|row| row.unwrap())
        .filter(|row| DEPARTMENTS.iter().any(|(code, _)| *code == &row[5]))
        .map(|row| [2, 3, 5, 7, 8, 11].map(|at| row[at].to_owned()).join("|"))
        .collect();
    all.sort();
    all
}

pub fn day(text: &str) -> i64 {
    day_start(parse_date(text).unwrap())
}

pub async fn hand_in(office: &Office, text: &str, effective: i64) -> String {
    let upload = Upload {
        file_name: "thang.csv".into(),
        bytes: text.as_bytes().to_vec(),
        effective,
    };
    receive_list::run(&office.ground, &office.administrator, None, upload)
        .await
        .unwrap()
}

pub async fn weighed(office: &Office, id: &str) -> Weighed {
    let tools = read_list::Tools {
        entropy: &office.ground.entropy,
        sealer: &office.ground.sealer,
    };
    let mut conn = office.ground.db.read().await.unwrap();
    let now = office.ground.now();
    read_list::run(&mut conn, tools, &office.administrator, id, now)
        .await
        .unwrap()
}

async fn say(office: &Office, id: &str, said: Said) -> Result<(), ClaimList> {
    claim_list::run(&office.ground, &office.administrator, id, said).await
}

pub async fn agencies(office: &Office, codes: &[&str]) -> BTreeSet<String> {
    let mut conn = office.ground.db.read().await.unwrap();
    let mut ids = BTreeSet::new();
    for code in codes {
        let now = office.ground.now();
        let found = facts::agency_by_code(&mut conn, code, now).await.unwrap();
        ids.insert(found.unwrap().id);
    }
    ids
}

pub async fn departments(office: &Office) -> BTreeSet<String> {
    agencies(office, &DEPARTMENTS.map(|(code, _)| code)).await
}

/// The people of the database in the register, from a day long ago.
pub async fn settled(office: &Office, database: &Database, dice: &mut Dice) {
    let id = hand_in(office, &database.csv(dice), day("01/09/2026")).await;
    office.publish(&id).await;
    assert_eq!(register(office).await, database.truth());
}

fn people(leaving: &Leaving) -> BTreeSet<String> {
    leaving.leavers.iter().map(|l| l.person.clone()).collect()
}

async fn a_month(office: &Office, database: &mut Database, dice: &mut Dice, effective: i64) {
    database.month(dice, (4, 3));
    let text = database.csv(dice);
    let before = office.export().await;
    let id = hand_in(office, &text, effective).await;
    assert!(
        weighed(office, &id).await.leaving.leavers.is_empty(),
        "nothing is declared"
    );
    let whole = Said::Whole(departments(office).await);
    say(office, &id, whole).await.unwrap();
    let found = weighed(office, &id).await;
    assert_eq!(found.leaving.leavers.len(), 3);
    assert_eq!(found.leaving.accepted().count(), 0, "never by default");
    let held = |lines: &[register::domain::intake::weigh::Line]| {
        lines
            .iter()
            .filter(|l| l.notes.iter().any(|n| n.word() == "seat-held"))
            .count()
    };
    assert_eq!(held(&found.lines), 0, "who moves must be accepted first");
    office.accept(&id, &ACCEPTED).await;
    assert_eq!(
        held(&weighed(office, &id).await.lines),
        1,
        "the director's seat is taken"
    );
    say(office, &id, Said::AllCertain).await.unwrap();
    let found = weighed(office, &id).await;
    assert_eq!(held(&found.lines), 0, "the seat is free with who leaves it");
    assert!(
        found.lines.iter().all(|l| l.verdict == Verdict::Ready),
        "{:#?}",
        found.lines
    );
    assert_eq!(office.export().await, before, "nothing has changed yet");
    // As the log does it: what was before the list has its number before it.
    number(&office.ground.db).await;
    office.publish(&id).await;
    number(&office.ground.db).await;
    assert_eq!(register(office).await, database.truth());
    let after = office.export().await;

    // The same list again finds nothing to do.
    let again = hand_in(office, &database.csv(dice), effective).await;
    say(office, &again, Said::Whole(departments(office).await))
        .await
        .unwrap();
    office.accept(&again, &ACCEPTED).await;
    let found = weighed(office, &again).await;
    assert!(found.leaving.leavers.is_empty());
    assert!(
        found
            .lines
            .iter()
            .all(|line| line.outcome == Outcome::Stays)
    );
    assert_eq!(office.publish(&again).await.change_set, None);
    assert_eq!(office.export().await, after);

    // Taken back, byte for byte, and brought in again.
    undo_list::run(&office.ground, &office.actor(), &office.administrator, &id)
        .await
        .unwrap();
    assert_eq!(office.export().await, before);
    let once_more = hand_in(office, &text, effective).await;
    say(office, &once_more, Said::Whole(departments(office).await))
        .await
        .unwrap();
    office.accept(&once_more, &ACCEPTED).await;
    say(office, &once_more, Said::AllCertain).await.unwrap();
    office.publish(&once_more).await;
    assert_eq!(register(office).await, database.truth());
}

platform::both_engines! {
    async fn months_of_joins_moves_leaves_and_renames_end_in_what_the_feed_says(db: Db) {
        let office = Office::open(db).await;
        let mut dice = Dice::of(576);
        let mut database = Database::of(300, &mut dice);
        settled(&office, &database, &mut dice).await;
        for effective in ["01/10/2026", "01/11/2026"] {
            a_month(&office, &mut database, &mut dice, day(effective)).await;
        }
    }

    async fn more_than_one_in_a_hundred_leave_only_one_by_one(db: Db) {
        let office = Office::open(db).await;
        let mut dice = Dice::of(8);
        let mut database = Database::of(120, &mut dice);
        settled(&office, &database, &mut dice).await;
        database.month(&mut dice, (0, 6));
        let id = hand_in(&office, &database.csv(&mut dice), day("01/11/2026")).await;
        say(&office, &id, Said::Whole(departments(&office).await)).await.unwrap();
        office.accept(&id, &ACCEPTED).await;
        let refused = say(&office, &id, Said::AllCertain).await;
        assert!(matches!(refused, Err(ClaimList::TooMany)), "{refused:?}");
        let leaving = weighed(&office, &id).await.leaving;
        assert_eq!((leaving.leavers.len(), leaving.people, leaving.accepted().count()), (6, 120, 0));
        assert!(!leaving.at_once());
        // A name that is not missing cannot be made to leave by a form.
        let all = people(&leaving);
        let mut conn = office.ground.db.read().await.unwrap();
        let other = facts::snapshot(&mut conn, None).await.unwrap().appointments.into_iter().map(|a| a.person).find(|p| !all.contains(p)).unwrap();
        drop(conn);
        let leave: BTreeSet<String> = all.iter().cloned().chain([other]).collect();
        say(&office, &id, Said::Ends { shown: leave.clone(), leave }).await.unwrap();
        assert_eq!(weighed(&office, &id).await.claim.ends, all);
        office.publish(&id).await;
        assert_eq!(register(&office).await, database.truth());
    }

    async fn nobody_outside_what_is_declared_or_administered_leaves(db: Db) {
        let office = Office::open(db).await;
        let mut dice = Dice::of(21);
        let database = Database::of(60, &mut dice);
        settled(&office, &database, &mut dice).await;
        let of = |at: usize| database.people.iter().filter(move |one| one.department == at);
        // One row of each department, complete for the first alone.
        let rows: Vec<&Official> = (0..3).map(|at| of(at).nth(1).unwrap()).collect();
        let few = Database { people: rows.into_iter().cloned().collect(), next: 0 };
        let text = few.csv(&mut dice);
        let id = hand_in(&office, &text, day("01/11/2026")).await;
        let first = agencies(&office, &["H08.02"]).await;
        say(&office, &id, Said::Whole(first.clone())).await.unwrap();
        let leaving = weighed(&office, &id).await.leaving;
        assert_eq!((leaving.people, leaving.leavers.len()), (20, 19));
        assert!(leaving.leavers.iter().all(|l| l.held.iter().all(|h| h.agency == "Sở Nội vụ")));
        let hers = leaving.leavers[0].person.clone();
        // The whole province declared: everybody but the three rows, the administrator too.
        say(&office, &id, Said::Whole(agencies(&office, &["H08"]).await)).await.unwrap();
        let leaving = weighed(&office, &id).await.leaving;
        assert_eq!((leaving.people, leaving.leavers.len()), (61, 58));

        // An administrator of the first department reaches his own alone.
        let role = RecordRole { person: hers.clone(), role: register::domain::administration::AGENCY.into(), agency: first.first().cloned(), basis: "QĐ".into(), from: office.ground.now() - 1, to: None };
        record_role::run(&office.ground.db, &platform::random::Entropy::seeded(9), office.ground.now(), &ACTOR, &role).await.unwrap();
        let her_office = Office { ground: office.ground.clone(), administrator: hers };
        let theirs = say(&her_office, &id, Said::Whole(BTreeSet::new())).await;
        assert!(matches!(theirs, Err(ClaimList::Read(_))), "another's list is not there: {theirs:?}");
        let id = hand_in(&her_office, &text, day("01/11/2026")).await;
        for elsewhere in [["H08.03"], ["H08"]] {
            let refused = say(&her_office, &id, Said::Whole(agencies(&office, &elsewhere).await)).await;
            assert!(matches!(refused, Err(ClaimList::OtherAgency)), "{refused:?}");
        }
        say(&her_office, &id, Said::Whole(first)).await.unwrap();
        let leaving = weighed(&her_office, &id).await.leaving;
        assert_eq!((leaving.people, leaving.leavers.len()), (20, 19));
    }

    async fn namesakes_are_never_merged_and_cast_doubt_on_who_leaves(db: Db) {
        let office = Office::open(db).await;
        let heading = "Họ và tên;Ngày sinh;Số CCCD;Cơ quan;Phòng, ban;Chức vụ\n";
        let row = |number: &str, unit: &str| format!("Nguyễn Văn An;01/02/1980;{number};Sở Nội vụ;{unit};Chuyên viên\n");
        let two = format!("{heading}{}{}", row("052080000001", "Văn phòng Sở"), row("052080000002", "Thanh tra Sở"));
        let id = hand_in(&office, &two, day("01/09/2026")).await;
        office.publish(&id).await;
        assert_eq!(register(&office).await.len(), 2);
        // Now one row without a number, in a third unit: it may mean either, so neither leaves for certain.
        let one = format!("{heading}{}", row("", "Phòng Nghiệp vụ 1"));
        let id = hand_in(&office, &one, day("01/11/2026")).await;
        say(&office, &id, Said::Whole(agencies(&office, &["H08.02"]).await)).await.unwrap();
        let found = weighed(&office, &id).await;
        assert!(found.lines[0].notes.iter().any(|n| n.word() == "possible"));
        let doubts: Vec<_> = found.leaving.leavers.iter().map(|l| l.doubt).collect();
        assert_eq!(doubts, [Some(Doubt::Row(2)), Some(Doubt::Row(2))]);
        assert_eq!(found.leaving.certain().count(), 0);
        // A row with a third number is a third person: then both leave for certain.
        let third = format!("{heading}{}", row("052080000003", "Phòng Nghiệp vụ 1"));
        let id = hand_in(&office, &third, day("01/11/2026")).await;
        say(&office, &id, Said::Whole(agencies(&office, &["H08.02"]).await)).await.unwrap();
        let found = weighed(&office, &id).await;
        assert_eq!((found.lines[0].outcome, found.leaving.certain().count()), (Outcome::Joins, 2));
    }

    async fn the_day_of_a_row_counts_for_staff_and_the_day_of_the_list_for_heads(db: Db) {
        let office = Office::open(db).await;
        let list = "Họ và tên;Giới tính;Số CCCD;Cơ quan;Phòng, ban;Chức vụ;Từ ngày\n\
            Nguyễn Văn Một;;052080000001;Sở Nội vụ;Văn phòng Sở;Chuyên viên;15/09/2026\n\
            Nguyễn Văn Hai;Nam;052080000002;Sở Nội vụ;Văn phòng Sở;Giám đốc;15/09/2026\n\
            Nguyễn Thị Ba;Nữ;052180000003;Sở Nội vụ;Văn phòng Sở;Chuyên viên;hôm kia\n";
        let id = hand_in(&office, list, day("01/10/2026")).await;
        let lines = weighed(&office, &id).await.lines;
        let said = |at: usize| lines[at].notes.iter().any(|note| note.word() == "from-unclear");
        assert_eq!([said(0), said(1), said(2)], [false, false, true]);
        office.publish(&id).await;
        let text = String::from_utf8(office.export().await).unwrap();
        for (name, gender, from) in [("Một", "", "15/09/2026"), ("Hai", "Nam", "01/10/2026"), ("Ba", "Nữ", "01/10/2026")] {
            let row = text.lines().find(|line| line.contains(&format!(" {name};"))).unwrap();
            let cells: Vec<&str> = row.split(';').collect();
            assert_eq!((cells[4], cells[9]), (gender, from), "{row}");
        }
    }
}
