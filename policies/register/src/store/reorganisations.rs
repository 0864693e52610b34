//! Plans of reorganisation as kept: head, rows, answers. What they do to the register stands in change-sets.

use platform::db::{Conn, Error, Tx};

use crate::domain::reorganisation::Row;
use crate::domain::words::PlanState;

macro_rules! columns {
    () => {
        "SELECT p.id, p.name, p.at, p.basis, p.state, p.opened_at, p.change_set FROM reorganisation p "
    };
}

platform::statements! {
    pub LIST = concat!(columns!(), "ORDER BY p.at DESC, p.opened_at DESC, p.id LIMIT $1");
    pub FIND = concat!(columns!(), "WHERE p.id = $1");
    pub ROWS = "SELECT r.body FROM reorganisation_row r WHERE r.reorganisation = $1 ORDER BY r.number";
    pub CHOICES = "SELECT c.subject, c.successor FROM reorganisation_choice c WHERE c.reorganisation = $1 ORDER BY c.subject";
    pub LASTING_ROLES = concat!("SELECT r.agency, r.person FROM known_admin_role r WHERE r.agency IS NOT NULL AND (r.valid_to IS NULL OR r.valid_to > $1) AND ", known!("r", "$2"), " ORDER BY r.agency, r.person");
    pub INSERT = "INSERT INTO reorganisation (id, name, at, basis, state, opened_at) VALUES ($1, $2, $3, $4, 'draft', $5)";
    pub INSERT_ROW = "INSERT INTO reorganisation_row (reorganisation, number, body) VALUES ($1, $2, $3)";
    pub FORGET_CHOICE = "DELETE FROM reorganisation_choice WHERE reorganisation = $1 AND subject = $2";
    pub INSERT_CHOICE = "INSERT INTO reorganisation_choice (reorganisation, subject, successor) VALUES ($1, $2, $3)";
    pub TAKE_SET = "UPDATE reorganisation SET change_set = $2 WHERE id = $1 AND state = 'draft'";
    pub FINISH = "UPDATE reorganisation SET state = $2 WHERE id = $1 AND state = 'draft'";
}

/// The head of a plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Reorganisation {
    /// `pln_…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// The instant at which it takes effect.
    pub at: i64,
    /// Decision behind it.
    pub basis: String,
    /// Where it stands.
    pub state: PlanState,
    /// When it was loaded.
    pub opened_at: i64,
    /// The change-set that is being staged or was published.
    pub change_set: Option<String>,
}

/// Plans, those of the latest instants first.
pub(crate) async fn list(conn: &mut Conn, limit: i64) -> Result<Vec<Reorganisation>, Error> {
    conn.all(&LIST, (limit,)).await
}

/// One plan.
pub(crate) async fn find(conn: &mut Conn, id: &str) -> Result<Option<Reorganisation>, Error> {
    conn.optional(&FIND, (id,)).await
}

/// Its rows.
pub(crate) async fn rows(conn: &mut Conn, id: &str) -> Result<Vec<Row>, Error> {
    let rows: Vec<(String,)> = conn.all(&ROWS, (id,)).await?;
    rows.iter()
        .map(|(body,)| {
            serde_json::from_str(body).map_err(|error| {
                Error::Refused(format!("a row of plan {id} cannot be read: {error}"))
            })
        })
        .collect()
}

/// Its answers.
pub(crate) async fn choices(conn: &mut Conn, id: &str) -> Result<Vec<(String, String)>, Error> {
    conn.all(&CHOICES, (id,)).await
}

/// Roles of administration over single agencies that last beyond an instant: (agency, person).
pub(crate) async fn lasting_roles(
    conn: &mut Conn,
    at: i64,
) -> Result<Vec<(String, String)>, Error> {
    conn.all(&LASTING_ROLES, (at, i64::MAX)).await
}

pub(crate) async fn insert(tx: &mut Tx, plan: &Reorganisation) -> Result<(), Error> {
    tx.execute(
        &INSERT,
        (&plan.id, &plan.name, plan.at, &plan.basis, plan.opened_at),
    )
    .await?;
    Ok(())
}

pub(crate) async fn insert_row(
    tx: &mut Tx,
    plan: &str,
    number: i64,
    body: &str,
) -> Result<(), Error> {
    tx.execute(&INSERT_ROW, (plan, number, body)).await?;
    Ok(())
}

/// Puts an answer, or takes it back with `None`.
pub(crate) async fn choose(
    tx: &mut Tx,
    plan: &str,
    subject: &str,
    successor: Option<&str>,
) -> Result<(), Error> {
    tx.execute(&FORGET_CHOICE, (plan, subject)).await?;
    if let Some(successor) = successor {
        tx.execute(&INSERT_CHOICE, (plan, subject, successor))
            .await?;
    }
    Ok(())
}

/// Notes the change-set under way; `false` when the plan is no draft.
pub(crate) async fn take_set(tx: &mut Tx, plan: &str, set: &str) -> Result<bool, Error> {
    Ok(tx.execute(&TAKE_SET, (plan, set)).await? == 1)
}

/// The end of a draft; `false` when it was none.
pub(crate) async fn finish(tx: &mut Tx, plan: &str, state: PlanState) -> Result<bool, Error> {
    Ok(tx.execute(&FINISH, (plan, state.as_str())).await? == 1)
}
