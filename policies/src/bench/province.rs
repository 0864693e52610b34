//! A province for measuring: 156 bodies, 4,000 units, 40,000 posts, 25,000 officials, as many mandates as asked; and questions about it.

use engine::*;

/// Random numbers from a number (SplitMix64): the same province for the same seed.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() >> 11).unwrap_or(0) % end.max(1)
    }

    /// A number below `end`, small ones more often: the square of an even draw.
    pub fn low(&mut self, end: usize) -> usize {
        let draw = self.below(1 << 20);
        (draw * draw / (1 << 20)) * end / (1 << 20)
    }
}

/// Bodies: the province, 20 departments, 135 communes.
pub const AGENCIES: usize = 156;
const DEPARTMENTS: usize = 20;
/// Units of a body.
const UNITS: usize = 25;
/// Posts of a body: head, three deputies, ten of each unit.
pub const POSTS: usize = 4 + UNITS * 10;
/// Procedures and kinds of paper that mandates name.
const KINDS: usize = 2_200;
/// Fields of work of a body.
const FIELDS: usize = 12;
/// Officials: not every post is held.
const OFFICIALS: usize = 25_000;
/// The instant of the questions, and the length of what has an end.
pub const NOW: i64 = 1_790_000_000_000;
const YEAR: i64 = 31_536_000_000;

/// Id of an agency.
pub fn agency(number: usize) -> Text {
    format!("agy_{number:022}").into()
}

/// Id of a post of an agency.
pub fn post(agency: usize, number: usize) -> Text {
    format!("pst_{agency:011}{number:011}").into()
}

fn person(agency: usize, number: usize) -> Text {
    format!("psn_{agency:011}{number:011}").into()
}

fn kind(number: usize) -> Text {
    format!("thu_tuc_{number:04}").into()
}

fn field(number: usize) -> Text {
    format!("linh_vuc_{number:02}").into()
}

fn held(number: usize) -> bool {
    // Leaders and unit heads always, the rest until the officials are placed.
    number < 4 || (number - 4) % 10 < 2 || (number * 7919) % POSTS < OFFICIALS / AGENCIES
}

fn head_of_unit(unit: usize) -> usize {
    4 + unit * 10
}

/// The facts, without mandates.
pub fn register() -> Facts {
    let mut facts = Facts::default();
    let always = Interval::since(0);
    for a in 0..AGENCIES {
        let (name, of) = match a {
            0 => ("Ủy ban nhân dân tỉnh", "ubnd_tinh"),
            1..=DEPARTMENTS => ("Sở", "so"),
            _ => ("Ủy ban nhân dân xã", "ubnd_xa"),
        };
        facts.agencies.push(Agency {
            id: agency(a),
            name: name.into(),
            kind: of.into(),
            collective: (of != "so").then(|| "Ủy ban nhân dân".into()),
            above: (a > 0)
                .then(|| Above {
                    agency: agency(0),
                    valid: always,
                })
                .into_iter()
                .collect(),
            valid: always,
        });
        for p in 0..POSTS {
            let role = match p {
                0 => Role::Head,
                1..=3 => Role::Deputy,
                _ => match (p - 4) % 10 {
                    0 => Role::UnitHead,
                    1 => Role::UnitDeputy,
                    _ => Role::Other,
                },
            };
            facts.posts.push(Post {
                id: post(a, p),
                agency: agency(a),
                title: "Chức vụ".into(),
                role,
                unit: (p > 3).then(|| Unit {
                    id: format!("unt_{a:011}{:011}", (p - 4) / 10).into(),
                    name: "Phòng".into(),
                }),
                valid: always,
            });
            if held(p) {
                facts.appointments.push(Appointment {
                    id: format!("apt_{a:011}{p:011}").into(),
                    person: person(a, p),
                    post: post(a, p),
                    kind: AppointmentKind::Full,
                    instrument: None,
                    valid: always,
                });
            }
            for f in (0..FIELDS).filter(|f| role == Role::Deputy && f % 3 == p - 1) {
                facts.assignments.push(Assignment {
                    id: format!("asg_{a:08}{p:07}{f:07}").into(),
                    agency: agency(a),
                    grantee: post(a, p),
                    gives: AssignmentKind::Field { field: field(f) },
                    instrument: None,
                    valid: Interval::between(0, NOW + YEAR),
                });
            }
        }
    }
    facts
}

/// So many mandates: a third single papers to deputies, the rest orders, delegations and tasks, each naming kinds or fields.
pub fn mandates(count: usize, dice: &mut Dice) -> Vec<Mandate> {
    (0..count).map(|number| mandate(number, dice)).collect()
}

fn mandate(number: usize, dice: &mut Dice) -> Mandate {
    let a = dice.low(AGENCIES);
    let unit = dice.below(UNITS);
    let other = 1 + dice.below(AGENCIES - 1);
    let (form, grantor, grantee) = match dice.below(20) {
        0..=6 => (Form::Kt, post(a, 0), post(a, 1 + dice.below(3))),
        7..=12 => (Form::Tl, post(a, 0), post(a, head_of_unit(unit))),
        13..=14 => (
            Form::TlKt,
            post(a, head_of_unit(unit)),
            post(a, head_of_unit(unit) + 1),
        ),
        15..=17 => (Form::Uq, post(0, 0), post(other, 0)),
        _ => (Form::Tuq, post(a, 0), post(a, head_of_unit(unit))),
    };
    let reach = match form {
        Form::Kt => Reach {
            papers: vec![format!("ppr_{number:022}").into()],
            ..Reach::default()
        },
        Form::Tl | Form::TlKt => Reach {
            kinds: vec![kind(dice.low(KINDS)), kind(dice.low(KINDS))],
            ..Reach::default()
        },
        Form::Uq => Reach {
            kinds: vec![kind(dice.low(KINDS))],
            fields: vec![field(dice.below(FIELDS))],
            ceiling: Some(500_000_000),
            ..Reach::default()
        },
        Form::Tuq => Reach {
            kinds: vec![kind(dice.low(KINDS))],
            ..Reach::default()
        },
    };
    let from = NOW - YEAR + (dice.below(1_000) as i64) * 86_400;
    Mandate {
        id: format!("mdt_{number:022}").into(),
        form,
        giver: (form == Form::Tuq).then(|| person(a, 0)),
        holder: None,
        addressee: Addressee::Post,
        grantor,
        grantee,
        reach,
        instrument: format!("{}/QĐ-UBND", number / 30).into(),
        // A tenth has ended.
        valid: Interval::between(
            from,
            if dice.below(10) == 0 {
                NOW - 1
            } else {
                NOW + YEAR
            },
        ),
        pauses: Vec::new(),
    }
}

/// Questions as a busy province asks them: 70 % of leaders on their own ground, 15 % by order, 10 % delegated tasks, 5 % delegated
/// signing; about 30 % to be refused.
pub fn questions(mandates: &[Mandate], count: usize, dice: &mut Dice) -> Vec<Request> {
    let of = |forms: &[Form]| -> Vec<&Mandate> {
        mandates
            .iter()
            .filter(|one| forms.contains(&one.form))
            .collect()
    };
    let (papers, orders) = (of(&[Form::Kt]), of(&[Form::Tl, Form::TlKt]));
    let (tasks, delegated) = (of(&[Form::Uq]), of(&[Form::Tuq]));
    let mut all = Vec::with_capacity(count);
    while all.len() < count {
        let from = match dice.below(100) {
            0..=59 => None,
            60..=69 => pick(&papers, dice),
            70..=84 => pick(&orders, dice),
            85..=94 => pick(&tasks, dice),
            _ => pick(&delegated, dice),
        };
        let stray = dice.below(10) < 3;
        all.push(match from {
            None => own(stray, dice),
            Some(mandate) => through(mandate, stray),
        });
    }
    all
}

fn pick<'m>(from: &[&'m Mandate], dice: &mut Dice) -> Option<&'m Mandate> {
    from.get(dice.below(from.len())).copied()
}

fn own(stray: bool, dice: &mut Dice) -> Request {
    let a = dice.low(AGENCIES);
    let p = dice.below(4);
    let collective = a == 0 || a > DEPARTMENTS;
    let capacity = match (p, collective) {
        (0, true) => Capacity::Tm,
        (0, false) => Capacity::Own,
        (_, true) => Capacity::TmKt,
        (_, false) => Capacity::Kt,
    };
    let mut f = dice.below(FIELDS / 3) * 3;
    // A deputy outside his fields; a head in another's body.
    f += if p == 0 {
        0
    } else {
        (p - 1 + usize::from(stray)) % 3
    };
    let whose = if p == 0 && stray {
        (a + 1) % AGENCIES
    } else {
        a
    };
    Request {
        person: person(a, p).to_string(),
        post: post(a, p).to_string(),
        action: Action::Sign,
        resource: Resource {
            id: format!("ppr_x{:021}", dice.below(1 << 30)),
            kind: "quyet_dinh".to_owned(),
            field: Some(field(f).to_string()),
            agency: agency(whose).to_string(),
            competence: None,
            about: None,
            amount: None,
            signed: None,
        },
        capacity: Some(capacity),
        at: NOW,
    }
}

fn through(mandate: &Mandate, stray: bool) -> Request {
    let agency_of = |id: &Text| {
        id.get(4..15)
            .map_or_else(String::new, |number| format!("agy_{number:0>22}"))
    };
    let own = agency_of(&mandate.grantee);
    let giver = agency_of(&mandate.grantor);
    let first = |words: &[Text]| words.first().map(|word| word.to_string());
    let collective =
        !(1..=DEPARTMENTS).contains(&own.get(4..).and_then(|n| n.parse().ok()).unwrap_or(0));
    let (agency, competence) = match mandate.form {
        Form::Uq => (own, Some(giver)),
        _ => (giver, None),
    };
    Request {
        person: mandate.grantee.replacen("pst_", "psn_", 1),
        post: mandate.grantee.to_string(),
        action: Action::Sign,
        resource: Resource {
            id: first(&mandate.reach.papers).unwrap_or_else(|| "ppr_y".to_owned()),
            kind: first(&mandate.reach.kinds).unwrap_or_else(|| "cong_van".to_owned()),
            field: first(&mandate.reach.fields),
            agency,
            competence,
            about: None,
            amount: mandate.reach.ceiling.map(|most| most + i64::from(stray)),
            signed: None,
        },
        capacity: Some(match mandate.form {
            // The wrong capacity is refused too.
            _ if stray => Capacity::Q,
            Form::Kt if collective => Capacity::TmKt,
            Form::Kt => Capacity::Kt,
            Form::Tl => Capacity::Tl,
            Form::TlKt => Capacity::TlKt,
            Form::Tuq => Capacity::Tuq,
            Form::Uq => Capacity::Uq,
        }),
        at: NOW,
    }
}
