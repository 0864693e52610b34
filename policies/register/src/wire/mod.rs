//! Shapes of the JSON interface, as `data/openapi.json` names them; a test compares both.

pub mod acts;
pub mod deliveries;
pub mod scim;
pub mod shapes;
