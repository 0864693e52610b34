//! Journeys of people, applications and attackers through the whole service, on both engines.

mod account;
mod authority;
mod emergency;
mod front_channel;
mod invitation;
mod letters;
mod protocol;
mod rotation;
mod schema;
mod sign_in;
mod tokens;
