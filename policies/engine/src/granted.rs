//! Rows that rest on mandates: in which form, from whom to whom, inside which other mandate, reaching what, and whose tenure they need.
//! Standard: Decree 30/2020/NĐ-CP Art. 13 clauses 1, 3, 4; Law 72/2025/QH15 Art. 14 (rows in `policies/rules/`)
//! It must never let a mandate reach further than it says, nor carry when something that it needs is missing.

use crate::evaluate::{Asked, Nearness, Search, Step};
use crate::facts::{Mandate, Role};
use crate::index::{PostRow, Time};
use crate::mandates::MandateRow;
use crate::received::Met;
use crate::rows::Row;
use crate::rules::{Ground, Pair, Paper, Relation, Rule, Tenure};

/// So many mandates are looked through to explain a refusal.
pub(crate) const MOST_BESIDE: usize = 256;

/// What a mandate that carries adds to a chain: the giver's tenure, if it needs one, and itself.
type Links<'l> = &'l [(Step, i64)];

impl Row<'_> {
    pub(crate) fn by_mandate(&self, search: &mut Search) {
        let own = (self.number, self.post);
        self.given(
            search,
            self.rule,
            own,
            true,
            &mut |row, search, head, power, links| {
                let mut middle = [(Step::Power(head), power.valid.end()); 3];
                let length = fill(&mut middle, 1, links);
                row.close(search, middle.get(..length).unwrap_or_default(), |_| true);
            },
        );
    }

    pub(crate) fn by_mandate_inside_another(&self, search: &mut Search) {
        let own = (self.number, self.post);
        self.given(
            search,
            self.rule,
            own,
            false,
            &mut |row, search, giver, post, inner| {
                let rows = row.asked.epoch.rules.rows.iter();
                let outer = rows.filter(|rule| {
                    rule.ground == Ground::Mandate
                        && rule.form == row.rule.under
                        && rule.valid.contains(row.at)
                });
                for rule in outer {
                    row.given(
                        search,
                        rule,
                        (giver, post),
                        true,
                        &mut |row, search, head, power, outer| {
                            // The order ends with its own row of law too, which is no link of this chain.
                            let end = power.valid.end().min(rule.valid.end());
                            let mut middle = [(Step::Power(head), end); 5];
                            let length = fill(&mut middle, 1, outer);
                            let length = fill(&mut middle, length, inner);
                            row.close(search, middle.get(..length).unwrap_or_default(), |_| true);
                        },
                    );
                }
            },
        );
    }

    /// Mandates of the own post in the row's form, in their time, that the competent agency gave and that do not reach the question: they
    /// explain the refusal and name its clause.
    pub(crate) fn look_beside(&self, search: &mut Search) {
        let own = (self.number, self.post);
        let epoch = self.asked.epoch;
        for row in epoch.general(self.post).take(MOST_BESIDE) {
            let theirs = row.grantee == self.number && self.rule.form == Some(row.form);
            if !theirs || row.is_broken() || !row.valid().contains(self.at) || !self.named(row, own)
            {
                continue;
            }
            let power = row
                .grantor()
                .and_then(|giver| Some((giver, epoch.post(giver)?)));
            let Some((giver, power)) = power else {
                continue;
            };
            let competence = self.asked.competence;
            let competent = match self.rule.ground {
                Ground::UnderMandate => {
                    let from = competence.filter(|agency| self.asked.agency == Some(*agency));
                    from.is_some_and(|agency| epoch.receives_from(giver, agency))
                }
                _ => {
                    competence == Some(power.agency)
                        && self.right_paper(self.rule, power, self.post, true)
                }
            };
            if competent && !row.is_void() && self.fits(row, (giver, power), own) {
                search.outside = true;
                self.came_near(search, Nearness::Outside);
                return;
            }
        }
    }

    /// Whether giver and receiver stand to each other as the row says, and it is addressed as the row addresses it.
    fn fits(&self, row: &MandateRow, giver: (u32, &PostRow), receiver: (u32, &PostRow)) -> bool {
        let epoch = self.asked.epoch;
        let mut pairs = self.rule.pairs.iter();
        pairs.any(|pair| {
            pair.addressee == row.addressee && epoch.pair_fits(pair, giver, receiver, self.at)
        })
    }

    /// Every mandate in the row's form that the receiver got and that carries now for this question.
    fn given(
        &self,
        search: &mut Search,
        rule: &Rule,
        receiver: (u32, &PostRow),
        root: bool,
        found: &mut dyn FnMut(&Self, &mut Search, u32, &PostRow, Links<'_>),
    ) {
        let inner;
        let found_here = match receiver.0 == self.number {
            true => &self.asked.own,
            false => {
                inner = self.asked.find(receiver.0, receiver.1);
                &inner
            }
        };
        if !found_here.has(rule.form) {
            return;
        }
        for (number, met) in found_here.numbers() {
            let Some(row) = self.asked.epoch.mandate(number) else {
                continue;
            };
            let theirs = row.grantee == receiver.0 && rule.form == Some(row.form);
            if !theirs || !self.named(row, receiver) {
                continue;
            }
            let power = row
                .grantor()
                .and_then(|giver| Some((giver, self.asked.epoch.post(giver)?)));
            let covers = self.asked.reaches(row, met, self.at);
            let Some((giver, power)) = power.filter(|_| !row.is_broken()) else {
                if covers {
                    search.broken = true;
                    self.came_near(search, Nearness::Broken);
                }
                continue;
            };
            let stands = rule.pairs.iter().any(|pair| {
                let epoch = self.asked.epoch;
                pair.addressee == row.addressee
                    && epoch.pair_fits(pair, (giver, power), receiver, self.at)
            });
            let fits = stands && !row.is_void();
            let right = self.right_paper(rule, power, receiver.1, root);
            if !fits || !right {
                if right && covers {
                    self.came_near(search, Nearness::Void);
                }
                continue;
            }
            if !covers {
                continue;
            }
            if !rule.needs.iter().all(|need| row.states(*need)) {
                search.outside = true;
                self.came_near(search, Nearness::Outside);
                continue;
            }
            match self.asked.epoch.time_of_mandate(number, row, self.at) {
                Time::Now => self.with_tenure(search, rule, (number, row), (giver, power), found),
                time => self.note(search, time),
            }
        }
    }

    /// The giver's tenure that the mandate needs, then the mandate.
    fn with_tenure(
        &self,
        search: &mut Search,
        rule: &Rule,
        (number, row): (u32, &MandateRow),
        (giver, power): (u32, &PostRow),
        found: &mut dyn FnMut(&Self, &mut Search, u32, &PostRow, Links<'_>),
    ) {
        if !power.valid.contains(self.at) {
            self.note(search, Time::Ended);
            return;
        }
        let stretch = self.asked.epoch.stretch(number, row, self.at);
        let end = stretch.end().min(power.valid.end());
        let mandate = (Step::Mandate(number), end);
        let tenure = match row.giver() {
            Some(_) => Tenure::Person,
            None => rule.tenure,
        };
        if tenure == Tenure::Post {
            found(self, search, giver, power, &[mandate]);
            return;
        }
        if tenure == Tenure::Person && row.giver().is_none() {
            search.outside = true;
            self.came_near(search, Nearness::Outside);
            return;
        }
        let mut held = false;
        for holder in power.holders.clone() {
            let Some(tenure) = self.asked.epoch.appointment(holder) else {
                continue;
            };
            let other = Some(tenure.person) != self.asked.person;
            let same = row.giver().is_none_or(|person| person == tenure.person);
            if tenure.valid.contains(self.at) && other && same {
                held = true;
                let links = [(Step::Appointment(holder), tenure.valid.end()), mandate];
                found(self, search, giver, power, &links);
            }
        }
        if !held && row.giver().is_some() {
            self.note(search, Time::Ended);
        }
    }

    /// Whether the mandate is for whoever holds the post, or for the one who does.
    fn named(&self, row: &MandateRow, (receiver, post): (u32, &PostRow)) -> bool {
        let Some(person) = row.holder() else {
            return true;
        };
        if receiver == self.number {
            return self.asked.person == Some(person);
        }
        let mut held = self.asked.epoch.held(post).iter();
        held.any(|held| held.person == person && held.valid.contains(self.at))
    }

    /// Whether form, seal and competence of the paper are those the row says.
    fn right_paper(&self, rule: &Rule, power: &PostRow, receiver: &PostRow, root: bool) -> bool {
        let (paper, competence) = (self.asked.agency, self.asked.competence);
        let own = match rule.paper {
            Paper::Grantor => power.agency,
            Paper::Grantee => receiver.agency,
        };
        !root || (paper == Some(own) && competence == Some(power.agency))
    }
}

/// Puts the links behind what is there and says how many there are now.
fn fill(middle: &mut [(Step, i64)], from: usize, links: Links<'_>) -> usize {
    for (slot, link) in middle.iter_mut().skip(from).zip(links) {
        *slot = *link;
    }
    from.saturating_add(links.len())
}

impl Asked<'_> {
    /// Whether the question lies within the limits of a mandate at `at`, given how it was found. What the question does not state meets
    /// no limit.
    pub(crate) fn reaches(&self, row: &MandateRow, met: Met, at: i64) -> bool {
        let listed =
            |words: &[u32], asked: Option<u32>| asked.is_some_and(|one| words.contains(&one));
        let limits = |row| self.epoch.limits_of(row);
        let kind = met != Met::Paper || !row.limits_kinds() || listed(limits(row).kinds, self.kind);
        let field =
            met == Met::Field || !row.limits_fields() || listed(limits(row).fields, self.field);
        let about = !row.limits_agencies()
            || self.about.is_some_and(|about| {
                let mut limits = limits(row).agencies.iter();
                limits.any(|limit| *limit == about || self.epoch.is_below(about, *limit, at))
            });
        let amount = row.ceiling().is_none_or(|ceiling| {
            let amount = self.request.resource.amount;
            amount.is_some_and(|amount| (0..=ceiling).contains(&amount))
        });
        kind && field && about && amount
    }
}

impl crate::compile::Epoch {
    /// Whether the law of its first day knew the form and let nobody who stands so give it so. What began before the rows do is not judged.
    pub(crate) fn was_void(&self, mandate: &Mandate, grantor: Option<u32>, grantee: u32) -> bool {
        let giver = grantor.and_then(|number| Some((number, self.post(number)?)));
        let (Some(giver), Some(receiver)) = (giver, self.post(grantee)) else {
            return false;
        };
        let from = mandate.valid.from;
        let rows = self.rules.rows.iter();
        let mut rows = rows
            .filter(|row| row.form == Some(mandate.form) && row.valid.contains(from))
            .peekable();
        let known = rows.peek().is_some();
        let mut pairs = rows.flat_map(|row| &row.pairs);
        known
            && !pairs.any(|pair| {
                pair.addressee == mandate.addressee
                    && self.pair_fits(pair, giver, (grantee, receiver), from)
            })
    }

    /// Whether giver and receiver stand to each other as the pair says at `at`, to whomever it is addressed.
    pub(crate) fn pair_fits(
        &self,
        pair: &Pair,
        (giver, from): (u32, &PostRow),
        (receiver, to): (u32, &PostRow),
        at: i64,
    ) -> bool {
        let kind = |post: &PostRow, kinds: &[String]| {
            let kind = self.agency(post.agency).map(|row| &row.kind);
            kinds.is_empty()
                || kind.is_some_and(|kind| kinds.iter().any(|one| kind == one.as_str()))
        };
        let inside = from.agency == to.agency && giver != receiver;
        let head = from.role == Role::Head;
        let stands = match pair.to {
            Relation::OwnDeputy => head && inside && to.role == Role::Deputy,
            Relation::UnitHead => head && inside && to.role == Role::UnitHead,
            Relation::OwnStaff => head && inside && to.role != Role::Deputy,
            Relation::OwnHead => head && giver == receiver,
            Relation::HeadBelow => {
                head && to.role == Role::Head && self.is_below(to.agency, from.agency, at)
            }
            Relation::OwnUnitDeputy => {
                let unit = from.unit.as_ref().zip(to.unit.as_ref());
                let same = unit.is_some_and(|(one, other)| one.id == other.id);
                inside && same && from.role == Role::UnitHead && to.role == Role::UnitDeputy
            }
        };
        stands && kind(from, &pair.from_kinds) && kind(to, &pair.to_kinds)
    }
}
