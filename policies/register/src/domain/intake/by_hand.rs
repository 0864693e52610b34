//! What somebody recorded by hand in the register stands against what a source says until a person has looked: the source's rows are
//! marked, and so wait.

use std::collections::{BTreeMap, BTreeSet};

use super::match_up::{Matched, Outcome};
use super::note::Note;
use crate::domain::facts::{AppointmentFact, PostFact};
use crate::domain::import::Existing;

/// Marks the rows that would change a name or data recorded by hand, move somebody out of a post given by hand, or put somebody back
/// into a post whose end was recorded by hand. `by_hand` holds records that no import laid.
pub fn mark(matched: &mut [Matched<'_>], existing: &Existing, by_hand: &BTreeSet<String>) {
    if by_hand.is_empty() {
        return;
    }
    let posts: BTreeMap<&str, &PostFact> = existing
        .facts
        .posts
        .iter()
        .map(|post| (post.id.as_str(), post))
        .collect();
    let mut held: BTreeMap<&str, Vec<&AppointmentFact>> = BTreeMap::new();
    for one in &existing.facts.appointments {
        if by_hand.contains(&one.record) {
            held.entry(&one.person).or_default().push(one);
        }
    }
    for one in matched {
        let Some(person) = one.known else { continue };
        let given = held.get(person.person.as_str());
        let seat = |appointment: &AppointmentFact| {
            let post = posts.get(appointment.post.as_str());
            let asked = (one.row.agency.map(|a| &a.id), one.row.post.map(|p| &p.code));
            post.is_some_and(|post| asked == (Some(&post.agency), Some(&post.code)))
        };
        let stands = match one.outcome {
            Outcome::Corrects => false,
            Outcome::Moves => {
                given.is_some_and(|all| all.iter().any(|a| a.to.is_none() || seat(a)))
            }
            Outcome::Joins | Outcome::Stays | Outcome::Nothing => continue,
        };
        if stands || by_hand.contains(&person.record) {
            one.row.notes.push(Note::ByHand);
        }
    }
}
