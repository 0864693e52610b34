//! From four CSV files to a plan of records: read, check, compare with what stands in the register. Pure: the same input gives the same plan.

mod addresses;
mod columns;
pub mod fault;
pub mod officials;
pub mod plan;
pub mod rows;
pub mod seats;
pub mod table;

pub use fault::{Cause, File, RowFault};
pub use plan::{Closing, Counts, Existing, Operation, Plan, plan};
pub use rows::{Rows, read};
