//! The rows of an epoch: every fact with its neighbours as numbers, and the simple questions about them.

use crate::compile::Epoch;
use crate::facts::{Addressee, AppointmentKind, AssignmentKind, Role, Unit};
use crate::interval::Interval;
use crate::rules::Regime;
use crate::text::Text;
use crate::vocabulary::Form;

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
    pub(crate) heads: Vec<u32>,
    pub(crate) deputies: Vec<u32>,
    pub(crate) seals: Vec<u32>,
    pub(crate) given: Vec<u32>,
    /// Posts that received a mandate from a post of this agency, other than for single papers.
    pub(crate) receivers: Vec<u32>,
}

#[derive(Debug)]
pub(crate) struct PostRow {
    pub(crate) id: Text,
    pub(crate) agency: u32,
    pub(crate) title: Text,
    pub(crate) capitals: Text,
    pub(crate) role: Role,
    pub(crate) unit: Option<Unit>,
    pub(crate) valid: Interval,
    pub(crate) holders: Vec<u32>,
    pub(crate) assigned: Vec<u32>,
    /// Mandates received, other than for single papers.
    pub(crate) received: Vec<u32>,
    /// Papers handed over one by one.
    pub(crate) handed: Vec<Text>,
}

#[derive(Debug)]
pub(crate) struct AppointmentRow {
    pub(crate) id: Text,
    pub(crate) person: u32,
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
    pub(crate) gives: AssignmentKind,
    pub(crate) instrument: Option<Text>,
    pub(crate) recorded: Interval,
    pub(crate) broken: bool,
}

#[derive(Debug)]
pub(crate) struct MandateRow {
    pub(crate) id: Text,
    pub(crate) form: Form,
    pub(crate) grantor: Option<u32>,
    pub(crate) grantee: u32,
    pub(crate) addressee: Addressee,
    pub(crate) giver: Option<u32>,
    pub(crate) holder: Option<u32>,
    pub(crate) reach: MandateReach,
    pub(crate) instrument: Text,
    pub(crate) valid: Interval,
    pub(crate) pauses: Box<[Interval]>,
    pub(crate) broken: bool,
}

/// What a mandate reaches; an empty list limits nothing.
#[derive(Debug)]
pub(crate) struct MandateReach {
    pub(crate) papers: Box<[Text]>,
    pub(crate) kinds: Box<[u32]>,
    pub(crate) fields: Box<[u32]>,
    pub(crate) agencies: Box<[u32]>,
    pub(crate) ceiling: Option<i64>,
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

impl MandateRow {
    pub(crate) fn time(&self, at: i64) -> Time {
        match time_of(&self.valid, at) {
            Time::Now if self.pauses.iter().any(|pause| pause.contains(at)) => Time::Paused,
            time => time,
        }
    }

    /// The time around `at` in which it carries without a break.
    pub(crate) fn stretch(&self, at: i64) -> Interval {
        self.pauses.iter().fold(self.valid, |left, pause| {
            if pause.from > at {
                left.meet(&Interval::between(left.from, pause.from))
            } else if pause.end() <= at {
                Interval {
                    from: left.from.max(pause.end()),
                    ..left
                }
            } else {
                left
            }
        })
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
    /// Title of a post, and its agency's id.
    pub fn title_of(&self, post: &str) -> Option<(&str, &str)> {
        let row = self.post(*self.post_of.get(post)?)?;
        Some((&row.title, &self.agency(row.agency)?.id))
    }

    /// The deputies of the post's agency that exist at `at`, when the post is its head.
    pub fn deputies_of(&self, head: &str, at: i64) -> Vec<&Text> {
        let row = self.post_of.get(head).and_then(|number| self.post(*number));
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
        let row = self.post(*self.post_of.get(post)?)?;
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
            .filter_map(|row| match &row.gives {
                AssignmentKind::Field { field } => Some(field.clone()),
                _ => None,
            })
            .collect();
        fields.sort();
        fields.dedup();
        fields
    }

    /// What a post is in its agency.
    pub fn role_of(&self, post: &str) -> Option<Role> {
        Some(self.post(*self.post_of.get(post)?)?.role)
    }

    /// Name of the collective in capitals, when the agency works as one.
    pub fn collective_of(&self, agency: &str) -> Option<&str> {
        let row = self.agency(*self.agency_of.get(agency)?)?;
        (row.regime == Regime::Collective).then_some(&*row.collective)
    }

    /// Who holds a post at `at`, with the appointment.
    pub fn holders(&self, post: &str, at: i64) -> Vec<(&Text, &Text)> {
        let row = self.post_of.get(post).and_then(|number| self.post(*number));
        let numbers = row.map_or(&[][..], |row| &row.holders);
        let rows = numbers
            .iter()
            .filter_map(|number| self.appointment(*number));
        rows.filter(|held| held.valid.contains(at))
            .filter_map(|held| Some((self.name(held.person)?, &held.id)))
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

    pub(crate) fn mandate(&self, number: u32) -> Option<&MandateRow> {
        self.mandates.get(number as usize)
    }

    pub(crate) fn seal(&self, number: u32) -> Option<&SealRow> {
        self.seals.get(number as usize)
    }

    pub(crate) fn name(&self, person: u32) -> Option<&Text> {
        self.names.get(person as usize)
    }

    /// The number of a person by id, when he ever held the post. Few held any: their names are compared; many, the table is asked.
    pub(crate) fn holder_named(&self, post: &PostRow, id: &str) -> Option<u32> {
        if post.holders.len() > 8 {
            return self.people.get(id).copied();
        }
        let held = post
            .holders
            .iter()
            .filter_map(|number| self.appointment(*number));
        let mut people = held.map(|row| row.person);
        people.find(|person| self.name(*person).is_some_and(|name| *name == *id))
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
