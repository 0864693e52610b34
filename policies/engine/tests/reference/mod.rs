//! The reference evaluator: no index, raw rows, every instant of the world tried. Slow and short, to be compared with the engine.

use engine::*;

/// What must be equal between engine and reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub code: Code,
    pub capacity: Option<Capacity>,
    pub usable: Vec<Capacity>,
    pub chain: Vec<(LinkKind, String)>,
    pub others: u32,
    pub valid_until: Option<i64>,
}

type Link = (LinkKind, String, i64);

struct Found {
    capacity: Capacity,
    order: u8,
    links: Vec<Link>,
}

pub fn answer(facts: &Facts, rules: &Rules, request: &Request) -> Answer {
    let mut now = at_instant(facts, rules, request, request.at);
    let mut instants = boundaries(facts, rules);
    instants.retain(|instant| *instant > request.at);
    now.valid_until = instants.into_iter().find(|instant| {
        let then = at_instant(facts, rules, request, *instant);
        (then.code, &then.chain, &then.usable) != (now.code, &now.chain, &now.usable)
    });
    now
}

fn boundaries(facts: &Facts, rules: &Rules) -> Vec<i64> {
    let mut all: Vec<Interval> = Vec::new();
    all.extend(facts.agencies.iter().map(|f| f.valid));
    all.extend(facts.posts.iter().map(|f| f.valid));
    all.extend(facts.appointments.iter().map(|f| f.valid));
    all.extend(facts.assignments.iter().map(|f| f.valid));
    all.extend(facts.mandates.iter().flat_map(|f| f.pauses.iter().copied().chain([f.valid])));
    all.extend(facts.agencies.iter().flat_map(|f| f.above.iter().map(|above| above.valid)));
    all.extend(facts.seals.iter().map(|f| f.valid));
    all.extend(rules.rows.iter().map(|r| r.valid));
    all.extend(rules.forbids.iter().map(|r| r.valid));
    let mut instants: Vec<i64> = all.iter().flat_map(|i| [Some(i.from), i.to]).flatten().collect();
    instants.sort();
    instants.dedup();
    instants
}

fn agency<'a>(facts: &'a Facts, id: &str) -> Option<&'a Agency> {
    facts.agencies.iter().find(|a| a.id.as_str() == id)
}

fn post<'a>(facts: &'a Facts, id: &str) -> Option<&'a Post> {
    facts.posts.iter().find(|p| p.id.as_str() == id && agency(facts, &p.agency).is_some())
}

fn post_time(facts: &Facts, post: &Post) -> Interval {
    post.valid.meet(&agency(facts, &post.agency).unwrap().valid)
}

/// Usable appointments to a post, each with the time in which post and agency exist too.
fn appointments<'a>(facts: &'a Facts, post: &'a Post) -> Vec<(&'a Appointment, Interval)> {
    facts.appointments.iter().filter(|a| a.post == post.id && !a.valid.is_empty()).map(|a| (a, a.valid.meet(&post_time(facts, post)))).collect()
}

fn block<'a>(rule: &'a Rule, regime: Regime, kind: AppointmentKind, paper: &str, to: Option<Addressee>) -> Option<&'a Block> {
    rule.blocks.iter().find(|b| {
        (b.regime.is_none() || b.regime == Some(regime))
            && (b.appointments.is_empty() || b.appointments.contains(&kind))
            && (b.kinds.is_empty() || b.kinds.iter().any(|k| k == paper))
            && (to.is_none() || b.addressee.is_none() || b.addressee == to)
    })
}

#[derive(Default)]
struct Seen {
    broken: bool,
    later: bool,
    ended: bool,
    deputy: bool,
    excluded: bool,
    unsigned: bool,
    paused: bool,
    outside: bool,
}

impl Seen {
    /// Notes a dated fact that would give; true when it holds now.
    fn dated(&mut self, valid: Interval, at: i64) -> bool {
        if valid.is_empty() {
            return false;
        }
        if valid.from > at {
            self.later = true;
        }
        if valid.from <= at && !valid.contains(at) {
            self.ended = true;
        }
        valid.contains(at)
    }
}

fn at_instant(facts: &Facts, rules: &Rules, request: &Request, at: i64) -> Answer {
    let refuse = |code| Answer { code, capacity: None, usable: vec![], chain: vec![], others: 0, valid_until: None };
    let Some(own) = post(facts, &request.post) else {
        return refuse(Code::NotInPost);
    };
    let mine: Vec<_> = appointments(facts, own).into_iter().filter(|(a, _)| a.person.as_str() == request.person).collect();
    if !mine.iter().any(|(_, time)| time.contains(at)) {
        let times = || mine.iter().map(|(_, time)| time).filter(|time| !time.is_empty());
        return refuse(if times().any(|t| t.from > at) {
            Code::NotYet
        } else if times().count() > 0 {
            Code::Expired
        } else {
            Code::NotInPost
        });
    }
    let home = agency(facts, &own.agency).unwrap();
    let regime = if home.collective.is_some() { Regime::Collective } else { Regime::Single };
    let mut seen = Seen::default();
    let mut found: Vec<Found> = Vec::new();
    for rule in rules.rows.iter().filter(|r| r.actions.contains(&request.action) && r.valid.contains(at)) {
        for middle in middles(facts, rules, rule, own, request, at, &mut seen) {
            let last = middle.links.iter().rfind(|link| link.0 == LinkKind::Mandate);
            let to = last.and_then(|link| facts.mandates.iter().find(|m| m.id.as_str() == link.1)).map(|m| m.addressee);
            for (appointment, time) in mine.iter().filter(|(_, time)| time.contains(at)) {
                if (appointment.kind == AppointmentKind::InCharge) != middle.in_charge && rule.ground == Ground::Head {
                    continue;
                }
                let Some(block) = block(rule, regime, appointment.kind, &request.resource.kind, to) else {
                    continue;
                };
                if rule.excluded_kinds.contains(&request.resource.kind) {
                    seen.excluded = true;
                    continue;
                }
                if rule.needs_signature && request.resource.signed.is_none() {
                    seen.unsigned = true;
                    continue;
                }
                let mut links = vec![(LinkKind::Law, rule.id.to_string(), rule.valid.end())];
                links.extend(middle.links.clone());
                links.push((LinkKind::Appointment, appointment.id.to_string(), time.end()));
                found.push(Found { capacity: block.capacity, order: rule.order, links });
            }
        }
    }
    seen.outside |= request.action == Action::Sign && beside(facts, rules, own, request, at);
    conclude(rules, request, at, &seen, found)
}

fn conclude(rules: &Rules, request: &Request, at: i64, seen: &Seen, mut found: Vec<Found>) -> Answer {
    let forbid = rules
        .forbids
        .iter()
        .find(|f| f.actions.contains(&request.action) && f.valid.contains(at) && request.resource.signed.as_ref().is_some_and(|s| s.person == request.person));
    let usable: Vec<Capacity> = Capacity::ALL.iter().copied().filter(|c| found.iter().any(|f| f.capacity == *c)).collect();
    found.retain(|f| request.capacity.is_none() || request.capacity == Some(f.capacity));
    found.sort_by_key(|f| {
        let end = f.links.iter().map(|l| l.2).min();
        (f.order, f.links.len(), std::cmp::Reverse(end), f.links.iter().map(|l| l.1.clone()).collect::<Vec<_>>())
    });
    let code = match () {
        () if seen.broken => Code::Error,
        () if seen.unsigned && usable.is_empty() => Code::Unsigned,
        () if !usable.is_empty() && forbid.is_some() => forbid.unwrap().code,
        () if !found.is_empty() && (request.capacity.is_some() || request.action != Action::Sign) => Code::Allowed,
        () if !found.is_empty() => Code::CapacityRequired,
        () if !usable.is_empty() => Code::CapacityMismatch,
        () if seen.excluded => Code::KindNotListed,
        () if seen.paused => Code::Suspended,
        () if seen.later => Code::NotYet,
        () if seen.ended => Code::Expired,
        () if seen.deputy => Code::OutsideAssignment,
        () if seen.outside => Code::OutsideMandate,
        () => Code::NoPower,
    };
    let best = found.first().filter(|_| code == Code::Allowed);
    Answer {
        code,
        capacity: best.map(|f| f.capacity),
        usable: if matches!(code, Code::CapacityRequired | Code::CapacityMismatch) { usable } else { vec![] },
        chain: best.map_or(vec![], |f| f.links.iter().map(|l| (l.0, l.1.clone())).collect()),
        others: best.map_or(0, |_| found.len() as u32 - 1),
        valid_until: None,
    }
}

struct Middle {
    links: Vec<Link>,
    in_charge: bool,
}

/// Everything between the law and the person's own appointment, by ground.
fn middles(facts: &Facts, rules: &Rules, rule: &Rule, own: &Post, request: &Request, at: i64, seen: &mut Seen) -> Vec<Middle> {
    let owner = agency(facts, &request.resource.agency);
    let paper = owner.is_some_and(|a| a.id == own.agency);
    let at_home = paper && request.resource.competence.as_ref().unwrap_or(&request.resource.agency) == own.agency.as_str();
    let mut all = Vec::new();
    let mut add = |links: Vec<Link>, in_charge| all.push(Middle { links, in_charge });
    let given = |wanted: &dyn Fn(&AssignmentKind) -> bool| -> Vec<&Assignment> {
        facts.assignments.iter().filter(|a| a.grantee == own.id && wanted(&a.gives)).collect()
    };
    let broken = |a: &Assignment| agency(facts, &a.agency).is_none() || a.valid.is_empty();
    match rule.ground {
        Ground::Head if at_home && own.role == Role::Head => {
            add(vec![(LinkKind::Power, own.id.to_string(), post_time(facts, own).end())], false);
        }
        Ground::Head if at_home && own.role == Role::Deputy => {
            for head in facts.posts.iter().filter(|p| p.agency == own.agency && p.role == Role::Head) {
                let time = post_time(facts, head);
                if time.contains(at) {
                    add(vec![(LinkKind::Power, head.id.to_string(), time.end())], true);
                }
            }
        }
        Ground::AssignedField if at_home && own.role == Role::Deputy => {
            seen.deputy = true;
            seen.excluded |= rule.excluded_kinds.contains(&request.resource.kind);
            for a in given(&|g| matches!(g, AssignmentKind::Field { field } if Some(field.as_str()) == request.resource.field.as_deref())) {
                if broken(a) {
                    seen.broken = true;
                    continue;
                }
                if a.agency != own.agency || !seen.dated(a.valid, at) {
                    continue;
                }
                for head in facts.posts.iter().filter(|p| p.agency == own.agency && p.role == Role::Head) {
                    let time = post_time(facts, head);
                    if time.contains(at) {
                        add(vec![(LinkKind::Power, head.id.to_string(), time.end()), (LinkKind::Assignment, a.id.to_string(), a.valid.end())], false);
                    }
                }
            }
        }
        Ground::Mandate => {
            if at_home && own.role == Role::Deputy && rule.pairs.iter().any(|p| p.to == Relation::OwnDeputy) {
                seen.deputy = true;
                seen.excluded |= rule.excluded_kinds.contains(&request.resource.kind);
            }
            for (head, links) in received(facts, rules, rule, own, true, true, request, at, seen) {
                add([vec![(LinkKind::Power, head.id.to_string(), post_time(facts, head).end())], links].concat(), false);
            }
        }
        Ground::UnderMandate => {
            for (giver, inner) in received(facts, rules, rule, own, true, false, request, at, seen) {
                for outer in rules.rows.iter().filter(|r| r.ground == Ground::Mandate && r.form == rule.under && r.valid.contains(at)) {
                    for (head, links) in received(facts, rules, outer, giver, false, true, request, at, seen) {
                        let end = post_time(facts, head).end().min(outer.valid.end());
                        add([vec![(LinkKind::Power, head.id.to_string(), end)], links, inner.clone()].concat(), false);
                    }
                }
            }
        }
        Ground::SealCustody => {
            let Some(owner) = owner else { return all };
            for a in given(&|g| matches!(g, AssignmentKind::SealCustody)) {
                if broken(a) {
                    seen.broken = true;
                    continue;
                }
                if a.agency != owner.id || !seen.dated(a.valid, at) {
                    continue;
                }
                for s in facts.seals.iter().filter(|s| s.agency == owner.id) {
                    let time = s.valid.meet(&owner.valid);
                    if time.contains(at) {
                        add(vec![(LinkKind::Assignment, a.id.to_string(), a.valid.end()), (LinkKind::Seal, s.id.to_string(), time.end())], false);
                    }
                }
            }
        }
        Ground::NamedForCopies if paper => {
            for a in given(&|g| matches!(g, AssignmentKind::Copies)) {
                if broken(a) {
                    seen.broken = true;
                    continue;
                }
                if a.agency == own.agency && seen.dated(a.valid, at) {
                    add(vec![(LinkKind::Assignment, a.id.to_string(), a.valid.end())], false);
                }
            }
        }
        _ => {}
    }
    all
}

/// Whether the competent agency gave the post, in a form that is law now, something that does not reach the question.
fn beside(facts: &Facts, rules: &Rules, own: &Post, request: &Request, at: i64) -> bool {
    let competence = request.resource.competence.as_ref().unwrap_or(&request.resource.agency);
    let rows = || rules.rows.iter().filter(|r| r.actions.contains(&Action::Sign) && r.valid.contains(at));
    let gave = |from: &Post| facts.mandates.iter().any(|m| m.grantee == from.id && m.reach.papers.is_empty() && post(facts, &m.grantor).is_some_and(|g| g.agency.as_str() == competence));
    facts.mandates.iter().filter(|m| m.grantee == own.id && m.reach.papers.is_empty() && m.valid.contains(at)).any(|m| {
        let named = m.holder.as_ref().is_none_or(|p| p.as_str() == request.person);
        post(facts, &m.grantor).filter(|from| named && !void(facts, rules, m, from, own) && agency(facts, competence).is_some()).is_some_and(|from| {
            rows().filter(|r| r.form == Some(m.form)).any(|r| {
                let whose = if r.paper == Paper::Grantor { &from.agency } else { &own.agency };
                let direct = from.agency.as_str() == competence && whose.as_str() == request.resource.agency;
                let inside = request.resource.agency == *competence && gave(from);
                (if r.ground == Ground::UnderMandate { inside } else { direct }) && r.pairs.iter().any(|p| p.addressee == m.addressee && stands(facts, p, from, own, at))
            })
        })
    })
}

fn below(facts: &Facts, id: &str, above: &str, at: i64, left: u8) -> bool {
    let edges = agency(facts, id).map_or(&[][..], |a| &a.above);
    let mut now = edges.iter().filter(|e| e.valid.contains(at) && agency(facts, &e.agency).is_some());
    left > 0 && now.any(|e| e.agency.as_str() == above || below(facts, &e.agency, above, at, left - 1))
}

fn reaches(facts: &Facts, reach: &Reach, asked: &Resource, at: i64) -> bool {
    let has = |list: &[Text], word: Option<&str>| list.is_empty() || word.is_some_and(|w| list.iter().any(|one| one.as_str() == w));
    let about = asked.about.as_deref().filter(|a| agency(facts, a).is_some());
    has(&reach.papers, Some(&asked.id))
        && has(&reach.kinds, Some(&asked.kind))
        && has(&reach.fields, asked.field.as_deref())
        && (reach.agencies.is_empty() || about.is_some_and(|a| reach.agencies.iter().any(|l| l.as_str() == a || below(facts, a, l, at, 6))))
        && reach.ceiling.is_none_or(|most| asked.amount.is_some_and(|n| 0 <= n && n <= most))
}

/// Whether the law of its first day let nobody who stands so give it so.
fn void(facts: &Facts, rules: &Rules, m: &Mandate, from: &Post, to: &Post) -> bool {
    let rows: Vec<&Rule> = rules.rows.iter().filter(|r| r.form == Some(m.form) && r.valid.contains(m.valid.from)).collect();
    !rows.is_empty() && !rows.iter().any(|r| r.pairs.iter().any(|p| p.addressee == m.addressee && stands(facts, p, from, to, m.valid.from)))
}

fn stands(facts: &Facts, pair: &Pair, from: &Post, to: &Post, at: i64) -> bool {
    let kind = |post: &Post, kinds: &[String]| kinds.is_empty() || kinds.iter().any(|k| k == agency(facts, &post.agency).unwrap().kind.as_str());
    let inside = from.agency == to.agency && from.id != to.id;
    let right = match pair.to {
        Relation::OwnUnitDeputy => inside && from.role == Role::UnitHead && to.role == Role::UnitDeputy && from.unit.is_some() && from.unit.as_ref().map(|u| &u.id) == to.unit.as_ref().map(|u| &u.id),
        _ if from.role != Role::Head => false,
        Relation::OwnDeputy => inside && to.role == Role::Deputy,
        Relation::UnitHead => inside && to.role == Role::UnitHead,
        Relation::OwnStaff => inside && to.role != Role::Deputy,
        Relation::OwnHead => from.id == to.id,
        Relation::HeadBelow => to.role == Role::Head && below(facts, &to.agency, &from.agency, at, 6),
    };
    right && kind(from, &pair.from_kinds) && kind(to, &pair.to_kinds)
}

/// Mandates that a post received under one row and that carry now: who gave, and the links from him.
#[allow(clippy::too_many_arguments)]
fn received<'f>(facts: &'f Facts, rules: &Rules, rule: &Rule, to: &Post, mine: bool, root: bool, request: &Request, at: i64, seen: &mut Seen) -> Vec<(&'f Post, Vec<Link>)> {
    let asked = &request.resource;
    let mut all = Vec::new();
    for m in facts.mandates.iter().filter(|m| m.grantee == to.id && rule.form == Some(m.form)) {
        let sits = |p: &Text| appointments(facts, to).iter().any(|(a, time)| a.person == *p && time.contains(at));
        let other = m.holder.as_ref().is_some_and(|p| if mine { p.as_str() != request.person } else { !sits(p) });
        if other || !(m.reach.papers.is_empty() || m.reach.papers.iter().any(|p| *p == *asked.id)) {
            continue;
        }
        let covers = reaches(facts, &m.reach, asked, at);
        let Some(from) = post(facts, &m.grantor).filter(|_| !m.valid.is_empty()) else {
            seen.broken |= covers;
            continue;
        };
        let whose = if rule.paper == Paper::Grantor { &from.agency } else { &to.agency };
        let right = asked.agency == whose.as_str() && asked.competence.as_ref().unwrap_or(&asked.agency) == from.agency.as_str();
        if root && !right || void(facts, rules, m, from, to) || !rule.pairs.iter().any(|p| p.addressee == m.addressee && stands(facts, p, from, to, at)) {
            continue;
        }
        let pause = m.pauses.iter().find(|p| p.contains(at));
        let content = !m.reach.papers.is_empty() || !m.reach.kinds.is_empty() || !m.reach.fields.is_empty();
        let states = |need: &Need| match need {
            Need::Papers => !m.reach.papers.is_empty(),
            Need::Kinds => !m.reach.kinds.is_empty(),
            Need::Content => content,
            Need::End => m.valid.to.is_some(),
        };
        if !covers || !rule.needs.iter().all(states) {
            seen.outside |= covers;
            continue;
        }
        seen.paused |= m.valid.contains(at) && pause.is_some();
        if pause.is_some() && m.valid.contains(at) || !seen.dated(m.valid, at) {
            continue;
        }
        if !post_time(facts, from).contains(at) {
            seen.ended = true;
            continue;
        }
        let end = m.pauses.iter().filter(|p| !p.is_empty() && p.from > at).map(|p| p.from).chain([m.valid.end(), post_time(facts, from).end()]).min().unwrap();
        let own = (LinkKind::Mandate, m.id.to_string(), end);
        match (&m.giver, rule.tenure) {
            (None, Tenure::Post) => all.push((from, vec![own])),
            (None, Tenure::Person) => seen.outside = true,
            (giver, _) => {
                let sitting: Vec<_> = appointments(facts, from).into_iter().filter(|(a, time)| time.contains(at) && a.person.as_str() != request.person && giver.as_ref().is_none_or(|g| *g == a.person)).collect();
                seen.ended |= sitting.is_empty() && giver.is_some();
                all.extend(sitting.iter().map(|(a, time)| (from, vec![(LinkKind::Appointment, a.id.to_string(), time.end()), own.clone()])));
            }
        }
    }
    all
}
