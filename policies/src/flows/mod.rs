//! One file per thing that happens with authority.

pub mod activate_instrument;
pub mod decide;
pub mod describe_paper;
pub mod draft_handover;
pub mod draft_mandate;
pub mod end_mandate;
pub mod evaluate;
pub mod explain;
pub mod overview;
pub mod recall;
pub mod replay;
pub mod search;
pub mod see_handover;
pub mod suspend_mandate;
pub mod use_decision;
