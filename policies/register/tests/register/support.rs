//! A migrated database, the demo files (all of them, or a small province), and a picture of the register without its random ids.

use std::collections::BTreeMap;
use std::path::PathBuf;

use platform::audit::Actor;
use platform::db::Db;
use platform::random::Entropy;
use platform::secrets::Sealer;
use register::facts;
use register::flows::import_register::{Files, ImportError, ImportReport, Tools, run};

/// 30/11/2026 08:00 in Viet Nam.
pub const NOW: i64 = 1_796_000_400_000;
pub const ACTOR: Actor = Actor::System("test");

pub struct Csv {
    pub agencies: String,
    pub units: String,
    pub posts: String,
    pub officials: String,
}

impl Csv {
    pub fn files(&self) -> Files<'_> {
        Files {
            agencies: self.agencies.as_bytes(),
            units: self.units.as_bytes(),
            posts: self.posts.as_bytes(),
            officials: self.officials.as_bytes(),
        }
    }

    pub fn demo() -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy/demo/data");
        let read = |name: &str| {
            std::fs::read_to_string(folder.join(name))
                .expect("the demo data lies in deploy/demo/data")
        };
        Self {
            agencies: read("agencies.csv"),
            units: read("internal_units.csv"),
            posts: read("posts.csv"),
            officials: read("officials_6000.csv"),
        }
    }

    /// The province, its office, one department, one city and one of its wards.
    pub fn small() -> Self {
        let all = Self::demo();
        let ward = all
            .agencies
            .lines()
            .find(|l| l.contains(",H08.31,"))
            .expect("a ward")
            .split(',')
            .next()
            .expect("its code")
            .to_string();
        Self::of(&["H08", "H08.01", "H08.02", "H08.31", ward.as_str()])
    }

    /// These bodies of the demo and their people.
    pub fn of(codes: &[&str]) -> Self {
        let all = Self::demo();
        let agencies = all
            .agencies
            .lines()
            .enumerate()
            .filter(|(n, l)| *n == 0 || codes.contains(&l.split(',').next().unwrap_or("")));
        let officials = all
            .officials
            .lines()
            .enumerate()
            .filter(|(n, l)| *n == 0 || codes.iter().any(|c| l.contains(&format!(",{c},"))));
        Self {
            agencies: agencies.map(|(_, l)| format!("{l}\n")).collect(),
            officials: officials.map(|(_, l)| format!("{l}\n")).collect(),
            units: all.units,
            posts: all.posts,
        }
    }
}

pub fn entropy() -> Entropy {
    Entropy::seeded(576)
}

pub fn sealer() -> Sealer {
    Sealer::new(&BTreeMap::from([(1, [7_u8; 32])]), entropy()).expect("a sealer")
}

pub async fn migrate(db: &Db) {
    platform::migrations::apply(db, &[&register::MIGRATIONS], NOW)
        .await
        .expect("the register's tables");
}

pub async fn import(db: &Db, csv: &Csv) -> Result<ImportReport, ImportError> {
    let (entropy, sealer) = (Entropy::system(), sealer());
    run(
        Tools {
            db,
            entropy: &entropy,
            sealer: &sealer,
        },
        NOW,
        &ACTOR,
        &csv.files(),
    )
    .await
}

/// A database with the small province in it.
pub async fn province(db: &Db) {
    migrate(db).await;
    import(db, &Csv::small())
        .await
        .expect("the small province is in order");
}

platform::statements! {
    pub EVENTS = "SELECT kind FROM audit_event ORDER BY kind";
    /// Phrases of people that an agency of theirs lacks.
    pub UNFOUND = "SELECT COUNT(*) AS n FROM person_phrase w JOIN appointment t ON t.person = w.person JOIN post p ON p.id = t.post
        WHERE NOT EXISTS (SELECT 1 FROM agency_phrase f WHERE f.agency = p.agency AND f.phrase = w.phrase AND f.person = w.person AND f.record = w.record)";
    pub ROWS = "SELECT (SELECT COUNT(*) FROM agency) + (SELECT COUNT(*) FROM unit) + (SELECT COUNT(*) FROM post) + (SELECT COUNT(*) FROM person) + (SELECT COUNT(*) FROM person_attribute)
        + (SELECT COUNT(*) FROM appointment) + (SELECT COUNT(*) FROM assignment) + (SELECT COUNT(*) FROM seal) + (SELECT COUNT(*) FROM mailbox) + (SELECT COUNT(*) FROM staged_closing) AS n";
}

/// Every stored row, staged ones too.
pub async fn rows(db: &Db) -> i64 {
    let (n,): (i64,) = db.read().await.unwrap().one(&ROWS, ()).await.unwrap();
    n
}

/// Whoever has, had or will have a post in an agency is in its index, however he came there.
pub async fn everybody_is_found(db: &Db) {
    let (n,): (i64,) = db.read().await.unwrap().one(&UNFOUND, ()).await.unwrap();
    assert_eq!(n, 0, "phrases that an agency lacks");
}

/// Everything the register and the audit say, without ids: equal pictures mean equal facts.
pub async fn picture(db: &Db) -> Vec<String> {
    everybody_is_found(db).await;
    let mut conn = db.read().await.unwrap();
    let facts = facts::snapshot(&mut conn, None).await.unwrap();
    let agency: BTreeMap<_, _> = facts
        .agencies
        .iter()
        .map(|a| (a.id.clone(), a.code.clone()))
        .collect();
    let unit: BTreeMap<_, _> = facts
        .units
        .iter()
        .map(|u| (u.id.clone(), u.number.clone()))
        .collect();
    let post: BTreeMap<_, _> = facts
        .posts
        .iter()
        .map(|p| {
            (
                p.id.clone(),
                format!(
                    "{} {:?} {} {:?}",
                    agency[&p.agency],
                    p.unit.as_ref().map(|u| &unit[u]),
                    p.code,
                    p.field
                ),
            )
        })
        .collect();
    let mut lines = vec![format!("epoch {}", facts.epoch)];
    lines.extend(facts.agencies.iter().map(|a| {
        format!(
            "agency {} {} {:?} {} {:?}",
            a.code,
            a.name,
            a.parent.as_ref().map(|p| &agency[p]),
            a.from,
            a.to
        )
    }));
    lines.extend(
        facts
            .units
            .iter()
            .map(|u| format!("unit {} {} {}", agency[&u.agency], u.number, u.name)),
    );
    lines.extend(facts.posts.iter().map(|p| {
        format!(
            "post {} {:?} {:?} {:?}",
            post[&p.id],
            p.capacities,
            p.standing,
            p.deputy_of.as_ref().map(|d| &post[d])
        )
    }));
    let mut people = BTreeMap::new();
    for appointment in &facts.appointments {
        if !people.contains_key(&appointment.person) {
            let person = facts::person(&mut conn, &appointment.person)
                .await
                .unwrap()
                .expect("a person behind every appointment");
            people.insert(
                appointment.person.clone(),
                format!("{} {}", person.staff_no, person.full_name),
            );
        }
        lines.push(format!(
            "appointment {} {} {:?} {} {:?}",
            people[&appointment.person],
            post[&appointment.post],
            appointment.kind,
            appointment.from,
            appointment.to
        ));
    }
    lines.extend(facts.assignments.iter().map(|a| {
        format!(
            "assignment {:?} {} {} {:?} {:?}",
            a.kind, post[&a.post], agency[&a.agency], a.field, a.to
        )
    }));
    lines.extend(
        facts
            .seals
            .iter()
            .map(|s| format!("seal {} {}", agency[&s.agency], s.name)),
    );
    let events: Vec<(String,)> = conn.all(&EVENTS, ()).await.unwrap();
    lines.extend(events.into_iter().map(|(kind,)| format!("event {kind}")));
    lines.sort();
    lines
}
