//! The register's rows and our mandates as the engine's facts.

use std::collections::BTreeMap;

use engine::{AssignmentKind, Interval, Role, Text};
use register::facts as recorded;

use super::instrument::{Mandate, Pause};

/// Everything the engine compiles. The rules that are ours to choose: versions of one agency or post join into one span, a suspension
/// cuts its appointment in pieces that keep its id, and a unit's own seal is not the agency's.
pub fn map(register: &recorded::Facts, mandates: &[Mandate], pauses: &[Pause]) -> engine::Facts {
    let mut paused: BTreeMap<&str, Vec<Interval>> = BTreeMap::new();
    for pause in pauses {
        let valid = span(pause.valid_from, pause.valid_to);
        paused.entry(&pause.mandate).or_default().push(valid);
    }
    engine::Facts {
        agencies: agencies(register),
        posts: posts(register),
        appointments: appointments(register),
        assignments: register.assignments.iter().filter_map(assignment).collect(),
        mandates: mandates
            .iter()
            .map(|row| mandate(row, paused.get(row.id.as_str())))
            .collect(),
        seals: register
            .seals
            .iter()
            .filter(|seal| seal.unit.is_none())
            .map(|seal| engine::Seal {
                id: text(&seal.id),
                agency: text(&seal.agency),
                valid: span(seal.from, seal.to),
            })
            .collect(),
    }
}

fn text(value: &str) -> Text {
    Text::from(value)
}

fn span(from: i64, to: Option<i64>) -> Interval {
    Interval { from, to }
}

fn join(one: Interval, other: Interval) -> Interval {
    let end = one.end().max(other.end());
    Interval {
        from: one.from.min(other.from),
        to: (end != i64::MAX).then_some(end),
    }
}

fn agencies(register: &recorded::Facts) -> Vec<engine::Agency> {
    let mut joined: BTreeMap<&str, engine::Agency> = BTreeMap::new();
    for version in &register.agencies {
        let valid = span(version.from, version.to);
        let agency = engine::Agency {
            id: text(&version.id),
            name: text(&version.name),
            kind: text(&version.kind),
            above: version
                .parent
                .iter()
                .map(|parent| engine::Above {
                    agency: text(parent),
                    valid,
                })
                .collect(),
            collective: version.collective.then(|| text("Ủy ban nhân dân")),
            valid,
        };
        joined
            .entry(&version.id)
            .and_modify(|known| {
                let later = valid.from >= known.valid.from;
                let valid = join(known.valid, valid);
                let mut above = std::mem::take(&mut known.above);
                above.extend(agency.above.iter().cloned());
                if later {
                    *known = agency.clone();
                }
                known.valid = valid;
                known.above = above;
            })
            .or_insert_with(|| agency.clone());
    }
    joined.into_values().collect()
}

fn posts(register: &recorded::Facts) -> Vec<engine::Post> {
    let units: BTreeMap<&str, &str> = register
        .units
        .iter()
        .map(|unit| (unit.id.as_str(), unit.name.as_str()))
        .collect();
    let mut joined: BTreeMap<&str, engine::Post> = BTreeMap::new();
    for version in &register.posts {
        let valid = span(version.from, version.to);
        let post = engine::Post {
            id: text(&version.id),
            agency: text(&version.agency),
            title: text(&version.title),
            role: match version.standing {
                recorded::Standing::AgencyHead => Role::Head,
                recorded::Standing::AgencyDeputy => Role::Deputy,
                recorded::Standing::UnitHead => Role::UnitHead,
                recorded::Standing::UnitDeputy => Role::UnitDeputy,
                recorded::Standing::Staff => Role::Other,
            },
            unit: version.unit.as_deref().map(|unit| engine::Unit {
                id: text(unit),
                name: text(units.get(unit).copied().unwrap_or_default()),
            }),
            valid,
        };
        joined
            .entry(&version.id)
            .and_modify(|known| {
                let later = valid.from >= known.valid.from;
                let valid = join(known.valid, valid);
                if later {
                    *known = post.clone();
                }
                known.valid = valid;
            })
            .or_insert_with(|| post.clone());
    }
    joined.into_values().collect()
}

fn appointments(register: &recorded::Facts) -> Vec<engine::Appointment> {
    let mut suspended: BTreeMap<&str, Vec<Interval>> = BTreeMap::new();
    for suspension in &register.suspensions {
        suspended
            .entry(&suspension.appointment)
            .or_default()
            .push(span(suspension.from, suspension.to));
    }
    let mut all = Vec::with_capacity(register.appointments.len());
    for row in &register.appointments {
        let cuts = suspended
            .get(row.id.as_str())
            .map_or(&[][..], Vec::as_slice);
        for valid in without(span(row.from, row.to), cuts) {
            all.push(engine::Appointment {
                id: text(&row.id),
                person: text(&row.person),
                post: text(&row.post),
                kind: match row.kind {
                    recorded::AppointmentKind::Full => engine::AppointmentKind::Full,
                    recorded::AppointmentKind::Acting => engine::AppointmentKind::Acting,
                    recorded::AppointmentKind::InCharge => engine::AppointmentKind::InCharge,
                    recorded::AppointmentKind::Concurrent => engine::AppointmentKind::Concurrent,
                },
                instrument: (!row.basis.is_empty()).then(|| text(&row.basis)),
                valid,
            });
        }
    }
    all
}

/// What is left of a span when the cuts are taken out, in order.
fn without(whole: Interval, cuts: &[Interval]) -> Vec<Interval> {
    let mut left = vec![whole];
    for cut in cuts {
        left = left
            .into_iter()
            .flat_map(|piece| {
                let before = Interval::between(piece.from, piece.end().min(cut.from));
                let after = Interval {
                    from: piece.from.max(cut.end()),
                    to: piece.to,
                };
                [before, after]
                    .into_iter()
                    .filter(|piece| !piece.is_empty())
            })
            .collect();
    }
    left
}

fn assignment(row: &recorded::AssignmentFact) -> Option<engine::Assignment> {
    let gives = match row.kind {
        recorded::AssignmentKind::Field => AssignmentKind::Field {
            field: text(row.field.as_deref()?),
        },
        recorded::AssignmentKind::SealCustody => AssignmentKind::SealCustody,
    };
    Some(engine::Assignment {
        id: text(&row.id),
        agency: text(&row.agency),
        grantee: text(&row.post),
        gives,
        instrument: (!row.basis.is_empty()).then(|| text(&row.basis)),
        valid: span(row.from, row.to),
    })
}

fn mandate(row: &Mandate, pauses: Option<&Vec<Interval>>) -> engine::Mandate {
    engine::Mandate {
        id: text(&row.id),
        form: row.form,
        grantor: text(&row.grantor),
        grantee: text(&row.grantee),
        addressee: row.addressee,
        giver: row.giver.as_deref().map(text),
        holder: row.holder.as_deref().map(text),
        reach: row.reach.clone(),
        instrument: text(&row.citation),
        valid: span(row.valid_from, row.valid_to),
        pauses: pauses.cloned().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspension_cuts_its_time_out_and_an_open_one_cuts_the_rest() {
        let whole = Interval::since(10);
        assert_eq!(
            without(whole, &[Interval::between(20, 30)]),
            [Interval::between(10, 20), Interval::since(30)]
        );
        assert_eq!(
            without(whole, &[Interval::since(20)]),
            [Interval::between(10, 20)]
        );
        assert_eq!(without(whole, &[Interval::since(5)]), []);
        assert_eq!(
            without(
                Interval::between(10, 40),
                &[
                    Interval::between(12, 14),
                    Interval::between(13, 20),
                    Interval::between(39, 50)
                ]
            ),
            [Interval::between(10, 12), Interval::between(20, 39)]
        );
    }
}
