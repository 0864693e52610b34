//! One file for each thing that happens.

pub mod accept_message;
pub mod check_recipient;
pub mod check_sender;
pub mod create_mail_password;
pub mod deliver;
pub mod list_mail_passwords;
pub(crate) mod lmtp;
pub mod revoke_mail_password;
pub mod send_notice;
pub mod sign_in;
pub mod spool;
pub mod verify_mail;
