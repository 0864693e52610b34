//! What a case is about, without its names: two cases with one pattern say the same thing twice.

use std::collections::BTreeMap;

use engine::*;

use crate::world::*;

/// The facts read by name.
struct Named<'w> {
    facts: &'w Facts,
    law: &'w Rules,
}

/// Where an instant lies to a validity.
fn phase(valid: &Interval, at: i64) -> &'static str {
    let second = 1_000;
    match valid.to {
        _ if at < valid.from && valid.from - at <= second => "about to begin",
        _ if at < valid.from => "later",
        _ if at == valid.from => "first instant",
        Some(to) if at == to => "just over",
        Some(to) if at > to => "over",
        Some(to) if to - at <= second => "last second",
        Some(_) => "now",
        None => "now, without end",
    }
}

impl Named<'_> {
    fn post(&self, id: &str) -> Option<&Post> {
        self.facts.posts.iter().find(|post| &*post.id == id)
    }

    fn agency(&self, id: &str) -> Option<&Agency> {
        self.facts.agencies.iter().find(|agency| &*agency.id == id)
    }

    fn below(&self, agency: &str, above: &str, at: i64) -> bool {
        self.agency(agency).is_some_and(|row| {
            row.above.iter().any(|edge| {
                edge.valid.contains(at)
                    && (&*edge.agency == above || self.below(&edge.agency, above, at))
            })
        })
    }

    /// An agency seen from another: its kind and where it stands.
    fn agency_from(&self, own: &str, id: &str, at: i64) -> String {
        let Some(row) = self.agency(id) else {
            return "unknown agency".to_owned();
        };
        let place = if own == id {
            "own"
        } else if self.below(id, own, at) {
            "below"
        } else if self.below(own, id, at) {
            "above"
        } else {
            "beside"
        };
        let kind = match row.kind.as_str() {
            "thanh_tra" | "ban_quan_ly" => "so",
            "ubnd_xa" | "ubnd_phuong" => "commune",
            kind => kind,
        };
        format!("{place} {kind} {}", phase(&row.valid, at))
    }

    fn held(&self, wanted: impl Fn(&Appointment) -> bool, at: i64) -> Vec<String> {
        let mut held: Vec<String> = self
            .facts
            .appointments
            .iter()
            .filter(|row| wanted(row))
            .map(|row| format!("{:?} {}", row.kind, phase(&row.valid, at)))
            .collect();
        held.sort();
        held
    }

    fn head(&self, agency: &str, at: i64) -> Vec<String> {
        let heads = |row: &Appointment| {
            row.valid.contains(at)
                && self
                    .post(&row.post)
                    .is_some_and(|post| &*post.agency == agency && post.role == Role::Head)
        };
        self.held(heads, at)
    }

    fn post_from(&self, own: &Post, id: &str, at: i64) -> String {
        match self.post(id) {
            None => "unknown post".to_owned(),
            Some(post) => format!(
                "{:?}{} of {}",
                post.role,
                if post.unit.as_ref().map(|unit| &unit.id) == own.unit.as_ref().map(|unit| &unit.id)
                {
                    ""
                } else {
                    " of another unit"
                },
                self.agency_from(&own.agency, &post.agency, at)
            ),
        }
    }

    /// The mandates a post received that meet the question in all limits but at most one.
    fn mandates(&self, post: &Post, ask: &Ask, at: i64) -> Vec<String> {
        let mut all = Vec::new();
        let form = ask.capacity.map(|capacity| match capacity {
            Capacity::Kt | Capacity::TmKt => Some(Form::Kt),
            Capacity::Tl => Some(Form::Tl),
            Capacity::TlKt => Some(Form::TlKt),
            Capacity::Tuq => Some(Form::Tuq),
            Capacity::Uq => Some(Form::Uq),
            _ => None,
        });
        let bears = |row: &&Mandate| {
            row.grantee == post.id
                && form.is_none_or(|form| {
                    form == Some(row.form) || (form == Some(Form::TlKt) && row.form == Form::Tl)
                })
        };
        for row in self.facts.mandates.iter().filter(bears) {
            let reach = &row.reach;
            let among = |list: &[Text], asked: Option<&str>| match asked {
                _ if list.is_empty() => "any",
                Some(asked) if list.iter().any(|one| &**one == asked) => "listed",
                Some(_) => "another",
                None => "not stated",
            };
            let about = match &ask.about {
                _ if reach.agencies.is_empty() => "any",
                None => "not stated",
                Some(about) if reach.agencies.iter().any(|one| &**one == about) => "listed",
                Some(about) if reach.agencies.iter().any(|one| self.below(about, one, at)) => {
                    "below"
                }
                Some(_) => "another",
            };
            let amount = match (reach.ceiling, ask.amount) {
                (None, _) => "any",
                (_, None) => "not stated",
                (_, Some(0)) => "nothing",
                (_, Some(amount)) if amount < 0 => "below nothing",
                (Some(most), Some(amount)) if amount == most => "at the most",
                (Some(most), Some(amount)) if amount > most => "another",
                _ => "under",
            };
            let limits = [
                among(&reach.papers, Some(&ask.paper)),
                among(&reach.kinds, Some(&ask.kind)),
                among(&reach.fields, ask.field.as_deref()),
                about,
                amount,
            ];
            let missed = limits
                .iter()
                .filter(|limit| matches!(**limit, "another" | "not stated" | "below nothing"));
            if missed.count() > 1 {
                continue;
            }
            let giver = row.giver.as_ref().map(|giver| {
                let held = |one: &Appointment| one.person == *giver && one.post == row.grantor;
                self.held(held, at)
            });
            let named = row.holder.as_ref().map(|holder| **holder == ask.person);
            let inside = match (row.form, self.post(&row.grantor)) {
                (Form::TlKt, Some(outer)) => self.mandates(outer, ask, at),
                _ => Vec::new(),
            };
            let pauses: Vec<_> = row.pauses.iter().map(|pause| phase(pause, at)).collect();
            all.push(format!(
                "{} {:?} by {} {:?} to {:?} {limits:?} {} {pauses:?} giver {giver:?} named {named:?} inside {inside:?}",
                row.form,
                row.addressee,
                self.post_from(post, &row.grantor, at),
                self.head(&self.post(&row.grantor).map(|one| one.agency.to_string()).unwrap_or_default(), at),
                reach.papers.len(),
                phase(&row.valid, at),
            ));
        }
        all.sort();
        all
    }

    fn assigned(&self, post: &Post, ask: &Ask, at: i64) -> Vec<String> {
        let about = |row: &Assignment| match (&row.gives, ask.action) {
            (AssignmentKind::Field { field }, Action::Sign) => {
                ask.field.as_deref() == Some(&**field)
            }
            (AssignmentKind::SealCustody, Action::Seal | Action::Number) => true,
            (AssignmentKind::Copies, Action::Copy) => true,
            _ => false,
        };
        let mut all: Vec<String> = self
            .facts
            .assignments
            .iter()
            .filter(|row| about(row))
            .map(|row| {
                let whose = if row.grantee == post.id {
                    "own"
                } else {
                    "another's"
                };
                let agency = self.agency_from(&post.agency, &row.agency, at);
                format!("{whose} by {agency} {}", phase(&row.valid, at))
            })
            .collect();
        all.sort();
        all
    }

    fn rows(&self, at: i64, wanted: impl Fn(&Rule) -> bool) -> Vec<String> {
        let rows = self.law.rows.iter();
        rows.filter(|rule| wanted(rule))
            .map(|rule| format!("{} {}", rule.id, phase(&rule.valid, at)))
            .collect()
    }

    fn of_case(&self, case: &Case) -> String {
        let ask = &case.ask;
        let at = instant(&ask.at);
        let law = self.rows(at, |rule| {
            rule.actions.contains(&ask.action) && rule.valid.contains(at)
        });
        let Some(post) = self.post(&ask.post) else {
            return format!("unknown post {} {law:?}", case.code);
        };
        let others: Vec<String> = {
            let elsewhere = |row: &Appointment| {
                *row.person == ask.person && row.post != post.id && row.valid.contains(at)
            };
            let rows = self.facts.appointments.iter().filter(|row| elsewhere(row));
            rows.map(|row| self.post_from(post, &row.post, at))
                .collect()
        };
        let signer = ask.signed_by.as_ref().map(|signer| {
            let of = |agency: &str| {
                let mut rows = self.facts.appointments.iter();
                rows.any(|row| {
                    *row.person == *signer
                        && self
                            .post(&row.post)
                            .is_some_and(|post| &*post.agency == agency)
                })
            };
            match *signer == ask.person {
                true => "himself",
                false if of(&ask.agency) => "somebody of the paper's agency",
                false => "somebody else",
            }
        });
        let seals: Vec<_> = {
            let rows = self
                .facts
                .seals
                .iter()
                .filter(|row| *row.agency == ask.agency);
            rows.map(|row| phase(&row.valid, at)).collect()
        };
        format!(
            "{} {} {:?} as {:?}: {:?} {}; held {:?}, beside {others:?}; of {} for {:?} about {:?}; head {:?}; field {}; {:?}; {:?}; {:?}; signed by {signer:?}, seals {seals:?}; {law:?}; → {} {:?}",
            ask.action,
            ask.kind,
            ask.amount.is_some(),
            ask.capacity,
            post.role,
            self.agency_from(&post.agency, &post.agency, at),
            self.held(|row| *row.person == ask.person && row.post == post.id, at),
            self.agency_from(&post.agency, &ask.agency, at),
            ask.competence
                .as_ref()
                .map(|id| self.agency_from(&post.agency, id, at)),
            ask.about
                .as_ref()
                .map(|id| self.agency_from(&post.agency, id, at)),
            self.head(&ask.agency, at),
            ask.field.is_some(),
            ask.paper.is_empty(),
            self.mandates(post, ask, at),
            self.assigned(post, ask, at),
            case.code,
            case.usable,
        )
    }

    fn of_draft(&self, draft: &Draft) -> String {
        let give = &draft.give;
        let (at, from) = (give.drafted(), instant(&give.from));
        let Some(post) = self.post(&give.post) else {
            return format!("unknown post {:?}", draft.against);
        };
        let reach = &give.reach;
        let rows = self
            .law
            .rows
            .iter()
            .filter(|rule| rule.form == Some(give.form));
        let excluded = rows.flat_map(|rule| &rule.excluded_kinds);
        let excluded: Vec<&String> = excluded
            .filter(|kind| reach.kinds.iter().any(|one| **one == **kind))
            .collect();
        let have: Vec<String> = {
            let rows = self
                .facts
                .mandates
                .iter()
                .filter(|row| row.grantee == post.id);
            let near = rows.filter(|row| {
                let from = self
                    .post(&row.grantor)
                    .map(|giver| giver.agency.to_string());
                from.as_deref() == Some(&give.competence)
                    && (row.reach.papers.is_empty()
                        || row
                            .reach
                            .papers
                            .iter()
                            .any(|paper| reach.papers.contains(paper)))
                    && (give.form != Form::TlKt || row.form == Form::Tl)
            });
            let mut have: Vec<String> = near
                .map(|row| {
                    let kinds = reach
                        .kinds
                        .iter()
                        .filter(|kind| row.reach.kinds.contains(kind));
                    format!(
                        "{} {} {} of {:?}",
                        row.form,
                        phase(&row.valid, at),
                        kinds.count(),
                        row.pauses
                            .iter()
                            .map(|pause| phase(pause, at))
                            .collect::<Vec<_>>()
                    )
                })
                .collect();
            have.sort();
            have.dedup();
            have
        };
        let to = self.post(&give.to);
        format!(
            "{} {:?} of {} {:?} by {:?} {}, {:?}; to {} {:?} {:?} {:?}; {} papers {} kinds {excluded:?} {} fields {} agencies {}; {} end {}; {:?}; has {have:?}; → {:?}",
            give.form,
            give.addressee,
            self.agency_from(&post.agency, &give.competence, at),
            self.head(&give.competence, at),
            post.role,
            self.agency_from(&post.agency, &post.agency, at),
            self.held(
                |row| *row.person == give.person && row.post == post.id && row.valid.contains(at),
                at
            ),
            self.post_from(post, &give.to, at),
            to.is_some_and(|to| to.id == post.id),
            self.held(|row| *row.post == give.to && row.valid.contains(at), at),
            self.held(|row| *row.post == give.to && *row.person == give.person, at),
            reach.papers.len().min(2),
            reach.kinds.len().min(2),
            reach.fields.len().min(2),
            reach.agencies.len().min(2),
            reach.ceiling.is_some(),
            from.cmp(&at) as i8,
            give.until.is_some(),
            self.rows(at, |rule| rule.form == Some(give.form)
                && rule.valid.contains(at)),
            draft.against,
        )
    }
}

#[test]
fn no_two_cases_differ_only_in_names() {
    let (facts, law) = (facts(), law());
    let named = Named {
        facts: &facts,
        law: &law,
    };
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    for Topic { file, cases, .. } in topics() {
        let asked = cases
            .case
            .iter()
            .map(|case| (&case.name, named.of_case(case)));
        let given = cases
            .draft
            .iter()
            .map(|draft| (&draft.name, named.of_draft(draft)));
        for (name, pattern) in asked.chain(given) {
            seen.entry(pattern)
                .or_default()
                .push(format!("{file}: {name}"));
            *names.entry(name.clone()).or_default() += 1;
        }
    }
    let twice: Vec<String> = seen
        .iter()
        .filter(|(_, names)| names.len() > 1)
        .map(|(pattern, names)| format!("{}\n    {pattern}", names.join("\n")))
        .collect();
    assert!(twice.is_empty(), "\n{}", twice.join("\n"));
    let same: Vec<&String> = names
        .iter()
        .filter(|(_, times)| **times > 1)
        .map(|(name, _)| name)
        .collect();
    assert!(same.is_empty(), "names used twice: {same:?}");
}
