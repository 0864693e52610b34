//! SQL of the register, one file per kind of record. Reads go through the `known_*` views, so that staged rows stay invisible
//! and every read is "as known at a log position"; writes add a record or close one, and never overwrite.

/// Visible at a log position (`i64::MAX`: all that is committed).
macro_rules! known {
    ($alias:literal, $position:literal) => {
        concat!(
            $alias,
            ".recorded_at < ",
            $position,
            " AND ",
            $alias,
            ".closed_at >= ",
            $position
        )
    };
}
/// Valid at an instant.
macro_rules! valid {
    ($alias:literal, $at:literal) => {
        concat!(
            $alias,
            ".valid_from <= ",
            $at,
            " AND (",
            $alias,
            ".valid_to IS NULL OR ",
            $alias,
            ".valid_to > ",
            $at,
            ")"
        )
    };
}
/// Ids of the agencies a Scope covers, given as `Scope::agencies` gives them: all for `*`, else those named with blanks between them.
macro_rules! covered {
    ($agencies:literal) => {
        concat!(
            "(SELECT c.id FROM known_agency c WHERE CAST(",
            $agencies,
            " AS TEXT) = '*' OR REPLACE(' ' || CAST(",
            $agencies,
            " AS TEXT) || ' ', ' ' || c.id || ' ', '') <> ' ' || CAST(",
            $agencies,
            " AS TEXT) || ' ')"
        )
    };
}

/// Events that recorded or closed rows of a table; a change-set stands for the event that published it.
macro_rules! touched {
    ($view:literal, $column:literal) => {
        concat!(
            "SELECT COALESCE(s.event, r.recorded_by) AS event FROM ",
            $view,
            " r LEFT JOIN change_set s ON s.id = r.recorded_by WHERE r.",
            $column,
            " = $1
             UNION SELECT r.closed_by AS event FROM ",
            $view,
            " r WHERE r.",
            $column,
            " = $1 AND r.closed_by IS NOT NULL"
        )
    };
}
/// The same for suspensions of appointments found by a column.
macro_rules! suspended {
    ($column:literal) => {
        concat!(
            "SELECT x.recorded_by AS event FROM known_suspension x JOIN known_appointment t ON t.id = x.appointment WHERE t.", $column, " = $1"
        )
    };
}
/// Events that touched a person's attributes, appointments and roles ($1).
macro_rules! touched_person {
    () => {
        concat!(
            touched!("known_person_attribute", "person"),
            " UNION ",
            touched!("known_appointment", "person"),
            " UNION ",
            touched!("known_admin_role", "person"),
            " UNION ",
            suspended!("person")
        )
    };
}

pub mod agencies;
pub mod appointments;
pub mod assignments;
pub mod calendar;
pub mod change_sets;
pub mod claims;
pub mod directory;
pub mod epoch;
pub mod feeds;
pub mod history;
pub mod laid;
pub mod lists;
pub mod mailboxes;
pub mod notices;
pub mod people;
pub mod people_search;
pub mod posts;
pub mod proposals;
pub mod quality;
pub mod reorganisations;
pub mod roles;
pub mod roster;
pub mod seals;
pub mod search;
pub mod units;

/// Rows for a statement that adds many at once.
fn as_rows<T: serde::Serialize>(rows: &[T]) -> Result<String, platform::db::Error> {
    serde_json::to_string(rows).map_err(|error| platform::db::Error::Refused(error.to_string()))
}

/// Every statement of the register.
pub fn statements() -> Vec<&'static platform::db::Statement> {
    [
        agencies::ALL,
        appointments::ALL,
        assignments::ALL,
        calendar::ALL,
        change_sets::ALL,
        claims::ALL,
        directory::ALL,
        epoch::ALL,
        feeds::ALL,
        history::ALL,
        laid::ALL,
        lists::ALL,
        mailboxes::ALL,
        notices::ALL,
        people::ALL,
        people_search::ALL,
        posts::ALL,
        proposals::ALL,
        quality::ALL,
        reorganisations::ALL,
        roles::ALL,
        roster::ALL,
        search::ALL,
        seals::ALL,
        units::ALL,
    ]
    .concat()
}
