//! Which post a row of the list means. Heads and deputies have a post per seat; other posts have as many holders as the work needs.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{Operation, Planner};
use super::rows::{Heads, OfficialRow, PostRow};
use crate::domain::facts::{AgencyFact, PostFact};
use crate::domain::words::Standing;

/// What tells one kind of seat from another: agency, unit, code of the post, field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SeatKey {
    pub(super) agency: String,
    pub(super) unit: Option<String>,
    pub(super) code: String,
    pub(super) field: Option<String>,
}

/// All posts by seat, in a fixed order, and who sits where.
#[derive(Debug, Default)]
pub(super) struct Seats {
    pub(super) posts: BTreeMap<SeatKey, Vec<PostFact>>,
    pub(super) occupied: BTreeSet<String>,
}

/// How a kind of post stands in an agency of a kind. Outside the table it heads at most its unit and has no capacity.
pub(crate) fn standing(definition: &PostRow, listed: bool) -> Standing {
    let of_agency = definition.of_agency && listed;
    match (definition.heads, definition.deputy_of.is_some()) {
        (Heads::Yes, _) if of_agency => Standing::AgencyHead,
        (Heads::Yes, _) => Standing::UnitHead,
        (_, true) if of_agency => Standing::AgencyDeputy,
        (_, true) => Standing::UnitDeputy,
        _ => Standing::Staff,
    }
}

/// Whether the table knows this post for this kind of agency.
pub(super) fn listed(definition: &PostRow, agency: &AgencyFact) -> bool {
    definition.agency_kinds.contains(&agency.kind)
}

impl SeatKey {
    pub(super) fn of(post: &PostFact) -> Self {
        Self {
            agency: post.agency.clone(),
            unit: post.unit.clone(),
            code: post.code.clone(),
            field: post.field.clone(),
        }
    }
}

impl Planner<'_> {
    /// The seat a row asks for. The head of an agency and the head's deputies belong to no unit.
    pub(super) fn seat_key(
        &self,
        agency: &AgencyFact,
        unit: &str,
        definition: &PostRow,
        row: &OfficialRow,
    ) -> SeatKey {
        let standing = standing(definition, listed(definition, agency));
        let above_units = matches!(standing, Standing::AgencyHead | Standing::AgencyDeputy);
        SeatKey {
            agency: agency.id.clone(),
            unit: (!above_units).then(|| unit.to_string()),
            code: definition.code.clone(),
            field: if standing.single_seat() {
                row.field.clone()
            } else {
                None
            },
        }
    }

    /// Makes a post for the seat; a deputy's head is made too when nobody holds it yet.
    pub(super) fn new_post(
        &mut self,
        seats: &mut Seats,
        key: &SeatKey,
        definition: &PostRow,
        agency: &AgencyFact,
        from: i64,
    ) -> PostFact {
        let listed = listed(definition, agency);
        let standing = standing(definition, listed);
        let deputy_of = definition
            .deputy_of
            .as_ref()
            .and_then(|head| self.head_post(seats, key, head, agency));
        let post = PostFact {
            record: self.id("rcd"),
            id: self.id("pst"),
            agency: key.agency.clone(),
            unit: key.unit.clone(),
            code: key.code.clone(),
            title: definition.title.clone(),
            rank: definition.rank,
            standing,
            is_head: standing == Standing::AgencyHead,
            deputy_of,
            capacities: if listed {
                definition.capacities.clone()
            } else {
                Vec::new()
            },
            field: key.field.clone(),
            from: from.min(agency.from),
            to: None,
        };
        self.add(Operation::Post(post.clone()));
        seats
            .posts
            .entry(key.clone())
            .or_default()
            .push(post.clone());
        post
    }

    /// The post that a deputy stands in for: in the agency as a whole, or in the same unit.
    fn head_post(
        &mut self,
        seats: &mut Seats,
        deputy: &SeatKey,
        code: &str,
        agency: &AgencyFact,
    ) -> Option<String> {
        let definition = self.rows.posts.get(code)?;
        let above_units = standing(definition, listed(definition, agency)) == Standing::AgencyHead;
        let key = SeatKey {
            agency: deputy.agency.clone(),
            unit: if above_units {
                None
            } else {
                deputy.unit.clone()
            },
            code: code.to_string(),
            field: None,
        };
        if let Some(post) = seats.posts.get(&key).and_then(|posts| posts.first()) {
            return Some(post.id.clone());
        }
        Some(
            self.new_post(seats, &key, definition, agency, agency.from)
                .id,
        )
    }

    /// Posts whose kind changed in the table are corrected.
    pub(super) fn correct_posts(&mut self, seats: &mut Seats) {
        let (existing, rows) = (self.existing, self.rows);
        let by_id: BTreeMap<&str, &AgencyFact> =
            self.agencies.values().map(|a| (a.id.as_str(), a)).collect();
        let mut changes = Vec::new();
        for post in &existing.facts.posts {
            let (Some(definition), Some(agency)) =
                (rows.posts.get(&post.code), by_id.get(post.agency.as_str()))
            else {
                continue;
            };
            let listed = listed(definition, agency);
            let standing = standing(definition, listed);
            let wanted = PostFact {
                title: definition.title.clone(),
                rank: definition.rank,
                standing,
                is_head: standing == Standing::AgencyHead,
                capacities: if listed {
                    definition.capacities.clone()
                } else {
                    Vec::new()
                },
                ..post.clone()
            };
            if wanted != *post {
                changes.push((post.record.clone(), wanted));
            }
        }
        for (record, wanted) in changes {
            let corrected = PostFact {
                record: self.id("rcd"),
                ..wanted
            };
            self.close("post", &record);
            if let Some(post) = seats
                .posts
                .get_mut(&SeatKey::of(&corrected))
                .and_then(|posts| posts.iter_mut().find(|post| post.id == corrected.id))
            {
                *post = corrected.clone();
            }
            self.add(Operation::Post(corrected));
        }
    }
}
