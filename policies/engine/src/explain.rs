//! The verdict turned into the full answer: chain, clause, block lines, seal, obligations, who could.

use crate::candidates::remedies;
use crate::compile::Epoch;
use crate::decision::{Decision, Link, LinkKind, Request};
use crate::evaluate::{Asked, Chain, Step, Verdict};
use crate::facts::AssignmentKind;
use crate::index::{AgencyRow, PostRow};
use crate::rules::{Block, Regime, Rule};
use crate::vocabulary::{Action, Capacity, Code};

impl Epoch {
    /// Answers an act: an act of signing must claim its capacity, else the usable ones come back with `capacity_required`.
    pub fn decide(&self, request: &Request) -> Decision {
        let asked = Asked::new(self, request);
        let verdict = asked.verdict(request.at);
        self.explain(&asked, &verdict)
    }

    /// Answers a question (not an act): when exactly one capacity is usable, it answers for that one and names it.
    pub fn answer(&self, question: &Request) -> Decision {
        let decision = self.decide(question);
        match (decision.code, decision.usable.as_slice()) {
            (Code::CapacityRequired, [only]) => self.decide(&Request {
                capacity: Some(*only),
                ..question.clone()
            }),
            _ => decision,
        }
    }

    /// Allowed or not, and why, without the explanation.
    pub fn check(&self, request: &Request) -> (bool, Code, Option<Capacity>, Option<i64>) {
        let asked = Asked::new(self, request);
        let verdict = asked.verdict(request.at);
        (
            verdict.code == Code::Allowed,
            verdict.code,
            verdict.chain.map(|chain| chain.capacity),
            asked.valid_until(request.at, &verdict),
        )
    }

    fn explain(&self, asked: &Asked<'_>, verdict: &Verdict) -> Decision {
        let request = asked.request;
        let allowed = verdict.code == Code::Allowed;
        let valid_until = asked.valid_until(request.at, verdict);
        let who_could = match verdict.code {
            Code::Allowed | Code::CapacityRequired | Code::CapacityMismatch | Code::Error => {
                Vec::new()
            }
            _ => self.who_could(request),
        };
        let law = verdict.chain.as_ref().and_then(|chain| self.law(chain));
        Decision {
            allowed,
            code: verdict.code,
            capacity: verdict.chain.map(|chain| chain.capacity),
            usable: verdict.usable.list(),
            chain: verdict
                .chain
                .map_or_else(Vec::new, |chain| self.links(&chain, request.at)),
            clause: match law {
                Some((_, block)) => Some(block.citation.as_str().to_owned()),
                None => self.refusal_clause(asked, verdict),
            },
            block_lines: match (verdict.chain, law) {
                (Some(chain), Some((_, block))) => self.block_lines(asked, &chain, block),
                _ => Vec::new(),
            },
            seal_agency: allowed.then(|| request.resource.agency.clone()),
            obligations: law.map_or_else(Vec::new, |(rule, _)| rule.obligations.clone()),
            evaluated_at: request.at,
            epoch: self.number,
            valid_until,
            remedies: remedies(
                verdict.code,
                request.action,
                !who_could.is_empty(),
                valid_until.is_some(),
            ),
            who_could,
            other_chains: verdict.others,
        }
    }

    pub(crate) fn law(&self, chain: &Chain) -> Option<(&Rule, &Block)> {
        match chain.steps.first() {
            Some(Step::Law { rule, block }) => {
                let rule = self.rules.rows.get(*rule as usize)?;
                Some((rule, rule.blocks.get(*block as usize)?))
            }
            _ => None,
        }
    }

    pub(crate) fn links(&self, chain: &Chain, at: i64) -> Vec<Link> {
        let mut links = Vec::with_capacity(chain.steps.len());
        links.extend(
            chain
                .steps
                .iter()
                .filter_map(|step| self.link(chain, *step, at)),
        );
        links
    }

    fn link(&self, chain: &Chain, step: Step, at: i64) -> Option<Link> {
        let id = self.id_of(step)?;
        let link = |what, valid| Link {
            what,
            id: id.clone(),
            clause: None,
            instrument: None,
            title: None,
            form: None,
            person: None,
            valid,
        };
        match step {
            Step::None => None,
            Step::Law { rule, .. } => self.rules.rows.get(rule as usize).map(|row| Link {
                clause: self.law(chain).map(|(_, block)| block.citation.clone()),
                ..link(LinkKind::Law, row.valid)
            }),
            Step::Power(number) => self.post(number).map(|row| Link {
                title: Some(row.title.clone()),
                ..link(LinkKind::Power, row.valid)
            }),
            Step::Appointment(number) => self.appointment(number).map(|row| Link {
                instrument: row.instrument.clone(),
                title: self.post(row.post).map(|post| post.title.clone()),
                person: self.name(row.person).cloned(),
                ..link(LinkKind::Appointment, row.valid)
            }),
            Step::Assignment(number) => self.assignment(number).map(|row| Link {
                instrument: row.instrument.clone(),
                title: match &row.gives {
                    AssignmentKind::Field { field } => Some(field.clone()),
                    _ => None,
                },
                ..link(LinkKind::Assignment, row.recorded)
            }),
            Step::Mandate(number) => self.mandate(number).map(|row| Link {
                instrument: Some(row.instrument.clone()),
                title: row.reach.in_words(&self.words),
                form: Some(row.form),
                ..link(LinkKind::Mandate, row.stretch(at))
            }),
            Step::Seal(number) => self.seal(number).map(|row| link(LinkKind::Seal, row.valid)),
        }
    }

    pub(crate) fn block_lines(
        &self,
        asked: &Asked<'_>,
        chain: &Chain,
        block: &Block,
    ) -> Vec<String> {
        let head = chain.steps.iter().find_map(|step| match step {
            Step::Power(number) => self.post(*number),
            _ => None,
        });
        // Who gave the mandate the signer holds; the head himself when it was he.
        let giver = chain.steps.iter().rev().find_map(|step| match step {
            Step::Mandate(number) => self.post(self.mandate(*number)?.grantor?),
            _ => None,
        });
        let own = asked.place.map(|(_, post, _)| post);
        let whose = asked.agency.and_then(|number| self.agency(number));
        self.fill_block(block, whose, head, giver, own)
    }

    /// The lines of a block with its slots filled: whose paper, the head, who gave the last mandate, the signer's own post.
    pub(crate) fn fill_block(
        &self,
        block: &Block,
        whose: Option<&AgencyRow>,
        head: Option<&PostRow>,
        giver: Option<&PostRow>,
        own: Option<&PostRow>,
    ) -> Vec<String> {
        let collective = whose.map_or("", |agency| agency.collective.as_str());
        let full = |post: Option<&PostRow>| {
            let agency = post.and_then(|post| self.agency(post.agency));
            post.zip(agency).map_or_else(String::new, |(post, agency)| {
                post.title_in_full(agency).to_uppercase()
            })
        };
        let slot = |name: &str| -> std::borrow::Cow<'_, str> {
            match name {
                "collective" => collective.into(),
                "head" => head.map_or("", |post| post.capitals.as_str()).into(),
                "post" => own.map_or("", |post| post.capitals.as_str()).into(),
                "giver" => giver.map_or("", |post| post.capitals.as_str()).into(),
                "post_in_full" => full(own).into(),
                _ => "".into(),
            }
        };
        let fill = |line: &String| {
            let mut filled = String::with_capacity(line.len() + 64);
            for part in line.split_inclusive('}') {
                match part.split_once('{') {
                    Some((before, name)) => {
                        filled.push_str(before);
                        filled.push_str(&slot(name.trim_end_matches('}')));
                    }
                    None => filled.push_str(part),
                }
            }
            filled
        };
        block.lines.iter().map(fill).collect()
    }

    /// The clause a refusal rests on: the forbidding row, the row that came nearest, or the first row for this act.
    fn refusal_clause(&self, asked: &Asked<'_>, verdict: &Verdict) -> Option<String> {
        if verdict.code == Code::SeparationOfDuty {
            let row = self.rules.forbids.get(verdict.forbidden_by? as usize)?;
            return Some(row.citation.as_str().to_owned());
        }
        if let Some((rule, block)) = verdict.refused_by {
            let block = self
                .rules
                .rows
                .get(rule as usize)?
                .blocks
                .get(block as usize)?;
            return Some(block.citation.as_str().to_owned());
        }
        let regime = asked
            .agency
            .and_then(|number| self.agency(number))
            .map(|row| row.regime);
        let action: Action = asked.request.action;
        let block = self
            .rules
            .rows
            .iter()
            .filter(|row| row.form.is_none())
            .filter(|row| row.actions.contains(&action) && row.valid.contains(asked.request.at))
            .flat_map(|row| &row.blocks)
            .find(|block| {
                block.regime.is_none() || block.regime == regime.or(Some(Regime::Single))
            })?;
        Some(block.citation.as_str().to_owned())
    }
}
