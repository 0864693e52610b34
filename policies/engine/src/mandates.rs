//! The mandates of an epoch in compact rows: what a question tests lies in one line of memory, what only an answer needs lies beside.

use crate::compile::{Epoch, index};
use crate::facts::{Addressee, Mandate};
use crate::index::{Time, time_of};
use crate::interval::Interval;
use crate::rules::Need;
use crate::text::Text;
use crate::vocabulary::Form;

/// Stands for no post and no person.
pub(crate) const NOBODY: u32 = u32::MAX;

/// What a mandate states or is, as bits.
const PAPERS: u16 = 1;
const KINDS: u16 = 2;
const FIELDS: u16 = 4;
const AGENCIES: u16 = 8;
const CEILING: u16 = 16;
const END: u16 = 32;
const BROKEN: u16 = 64;
const PAUSES: u16 = 128;
const VOID: u16 = 256;

/// One mandate.
#[derive(Debug)]
pub(crate) struct MandateRow {
    from: i64,
    end: i64,
    ceiling: i64,
    grantor: u32,
    pub(crate) grantee: u32,
    giver: u32,
    holder: u32,
    limits: u32,
    instrument: u32,
    pub(crate) form: Form,
    pub(crate) addressee: Addressee,
    states: u16,
}

/// What a mandate reaches, as numbers; an empty list limits nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits<'e> {
    pub(crate) papers: &'e [u32],
    pub(crate) kinds: &'e [u32],
    pub(crate) fields: &'e [u32],
    pub(crate) agencies: &'e [u32],
}

/// Limits as they are gathered.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) papers: Vec<u32>,
    pub(crate) kinds: Vec<u32>,
    pub(crate) fields: Vec<u32>,
    pub(crate) agencies: Vec<u32>,
}

fn someone(number: u32) -> Option<u32> {
    (number != NOBODY).then_some(number)
}

impl MandateRow {
    fn has(&self, bit: u16) -> bool {
        self.states & bit != 0
    }

    /// The post that hands over, when it is recorded.
    pub(crate) fn grantor(&self) -> Option<u32> {
        someone(self.grantor)
    }

    /// The person it is bound to.
    pub(crate) fn giver(&self) -> Option<u32> {
        someone(self.giver)
    }

    /// The person it names.
    pub(crate) fn holder(&self) -> Option<u32> {
        someone(self.holder)
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.has(BROKEN)
    }

    /// Whether no law of its first day let it be given so: to whom, or addressed how.
    pub(crate) fn is_void(&self) -> bool {
        self.has(VOID)
    }

    pub(crate) fn limits_kinds(&self) -> bool {
        self.has(KINDS)
    }

    pub(crate) fn limits_fields(&self) -> bool {
        self.has(FIELDS)
    }

    pub(crate) fn limits_agencies(&self) -> bool {
        self.has(AGENCIES)
    }

    /// The greatest amount, if it states one.
    pub(crate) fn ceiling(&self) -> Option<i64> {
        self.has(CEILING).then_some(self.ceiling)
    }

    pub(crate) fn valid(&self) -> Interval {
        Interval {
            from: self.from,
            to: self.has(END).then_some(self.end),
        }
    }

    /// Whether it states what a row of law asks for.
    pub(crate) fn states(&self, need: Need) -> bool {
        match need {
            Need::Papers => self.has(PAPERS),
            Need::Kinds => self.has(KINDS),
            Need::Content => self.has(PAPERS | KINDS | FIELDS),
            Need::End => self.has(END),
        }
    }
}

impl Epoch {
    pub(crate) fn mandate(&self, number: u32) -> Option<&MandateRow> {
        self.mandates.get(number as usize)
    }

    /// Id of a mandate.
    pub(crate) fn mandate_id(&self, number: u32) -> Option<&Text> {
        self.mandate_ids.get(number as usize)
    }

    /// The instrument of a mandate, as cited.
    pub(crate) fn instrument_of(&self, row: &MandateRow) -> Option<&Text> {
        self.instruments.text(row.instrument)
    }

    /// Adds a row to those there are.
    pub(crate) fn push_mandate(
        &mut self,
        mandate: &Mandate,
        grantee: u32,
        grantor: Option<u32>,
        reach: &Gathered,
    ) {
        let number = index(self.mandates.len());
        let giver = mandate
            .giver
            .as_ref()
            .map(|person| self.people.take(person));
        let holder = mandate
            .holder
            .as_ref()
            .map(|person| self.people.take(person));
        let pauses = mandate.pauses.iter().copied();
        let pauses: Box<[Interval]> = pauses.filter(|pause| !pause.is_empty()).collect();
        let bits = [
            (PAPERS, !reach.papers.is_empty()),
            (KINDS, !reach.kinds.is_empty()),
            (FIELDS, !reach.fields.is_empty()),
            (AGENCIES, !reach.agencies.is_empty()),
            (CEILING, mandate.reach.ceiling.is_some()),
            (END, mandate.valid.to.is_some()),
            (BROKEN, grantor.is_none() || mandate.valid.is_empty()),
            (PAUSES, !pauses.is_empty()),
            (VOID, self.was_void(mandate, grantor, grantee)),
        ];
        let bits = bits.into_iter().filter(|(_, set)| *set);
        if !pauses.is_empty() {
            self.pauses.insert(number, pauses);
        }
        let limits = index(self.limits.len());
        let lists = [&reach.papers, &reach.kinds, &reach.fields, &reach.agencies];
        self.limits.extend(lists.map(|list| index(list.len())));
        lists.iter().for_each(|list| self.limits.extend(*list));
        self.mandate_ids.push(mandate.id.clone());
        self.mandates.push(MandateRow {
            from: mandate.valid.from,
            end: mandate.valid.end(),
            ceiling: mandate.reach.ceiling.unwrap_or_default(),
            grantor: grantor.unwrap_or(NOBODY),
            grantee,
            giver: giver.unwrap_or(NOBODY),
            holder: holder.unwrap_or(NOBODY),
            limits,
            instrument: self.instruments.take(&mandate.instrument),
            form: mandate.form,
            addressee: mandate.addressee,
            states: bits.fold(0, |states, (bit, _)| states | bit),
        });
    }

    /// What the mandate reaches.
    pub(crate) fn limits_of(&self, row: &MandateRow) -> Limits<'_> {
        let rest = self.limits.get(row.limits as usize..).unwrap_or_default();
        let Some(([papers, kinds, fields, agencies], rest)) = rest.split_first_chunk::<4>() else {
            return Limits::default();
        };
        let (papers, rest) = rest.split_at_checked(*papers as usize).unwrap_or_default();
        let (kinds, rest) = rest.split_at_checked(*kinds as usize).unwrap_or_default();
        let (fields, rest) = rest.split_at_checked(*fields as usize).unwrap_or_default();
        Limits {
            papers,
            kinds,
            fields,
            agencies: rest.get(..*agencies as usize).unwrap_or_default(),
        }
    }

    /// When it is suspended.
    pub(crate) fn pauses_of(&self, number: u32, row: &MandateRow) -> &[Interval] {
        match row.has(PAUSES) {
            true => self.pauses.get(&number).map_or(&[], |pauses| pauses),
            false => &[],
        }
    }

    pub(crate) fn time_of_mandate(&self, number: u32, row: &MandateRow, at: i64) -> Time {
        let mut pauses = self.pauses_of(number, row).iter();
        match time_of(&row.valid(), at) {
            Time::Now if pauses.any(|pause| pause.contains(at)) => Time::Paused,
            time => time,
        }
    }

    /// The time around `at` in which it carries without a break.
    pub(crate) fn stretch(&self, number: u32, row: &MandateRow, at: i64) -> Interval {
        let pauses = self.pauses_of(number, row).iter();
        pauses.fold(row.valid(), |left, pause| {
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

    /// The narrowest thing a mandate names, as recorded: papers, else kinds and fields.
    pub(crate) fn reach_in_words(&self, row: &MandateRow) -> Option<Text> {
        let limits = self.limits_of(row);
        let named: Vec<&str> = match limits.papers {
            [] => {
                let words = limits.kinds.iter().chain(limits.fields);
                words
                    .filter_map(|number| self.words.text(*number))
                    .map(Text::as_str)
                    .collect()
            }
            [only] => return self.papers.text(*only).cloned(),
            papers => {
                let papers = papers.iter().filter_map(|number| self.papers.text(*number));
                papers.map(Text::as_str).collect()
            }
        };
        (!named.is_empty()).then(|| named.join(", ").into())
    }
}
