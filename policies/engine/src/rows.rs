//! One row of the law tried for one question: what must be recorded for it to carry.
//! Standard: Decree 30/2020/NĐ-CP Art. 13 clauses 1–2, Art. 27, Art. 32
//! It must never look at a fact that the row does not ask for.

use crate::evaluate::{Asked, Chain, LINKS, Nearness, Search, Step, precedes};
use crate::facts::{Addressee, AppointmentKind, Role};
use crate::index::{AgencyRow, Gives, PostRow, Time, time_of};
use crate::received::Found;
use crate::rules::{Block, Ground, Relation, Rule};
use crate::vocabulary::Form;

/// What tells at once whether a row of law can bear on a question.
#[derive(Debug)]
pub(crate) struct LawRow {
    from: i64,
    end: i64,
    form: Option<Form>,
    ground: Ground,
    /// Whether its mandates go to deputies, who are told so when they have none.
    pub(crate) to_deputies: bool,
    /// Its place among the rows.
    pub(crate) position: u16,
}

impl LawRow {
    pub(crate) fn of(position: u16, rule: &Rule) -> Self {
        let mut pairs = rule.pairs.iter();
        Self {
            from: rule.valid.from,
            end: rule.valid.end(),
            form: rule.form,
            ground: rule.ground,
            to_deputies: pairs.any(|pair| pair.to == Relation::OwnDeputy),
            position,
        }
    }

    pub(crate) fn in_force(&self, at: i64) -> bool {
        self.from <= at && at < self.end
    }

    /// Whether it is in force, and asks for something that such a post can have or that was found for this one.
    pub(crate) fn bears_on(&self, role: Role, own: &Found<'_>, at: i64) -> bool {
        let deputy = role == Role::Deputy;
        self.in_force(at)
            && match self.ground {
                Ground::Head => deputy || role == Role::Head,
                Ground::AssignedField => deputy,
                Ground::Mandate => (deputy && self.to_deputies) || own.has(self.form),
                Ground::UnderMandate => own.has(self.form),
                Ground::SealCustody | Ground::NamedForCopies => true,
            }
    }
}

/// One rule row tried for one question at one instant.
pub(crate) struct Row<'a> {
    pub(crate) asked: &'a Asked<'a>,
    pub(crate) number: u32,
    pub(crate) post: &'a PostRow,
    pub(crate) agency: &'a AgencyRow,
    pub(crate) rule: &'a Rule,
    pub(crate) position: u16,
    pub(crate) to_deputies: bool,
    pub(crate) at: i64,
}

impl Row<'_> {
    pub(crate) fn search(&self, search: &mut Search) {
        let paper = self.asked.agency == Some(self.post.agency);
        let own_matter = paper && self.asked.competence == Some(self.post.agency);
        match self.rule.ground {
            Ground::Head if own_matter => self.as_head(search),
            Ground::AssignedField if own_matter && self.post.role == Role::Deputy => {
                self.deputy_row(search);
                self.by_field(search);
            }
            Ground::Mandate => {
                if own_matter && self.post.role == Role::Deputy && self.to_deputies {
                    self.deputy_row(search);
                }
                self.by_mandate(search);
            }
            Ground::UnderMandate => self.by_mandate_inside_another(search),
            Ground::SealCustody => self.by_custody(search),
            Ground::NamedForCopies if paper => self.by_name(search),
            _ => {}
        }
    }

    fn deputy_row(&self, search: &mut Search) {
        search.deputy_row = true;
        let kind = &self.asked.request.resource.kind;
        let excluded = self.rule.excluded_kinds.contains(kind);
        search.kind_excluded |= excluded;
        let near = match excluded {
            true => Nearness::Excluded,
            false => Nearness::Deputy,
        };
        self.came_near(search, near);
    }

    /// Remembers this row as the one a refusal rests on, when none came nearer.
    pub(crate) fn came_near(&self, search: &mut Search, near: Nearness) {
        let rank = near.min(Nearness::Outside);
        if !search.nearer((rank, false, near)) {
            return;
        }
        if let Some((block, row)) = self.block_for(AppointmentKind::Full, None) {
            let other = search
                .claimed
                .is_some_and(|claimed| claimed != row.capacity);
            let near = (rank, other, near);
            if search.nearer(near) {
                search.refused_by = Some((near, (self.position, block)));
            }
        }
    }

    /// Notes a fact that would give, and does not give now.
    pub(crate) fn note(&self, search: &mut Search, time: Time) {
        let near = match time {
            Time::Later => Nearness::Later,
            Time::Ended => Nearness::Ended,
            Time::Paused => Nearness::Paused,
            Time::Never | Time::Now => return,
        };
        search.later |= time == Time::Later;
        search.ended |= time == Time::Ended;
        search.paused |= time == Time::Paused;
        self.came_near(search, near);
    }

    /// The block for one who is appointed so and, where it rests on a mandate, was given it addressed so.
    fn block_for(
        &self,
        kind: AppointmentKind,
        addressee: Option<Addressee>,
    ) -> Option<(u16, &Block)> {
        let paper = &self.asked.request.resource.kind;
        let found = self.rule.blocks.iter().enumerate().find(|(_, block)| {
            block
                .regime
                .is_none_or(|regime| regime == self.agency.regime)
                && (block.appointments.is_empty() || block.appointments.contains(&kind))
                && (block.kinds.is_empty() || block.kinds.contains(paper))
                && (addressee.is_none() || block.addressee.is_none_or(|one| Some(one) == addressee))
        })?;
        Some((u16::try_from(found.0).ok()?, found.1))
    }

    /// Every appointment of the person to the post that holds at the instant closes the chain.
    pub(crate) fn close(
        &self,
        search: &mut Search,
        middle: &[(Step, i64)],
        wanted: fn(AppointmentKind) -> bool,
    ) {
        let addressee = middle.iter().rev().find_map(|(step, _)| match step {
            Step::Mandate(number) => Some(self.asked.epoch.mandate(*number)?.addressee),
            _ => None,
        });
        for number in self.asked.own_appointments() {
            let Some(own) = self.asked.epoch.appointment(number) else {
                continue;
            };
            if !own.valid.contains(self.at) || !wanted(own.kind) {
                continue;
            }
            let Some((block, row)) = self.block_for(own.kind, addressee) else {
                continue;
            };
            if self
                .rule
                .excluded_kinds
                .contains(&self.asked.request.resource.kind)
            {
                search.kind_excluded = true;
                self.came_near(search, Nearness::Excluded);
                continue;
            }
            if self.rule.needs_signature && self.asked.request.resource.signed.is_none() {
                search.unsigned = true;
                self.came_near(search, Nearness::Unsigned);
                continue;
            }
            let law = Step::Law {
                rule: self.position,
                block,
            };
            let mut chain = Chain {
                capacity: row.capacity,
                order: self.rule.order,
                end: self.rule.valid.end().min(own.valid.end()),
                length: 0,
                steps: [Step::None; LINKS],
            };
            let closing = [(Step::Appointment(number), own.valid.end())];
            let all = [(law, self.rule.valid.end())];
            for (slot, (step, end)) in chain
                .steps
                .iter_mut()
                .zip(all.iter().chain(middle).chain(&closing))
            {
                *slot = *step;
                chain.end = chain.end.min(*end);
                chain.length += 1;
            }
            self.offer(search, chain);
        }
    }

    fn offer(&self, search: &mut Search, chain: Chain) {
        search.usable.add(chain.capacity);
        if let Some(Step::Law { rule, block }) = chain.steps.first() {
            let offered = (*rule, *block);
            search.offered = Some(search.offered.map_or(offered, |known| known.min(offered)));
        }
        if search
            .claimed
            .is_some_and(|claimed| claimed != chain.capacity)
        {
            return;
        }
        search.count += 1;
        let better = match &search.best {
            Some(best) => precedes(self.asked.epoch, &chain, best),
            None => true,
        };
        if better {
            search.best = Some(chain);
        }
    }

    /// The head; or a deputy in charge, who has the head's power and signs as the deputy he is.
    fn as_head(&self, search: &mut Search) {
        match self.post.role {
            Role::Head => {
                let power = (Step::Power(self.number), self.post.valid.end());
                self.close(search, &[power], |kind| kind != AppointmentKind::InCharge);
            }
            Role::Deputy => {
                for &head in &self.agency.heads {
                    let Some(power) = self.asked.epoch.post(head) else {
                        continue;
                    };
                    if power.valid.contains(self.at) {
                        let power = (Step::Power(head), power.valid.end());
                        self.close(search, &[power], |kind| kind == AppointmentKind::InCharge);
                    }
                }
            }
            Role::UnitHead | Role::UnitDeputy | Role::Other => {}
        }
    }

    fn by_field(&self, search: &mut Search) {
        let Some(field) = self.asked.field else {
            return;
        };
        for number in self.post.assigned.clone() {
            let Some(row) = self.asked.epoch.assignment(number) else {
                continue;
            };
            if row.gives != Gives::Field(field) {
                continue;
            }
            if row.broken {
                search.broken = true;
                self.came_near(search, Nearness::Broken);
                continue;
            }
            if row.agency != self.post.agency {
                continue;
            }
            match time_of(&row.recorded, self.at) {
                time @ (Time::Later | Time::Ended | Time::Paused | Time::Never) => {
                    self.note(search, time);
                }
                Time::Now => {
                    for &head in &self.agency.heads {
                        let Some(power) = self.asked.epoch.post(head) else {
                            continue;
                        };
                        if power.valid.contains(self.at) {
                            let links = [
                                (Step::Power(head), power.valid.end()),
                                (Step::Assignment(number), row.recorded.end()),
                            ];
                            self.close(search, &links, |_| true);
                        }
                    }
                }
            }
        }
    }

    fn by_custody(&self, search: &mut Search) {
        let Some(owner) = self
            .asked
            .agency
            .and_then(|number| self.asked.epoch.agency(number))
        else {
            return;
        };
        self.assigned(search, Gives::SealCustody, |search, number, end| {
            for &seal in &owner.seals {
                let Some(row) = self.asked.epoch.seal(seal) else {
                    continue;
                };
                if row.valid.contains(self.at) {
                    let links = [
                        (Step::Assignment(number), end),
                        (Step::Seal(seal), row.valid.end()),
                    ];
                    self.close(search, &links, |_| true);
                }
            }
        });
    }

    fn by_name(&self, search: &mut Search) {
        self.assigned(search, Gives::Copies, |search, number, end| {
            self.close(search, &[(Step::Assignment(number), end)], |_| true);
        });
    }

    fn assigned(
        &self,
        search: &mut Search,
        wanted: Gives,
        mut found: impl FnMut(&mut Search, u32, i64),
    ) {
        for number in self.post.assigned.clone() {
            let Some(row) = self.asked.epoch.assignment(number) else {
                continue;
            };
            if row.gives != wanted {
                continue;
            }
            if row.broken {
                search.broken = true;
            } else if Some(row.agency) == self.asked.agency {
                match time_of(&row.recorded, self.at) {
                    time @ (Time::Later | Time::Ended | Time::Paused | Time::Never) => {
                        self.note(search, time);
                    }
                    Time::Now => found(search, number, row.recorded.end()),
                }
            }
        }
    }
}
