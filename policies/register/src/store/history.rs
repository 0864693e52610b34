//! Which events touched a person, a post, an appointment or an assignment: those that recorded or closed a fact of it, imports too.

use platform::db::{Conn, Error};

platform::statements! {
    pub OF_PERSON = concat!("SELECT w.event FROM (", touched_person!(), ") w ORDER BY w.event");
    pub OF_POST = concat!("SELECT w.event FROM (", touched!("known_post", "id"), " UNION ", touched!("known_appointment", "post"), " UNION ", touched!("known_assignment", "post"), " UNION ", suspended!("post"), ") w ORDER BY w.event");
    pub OF_AGENCY = concat!("SELECT w.event FROM (", touched!("known_agency", "id"), " UNION ", touched!("known_unit", "agency"), " UNION ", touched!("known_seal", "agency"), " UNION ", touched!("known_assignment", "agency"), ") w ORDER BY w.event");
}

/// Events that touched a person's attributes, appointments and roles.
pub(crate) async fn of_person(conn: &mut Conn, person: &str) -> Result<Vec<String>, Error> {
    events(conn.all(&OF_PERSON, (person,)).await?)
}

/// Events that touched a post, its appointments and its assignments.
pub(crate) async fn of_post(conn: &mut Conn, post: &str) -> Result<Vec<String>, Error> {
    events(conn.all(&OF_POST, (post,)).await?)
}

/// Events that touched an agency, its units, its seals and their custody.
pub(crate) async fn of_agency(conn: &mut Conn, agency: &str) -> Result<Vec<String>, Error> {
    events(conn.all(&OF_AGENCY, (agency,)).await?)
}

fn events(rows: Vec<(String,)>) -> Result<Vec<String>, Error> {
    Ok(rows.into_iter().map(|(event,)| event).collect())
}
