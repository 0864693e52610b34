//! Takes a plan of reorganisation from CSV files: read, checked against the register just before its instant, kept as a draft.
//! Standard: RFC 4180 for the files.
//! It must never keep a plan with a row that is wrong, nor change a fact of the register.

use platform::audit::{Actor, Event};
use platform::db::{self, Db};
use platform::ids;
use platform::random::Entropy;
use serde_json::json;

use crate::domain::import::RowFault;
use crate::domain::import::table::Faults;
use crate::domain::reorganisation::files::{self, Loaded};
use crate::domain::text::tidy;
use crate::domain::words::PlanState;
use crate::store::agencies;
use crate::store::reorganisations::{self, Reorganisation};

/// Rows of one plan; a national reform of one province has some hundreds.
const MAX_ROWS: usize = 5_000;
const MAX_TEXT: usize = 200;

/// The plan to take.
#[derive(Debug, Clone)]
pub struct LoadPlan<'a> {
    /// Its name.
    pub name: &'a str,
    /// The instant at which it takes effect.
    pub at: i64,
    /// Decision behind it.
    pub basis: &'a str,
    /// The files.
    pub files: Vec<&'a [u8]>,
}

/// Why it was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LoadPlanError {
    /// Rows are wrong.
    #[error("{} rows are wrong, nothing was kept", faults.len() + more)]
    Rows {
        /// The first of them.
        faults: Vec<RowFault>,
        /// How many more.
        more: usize,
    },
    /// The files say nothing for that day.
    #[error("the files hold no row for that day")]
    Empty,
    /// More rows than a plan may have.
    #[error("the plan has more than {MAX_ROWS} rows")]
    TooLong,
    /// Name or basis is missing or too long.
    #[error("name and basis must be given in at most {MAX_TEXT} characters")]
    Unnamed,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Reads the files against the register; nothing is kept.
pub async fn read(db: &Db, plan: &LoadPlan<'_>) -> Result<Loaded, LoadPlanError> {
    let bodies = agencies::snapshot(&mut db.read().await?, None).await?;
    let mut faults = Faults::default();
    let loaded = files::read(&plan.files, plan.at, &bodies, &mut faults);
    if !faults.is_empty() {
        let (faults, more) = faults.into_parts();
        return Err(LoadPlanError::Rows { faults, more });
    }
    if loaded.rows.is_empty() {
        return Err(LoadPlanError::Empty);
    }
    if loaded.rows.len() > MAX_ROWS {
        return Err(LoadPlanError::TooLong);
    }
    Ok(loaded)
}

/// Keeps the plan as a draft. Gives its id.
pub async fn run(
    db: &Db,
    entropy: &Entropy,
    now: i64,
    actor: &Actor,
    plan: &LoadPlan<'_>,
) -> Result<String, LoadPlanError> {
    let (name, basis) = (tidy(plan.name), tidy(plan.basis));
    let fits = |text: &str| !text.is_empty() && text.chars().count() <= MAX_TEXT;
    if !fits(&name) || !fits(&basis) {
        return Err(LoadPlanError::Unnamed);
    }
    let loaded = read(db, plan).await?;
    let mut bodies = Vec::with_capacity(loaded.rows.len());
    for row in &loaded.rows {
        let body = serde_json::to_string(row);
        bodies.push(body.map_err(|error| db::Error::Refused(error.to_string()))?);
    }
    let head = Reorganisation {
        id: ids::new("pln", entropy),
        name,
        at: plan.at,
        basis,
        state: PlanState::Draft,
        opened_at: now,
        change_set: None,
    };
    let (head, bodies, choices) = (&head, &bodies, &loaded.choices);
    db.write(|mut tx| async move {
        reorganisations::insert(&mut tx, head).await?;
        for (body, number) in bodies.iter().zip(0_i64..) {
            reorganisations::insert_row(&mut tx, &head.id, number, body).await?;
        }
        for (subject, successor) in choices {
            reorganisations::choose(&mut tx, &head.id, subject, Some(successor)).await?;
        }
        let detail =
            json!({"at": head.at, "basis": head.basis, "name": head.name, "rows": bodies.len()});
        let event = Event::new("register.plan.loaded", now, actor.clone(), entropy)
            .about("plan", &head.id)
            .detail(detail);
        Ok::<_, LoadPlanError>(tx.commit(event, head.id.clone()))
    })
    .await
}
