//! One file for each thing that happens.

pub mod activate_account;
pub mod add_passkey;
pub mod authenticate_client;
pub mod authorize;
pub mod choose_post;
pub mod clear_away;
pub mod create_account;
pub mod disable_account;
pub mod end_session;
pub mod exchange_code;
pub mod introspect_token;
pub mod issue_tokens;
pub mod make_letters;
pub mod make_signing_keys;
pub mod open_session;
pub mod plan_letters;
pub mod refresh_tokens;
pub mod register_client;
pub mod remove_passkey;
pub mod resolve_caller;
pub mod revoke_token;
pub mod set_up_first_administrator;
pub mod show_account;
pub mod sign_in_with_passkey;
pub mod sign_in_with_password;
pub mod state_person;
