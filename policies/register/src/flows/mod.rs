//! One file per thing that happens to the register; each is one unit of work (an import: one last unit) with one audit event.

pub mod carry_out_proposal;
pub mod choose_for_list;
pub mod decide_proposal;
pub mod discard_list;
pub mod end_appointment;
pub mod end_assignment;
pub mod erase_person;
pub mod export_register;
pub mod import_register;
pub mod index_people;
pub mod propose_act;
pub mod publish_list;
pub mod read_list;
pub mod receive_list;
pub mod record_appointment;
pub mod record_assignment;
pub mod record_person;
pub mod record_role;
pub mod record_succession;
pub mod suspend_appointment;
pub mod undo_list;
