//! Numbers of texts and of pairs of numbers, found in one step without following pointers to what does not match.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

use crate::compile::index;
use crate::text::Text;

const EMPTY: u64 = u64::MAX;

/// Open addressing: each slot holds a hash beside the number, so that only a likely match is looked at.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    slots: Vec<u64>,
    count: usize,
}

impl Numbers {
    pub(crate) fn find(&self, hash: u32, same: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut place = hash as usize & mask;
        loop {
            let slot = *self.slots.get(place)?;
            if slot == EMPTY {
                return None;
            }
            let number = slot as u32;
            if (slot >> 32) as u32 == hash && same(number) {
                return Some(number);
            }
            place = (place + 1) & mask;
        }
    }

    /// Adds a number that is not there yet.
    pub(crate) fn add(&mut self, hash: u32, number: u32) {
        if self.count.saturating_mul(3) >= self.slots.len().saturating_mul(2) {
            let room = self.slots.len().saturating_mul(2).max(16);
            let old = std::mem::replace(&mut self.slots, vec![EMPTY; room]);
            old.into_iter()
                .filter(|slot| *slot != EMPTY)
                .for_each(|slot| self.place(slot));
        }
        self.place(u64::from(hash) << 32 | u64::from(number));
        self.count += 1;
    }

    fn place(&mut self, slot: u64) {
        let mask = self.slots.len().saturating_sub(1);
        let mut place = (slot >> 32) as usize & mask;
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

/// Hash of a pair of numbers.
pub(crate) fn hash_of(one: u32, other: u32) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write_u64(u64::from(one) << 32 | u64::from(other));
    folded(&hasher)
}

/// Texts by number and numbers by text.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: Numbers,
    texts: Vec<Text>,
}

impl Names {
    fn hash(name: &str) -> u32 {
        let mut hasher = FxHasher::default();
        hasher.write(name.as_bytes());
        folded(&hasher)
    }

    fn find(&self, hash: u32, name: &str) -> Option<u32> {
        let same = |number: u32| {
            let text = self.texts.get(number as usize);
            text.is_some_and(|text| *text == *name)
        };
        self.numbers.find(hash, same)
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
            self.numbers.add(hash, number);
            self.texts.push(name.clone());
            number
        })
    }
}
