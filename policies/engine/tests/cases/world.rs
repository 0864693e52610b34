//! The small world the cases ask about, and the files of cases, read from `policies/rules/cases/`.

use std::path::{Path, PathBuf};

use engine::*;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    pub agency: Vec<AgencyRow>,
    pub post: Vec<PostRow>,
    pub appointment: Vec<AppointmentRow>,
    pub assignment: Vec<AssignmentRow>,
    pub mandate: Vec<MandateRow>,
    pub seal: Vec<SealRow>,
}

pub type Day = toml::value::Datetime;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyRow {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub kind: String,
    pub collective: Option<String>,
    #[serde(default)]
    pub above: Vec<AboveRow>,
    pub from: Day,
    pub to: Option<Day>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AboveRow {
    pub agency: String,
    pub from: Day,
    pub to: Option<Day>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseRow {
    pub from: Day,
    pub to: Option<Day>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostRow {
    pub id: String,
    pub agency: String,
    pub title: String,
    pub role: Role,
    pub unit: Option<Unit>,
    pub from: Day,
    pub to: Option<Day>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppointmentRow {
    pub id: String,
    pub person: String,
    pub post: String,
    pub kind: AppointmentKind,
    pub from: Day,
    pub to: Option<Day>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignmentRow {
    pub id: String,
    pub kind: String,
    pub agency: String,
    pub grantee: String,
    pub field: Option<String>,
    pub instrument: Option<String>,
    pub from: Day,
    pub to: Option<Day>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MandateRow {
    pub id: String,
    pub form: Form,
    pub grantor: String,
    pub grantee: String,
    #[serde(default)]
    pub addressee: Addressee,
    pub giver: Option<String>,
    pub holder: Option<String>,
    #[serde(default)]
    pub reach: Reach,
    pub instrument: String,
    #[serde(default)]
    pub pauses: Vec<PauseRow>,
    pub from: Day,
    pub to: Option<Day>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealRow {
    pub id: String,
    pub agency: String,
    pub from: Day,
    pub to: Option<Day>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    #[serde(default)]
    pub case: Vec<Case>,
    #[serde(default)]
    pub draft: Vec<Draft>,
}

/// Authority about to be given, and what the law has against it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    pub name: String,
    pub give: Give,
    /// What stands against it, gravest first; empty is lawful.
    pub against: Vec<Against>,
    /// The clause of the first.
    pub clause: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Give {
    pub form: Form,
    pub person: String,
    pub post: String,
    pub competence: String,
    pub to: String,
    #[serde(default)]
    pub addressee: Addressee,
    #[serde(default)]
    pub reach: Reach,
    pub from: Day,
    pub until: Option<Day>,
    /// When it is drafted; at its first instant when it is not said.
    pub at: Option<Day>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    pub ask: Ask,
    pub code: Code,
    pub capacity: Option<Capacity>,
    pub block: Option<Vec<String>>,
    pub chain: Option<Vec<String>>,
    pub clause: Option<String>,
    pub until: Option<Day>,
    pub who_could: Option<Vec<String>>,
    pub usable: Option<Vec<Capacity>>,
    pub other_chains: Option<u32>,
    /// The row of law that a refusal tries; an allowed case shows it in its chain.
    pub row: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    pub person: String,
    pub post: String,
    pub action: Action,
    #[serde(default)]
    pub paper: String,
    pub kind: String,
    pub field: Option<String>,
    pub agency: String,
    pub competence: Option<String>,
    pub about: Option<String>,
    pub amount: Option<i64>,
    pub signed_by: Option<String>,
    pub capacity: Option<Capacity>,
    pub at: Day,
}

pub fn rules_folder() -> PathBuf {
    // Read by the engine's own tests and by those of the crate around it.
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = here.join("../rules");
    if beside.exists() {
        beside
    } else {
        here.join("rules")
    }
}

pub fn toml_files(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

pub fn law() -> Rules {
    let mut files = toml_files(&rules_folder());
    files.extend(toml_files(&rules_folder().join("drafting")));
    let borrowed: Vec<(&str, &str)> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    Rules::parse(&borrowed).unwrap()
}

/// Local time at +07:00 by counting days one by one: slow, and independent of the engine's own arithmetic.
pub fn instant(value: &Day) -> i64 {
    let date = value.date.expect("a day");
    let leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let mut days: i64 = (1970..i64::from(date.year))
        .map(|y| if leap(y) { 366 } else { 365 })
        .sum();
    let lengths = [
        31,
        if leap(i64::from(date.year)) { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    days += lengths[..usize::from(date.month) - 1].iter().sum::<i64>() + i64::from(date.day) - 1;
    let seconds = value.time.map_or(0, |t| {
        i64::from(t.hour) * 3600 + i64::from(t.minute) * 60 + i64::from(t.second)
    });
    (days * 86_400 + seconds - 7 * 3600) * 1000
}

pub fn interval(from: &Day, to: &Option<Day>) -> Interval {
    Interval {
        from: instant(from),
        to: to.as_ref().map(instant),
    }
}

pub fn facts() -> Facts {
    let world: World =
        toml::from_str(&std::fs::read_to_string(rules_folder().join("cases/world.toml")).unwrap())
            .unwrap();
    let t = |s: &String| Text::from(s.as_str());
    Facts {
        agencies: world
            .agency
            .iter()
            .map(|r| Agency {
                id: t(&r.id),
                name: t(&r.name),
                kind: t(&r.kind),
                above: r
                    .above
                    .iter()
                    .map(|above| Above {
                        agency: t(&above.agency),
                        valid: interval(&above.from, &above.to),
                    })
                    .collect(),
                collective: r.collective.as_ref().map(t),
                valid: interval(&r.from, &r.to),
            })
            .collect(),
        posts: world
            .post
            .iter()
            .map(|r| Post {
                id: t(&r.id),
                agency: t(&r.agency),
                title: t(&r.title),
                role: r.role,
                unit: r.unit.clone(),
                valid: interval(&r.from, &r.to),
            })
            .collect(),
        appointments: world
            .appointment
            .iter()
            .map(|r| Appointment {
                id: t(&r.id),
                person: t(&r.person),
                post: t(&r.post),
                kind: r.kind,
                instrument: None,
                valid: interval(&r.from, &r.to),
            })
            .collect(),
        assignments: world
            .assignment
            .iter()
            .map(|r| Assignment {
                id: t(&r.id),
                agency: t(&r.agency),
                grantee: t(&r.grantee),
                gives: match r.kind.as_str() {
                    "field" => AssignmentKind::Field {
                        field: t(r.field.as_ref().unwrap()),
                    },
                    "seal_custody" => AssignmentKind::SealCustody,
                    "copies" => AssignmentKind::Copies,
                    other => panic!("unknown assignment kind {other}"),
                },
                instrument: r.instrument.as_ref().map(t),
                valid: interval(&r.from, &r.to),
            })
            .collect(),
        mandates: world
            .mandate
            .iter()
            .map(|r| Mandate {
                id: t(&r.id),
                form: r.form,
                grantor: t(&r.grantor),
                grantee: t(&r.grantee),
                addressee: r.addressee,
                giver: r.giver.as_ref().map(t),
                holder: r.holder.as_ref().map(t),
                reach: r.reach.clone(),
                instrument: t(&r.instrument),
                valid: interval(&r.from, &r.to),
                pauses: r.pauses.iter().map(|p| interval(&p.from, &p.to)).collect(),
            })
            .collect(),
        seals: world
            .seal
            .iter()
            .map(|r| Seal {
                id: t(&r.id),
                agency: t(&r.agency),
                valid: interval(&r.from, &r.to),
            })
            .collect(),
    }
}

pub fn request(ask: &Ask) -> Request {
    Request {
        person: ask.person.clone(),
        post: ask.post.clone(),
        action: ask.action,
        resource: Resource {
            id: ask.paper.clone(),
            kind: ask.kind.clone(),
            field: ask.field.clone(),
            agency: ask.agency.clone(),
            competence: ask.competence.clone(),
            about: ask.about.clone(),
            amount: ask.amount,
            signed: ask.signed_by.as_ref().map(|person| Signed {
                person: person.clone(),
                post: String::new(),
            }),
        },
        capacity: ask.capacity,
        at: instant(&ask.at),
    }
}

/// One file of cases: its name, its text, what it holds.
pub struct Topic {
    pub file: String,
    pub text: String,
    pub cases: CaseFile,
}

/// Every file of cases, by name.
pub fn topics() -> Vec<Topic> {
    toml_files(&rules_folder().join("cases"))
        .into_iter()
        .filter(|(file, _)| file != "world.toml")
        .map(|(file, text)| {
            let cases = toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
            Topic { file, text, cases }
        })
        .collect()
}

impl Give {
    pub fn grant(&self) -> Grant {
        Grant {
            form: self.form,
            person: self.person.clone(),
            post: self.post.clone(),
            competence: self.competence.clone(),
            grantee: self.to.clone(),
            addressee: self.addressee,
            reach: self.reach.clone(),
            valid: interval(&self.from, &self.until),
        }
    }

    /// When it is drafted.
    pub fn drafted(&self) -> i64 {
        instant(self.at.as_ref().unwrap_or(&self.from))
    }
}
