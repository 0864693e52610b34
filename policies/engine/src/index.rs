//! The rows of an epoch: every fact with its neighbours as numbers, and the simple questions about them.

use std::ops::Range;
use std::sync::OnceLock;

use crate::compile::Epoch;
use crate::facts::{AppointmentKind, Role, Unit};
use crate::interval::Interval;
use crate::numbers::Near;
use crate::rules::Regime;
use crate::text::Text;

/// No agency stands under more than so many others; a recorded circle ends here.
const STEPS: u8 = 6;

#[derive(Debug)]
pub(crate) struct AgencyRow {
    pub(crate) id: Text,
    pub(crate) regime: Regime,
    pub(crate) collective: Text,
    pub(crate) kind: Text,
    pub(crate) name: Text,
    pub(crate) valid: Interval,
    pub(crate) above: Vec<(u32, Interval)>,
    /// Every edge of the tree on the ways up from it, whenever it holds.
    pub(crate) edges: Box<[Interval]>,
    pub(crate) heads: Vec<u32>,
    pub(crate) deputies: Vec<u32>,
    pub(crate) seals: Vec<u32>,
    pub(crate) given: Vec<u32>,
    /// Posts that received a mandate from a post of this agency, other than for single papers.
    pub(crate) receivers: Vec<u32>,
}

/// What every question asks of a post stands first and lies together.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct PostRow {
    pub(crate) agency: u32,
    pub(crate) role: Role,
    /// By what its mandates are found: bits of [`crate::received::By`].
    pub(crate) found_by: u8,
    /// Appointments to it, side by side.
    pub(crate) holders: Range<u32>,
    /// Assignments to it, side by side.
    pub(crate) assigned: Range<u32>,
    pub(crate) valid: Interval,
    pub(crate) id: Text,
    pub(crate) title: Text,
    pub(crate) capitals: Text,
    /// Title in full and in capitals, from the first answer that writes it.
    pub(crate) in_full: OnceLock<Text>,
    pub(crate) unit: Option<Unit>,
    /// Mandates received, other than for single papers.
    pub(crate) received: Vec<u32>,
    /// Papers handed over one by one, as numbers.
    pub(crate) handed: Vec<u32>,
}

#[derive(Debug)]
pub(crate) struct AppointmentRow {
    pub(crate) id: Text,
    pub(crate) person: u32,
    /// Id of the person.
    pub(crate) name: Near,
    pub(crate) post: u32,
    pub(crate) kind: AppointmentKind,
    pub(crate) instrument: Option<Text>,
    pub(crate) valid: Interval,
}

#[derive(Debug)]
pub(crate) struct AssignmentRow {
    pub(crate) id: Text,
    pub(crate) agency: u32,
    pub(crate) grantee: u32,
    pub(crate) gives: Gives,
    pub(crate) instrument: Option<Text>,
    pub(crate) recorded: Interval,
    pub(crate) broken: bool,
}

/// What an assignment gives; a field as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gives {
    Field(u32),
    SealCustody,
    Copies,
}

#[derive(Debug)]
pub(crate) struct SealRow {
    pub(crate) id: Text,
    pub(crate) valid: Interval,
}

/// Where an instant lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    Later,
    Now,
    Paused,
    Ended,
    Never,
}

pub(crate) fn time_of(interval: &Interval, at: i64) -> Time {
    if interval.is_empty() {
        Time::Never
    } else if at < interval.from {
        Time::Later
    } else if interval.contains(at) {
        Time::Now
    } else {
        Time::Ended
    }
}

impl PostRow {
    /// Title with the name of what it heads: `Giám đốc Sở Nội vụ`, `Chánh Văn phòng Ủy ban nhân dân tỉnh`. Words that end the title and
    /// begin the name are written once.
    pub(crate) fn title_in_full(&self, agency: &AgencyRow) -> String {
        let name = self.unit.as_ref().map_or(&agency.name, |unit| &unit.name);
        let title: Vec<&str> = self.title.split_whitespace().collect();
        let place: Vec<&str> = name.split_whitespace().collect();
        let same = |count: usize| {
            let tail = title.iter().rev().take(count).rev();
            tail.zip(&place)
                .all(|(one, other)| one.to_lowercase() == other.to_lowercase())
        };
        let most = title.len().min(place.len());
        let shared = (1..=most).rev().find(|count| same(*count)).unwrap_or(0);
        let rest = place.iter().skip(shared);
        title
            .iter()
            .chain(rest)
            .copied()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl Epoch {
    /// Title of a post in full and in capitals; made once.
    pub(crate) fn capitals_in_full<'e>(&'e self, post: &'e PostRow) -> &'e str {
        post.in_full.get_or_init(|| {
            let agency = self.agency(post.agency);
            let title = agency.map_or_else(String::new, |agency| post.title_in_full(agency));
            title.to_uppercase().into()
        })
    }

    /// Title of a post, and its agency's id.
    pub fn title_of(&self, post: &str) -> Option<(&str, &str)> {
        let row = self.post(self.post_of.get(post)?)?;
        Some((&row.title, &self.agency(row.agency)?.id))
    }

    /// The deputies of the post's agency that exist at `at`, when the post is its head.
    pub fn deputies_of(&self, head: &str, at: i64) -> Vec<&Text> {
        let row = self.post_of.get(head).and_then(|number| self.post(number));
        let Some(row) = row.filter(|row| row.role == Role::Head) else {
            return Vec::new();
        };
        let deputies = self
            .agency(row.agency)
            .map_or(&[][..], |agency| &agency.deputies);
        let rows = deputies.iter().filter_map(|number| self.post(*number));
        rows.filter(|post| post.valid.contains(at))
            .map(|post| &post.id)
            .collect()
    }

    /// Title of a post with the name of what it heads, as in a signature block.
    pub fn full_title_of(&self, post: &str) -> Option<String> {
        let row = self.post(self.post_of.get(post)?)?;
        Some(row.title_in_full(self.agency(row.agency)?))
    }

    /// Fields of work that the agency has given to anybody at any time, in order.
    pub fn fields_of(&self, agency: &str) -> Vec<Text> {
        let row = self
            .agency_of
            .get(agency)
            .and_then(|number| self.agency(*number));
        let given = row.map_or(&[][..], |row| &row.given);
        let rows = given.iter().filter_map(|number| self.assignment(*number));
        let mut fields: Vec<Text> = rows
            .filter_map(|row| match row.gives {
                Gives::Field(field) => self.words.text(field).cloned(),
                _ => None,
            })
            .collect();
        fields.sort();
        fields.dedup();
        fields
    }

    /// What a post is in its agency.
    pub fn role_of(&self, post: &str) -> Option<Role> {
        Some(self.post(self.post_of.get(post)?)?.role)
    }

    /// Name of the collective in capitals, when the agency works as one.
    pub fn collective_of(&self, agency: &str) -> Option<&str> {
        let row = self.agency(*self.agency_of.get(agency)?)?;
        (row.regime == Regime::Collective).then_some(&*row.collective)
    }

    /// Who holds a post at `at`, with the appointment.
    pub fn holders(&self, post: &str, at: i64) -> Vec<(&Text, &Text)> {
        let row = self.post_of.get(post).and_then(|number| self.post(number));
        let rows = row.map_or(&[][..], |row| self.held(row)).iter();
        rows.filter(|held| held.valid.contains(at))
            .map(|held| (&held.name.text, &held.id))
            .collect()
    }

    pub(crate) fn post(&self, number: u32) -> Option<&PostRow> {
        self.posts.get(number as usize)
    }

    pub(crate) fn agency(&self, number: u32) -> Option<&AgencyRow> {
        self.agencies.get(number as usize)
    }

    pub(crate) fn appointment(&self, number: u32) -> Option<&AppointmentRow> {
        self.appointments.get(number as usize)
    }

    pub(crate) fn assignment(&self, number: u32) -> Option<&AssignmentRow> {
        self.assignments.get(number as usize)
    }

    pub(crate) fn seal(&self, number: u32) -> Option<&SealRow> {
        self.seals.get(number as usize)
    }

    /// Appointments to a post.
    pub(crate) fn held(&self, post: &PostRow) -> &[AppointmentRow] {
        let (from, to) = (post.holders.start as usize, post.holders.end as usize);
        self.appointments.get(from..to).unwrap_or_default()
    }

    /// The number of a person by id, when he ever held the post. Few held any: their names are compared; many, the table is asked.
    pub(crate) fn holder_named(&self, post: &PostRow, id: &str) -> Option<u32> {
        if post.holders.len() > 8 {
            return self.people.get(id);
        }
        let mut held = self.held(post).iter();
        held.find(|row| row.name.is(id)).map(|row| row.person)
    }

    /// Whether an agency stands under another at `at`, however far; never under itself.
    pub(crate) fn is_below(&self, agency: u32, above: u32, at: i64) -> bool {
        self.climb(agency, at, STEPS, &mut |seen| seen == above)
    }

    fn climb(&self, agency: u32, at: i64, left: u8, found: &mut impl FnMut(u32) -> bool) -> bool {
        let edges = self.agency(agency).map_or(&[][..], |row| &row.above);
        left > 0
            && edges.iter().any(|(above, valid)| {
                valid.contains(at) && (found(*above) || self.climb(*above, at, left - 1, found))
            })
    }

    /// Every edge of the tree on the ways up from an agency, whenever it holds.
    pub(crate) fn edges_above(&self, agency: u32, see: &mut impl FnMut(&Interval)) {
        let edges = self.agency(agency).map_or(&[][..], |row| &row.edges);
        edges.iter().for_each(see);
    }

    /// Gathers them, once.
    pub(crate) fn walk_up(&self, agency: u32, see: &mut impl FnMut(&Interval)) {
        let mut ways = vec![(agency, STEPS)];
        while let Some((number, left)) = ways.pop() {
            for (above, valid) in self.agency(number).map_or(&[][..], |row| &row.above) {
                see(valid);
                if left > 1 {
                    ways.push((*above, left - 1));
                }
            }
        }
    }
}
