//! From a list as an office sends it (XLSX, or CSV in any of the old encodings) to judged rows: read, find the header, map columns,
//! repair what is certain, propose what is likely, refuse what is wrong. Pure: the same bytes and register give the same verdicts.

pub mod by_hand;
pub mod delimited;
pub mod encoding;
pub mod header;
pub mod judge;
pub mod leavers;
pub mod match_up;
pub mod names;
pub mod note;
pub mod person;
pub mod places;
pub mod sheet;
pub mod weigh;
pub mod workbook;

pub use note::{Note, Verdict};
