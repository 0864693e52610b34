//! Candidate chains at one instant: which rows carry from the law down to the person, and the verdict over them.
//! Standard: Decree 30/2020/NĐ-CP Art. 13, 27, 32, through the rows given
//! It must never combine two mandates, nor let a broken fact pass as absent.

use std::cmp::Ordering;

use crate::compile::Epoch;
use crate::decision::Request;
use crate::index::{AgencyRow, AppointmentRow, PostRow, Time, time_of};
use crate::received::Found;
use crate::rows::{LawRow, Row};
use crate::rules::When;
use crate::text::Text;
use crate::vocabulary::{Action, Capacity, Code};

/// The longest chain: law, power, giver's tenure, mandate, giver's tenure, mandate inside it, own appointment.
pub(crate) const LINKS: usize = 7;

/// One link as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    None,
    Law { rule: u16, block: u16 },
    Power(u32),
    Appointment(u32),
    Assignment(u32),
    Mandate(u32),
    Seal(u32),
}

/// A chain that carries; the links from the law down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) capacity: Capacity,
    pub(crate) order: u8,
    pub(crate) end: i64,
    pub(crate) length: u8,
    pub(crate) steps: [Step; LINKS],
}

/// Capacities as a small set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Capacities(u16);

impl Capacities {
    pub(crate) fn add(&mut self, capacity: Capacity) {
        self.0 |= 1 << capacity as u16;
    }
    fn has(self, capacity: Capacity) -> bool {
        self.0 & (1 << capacity as u16) != 0
    }
    pub(crate) fn first(self) -> Option<Capacity> {
        Capacity::ALL.iter().copied().find(|c| self.has(*c))
    }
    pub(crate) fn list(self) -> Vec<Capacity> {
        Capacity::ALL
            .iter()
            .copied()
            .filter(|c| self.has(*c))
            .collect()
    }
}

/// The answer at one instant, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) code: Code,
    pub(crate) chain: Option<Chain>,
    pub(crate) usable: Capacities,
    pub(crate) others: u32,
    /// The row a refusal rests on (rule, block).
    pub(crate) refused_by: Option<(u16, u16)>,
    /// The forbidding row that bit.
    pub(crate) forbidden_by: Option<u16>,
}

impl Verdict {
    /// Whether both say the same thing to a person: outcome, reason, chain, choices.
    pub(crate) fn same_answer(&self, other: &Self) -> bool {
        let steps = |v: &Self| v.chain.map(|chain| chain.steps);
        self.code == other.code && self.usable == other.usable && steps(self) == steps(other)
    }
}

/// A question with its names resolved to numbers once.
pub(crate) struct Asked<'a> {
    pub(crate) epoch: &'a Epoch,
    pub(crate) request: &'a Request,
    /// Who would act, by id and, when he ever held the post, by number.
    actor: &'a str,
    pub(crate) person: Option<u32>,
    /// The capacity claimed.
    pub(crate) claimed: Option<Capacity>,
    pub(crate) place: Option<(u32, &'a PostRow, &'a AgencyRow)>,
    /// Whose paper it is.
    pub(crate) agency: Option<u32>,
    /// Whose competence is exercised.
    pub(crate) competence: Option<u32>,
    /// About whom it is.
    pub(crate) about: Option<u32>,
    /// Kind and field as numbers, when a mandate names them.
    pub(crate) kind: Option<u32>,
    pub(crate) field: Option<u32>,
    /// Mandates the own post received that could bear on the question.
    pub(crate) own: Found<'a>,
}

/// What the search over rows has seen.
#[derive(Default)]
pub(crate) struct Search {
    pub(crate) claimed: Option<Capacity>,
    pub(crate) best: Option<Chain>,
    pub(crate) count: u32,
    pub(crate) usable: Capacities,
    pub(crate) broken: bool,
    pub(crate) kind_excluded: bool,
    pub(crate) later: bool,
    pub(crate) ended: bool,
    pub(crate) paused: bool,
    /// A mandate does not reach the question, or does not state what the law asks it to.
    pub(crate) outside: bool,
    /// The first row that gives a capacity, claimed or not (rule, block).
    pub(crate) offered: Option<(u16, u16)>,
    /// The row that came nearest (rule, block), and how near.
    pub(crate) refused_by: Option<(Near, (u16, u16))>,
    pub(crate) unsigned: bool,
    pub(crate) deputy_row: bool,
}

/// How near a row came that does not carry, in the order in which refusals are told; the nearest gives the clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Nearness {
    Broken,
    Unsigned,
    Excluded,
    Paused,
    Later,
    Ended,
    Deputy,
    Outside,
    /// A mandate in the row's form that the row does not know: to the wrong receiver, or wrongly addressed.
    Void,
}

/// How near, then whether the row gives another capacity than the one claimed. A void mandate in the claimed capacity comes before one in
/// another capacity that does not reach the paper.
pub(crate) type Near = (Nearness, bool, Nearness);

impl Search {
    /// Whether nothing was seen that explains a refusal.
    fn found_nothing(&self) -> bool {
        let seen = self.broken || self.unsigned || self.kind_excluded || self.deputy_row;
        let timed = self.paused || self.later || self.ended;
        !(seen || timed || self.outside || self.usable != Capacities::default())
    }

    /// Whether a row that came so near would be nearer than what was seen.
    pub(crate) fn nearer(&self, near: Near) -> bool {
        self.refused_by.is_none_or(|(seen, _)| near < seen)
    }
}

impl<'a> Asked<'a> {
    pub(crate) fn new(epoch: &'a Epoch, request: &'a Request) -> Self {
        let post = epoch.post_of.get(request.post.as_str());
        let place = post.and_then(|number| {
            let row = epoch.post(number)?;
            Some((number, row, epoch.agency(row.agency)?))
        });
        let resource = &request.resource;
        let agency_of = |id: &str| match place {
            Some((_, post, home)) if home.id == *id => Some(post.agency),
            _ => epoch.agency_of.get(id).copied(),
        };
        let agency = agency_of(&resource.agency);
        let mut asked = Self {
            epoch,
            request,
            actor: &request.person,
            claimed: request.capacity,
            person: place.and_then(|(_, post, _)| epoch.holder_named(post, &request.person)),
            place,
            agency,
            competence: match resource.competence.as_deref() {
                None => agency,
                Some(id) => agency_of(id),
            },
            kind: epoch.words.get(&resource.kind),
            field: resource
                .field
                .as_deref()
                .and_then(|field| epoch.words.get(field)),
            about: resource.about.as_deref().and_then(agency_of),
            own: Found::default(),
        };
        if let Some((number, post, _)) = place
            && request.action == Action::Sign
        {
            asked.own = asked.find(number, post);
        }
        asked
    }

    /// The same question for a holder of another post, who claims no capacity.
    pub(crate) fn of_another(
        &self,
        number: u32,
        post: &'a PostRow,
        held: &'a AppointmentRow,
    ) -> Self {
        let agency = self.epoch.agency(post.agency);
        let mut other = Self {
            actor: &held.name.text,
            person: Some(held.person),
            claimed: None,
            place: agency.map(|agency| (number, post, agency)),
            own: Found::default(),
            ..*self
        };
        if self.request.action == Action::Sign {
            other.own = other.find(number, post);
        }
        other
    }

    /// The chain on which the act would be allowed at `at` in the first capacity that is usable for it.
    pub(crate) fn first_chain(&mut self, at: i64) -> Option<Chain> {
        let verdict = self.verdict(at);
        if verdict.code == Code::CapacityRequired {
            self.claimed = verdict.usable.first();
            return self.verdict(at).chain;
        }
        verdict.chain
    }

    /// Appointments of the person to the post stated.
    pub(crate) fn own_appointments(&self) -> impl Iterator<Item = u32> + '_ {
        let held = self.place.map_or(0..0, |(_, post, _)| post.holders.clone());
        held.filter(move |number| {
            let row = self.epoch.appointment(*number);
            row.is_some_and(|row| Some(row.person) == self.person)
        })
    }

    /// The verdict at `at`.
    pub(crate) fn verdict(&self, at: i64) -> Verdict {
        let refused = |code| Verdict {
            code,
            chain: None,
            usable: Capacities::default(),
            others: 0,
            refused_by: None,
            forbidden_by: None,
        };
        let Some((number, post, agency)) = self.place else {
            return refused(Code::NotInPost);
        };
        if let Some(code) = self.standing(at) {
            return refused(code);
        }
        let mut search = Search {
            claimed: self.claimed,
            ..Search::default()
        };
        let row = |law: &LawRow| {
            let rule = self.epoch.rules.rows.get(law.position as usize)?;
            Some(Row {
                asked: self,
                number,
                post,
                agency,
                rule,
                position: law.position,
                to_deputies: law.to_deputies,
                at,
            })
        };
        let rows = self.epoch.rows_of(self.request.action);
        for law in rows
            .iter()
            .filter(|law| law.bears_on(post.role, &self.own, at))
        {
            if let Some(row) = row(law) {
                row.search(&mut search);
            }
        }
        if search.found_nothing() && !post.received.is_empty() {
            for row in rows.iter().filter(|law| law.in_force(at)).filter_map(row) {
                row.look_beside(&mut search);
            }
        }
        self.conclude(at, &search)
    }

    /// Why the person does not hold the post at `at`; none when he does.
    fn standing(&self, at: i64) -> Option<Code> {
        let mut code = Code::NotInPost;
        for number in self.own_appointments() {
            let Some(row) = self.epoch.appointment(number) else {
                continue;
            };
            match time_of(&row.valid, at) {
                Time::Now => return None,
                Time::Later => code = Code::NotYet,
                Time::Ended if code == Code::NotInPost => code = Code::Expired,
                _ => {}
            }
        }
        Some(code)
    }

    fn conclude(&self, at: i64, search: &Search) -> Verdict {
        let sign = self.request.action == Action::Sign;
        let any = search.count > 0 || search.usable != Capacities::default();
        let forbidden = self.forbidden(at);
        let code = if search.broken {
            Code::Error
        } else if search.unsigned && !any {
            Code::Unsigned
        } else if any && let Some((_, code)) = forbidden {
            code
        } else if search.best.is_some() && (search.claimed.is_some() || !sign) {
            Code::Allowed
        } else if any && search.claimed.is_none() {
            Code::CapacityRequired
        } else if any {
            Code::CapacityMismatch
        } else if search.kind_excluded {
            Code::KindNotListed
        } else if search.paused {
            Code::Suspended
        } else if search.later {
            Code::NotYet
        } else if search.ended {
            Code::Expired
        } else if search.deputy_row {
            Code::OutsideAssignment
        } else if search.outside {
            Code::OutsideMandate
        } else {
            Code::NoPower
        };
        let allowed = code == Code::Allowed;
        let choices = matches!(code, Code::CapacityRequired | Code::CapacityMismatch);
        Verdict {
            code,
            chain: search.best.filter(|_| allowed),
            usable: if choices {
                search.usable
            } else {
                Capacities::default()
            },
            others: if allowed {
                search.count.saturating_sub(1)
            } else {
                0
            },
            refused_by: match choices {
                true => search.offered,
                false => search.refused_by.map(|(_, row)| row).filter(|_| !allowed),
            },
            forbidden_by: forbidden.map(|(row, _)| row).filter(|_| !allowed),
        }
    }

    fn forbidden(&self, at: i64) -> Option<(u16, Code)> {
        let signed = self.request.resource.signed.as_ref();
        self.epoch
            .rules
            .forbids
            .iter()
            .enumerate()
            .find_map(|(position, row)| {
                let bites = row.actions.contains(&self.request.action)
                    && row.valid.contains(at)
                    && match row.when {
                        When::ActorIsSigner => {
                            signed.is_some_and(|signed| signed.person == self.actor)
                        }
                    };
                bites.then_some((u16::try_from(position).ok()?, row.code))
            })
    }
}

/// The fixed order among chains: row order, then fewer links, then later end, then ids from the law down.
pub(crate) fn precedes(epoch: &Epoch, one: &Chain, other: &Chain) -> bool {
    let rank = |c: &Chain| (c.order, c.length, std::cmp::Reverse(c.end));
    match rank(one).cmp(&rank(other)) {
        Ordering::Less => true,
        Ordering::Greater => false,
        Ordering::Equal => {
            let id = |step: &Step| epoch.id_of(*step).map_or("", Text::as_str);
            let steps = one.steps.iter().zip(&other.steps);
            // Chains of one post share most links.
            let mut orders = steps
                .filter(|(step, beside)| step != beside)
                .map(|(step, beside)| id(step).cmp(id(beside)));
            orders.find(|order| order.is_ne()) == Some(Ordering::Less)
        }
    }
}

impl Epoch {
    /// Id of what a step points to.
    pub(crate) fn id_of(&self, step: Step) -> Option<&Text> {
        match step {
            Step::None => None,
            Step::Law { rule, .. } => self.rules.rows.get(rule as usize).map(|row| &row.id),
            Step::Power(number) => self.post(number).map(|row| &row.id),
            Step::Appointment(number) => self.appointment(number).map(|row| &row.id),
            Step::Assignment(number) => self.assignment(number).map(|row| &row.id),
            Step::Mandate(number) => self.mandate_id(number),
            Step::Seal(number) => self.seal(number).map(|row| &row.id),
        }
    }
}
