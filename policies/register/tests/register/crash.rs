//! Bulk work killed with SIGKILL at seeded points (import, a plan's publishing, a list's publishing, its undoing): afterwards the
//! register, the audit and the epoch are as before or as after, and the same work begun again ends it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use platform::audit::Actor;
use platform::db::Db;
use platform::random::Entropy;
use platform::testing::{self, Callers};
use platform::{Ground, db::Conn};
use register::domain::words::PlanState;
use register::facts;
use register::flows::import_register::{self, Tools, prepare, stage_chunk};
use register::flows::{publish_list, publish_plan, read_list, see_plan, undo_list};
use register::store::lists::{ListRow, ListState};

use super::lists::{ADMINISTRATOR, Office};
use super::merger::{day, load};
use super::support::{ACTOR, Csv, NOW, migrate, picture, province, rows, sealer};

const PLACE: &str = "REGISTER_CRASH_PLACE";
const WORK: &str = "REGISTER_CRASH_WORK";
const MARK: &str = "REGISTER_CRASH_MARK";

/// The city of the small province goes under, its ward goes on under the province, a department is merged and one is new.
const PLAN: &str = "action,old_code,old_name,new_code,new_name,parent_code,kind,level,mail_domain\n\
    end,H08.31,,,,,,,\n\
    merge,H08.02,,N.1,,,,,\n\
    new,,,N.1,Sở mới,H08,so,2,moi.binhdinh.test\n\
    continue,H08.31.01,,H08.91,Ủy ban nhân dân phường mới,H08,ubnd_phuong,2,\n";

/// A list of four hundred people who join.
fn list() -> Vec<u8> {
    const MIDDLE: [&str; 20] = [
        "An", "Ái", "Bảo", "Bích", "Cẩm", "Diệu", "Đan", "Đoan", "Hạnh", "Hiền", "Kiều", "Lệ",
        "Mai", "Mộng", "Ngọc", "Như", "Phương", "Quỳnh", "Tường", "Xuân",
    ];
    const GIVEN: [&str; 20] = [
        "Anh", "Châu", "Chi", "Dung", "Duyên", "Giang", "Hà", "Hân", "Hoa", "Hương", "Lan", "Loan",
        "Nga", "Nhi", "Oanh", "Thảo", "Trang", "Uyên", "Vân", "Yến",
    ];
    let mut text = String::from("Họ và tên;Ngày sinh;Số CCCD;Cơ quan;Phòng, ban;Chức vụ\n");
    for (n, (middle, given)) in MIDDLE
        .iter()
        .flat_map(|middle| GIVEN.iter().map(move |given| (middle, given)))
        .enumerate()
    {
        text.push_str(&format!(
            "Nguyễn {middle} {given};01/02/1980;099180{n:06};Sở Nội vụ;Văn phòng Sở;Chuyên viên\n"
        ));
    }
    text.into_bytes()
}

/// Points on SQLite and on PostgreSQL; `tests/run --full` has two hundred on each.
fn points(few: u64) -> u64 {
    if std::env::var("TEST_FULL").is_ok_and(|full| full == "yes") {
        200
    } else {
        few
    }
}

pub async fn open(place: &str) -> Db {
    if place.starts_with("postgres") {
        Db::open_postgres(place).await.unwrap()
    } else {
        Db::open_sqlite(place).await.unwrap()
    }
}

/// What is killed.
#[derive(Clone, Copy)]
enum Work {
    Import,
    Plan,
    List,
    Undo,
}

impl Work {
    const ALL: [Self; 4] = [Self::Import, Self::Plan, Self::List, Self::Undo];

    fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Plan => "plan",
            Self::List => "list",
            Self::Undo => "undo",
        }
    }

    /// Makes everything that has to be there first.
    async fn ready(self, db: &Db) {
        match self {
            Self::Import => migrate(db).await,
            Self::Plan => {
                province(db).await;
                let plan = PLAN.as_bytes().to_vec();
                load(db, "Bỏ cấp huyện", day("2027-07-01"), &[plan])
                    .await
                    .unwrap();
            }
            Self::List | Self::Undo => {
                let office = Office::open(db.clone()).await;
                let id = office.receive("ds.csv", &list()).await.unwrap();
                publish_list::begin(&office.ground, &office.administrator, &id)
                    .await
                    .unwrap();
                if matches!(self, Self::Undo) {
                    Self::List.perform(db, &|_| {}).await;
                }
            }
        }
    }

    /// Does it, or what is left of it, saying where it is.
    async fn perform(self, db: &Db, say: &dyn Fn(&str)) {
        match self {
            Self::Import => {
                let (entropy, sealer, csv) = (Entropy::system(), sealer(), Csv::small());
                let tools = Tools {
                    db,
                    entropy: &entropy,
                    sealer: &sealer,
                };
                let mut prepared = prepare(tools, NOW, &csv.files()).await.unwrap();
                say("staging");
                while stage_chunk(tools, &mut prepared).await.unwrap() {}
                say("publishing");
                import_register::publish(tools, NOW, &ACTOR, prepared)
                    .await
                    .unwrap();
            }
            Self::Plan => {
                let mut conn = db.read().await.unwrap();
                let head = see_plan::list(&mut conn).await.unwrap().remove(0);
                drop(conn);
                if head.state == PlanState::Published {
                    return;
                }
                let mut prepared = publish_plan::prepare(db, &Entropy::system(), NOW, &head.id)
                    .await
                    .unwrap();
                say("staging");
                while publish_plan::stage_chunk(db, &mut prepared).await.unwrap() {}
                say("publishing");
                publish_plan::publish(db, &Entropy::system(), NOW, &ACTOR, prepared)
                    .await
                    .unwrap();
            }
            Self::List => {
                let (ground, id, who, actor) = the_list(db).await;
                if self.ended(db).await {
                    return;
                }
                say("staging");
                publish_list::carry_on(&ground, &actor, &who, &id)
                    .await
                    .unwrap();
            }
            Self::Undo => {
                let (ground, id, who, actor) = the_list(db).await;
                if self.ended(db).await {
                    return;
                }
                say("staging");
                undo_list::run(&ground, &actor, &who, &id).await.unwrap();
            }
        }
        say("done");
    }

    /// Whether the mark of the work says that it is done, after looking what became of it.
    async fn ended(self, db: &Db) -> bool {
        let mut conn = db.read().await.unwrap();
        match self {
            Self::Import => true,
            Self::Plan => {
                see_plan::list(&mut conn).await.unwrap().remove(0).state == PlanState::Published
            }
            Self::List | Self::Undo => {
                let list = newest(&mut conn).await;
                drop(conn);
                let ground = testing::ground(db.clone(), Callers::default());
                publish_list::settle(&ground, &list).await.unwrap();
                let state = newest(&mut db.read().await.unwrap()).await.state;
                state
                    == if matches!(self, Self::List) {
                        ListState::Published
                    } else {
                        ListState::Undone
                    }
            }
        }
    }
}

async fn newest(conn: &mut Conn) -> ListRow {
    let administrator = facts::person_by_staff_no(conn, ADMINISTRATOR)
        .await
        .unwrap()
        .unwrap();
    let lists = read_list::newest(conn, &administrator.id, NOW, 1).await;
    lists.unwrap().remove(0)
}

async fn the_list(db: &Db) -> (Ground, String, String, Actor) {
    let mut ground = testing::ground(db.clone(), Callers::default());
    // Every process makes ids of its own.
    ground.entropy = Entropy::system();
    let list = newest(&mut db.read().await.unwrap()).await;
    let actor = Actor::Person {
        person: list.uploaded_by.clone(),
        post: None,
    };
    (ground, list.id, list.uploaded_by, actor)
}

/// Not a test of its own: the process that is killed. It works and says in a file where it is.
#[tokio::test]
async fn child_that_works_until_it_is_killed() {
    let (Ok(place), Ok(word)) = (std::env::var(PLACE), std::env::var(WORK)) else {
        return;
    };
    let work = Work::ALL.into_iter().find(|w| w.word() == word).unwrap();
    let mark = std::env::var(MARK).unwrap();
    let db = open(&place).await;
    work.perform(&db, &|word| std::fs::write(&mark, word).unwrap())
        .await;
}

fn start(work: Work, place: &str, mark: &Path) -> Child {
    let _absent_at_first = std::fs::remove_file(mark);
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_that_works_until_it_is_killed"])
        .env(PLACE, place)
        .env(WORK, work.word())
        .env(MARK, mark)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until the child says one of these words, or that it is done.
fn hear(mark: &Path, words: &[&str]) -> String {
    let begin = Instant::now();
    loop {
        let said = std::fs::read_to_string(mark).unwrap_or_default();
        if said == "done" || words.contains(&said.as_str()) {
            return said;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "no {words:?}");
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// Lets the child work to its end on a database. Gives how long staging and publishing took, in ms: kills fall in there.
fn pace(work: Work, place: &str, mark: &Path) -> (u64, u64) {
    let mut child = start(work, place, mark);
    hear(mark, &["staging"]);
    let begin = Instant::now();
    hear(mark, &["publishing"]);
    let staged = begin.elapsed();
    hear(mark, &[]);
    let all = begin.elapsed();
    child.wait().unwrap();
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap().max(2);
    (ms(staged), ms(all.saturating_sub(staged)))
}

/// Starts the child on a database and kills it so long after it said the word. Gives how far it had come.
fn run_and_kill(work: Work, place: &str, mark: &Path, word: &str, after: Duration) -> String {
    let mut child = start(work, place, mark);
    hear(mark, &[word]);
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::read_to_string(mark).unwrap_or_default()
}

/// Kills the work so often, and goes on up to ten times as often until one kill fell before its end and one between its units.
async fn kills(work: Work, places: Places, few: u64, seed: u64) {
    let clean = testing::sqlite().await;
    work.ready(&clean).await;
    let (before, at_first) = (picture(&clean).await, rows(&clean).await);
    work.perform(&clean, &|_| {}).await;
    let (after, all_rows) = (picture(&clean).await, rows(&clean).await);
    assert!(before != after, "the work changes something");
    let (dice, points, mut seen) = (Entropy::seeded(seed), points(few), (0, 0, 0));
    let mark = testing::directory().join("mark");
    let (staging, publishing) = pace(work, &places.fresh().await, &mark);
    let mut n = 0;
    while n < points || (n < 10 * points && (seen.0 == 0 || seen.2 == 0)) {
        let (place, dice) = (places.fresh().await, u64::from_le_bytes(dice.bytes()));
        // Half of the kills fall anywhere in the staging, half around the last unit where the work says that it is there.
        let (word, after_ms) = match work {
            Work::Import | Work::Plan if n % 2 == 1 => ("publishing", dice % publishing),
            _ => ("staging", dice % ((staging + publishing) * 4 / 3)),
        };
        let reached = run_and_kill(work, &place, &mark, word, Duration::from_millis(after_ms));
        let db = open(&place).await;
        let found = picture(&db).await;
        assert!(
            found == before || found == after,
            "{} kill {n} (seed {seed}, {word} + {after_ms} ms, reached {reached}) left something in between",
            work.word()
        );
        if found == before {
            seen.0 += 1;
            seen.2 += u64::from(rows(&db).await != at_first);
        } else {
            seen.1 += 1;
        }
        work.perform(&db, &|_| {}).await;
        assert_eq!(
            picture(&db).await,
            after,
            "{} kill {n}: the next run ends the work",
            work.word()
        );
        assert_eq!(rows(&db).await, all_rows, "kill {n}: nothing is left over");
        assert!(work.ended(&db).await, "kill {n}: and its mark says so");
        db.close().await;
        n += 1;
    }
    println!(
        "{n} kills of {} ({staging} + {publishing} ms), seed {seed}: {} as before ({} half staged), {} as after",
        work.word(),
        seen.0,
        seen.2,
        seen.1
    );
    assert!(
        seen.0 > 0 && seen.2 > 0,
        "the kills fell outside the work: {seen:?}"
    );
}

/// Where databases for a kill come from, everything ready in them.
enum Places {
    /// Copies of one file.
    Sqlite(PathBuf),
    /// Copies of one database.
    Postgres(String),
}

impl Places {
    async fn sqlite(work: Work) -> Self {
        let first = testing::directory().join("antin.db");
        let db = open(&first.to_string_lossy()).await;
        work.ready(&db).await;
        db.close().await;
        Self::Sqlite(first)
    }

    async fn postgres(work: Work) -> Self {
        let first = testing::postgres_url().await;
        let db = open(&first).await;
        work.ready(&db).await;
        db.close().await;
        Self::Postgres(first)
    }

    async fn fresh(&self) -> String {
        match self {
            Self::Sqlite(first) => {
                let place = testing::directory().join("antin.db");
                for part in ["", "-wal"] {
                    let name = |path: &Path| format!("{}{part}", path.to_string_lossy());
                    if Path::new(&name(first)).exists() {
                        std::fs::copy(name(first), name(&place)).unwrap();
                    }
                }
                place.to_string_lossy().into_owned()
            }
            Self::Postgres(first) => testing::postgres_copy(first).await,
        }
    }
}

async fn on_sqlite(work: Work, few: u64, seed: u64) {
    kills(work, Places::sqlite(work).await, few, seed).await;
}

async fn on_postgres(work: Work, few: u64, seed: u64) {
    kills(work, Places::postgres(work).await, few, seed).await;
}

macro_rules! killed {
    ($($name:ident: $how:ident($work:ident, $few:literal, $seed:literal);)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            $how(Work::$work, $few, $seed).await;
        })*
    };
}

killed! {
    an_import_killed_on_sqlite_is_as_before_or_as_after: on_sqlite(Import, 50, 576);
    an_import_killed_on_postgresql_is_as_before_or_as_after: on_postgres(Import, 10, 577);
    a_plan_killed_on_sqlite_is_as_before_or_as_after: on_sqlite(Plan, 50, 578);
    a_plan_killed_on_postgresql_is_as_before_or_as_after: on_postgres(Plan, 10, 579);
    a_list_killed_on_sqlite_is_as_before_or_as_after: on_sqlite(List, 20, 580);
    a_list_killed_on_postgresql_is_as_before_or_as_after: on_postgres(List, 10, 581);
    an_undo_killed_on_sqlite_is_as_before_or_as_after: on_sqlite(Undo, 20, 582);
    an_undo_killed_on_postgresql_is_as_before_or_as_after: on_postgres(Undo, 10, 583);
}
