//! Types of the register and their rules, without I/O: text, order of names, time, words of the tables, plans of imports and reorganisations.

pub mod administration;
pub mod attributes;
pub mod collation;
pub mod facts;
pub mod feed;
pub mod import;
pub mod intake;
pub mod notice;
pub mod phrases;
pub mod proposal;
pub mod reorganisation;
pub mod telex;
pub mod text;
pub mod time;
pub mod words;
