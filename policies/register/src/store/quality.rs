//! The data-quality board: what a register should not have, each list with what is needed to repair it.

use platform::clock::DAY;
use platform::db::{Conn, Error};

use crate::domain::time::AsOf;
use crate::rights::Scope;

/// Read of each list: a board that finds more says so.
pub const MOST: i64 = 300;

/// Somebody holds the post at the instant.
macro_rules! held {
    () => {
        concat!(
            "SELECT 1 FROM known_appointment t WHERE t.post = p.id AND ",
            valid!("t", "$2"),
            " AND ",
            known!("t", "$3")
        )
    };
}
/// Posts of the scope with their agency: (id, name, beside, at).
macro_rules! posts {
    () => {
        concat!(
            "SELECT p.id, p.title AS name, g.name AS beside, p.field, p.valid_from AS at FROM known_post p JOIN known_agency g ON g.id = p.agency AND ", valid!("g", "$2"), " AND ", known!("g", "$3"),
            " WHERE p.agency IN ", covered!("$1"), " AND ", valid!("p", "$2"), " AND ", known!("p", "$3")
        )
    };
}
/// People of the scope who hold a post at the instant: attributes beside the appointment.
macro_rules! in_post {
    () => {
        concat!(
            "SELECT DISTINCT a.person AS id, a.full_name AS name, a.staff_no AS beside, CAST(NULL AS TEXT) AS field, CAST(0 AS BIGINT) AS at, a.sort_key FROM known_person_attribute a
             JOIN known_appointment t ON t.person = a.person AND ", valid!("t", "$2"), " AND ", known!("t", "$3"), " JOIN known_post p ON p.id = t.post AND ", known!("p", "$3"),
            " WHERE p.agency IN ", covered!("$1"), " AND ", known!("a", "$3")
        )
    };
}

platform::statements! {
    pub POSTS_WITHOUT_HOLDER = concat!(posts!(), " AND NOT EXISTS (", held!(), ") ORDER BY g.level, g.sort_key, p.rank, p.id LIMIT $4");
    pub TWO_HEADS = concat!(posts!(), " AND p.standing <> 'staff' AND (SELECT COUNT(DISTINCT t.person) FROM known_appointment t WHERE t.post = p.id AND ", valid!("t", "$2"), " AND ", known!("t", "$3"), ") > 1 ORDER BY g.level, g.sort_key, p.rank, p.id LIMIT $4");
    pub DEPUTIES_WITHOUT_FIELD = concat!(posts!(), " AND p.standing = 'agency_deputy' AND EXISTS (", held!(), ") AND NOT EXISTS (SELECT 1 FROM known_assignment f WHERE f.kind = 'field' AND f.post = p.id AND ", valid!("f", "$2"), " AND ", known!("f", "$3"), ") ORDER BY g.level, g.sort_key, p.rank, p.id LIMIT $4");
    pub SEALS_WITHOUT_KEEPER = concat!("SELECT g.id, g.name, s.name AS beside, CAST(NULL AS TEXT) AS field, s.valid_from AS at FROM known_seal s JOIN known_agency g ON g.id = s.agency AND ", valid!("g", "$2"), " AND ", known!("g", "$3"),
        " WHERE s.unit IS NULL AND s.agency IN ", covered!("$1"), " AND ", valid!("s", "$2"), " AND ", known!("s", "$3"),
        " AND NOT EXISTS (SELECT 1 FROM known_assignment k JOIN known_post p ON p.id = k.post AND ", known!("p", "$3"), " WHERE k.kind = 'seal_custody' AND k.agency = s.agency AND ", valid!("k", "$2"), " AND ", known!("k", "$3"), " AND EXISTS (", held!(), "))
        ORDER BY g.level, g.sort_key, s.id LIMIT $4");
    pub PEOPLE_WITHOUT_POST = concat!("SELECT DISTINCT a.person AS id, a.full_name AS name, a.staff_no AS beside, CAST(NULL AS TEXT) AS field, CAST(0 AS BIGINT) AS at, a.sort_key FROM known_person_attribute a
        JOIN known_appointment t ON t.person = a.person AND ", known!("t", "$3"), " JOIN known_post p ON p.id = t.post AND ", known!("p", "$3"),
        " WHERE p.agency IN ", covered!("$1"), " AND ", known!("a", "$3"), " AND NOT EXISTS (SELECT 1 FROM known_appointment n WHERE n.person = a.person AND ", known!("n", "$3"), " AND (n.valid_to IS NULL OR n.valid_to > $2)) ORDER BY a.sort_key, a.person LIMIT $4");
    pub WITHOUT_NUMBER = concat!(in_post!(), " AND a.personal_number_index IS NULL ORDER BY a.sort_key, a.person LIMIT $4");
    pub WITHOUT_ADDRESS = concat!(in_post!(), " AND a.email IS NULL ORDER BY a.sort_key, a.person LIMIT $4");
    pub WITHOUT_BIRTH_DATE = concat!(in_post!(), " AND a.birth_date IS NULL ORDER BY a.sort_key, a.person LIMIT $4");
    pub ENDING = concat!("SELECT t.id, COALESCE(a.full_name, '') AS name, p.title AS beside, p.field, t.valid_to AS at FROM known_appointment t JOIN known_post p ON p.id = t.post AND ", known!("p", "$3"),
        " LEFT JOIN known_person_attribute a ON a.person = t.person AND ", known!("a", "$3"), " WHERE p.agency IN ", covered!("$1"), " AND ", known!("t", "$3"), " AND t.valid_to > $2 AND t.valid_to <= $5 ORDER BY t.valid_to, t.id LIMIT $4");
}

/// What a list holds: an object with its name, what stands beside it, and an instant where one matters.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Finding {
    /// A post, person, agency or appointment.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Agency, staff number or title.
    pub beside: String,
    /// Field of the seat.
    pub field: Option<String>,
    /// When, where it matters.
    pub at: i64,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Posts that nobody holds.
    PostsWithoutHolder,
    /// Two people in full in a post with one seat.
    TwoHeads,
    /// Deputies of the agency's head without any field: they cannot sign KT.
    DeputiesWithoutField,
    /// Seals that nobody in post keeps.
    SealsWithoutKeeper,
    /// People who held a post here and hold none anywhere.
    PeopleWithoutPost,
    /// Appointments that end within 30 days.
    Ending,
    /// People in post without personal number.
    WithoutNumber,
    /// People in post without mail address.
    WithoutAddress,
    /// People in post without date of birth.
    WithoutBirthDate,
}

impl Check {
    /// Every check, in the order of the board.
    pub const ALL: &'static [Self] = &[
        Self::PostsWithoutHolder,
        Self::TwoHeads,
        Self::SealsWithoutKeeper,
        Self::DeputiesWithoutField,
        Self::PeopleWithoutPost,
        Self::Ending,
        Self::WithoutNumber,
        Self::WithoutAddress,
        Self::WithoutBirthDate,
    ];
}

/// What one check finds in the scope.
pub async fn findings(
    conn: &mut Conn,
    scope: &Scope,
    check: Check,
    as_of: AsOf,
) -> Result<Vec<Finding>, Error> {
    let (at, known) = (as_of.at, as_of.position());
    let statement = match check {
        Check::PostsWithoutHolder => &POSTS_WITHOUT_HOLDER,
        Check::TwoHeads => &TWO_HEADS,
        Check::DeputiesWithoutField => &DEPUTIES_WITHOUT_FIELD,
        Check::SealsWithoutKeeper => &SEALS_WITHOUT_KEEPER,
        Check::PeopleWithoutPost => &PEOPLE_WITHOUT_POST,
        Check::WithoutNumber => &WITHOUT_NUMBER,
        Check::WithoutAddress => &WITHOUT_ADDRESS,
        Check::WithoutBirthDate => &WITHOUT_BIRTH_DATE,
        Check::Ending => {
            let until = at.saturating_add(30 * DAY);
            return conn
                .all(&ENDING, (scope.agencies(), at, known, MOST + 1, until))
                .await;
        }
    };
    conn.all(statement, (scope.agencies(), at, known, MOST + 1))
        .await
}
