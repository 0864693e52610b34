//! Small random worlds, drawn from a number: agencies in a tree, posts, people, assignments, mandates of every form, dated law, a question.

use engine::*;

pub const KINDS: [&str; 5] = ["quyet_dinh", "quyet_dinh_chu_tich", "giay_giao_viec", "cong_van", "giay_moi"];

pub fn law() -> Rules {
    Rules::parse(&[
        ("own", include_str!("../../../rules/own.toml")),
        ("kt_field", include_str!("../../../rules/kt_field.toml")),
        ("kt_case", include_str!("../../../rules/kt_case.toml")),
        ("tl", include_str!("../../../rules/tl.toml")),
        ("tuq", include_str!("../../../rules/tuq.toml")),
        ("uq", include_str!("../../../rules/uq.toml")),
        ("seal", include_str!("../../../rules/seal.toml")),
        ("copy", include_str!("../../../rules/copy.toml")),
        ("objections", include_str!("../../../rules/drafting/objections.toml")),
    ])
    .unwrap()
}

/// Numbers from a number (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// Below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() >> 11) as usize % end.max(1)
    }
    /// Once in `of` times.
    pub fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
    pub fn pick<'s, T>(&mut self, from: &'s [T]) -> &'s T {
        &from[self.below(from.len())]
    }
}

pub fn id(prefix: &str, number: usize) -> Text {
    format!("{prefix}{number}").into()
}

/// Mostly for ever, often a stretch of the small time line 0 to 25, seldom one that ends before it begins.
fn span(dice: &mut Dice) -> Interval {
    let from = dice.below(12) as i64;
    match dice.below(16) {
        0..=8 => Interval::since(0),
        9..=13 => Interval::between(from, from + 1 + dice.below(13) as i64),
        14 => Interval::since(from),
        _ => Interval::between(from, from - dice.below(3) as i64),
    }
}

fn sound_span(dice: &mut Dice) -> Interval {
    match dice.below(6) {
        0 => {
            let from = dice.below(8) as i64;
            Interval::between(from, from + 4 + dice.below(10) as i64)
        }
        _ => Interval::since(0),
    }
}

/// The signing law with its rows in force at random times of the small time line.
pub fn dated_law(dice: &mut Dice, law: &Rules) -> Rules {
    let mut rules = law.clone();
    for row in &mut rules.rows {
        row.valid = sound_span(dice);
    }
    for row in &mut rules.forbids {
        row.valid = sound_span(dice);
    }
    rules
}

fn agencies(dice: &mut Dice) -> Vec<Agency> {
    let kinds = [["ubnd_tinh", "ubnd_xa"], ["so", "van_phong_ubnd"], ["ubnd_xa", "don_vi_su_nghiep"]];
    let mut all = Vec::new();
    for (n, kinds) in kinds.iter().enumerate() {
        let mut above = Vec::new();
        for step in 0..dice.below(3).min(n * 2) {
            let other = if dice.one_in(20) { 8 } else { (n + 2 - step) % 3 };
            above.push(Above { agency: id("a", other), valid: span(dice) });
        }
        if n > 0 && !dice.one_in(4) {
            above.push(Above { agency: id("a", n - 1), valid: Interval::since(0) });
        }
        all.push(Agency {
            id: id("a", n),
            name: id("Cơ quan ", n),
            kind: kinds[usize::from(dice.one_in(3))].into(),
            collective: (n != 1).then(|| "Ủy ban".into()),
            above,
            valid: sound_span(dice),
        });
    }
    all
}

fn posts(dice: &mut Dice) -> Vec<Post> {
    let roles = [Role::Head, Role::Deputy, Role::Deputy, Role::UnitHead, Role::UnitDeputy, Role::Other];
    let mut all = Vec::new();
    for n in 0..3 + dice.below(6) {
        // The first posts are heads, so that somebody has something to give.
        // Often a unit's head and his deputy follow, in the same unit.
        let paired = (n == 2 || n == 3) && !dice.one_in(3);
        let role = match n {
            0 | 1 => Role::Head,
            2 if paired => Role::UnitHead,
            3 if paired => Role::UnitDeputy,
            _ => *dice.pick(&roles),
        };
        let unit = if paired { 0 } else { dice.below(2) };
        all.push(Post {
            id: id("p", n),
            agency: id("a", if n < 2 { n } else if paired { 1 } else { dice.below(3) }),
            title: id("Chức vụ ", n),
            role,
            unit: matches!(role, Role::UnitHead | Role::UnitDeputy | Role::Other).then(|| Unit {
                id: id("u", unit),
                name: id("Phòng ", unit),
            }),
            valid: sound_span(dice),
        });
    }
    all
}

/// A giver and a receiver that mostly stand to each other as the form needs; at times anybody, or a post that is not recorded.
fn couple(dice: &mut Dice, form: Form, posts: &[Post], earlier: &[Mandate]) -> (Text, Text) {
    let orders = |post: &Post| earlier.iter().any(|m| m.form == Form::Tl && m.grantee == post.id);
    let fits = |from: &Post, to: &Post| {
        let inside = from.agency == to.agency;
        match form {
            Form::Kt => inside && from.role == Role::Head && to.role == Role::Deputy,
            Form::Tl => from.role == Role::Head && (inside && to.role == Role::UnitHead || !inside && to.role == Role::Head),
            Form::TlKt => inside && orders(from) && (to.role == Role::UnitDeputy && from.unit == to.unit || to.role == Role::Deputy && from.role == Role::Head),
            Form::Tuq => from.role == Role::Head && (inside && to.role == Role::UnitHead || !inside && to.role == Role::Head),
            Form::Uq => from.role == Role::Head && (to.role == Role::Head || inside && to.role != Role::Deputy),
        }
    };
    let all: Vec<(&Post, &Post)> = posts.iter().flat_map(|from| posts.iter().map(move |to| (from, to))).filter(|(from, to)| fits(from, to)).collect();
    if all.is_empty() || dice.one_in(8) {
        let any = |dice: &mut Dice| if dice.one_in(10) { id("p", 15) } else { dice.pick(posts).id.clone() };
        return (any(dice), any(dice));
    }
    let (from, to) = *dice.pick(&all);
    (from.id.clone(), to.id.clone())
}

fn mandate(dice: &mut Dice, n: usize, posts: &[Post], appointments: &[Appointment], earlier: &[Mandate]) -> Mandate {
    let inside = earlier.iter().any(|m| m.form == Form::Tl) && dice.one_in(2);
    let form = if inside { Form::TlKt } else { *dice.pick(&[Form::Kt, Form::Kt, Form::Tl, Form::Tl, Form::TlKt, Form::Tuq, Form::Tuq, Form::Uq]) };
    let (grantor, grantee) = couple(dice, form, posts, earlier);
    let sitting: Vec<&Text> = appointments.iter().filter(|a| a.post == grantor).map(|a| &a.person).collect();
    let some = |dice: &mut Dice, of: usize, words: &[&str]| -> Vec<Text> {
        if !dice.one_in(of) {
            return Vec::new();
        }
        (0..1 + dice.below(2)).map(|_| Text::from(*dice.pick(words))).collect()
    };
    let reach = match form {
        Form::Kt => Reach {
            papers: if dice.one_in(12) { Vec::new() } else { some(dice, 1, &["v0", "v1"]) },
            ..Reach::default()
        },
        Form::Tl | Form::TlKt => Reach {
            kinds: if dice.one_in(8) { Vec::new() } else { some(dice, 1, &["cong_van", "giay_moi"]) },
            ..Reach::default()
        },
        Form::Tuq | Form::Uq => Reach {
            papers: some(dice, 8, &["v0", "v1"]),
            kinds: some(dice, 2, &["quyet_dinh", "cong_van"]),
            fields: some(dice, 2, &["f0", "f1"]),
            agencies: some(dice, 4, &["a0", "a1", "a2", "a8"]),
            ceiling: dice.one_in(4).then(|| dice.below(3) as i64 * 10),
        },
    };
    let bound = if form == Form::Tuq { !dice.one_in(8) } else { dice.one_in(8) };
    let mut valid = span(dice);
    if valid.to.is_none() && form != Form::Tl && !dice.one_in(6) {
        valid.to = Some(valid.from + 3 + dice.below(15) as i64);
    }
    let pauses = (0..if dice.one_in(4) { 1 + dice.below(2) } else { 0 }).map(|_| span(dice)).collect();
    Mandate {
        id: id("m", n),
        form,
        grantor,
        grantee,
        addressee: if dice.one_in(3) { Addressee::Agency } else { Addressee::Post },
        giver: bound.then(|| if sitting.is_empty() || dice.one_in(6) { id("x", dice.below(3)) } else { (*dice.pick(&sitting)).clone() }),
        holder: dice.one_in(6).then(|| id("x", dice.below(3))),
        reach,
        instrument: id("gv", n),
        valid,
        pauses,
    }
}

pub fn world(dice: &mut Dice) -> Facts {
    let posts = posts(dice);
    // A few facts point to a post that is not recorded.
    let any_post = |dice: &mut Dice| if dice.one_in(15) { id("p", 15) } else { dice.pick(&posts).id.clone() };
    let kinds = [AppointmentKind::Full, AppointmentKind::Full, AppointmentKind::Full, AppointmentKind::Full, AppointmentKind::Acting, AppointmentKind::InCharge, AppointmentKind::Concurrent];
    // Most posts have a holder, some have more, and most people hold one.
    let appointments: Vec<Appointment> = (0..posts.len() + dice.below(4))
        .map(|n| Appointment {
            id: id("n", n),
            person: if dice.one_in(3) { id("x", dice.below(4)) } else { id("x", n % 7) },
            post: if n < posts.len() && !dice.one_in(8) { id("p", n) } else { any_post(dice) },
            kind: *dice.pick(&kinds),
            instrument: None,
            valid: span(dice),
        })
        .collect();
    let assignments = (0..dice.below(6))
        .map(|n| {
            let grantee = any_post(dice);
            let home = posts.iter().find(|post| post.id == grantee).map(|post| post.agency.clone());
            Assignment {
                id: id("g", n),
                // Most are of the grantee's own agency; a few of one that is not recorded.
                agency: match dice.below(24) {
                    0 => id("a", 8),
                    1..=4 => id("a", dice.below(3)),
                    _ => home.unwrap_or_else(|| id("a", 0)),
                },
                grantee,
                gives: match dice.below(6) {
                    0..=2 => AssignmentKind::Field { field: "f0".into() },
                    3 => AssignmentKind::Field { field: "f1".into() },
                    4 => AssignmentKind::SealCustody,
                    _ => AssignmentKind::Copies,
                },
                instrument: None,
                valid: span(dice),
            }
        })
        .collect();
    let mut mandates = Vec::new();
    for n in 0..dice.below(8) {
        let next = mandate(dice, n, &posts, &appointments, &mandates);
        mandates.push(next);
    }
    let paired = posts.iter().position(|post| post.role == Role::UnitHead).zip(posts.iter().position(|post| post.role == Role::UnitDeputy));
    if let Some((head, deputy)) = paired.filter(|_| dice.one_in(2)) {
        // An order to a unit's head, and what he gives his deputy inside it.
        for (form, from, to) in [(Form::Tl, 1, head), (Form::TlKt, head, deputy)] {
            let mut given = mandate(dice, mandates.len(), &posts, &appointments, &[]);
            given.form = form;
            (given.grantor, given.grantee) = (id("p", from), id("p", to));
            given.addressee = Addressee::Post;
            given.reach = Reach { kinds: vec!["cong_van".into(), (*dice.pick(&KINDS)).into()], ..Reach::default() };
            mandates.push(given);
        }
    }
    let seals = (0..1 + dice.below(4))
        .map(|n| Seal { id: id("d", n), agency: id("a", dice.below(3)), valid: span(dice) })
        .collect();
    Facts { agencies: agencies(dice), posts, appointments, assignments, mandates, seals }
}

/// Most questions are about an appointment or a mandate that is recorded: else nearly all answers are `not_in_post`.
pub fn question(dice: &mut Dice, facts: &Facts) -> Request {
    let agency_of = |post: &Text| facts.posts.iter().find(|p| p.id == *post).map(|p| p.agency.to_string());
    let held = |post: &Text| facts.appointments.iter().any(|a| a.post == *post);
    let live: Vec<&Mandate> = facts.mandates.iter().filter(|m| held(&m.grantee)).collect();
    let mut through = if live.is_empty() || dice.one_in(3) { None } else { Some(*dice.pick(&live)) };
    // Those who may sign something are asked about more often.
    let leads = |a: &&Appointment| facts.posts.iter().any(|p| p.id == a.post && matches!(p.role, Role::Head | Role::Deputy));
    let leading: Vec<&Appointment> = facts.appointments.iter().filter(leads).collect();
    let chosen = if leading.is_empty() || dice.one_in(3) { dice.pick(&facts.appointments) } else { *dice.pick(&leading) };
    let mut post = chosen.post.clone();
    let mut action = *dice.pick(&[Action::Sign, Action::Sign, Action::Sign, Action::Sign, Action::Seal, Action::Number, Action::Copy]);
    let mut resource = Resource {
        id: id("v", dice.below(2)).to_string(),
        kind: (*dice.pick(&KINDS)).to_owned(),
        field: [Some("f0"), Some("f0"), Some("f1"), None][dice.below(4)].map(str::to_owned),
        agency: String::new(),
        competence: None,
        about: [None, Some("a0"), Some("a1"), Some("a2"), Some("a8")][dice.below(5)].map(str::to_owned),
        amount: [None, Some(0), Some(10), Some(15), Some(-1)][dice.below(5)],
        signed: (!dice.one_in(3)).then(|| Signed { person: id("x", dice.below(4)).to_string(), post: String::new() }),
    };
    let mut hint = None;
    let assigned: Vec<&Assignment> = facts.assignments.iter().filter(|a| held(&a.grantee)).collect();
    if let Some(assignment) = (!assigned.is_empty() && dice.one_in(3)).then(|| *dice.pick(&assigned)) {
        through = None;
        post = assignment.grantee.clone();
        resource.agency = assignment.agency.to_string();
        action = match &assignment.gives {
            AssignmentKind::Field { field } => {
                resource.field = Some(field.to_string());
                Action::Sign
            }
            AssignmentKind::SealCustody => *dice.pick(&[Action::Seal, Action::Number]),
            AssignmentKind::Copies => Action::Copy,
        };
    }
    if let Some(mandate) = through {
        post = mandate.grantee.clone();
        action = Action::Sign;
        hint = mandate.form.into();
        let giver = agency_of(&mandate.grantor);
        if let Some(kind) = mandate.reach.kinds.first().filter(|_| !dice.one_in(5)) {
            resource.kind = kind.to_string();
        }
        if let Some(field) = mandate.reach.fields.first().filter(|_| !dice.one_in(5)) {
            resource.field = Some(field.to_string());
        }
        if mandate.form == Form::Uq {
            resource.agency = agency_of(&post).unwrap_or_default();
            resource.competence = giver;
        } else {
            resource.agency = giver.unwrap_or_default();
        }
    } else if resource.agency.is_empty() {
        resource.agency = agency_of(&post).unwrap_or_default();
    }
    if dice.one_in(16) || resource.agency.is_empty() {
        resource.agency = id("a", dice.below(3)).to_string();
    }
    if dice.one_in(20) {
        resource.competence = Some(id("a", dice.below(4)).to_string());
    }
    let holders: Vec<&Appointment> = facts.appointments.iter().filter(|a| a.post == post).collect();
    let holder = (!holders.is_empty()).then(|| dice.pick(&holders).person.to_string());
    let person = match holder {
        Some(person) if !dice.one_in(16) => person,
        _ => id("x", dice.below(4)).to_string(),
    };
    let signing = &Capacity::ALL[..10];
    let capacity = match (action, hint) {
        (Action::Sign, _) if dice.one_in(8) => None,
        (Action::Sign, Some(form)) if !dice.one_in(5) => Capacity::ALL.iter().copied().find(|c| match form {
            Form::Kt => *c == Capacity::TmKt || *c == Capacity::Kt && resource.agency == "a1",
            Form::Tl => *c == Capacity::Tl,
            Form::TlKt => *c == Capacity::TlKt,
            Form::Tuq => *c == Capacity::Tuq,
            Form::Uq => *c == Capacity::Uq,
        }),
        (Action::Sign, None) if !dice.one_in(4) => {
            let held = facts.appointments.iter().find(|a| a.post == post && a.person.as_str() == person).map(|a| a.kind);
            let collective = resource.agency != "a1";
            Some(match held {
                Some(AppointmentKind::Acting) if collective => Capacity::TmQ,
                Some(AppointmentKind::Acting) => Capacity::Q,
                _ if collective => *dice.pick(&[Capacity::Tm, Capacity::TmKt]),
                _ => *dice.pick(&[Capacity::Own, Capacity::Kt]),
            })
        }
        (Action::Sign, _) => Some(*dice.pick(signing)),
        _ if dice.one_in(6) => Some(*dice.pick(Capacity::ALL)),
        _ => None,
    };
    let begun = facts.appointments.iter().find(|a| a.post == post && a.person.as_str() == person).map(|a| a.valid.from);
    let at = match (through, begun) {
        (Some(mandate), Some(begun)) if !dice.one_in(4) => mandate.valid.from.max(begun) + dice.below(4) as i64,
        (None, Some(begun)) if dice.one_in(2) => begun + dice.below(5) as i64,
        _ => dice.below(17) as i64 - 1,
    };
    Request { person, post: post.to_string(), action, resource, capacity, at }
}

/// A world, its law and a question in it.
pub fn scene(seed: u64, law: &Rules) -> (Facts, Rules, Request) {
    let mut dice = Dice(seed);
    let facts = world(&mut dice);
    let rules = dated_law(&mut dice, law);
    let request = question(&mut dice, &facts);
    (facts, rules, request)
}

/// Takes facts away, one by one, as long as what is wrong stays wrong: what is left is worth reading.
#[allow(dead_code, reason = "not every user of this module compares")]
pub fn shrink(mut facts: Facts, wrong: &dyn Fn(&Facts) -> bool) -> Facts {
    loop {
        let before = facts.clone();
        macro_rules! without {
            ($list:ident) => {
                let mut n = 0;
                while n < facts.$list.len() {
                    let mut less = facts.clone();
                    less.$list.remove(n);
                    if wrong(&less) { facts = less } else { n += 1 }
                }
            };
        }
        without!(mandates);
        without!(assignments);
        without!(seals);
        without!(appointments);
        without!(posts);
        without!(agencies);
        if facts == before {
            return facts;
        }
    }
}
