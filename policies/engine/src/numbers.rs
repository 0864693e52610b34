//! Texts as numbers, and stretches of numbers by a pair: found in few steps, without following pointers to what does not match.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

use crate::compile::index;
use crate::text::Text;

/// One line of a table; the last word of an empty one is the largest.
type Slot = [u32; 4];

const EMPTY: Slot = [u32::MAX; 4];

/// Open addressing over lines that hold all that tells them apart.
#[derive(Debug, Default)]
struct Table {
    slots: Vec<Slot>,
    count: usize,
}

impl Table {
    fn find(&self, hash: u32, same: impl Fn(&Slot) -> bool) -> Option<&Slot> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut place = hash as usize & mask;
        loop {
            let slot = self.slots.get(place)?;
            if *slot == EMPTY {
                return None;
            }
            if same(slot) {
                return Some(slot);
            }
            place = (place + 1) & mask;
        }
    }

    /// Adds a line that is not there yet.
    fn add(&mut self, slot: Slot, hash: fn(&Slot) -> u32) {
        if self.count.saturating_mul(3) >= self.slots.len().saturating_mul(2) {
            let room = self.slots.len().saturating_mul(2).max(16);
            let old = std::mem::replace(&mut self.slots, vec![EMPTY; room]);
            for slot in old.into_iter().filter(|slot| *slot != EMPTY) {
                self.place(hash(&slot), slot);
            }
        }
        self.place(hash(&slot), slot);
        self.count += 1;
    }

    fn place(&mut self, hash: u32, slot: Slot) {
        let mask = self.slots.len().saturating_sub(1);
        let mut place = hash as usize & mask;
        while let Some(there) = self.slots.get_mut(place) {
            if *there == EMPTY {
                *there = slot;
                return;
            }
            place = (place + 1) & mask;
        }
    }
}

fn folded(hasher: &FxHasher) -> u32 {
    let hash = hasher.finish();
    (hash ^ hash >> 32) as u32
}

/// Stretches of a list of numbers by a pair of numbers.
#[derive(Debug, Default)]
pub(crate) struct Stretches {
    table: Table,
    numbers: Vec<u32>,
}

impl Stretches {
    fn hash(one: u32, other: u32) -> u32 {
        let mut hasher = FxHasher::default();
        hasher.write_u64(u64::from(one) << 32 | u64::from(other));
        folded(&hasher)
    }

    /// Of entries, each a pair and a number; the numbers of a pair in order, each once.
    pub(crate) fn of(mut entries: Vec<(u32, u32, u32)>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let mut all = Self::default();
        all.numbers.reserve_exact(entries.len());
        for pair in entries.chunk_by(|one, two| (one.0, one.1) == (two.0, two.1)) {
            if let Some((one, other, _)) = pair.first() {
                let start = index(all.numbers.len());
                let slot = [*one, *other, start, index(pair.len())];
                all.table
                    .add(slot, |[one, other, ..]| Self::hash(*one, *other));
            }
            all.numbers.extend(pair.iter().map(|(_, _, number)| number));
        }
        all
    }

    /// The numbers of a pair.
    pub(crate) fn get(&self, one: u32, other: u32) -> &[u32] {
        let same = |[first, second, ..]: &Slot| (*first, *second) == (one, other);
        let Some([_, _, start, count]) = self.table.find(Self::hash(one, other), same) else {
            return &[];
        };
        let rest = self.numbers.get(*start as usize..).unwrap_or_default();
        rest.get(..*count as usize).unwrap_or_default()
    }
}

/// Texts by number and numbers by text.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Hash, number, and where in `letters` the text begins and how long it is.
    table: Table,
    letters: Vec<u8>,
    texts: Vec<Text>,
}

impl Names {
    fn hash(name: &str) -> u32 {
        let mut hasher = FxHasher::default();
        hasher.write(name.as_bytes());
        folded(&hasher)
    }

    fn find(&self, hash: u32, name: &str) -> Option<u32> {
        let same = |[with, _, start, length]: &Slot| {
            let letters = || self.letters.get(*start as usize..)?.get(..name.len());
            *with == hash && *length as usize == name.len() && letters() == Some(name.as_bytes())
        };
        self.table.find(hash, same).map(|[_, number, ..]| *number)
    }

    /// The number of a text.
    pub(crate) fn get(&self, name: &str) -> Option<u32> {
        self.find(Self::hash(name), name)
    }

    /// The text of a number.
    pub(crate) fn text(&self, number: u32) -> Option<&Text> {
        self.texts.get(number as usize)
    }

    /// The number of a text, given at first sight.
    pub(crate) fn take(&mut self, name: &Text) -> u32 {
        let hash = Self::hash(name);
        self.find(hash, name).unwrap_or_else(|| {
            let number = index(self.texts.len());
            let (start, length) = (index(self.letters.len()), index(name.len()));
            self.table
                .add([hash, number, start, length], |[hash, ..]| *hash);
            self.letters.extend_from_slice(name.as_bytes());
            self.texts.push(name.clone());
            number
        })
    }
}

/// A text with its first letters in place, for comparing.
#[derive(Debug)]
pub(crate) struct Near {
    length: u8,
    letters: [u8; 31],
    pub(crate) text: Text,
}

impl Near {
    pub(crate) fn of(text: &Text) -> Self {
        let mut letters = [0; 31];
        letters
            .iter_mut()
            .zip(text.as_bytes())
            .for_each(|(place, letter)| *place = *letter);
        Self {
            length: u8::try_from(text.len()).unwrap_or(u8::MAX),
            letters,
            text: text.clone(),
        }
    }

    pub(crate) fn is(&self, other: &str) -> bool {
        match self.letters.get(..usize::from(self.length)) {
            Some(letters) => letters == other.as_bytes(),
            None => *self.text == *other,
        }
    }
}
