//! How fast people are found among many, for `antin bench register`: seeds synthetic people, then searches as somebody who types.

use std::time::Instant;

use platform::audit::{Actor, Event, Housekeeping};
use platform::db::{Conn, Db, Error};
use platform::ids;
use platform::random::Entropy;
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::administration::{AGENCY, PROVINCE, READING};
use crate::domain::collation::person_key;
use crate::domain::facts::{AgencyFact, PostFact};
use crate::domain::phrases::phrases;
use crate::domain::text::fold;
use crate::domain::words::Standing;
use crate::rights::{Scope, scope_of};
use crate::store::roles::AdminRole;
use crate::store::search::{After, Query};
use crate::store::{agencies, people, posts, roles, search};

platform::statements! {
    pub SEED_PEOPLE = "INSERT INTO person (id, recorded_by) SELECT json_extract(e.value, '$.p'), 'bench' FROM json_each($1) e",
        postgres "INSERT INTO person (id, recorded_by) SELECT e.value ->> 'p', 'bench' FROM jsonb_array_elements(CAST(CAST($1 AS TEXT) AS JSONB)) e (value)";
    pub SEED_ATTRIBUTES = "INSERT INTO person_attribute (record, person, staff_no, full_name, surname, given_name, username, search_key, sort_key, recorded_by)
            SELECT json_extract(e.value, '$.r'), json_extract(e.value, '$.p'), json_extract(e.value, '$.s'), json_extract(e.value, '$.n'), json_extract(e.value, '$.a'), json_extract(e.value, '$.g'), json_extract(e.value, '$.s'), json_extract(e.value, '$.k'), unhex(json_extract(e.value, '$.h')), 'bench' FROM json_each($1) e",
        postgres "INSERT INTO person_attribute (record, person, staff_no, full_name, surname, given_name, username, search_key, sort_key, recorded_by)
            SELECT e.value ->> 'r', e.value ->> 'p', e.value ->> 's', e.value ->> 'n', e.value ->> 'a', e.value ->> 'g', e.value ->> 's', e.value ->> 'k', decode(e.value ->> 'h', 'hex'), 'bench' FROM jsonb_array_elements(CAST(CAST($1 AS TEXT) AS JSONB)) e (value)";
    pub SEED_APPOINTMENTS = "INSERT INTO appointment (record, id, person, post, kind, basis, valid_from, recorded_by) SELECT json_extract(e.value, '$.i'), json_extract(e.value, '$.i'), json_extract(e.value, '$.p'), json_extract(e.value, '$.o'), 'full', 'bench', 0, 'bench' FROM json_each($1) e",
        postgres "INSERT INTO appointment (record, id, person, post, kind, basis, valid_from, recorded_by) SELECT e.value ->> 'i', e.value ->> 'i', e.value ->> 'p', e.value ->> 'o', 'full', 'bench', 0, 'bench' FROM jsonb_array_elements(CAST(CAST($1 AS TEXT) AS JSONB)) e (value)";
    pub SEED_PHRASES = "INSERT INTO person_phrase (phrase, person, record) SELECT f.value, json_extract(e.value, '$.p'), json_extract(e.value, '$.r') FROM json_each($1) e, json_each(e.value, '$.f') f",
        postgres "INSERT INTO person_phrase (phrase, person, record) SELECT f.value, e.value ->> 'p', e.value ->> 'r' FROM jsonb_array_elements(CAST(CAST($1 AS TEXT) AS JSONB)) e (value), jsonb_array_elements_text(e.value -> 'f') f (value)";
    pub SEED_AGENCY_PHRASES = "INSERT INTO agency_phrase (agency, phrase, person, record) SELECT p.agency, f.value, json_extract(e.value, '$.p'), json_extract(e.value, '$.r') FROM json_each($1) e JOIN post p ON p.id = json_extract(e.value, '$.o'), json_each(e.value, '$.f') f",
        postgres "INSERT INTO agency_phrase (agency, phrase, person, record) SELECT p.agency, f.value, e.value ->> 'p', e.value ->> 'r' FROM jsonb_array_elements(CAST(CAST($1 AS TEXT) AS JSONB)) e (value) JOIN post p ON p.id = e.value ->> 'o', jsonb_array_elements_text(e.value -> 'f') f (value)";
    pub ANALYZE = "ANALYZE";
    pub SEEDED = "SELECT COUNT(*) AS n FROM person WHERE recorded_by = 'bench'";
}

/// Surnames by how often they come, middle names, given names.
const SURNAMES: &[&str] = &[
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan",
    "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh",
];
const MIDDLES: &[&str] = &[
    "Văn", "Thị", "Đức", "Minh", "Ngọc", "Hữu", "Quang", "Thanh", "Xuân", "Mỹ", "Gia", "Hoài",
];
const GIVEN: &[&str] = &[
    "An", "Anh", "Bình", "Bảo", "Chi", "Cường", "Dung", "Dũng", "Đạt", "Hà", "Hải", "Hạnh", "Hiền",
    "Hòa", "Hoa", "Hùng", "Hương", "Khánh", "Lan", "Linh", "Long", "Mai", "Minh", "Nam", "Nga",
    "Phong", "Phúc", "Quân", "Sơn", "Tâm", "Thảo", "Thịnh", "Thu", "Trang", "Tuấn", "Vân", "Vinh",
];
/// People of one unit.
const CHUNK: u64 = 1_000;
/// Agencies below the province, with one post each.
const AGENCIES: usize = 200;
/// Agencies of a body with others below it, and of a larger one.
const SOME: usize = 20;
const MANY: usize = 100;
/// Rows of a page.
const PAGE: i64 = 51;

/// One line of the result.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What was asked.
    pub what: String,
    /// How often.
    pub runs: usize,
    /// Median, ms.
    pub p50_ms: f64,
    /// 99th percentile, ms.
    pub p99_ms: f64,
}

/// Which agencies and people the seeds made.
pub struct Seeded {
    whole: Scope,
    one: Scope,
    some: Scope,
    many: Scope,
}

fn pick<'n>(names: &[&'n str], dice: u64) -> &'n str {
    let at = usize::try_from(dice).unwrap_or(0) % names.len().max(1);
    names.get(at).copied().unwrap_or_default()
}

fn person(entropy: &Entropy, number: u64, posts: &[String]) -> Value {
    let dice = u64::from_le_bytes(entropy.bytes());
    let (surname, given) = (pick(SURNAMES, dice), pick(GIVEN, dice >> 24));
    let middle = pick(MIDDLES, dice >> 12);
    let name = format!("{surname} {middle} {given}");
    let staff = format!("BN-{number:07}");
    let at = usize::try_from(dice >> 40).unwrap_or(0) % posts.len().max(1);
    json!({
        "p": ids::new("psn", entropy),
        "r": ids::new("rcd", entropy),
        "i": ids::new("apt", entropy),
        "o": posts.get(at),
        "s": staff,
        "n": name,
        "a": surname,
        "g": given,
        "k": agencies::search_key(&[&name, &staff]),
        "h": data_encoding::HEXUPPER.encode(&person_key(given, surname, middle)),
        "f": phrases(&name, &staff),
    })
}

/// Fills an empty, migrated database with so many people, or takes it as it is when they are there. `say` hears how far it is.
pub async fn seed(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    count: u64,
    say: impl Fn(u64),
) -> Result<Seeded, Error> {
    let (there,): (i64,) = db.read().await?.one(&SEEDED, ()).await?;
    if there > 0 && u64::try_from(there) != Ok(count) {
        return Err(Error::Refused(format!(
            "the database holds {there} people of an earlier bench: give an empty one"
        )));
    }
    if there == 0 {
        fill(db, entropy, now, count, say).await?;
    }
    let mut conn = db.read().await?;
    let scope = async |conn: &mut Conn, person: &str| {
        scope_of(conn, person, None, READING, now)
            .await
            .map_err(|error| Error::Refused(error.to_string()))
    };
    Ok(Seeded {
        whole: scope(&mut conn, "psn_bench_whole").await?,
        one: scope(&mut conn, "psn_bench_one").await?,
        some: scope(&mut conn, "psn_bench_some").await?,
        many: scope(&mut conn, "psn_bench_many").await?,
    })
}

async fn fill(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    count: u64,
    say: impl Fn(u64),
) -> Result<(), Error> {
    let posts = organisation(db, entropy, now).await?;
    let mut made = 0;
    while made < count {
        let upto = (made + CHUNK).min(count);
        let rows: Vec<Value> = (made..upto)
            .map(|number| person(entropy, number, &posts))
            .collect();
        let text = &Value::Array(rows).to_string();
        db.write(|mut tx| async move {
            for statement in [
                &SEED_PEOPLE,
                &SEED_ATTRIBUTES,
                &SEED_APPOINTMENTS,
                &SEED_PHRASES,
                &SEED_AGENCY_PHRASES,
            ] {
                tx.execute(statement, (text,)).await?;
            }
            Ok::<_, Error>(tx.housekeeping(Housekeeping::Measurement, ()))
        })
        .await?;
        made = upto;
        say(made);
    }
    db.write(|mut tx| async move {
        tx.execute(&ANALYZE, ()).await?;
        Ok::<_, Error>(tx.housekeeping(Housekeeping::Measurement, ()))
    })
    .await?;
    Ok(())
}

/// A province with agencies, a post in each, and people with roles. Gives the posts.
async fn organisation(db: &Db, entropy: &Entropy, now: i64) -> Result<Vec<String>, Error> {
    let agency = |id: &str, parent: Option<&str>, number: usize| AgencyFact {
        record: ids::new("rcd", entropy),
        id: id.to_owned(),
        parent: parent.map(str::to_owned),
        code: format!("BN.{number:03}"),
        name: format!("Cơ quan số {number}"),
        short_name: format!("CQ {number}"),
        kind: "so".into(),
        collective: false,
        level: 2,
        mail_domain: "bench.test".into(),
        id_qcvn102: None,
        gso_code: None,
        from: 0,
        to: None,
    };
    let top = ids::new("agy", entropy);
    let mut all = vec![agency(&top, None, 0)];
    let ids: Vec<String> = (0..=AGENCIES).map(|_| ids::new("agy", entropy)).collect();
    for (number, id) in ids.iter().enumerate().skip(1) {
        let parent = match number {
            4.. if number < 3 + SOME => ids.get(2),
            4.. if number < 2 + SOME + MANY => ids.get(3),
            _ => Some(&top),
        };
        all.push(agency(id, parent.map(String::as_str), number));
    }
    let seats: Vec<PostFact> = all.iter().map(|agency| seat(entropy, &agency.id)).collect();
    let grants = [
        ("psn_bench_whole", PROVINCE, None),
        ("psn_bench_one", AGENCY, all.get(1).map(|a| a.id.clone())),
        ("psn_bench_some", AGENCY, all.get(2).map(|a| a.id.clone())),
        ("psn_bench_many", AGENCY, all.get(3).map(|a| a.id.clone())),
    ];
    let (all, seats, grants) = (&all, &seats, &grants);
    db.write(|mut tx| async move {
        let event = Event::new("register.bench", now, Actor::System("bench"), entropy);
        for fact in all {
            agencies::insert(&mut tx, fact, event.id()).await?;
        }
        for fact in seats {
            posts::insert(&mut tx, fact, event.id()).await?;
        }
        for (person, role, agency) in grants {
            people::insert_person(&mut tx, person, event.id()).await?;
            let role = AdminRole {
                record: ids::new("rcd", entropy),
                id: ids::new("rol", entropy),
                person: (*person).to_owned(),
                role: (*role).to_owned(),
                agency: agency.clone(),
                basis: "bench".into(),
                from: 0,
                to: None,
            };
            roles::insert(&mut tx, &role, event.id()).await?;
        }
        Ok::<_, Error>(tx.commit(event, ()))
    })
    .await?;
    Ok(seats.iter().map(|seat| seat.id.clone()).collect())
}

fn seat(entropy: &Entropy, agency: &str) -> PostFact {
    PostFact {
        record: ids::new("rcd", entropy),
        id: ids::new("pst", entropy),
        agency: agency.to_owned(),
        unit: None,
        code: "CV".into(),
        title: "Chuyên viên".into(),
        rank: 9,
        standing: Standing::Staff,
        is_head: false,
        deputy_of: None,
        capacities: Vec::new(),
        field: None,
        from: 0,
        to: None,
    }
}

/// Searches by ever longer beginnings, with and without accents, in the province, in one agency and in several; then deep in a list.
pub async fn measure(
    db: &Db,
    entropy: &Entropy,
    seeded: &Seeded,
    runs: usize,
    deep: usize,
) -> Result<Vec<Figure>, Error> {
    let mut conn = db.read().await?;
    let mut figures = Vec::new();
    for (place, scope) in [
        ("province", &seeded.whole),
        ("one agency", &seeded.one),
        ("20 agencies", &seeded.some),
        ("100 agencies", &seeded.many),
    ] {
        for (kind, length) in [
            ("2 letters", 2),
            ("4 letters", 4),
            ("surname and middle name", 9),
            ("whole name", 40),
            ("with accents", 0),
            ("staff number", 1),
        ] {
            let mut times = Vec::with_capacity(runs);
            for _ in 0..runs {
                let typed = typed(entropy, length);
                let Some(query) = Query::of(&typed) else {
                    continue;
                };
                let begin = Instant::now();
                search::people(&mut conn, scope, &query, None, &After::start(), PAGE).await?;
                times.push(begin.elapsed().as_secs_f64() * 1_000.0);
            }
            figures.push(figure(format!("{kind}, {place}"), times));
        }
    }
    let Some(query) = Query::of("nguyen") else {
        return Ok(figures);
    };
    let (mut after, mut passed) = (After::start(), 0);
    while passed < deep {
        let page = search::people(&mut conn, &seeded.whole, &query, None, &after, 500).await?;
        let Some(last) = page.last() else { break };
        after = After::of(last);
        passed += page.len();
    }
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let begin = Instant::now();
        search::people(&mut conn, &seeded.whole, &query, None, &after, PAGE).await?;
        times.push(begin.elapsed().as_secs_f64() * 1_000.0);
    }
    figures.push(figure(format!("page {passed} rows deep, province"), times));
    Ok(figures)
}

/// What somebody types who looks for a person that may exist.
fn typed(entropy: &Entropy, length: usize) -> String {
    let dice = u64::from_le_bytes(entropy.bytes());
    let name = format!(
        "{} {} {}",
        pick(SURNAMES, dice),
        pick(MIDDLES, dice >> 12),
        pick(GIVEN, dice >> 24)
    );
    match length {
        0 => name,
        1 => format!("bn-{:05}", (dice >> 32) % 10_000),
        _ => fold(&name).chars().take(length).collect(),
    }
}

fn figure(what: String, mut times: Vec<f64>) -> Figure {
    times.sort_by(f64::total_cmp);
    let at = |share: usize| {
        times
            .get(times.len().saturating_sub(1) * share / 100)
            .copied()
            .unwrap_or_default()
    };
    Figure {
        what,
        runs: times.len(),
        p50_ms: at(50),
        p99_ms: at(99),
    }
}
