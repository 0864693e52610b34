//! Imports agencies, units, posts and officials from CSV: read and plan, stage in small units that nobody sees, publish by one last unit.
//! Standard: RFC 4180 for the files; docs/ARCHITECTURE.md (bulk work is staged under a change-set).
//! It must never change anything visible before the last unit, nor anything at all when a row is wrong or nothing differs.

use platform::audit::{Actor, Event};
use platform::db::{self, Conn, Db};
use platform::i18n::{Lang, Tongue};
use platform::random::Entropy;
use platform::secrets::Sealer;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::domain::import::table::Faults;
use crate::domain::import::{Counts, Existing, Operation, Plan, RowFault, plan, read};
use crate::domain::words::ChangeSetKind;
use crate::facts;
use crate::flows::staging::{self, NewSet, StagingError};
use crate::store::change_sets::ChangeSet;
use crate::store::{epoch, mailboxes, people};

/// Raised when the same files would be planned differently by a newer program.
const PLAN_VERSION: &[u8] = b"register-import-1";

/// The files as read from disk.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// `agencies.csv`
    pub agencies: &'a [u8],
    /// `internal_units.csv`
    pub units: &'a [u8],
    /// `posts.csv`
    pub posts: &'a [u8],
    /// The list of officials.
    pub officials: &'a [u8],
}

/// What an import needs besides the files.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// The database.
    pub db: &'a Db,
    /// Random bytes.
    pub entropy: &'a Entropy,
    /// Seals personal numbers and makes their blind index.
    pub sealer: &'a Sealer,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// The change-set, `None` when the register already said what the files say.
    pub change_set: Option<String>,
    /// Whether an interrupted import of the same files was carried on.
    pub resumed: bool,
    /// Units in which rows were staged.
    pub chunks: usize,
    /// Figures.
    pub counts: Counts,
    /// Repairs and other things to look at.
    pub warnings: Vec<RowFault>,
    /// Warnings beyond the first ones.
    pub more_warnings: usize,
}

impl std::fmt::Display for ImportReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let t = Tongue::new(Lang::Vi, &crate::TEXTS);
        let key = if self.change_set.is_some() {
            "import-done"
        } else {
            "import-unchanged"
        };
        let values = [
            ("agencies", self.counts.agencies),
            ("officials", self.counts.officials),
            ("added", self.counts.added),
            ("people", self.counts.people),
            ("posts", self.counts.posts),
            ("appointments", self.counts.appointments),
            ("closed", self.counts.closed),
            ("warnings", self.warnings.len() + self.more_warnings),
        ];
        let values = values.map(|(name, value)| (name, value.to_string()));
        f.write_str(&t.with(key, &values))
    }
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Rows are wrong; nothing was changed.
    #[error("{} rows are wrong, nothing was changed", faults.len() + more)]
    Rows {
        /// The first of them.
        faults: Vec<RowFault>,
        /// How many more.
        more: usize,
    },
    /// Staging or publishing stopped; nothing was changed by this import.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// A personal number could not be sealed.
    #[error("a personal number could not be sealed: {0}")]
    Seal(String),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// An import that is planned and may be partly staged.
#[derive(Debug)]
pub struct Prepared {
    set: Option<ChangeSet>,
    plan: Plan,
    report: ImportReport,
}

impl Prepared {
    /// Operations laid so far, and all of them.
    pub fn progress(&self) -> (i64, i64) {
        self.set
            .as_ref()
            .map_or((0, 0), |set| (set.staged, set.operations))
    }

    /// Id of the change-set, if anything is to change.
    pub fn change_set(&self) -> Option<&str> {
        self.set.as_ref().map(|set| set.id.as_str())
    }
}

/// The whole import. A second run with the same files changes nothing.
pub async fn run(
    tools: Tools<'_>,
    now: i64,
    actor: &Actor,
    files: &Files<'_>,
) -> Result<ImportReport, ImportError> {
    let mut prepared = prepare(tools, now, files).await?;
    while stage_chunk(tools, &mut prepared).await? {}
    publish(tools, now, actor, prepared).await
}

/// Reads and checks the files, plans, and opens a change-set or takes up the one an interrupted run left behind.
pub async fn prepare(
    tools: Tools<'_>,
    now: i64,
    files: &Files<'_>,
) -> Result<Prepared, ImportError> {
    let (mut faults, mut warnings) = (Faults::default(), Faults::default());
    let rows = read(
        files.agencies,
        files.units,
        files.posts,
        files.officials,
        &mut faults,
        &mut warnings,
    );
    if !faults.is_empty() {
        return Err(wrong_rows(faults));
    }
    let digest = digest(files);
    let make = |existing: &Existing, ids: &Entropy, blind: &dyn Fn(&str) -> Vec<u8>| {
        let plan = plan(&rows, existing, ids, blind, &mut faults, &mut warnings);
        if faults.is_empty() {
            Ok(plan)
        } else {
            Err(wrong_rows(std::mem::take(&mut faults)))
        }
    };
    let mut prepared = prepare_with(tools, now, &digest, make).await?;
    let (warnings, more_warnings) = warnings.into_parts();
    prepared.report.warnings = warnings;
    prepared.report.more_warnings = more_warnings;
    Ok(prepared)
}

/// Plans by `make` and opens a change-set, or takes up the one an interrupted run with the same digest left behind.
/// `make` gets the register as it stands, the source of ids (the same again for a set taken up) and the blind index.
pub async fn prepare_with(
    tools: Tools<'_>,
    now: i64,
    digest: &str,
    make: impl FnOnce(&Existing, &Entropy, &dyn Fn(&str) -> Vec<u8>) -> Result<Plan, ImportError>,
) -> Result<Prepared, ImportError> {
    let (base_epoch, existing) = existing(&mut tools.db.read().await?).await?;
    let left = staging::left_behind(tools.db, ChangeSetKind::Import, digest, base_epoch).await?;
    let seed = left
        .as_ref()
        .map_or_else(|| i64::from_le_bytes(tools.entropy.bytes()), |set| set.seed);
    let blind = |number: &str| blind_index(tools.sealer, number);
    let ids_of_plan = Entropy::seeded(u64::from_le_bytes(seed.to_le_bytes()));
    let plan = make(&existing, &ids_of_plan, &blind)?;
    let operations = i64::try_from(plan.operations.len() + plan.closings.len()).unwrap_or(i64::MAX);
    let resumed = left
        .as_ref()
        .is_some_and(|set| set.operations == operations);
    let set = if plan.is_empty() {
        if let Some(set) = left {
            cancel(tools.db, &set.id).await?;
        }
        None
    } else {
        let new = NewSet {
            kind: ChangeSetKind::Import,
            digest: digest.to_owned(),
            seed,
            base_epoch,
            operations,
        };
        Some(staging::take_up(tools.db, tools.entropy, now, left, new).await?)
    };
    let report = ImportReport {
        change_set: set.as_ref().map(|set| set.id.clone()),
        resumed,
        chunks: 0,
        counts: plan.counts,
        warnings: Vec::new(),
        more_warnings: 0,
    };
    Ok(Prepared { set, plan, report })
}

/// Stages the next rows in one short unit; `false` when all lie there.
pub async fn stage_chunk(tools: Tools<'_>, prepared: &mut Prepared) -> Result<bool, ImportError> {
    let Some(set) = &mut prepared.set else {
        return Ok(false);
    };
    let records = (
        prepared.plan.closings.as_slice(),
        prepared.plan.operations.as_slice(),
    );
    let seal = |operation: &Operation| sealed(tools.sealer, operation);
    let before = set.staged;
    let more = staging::lay_chunk(tools.db, set, records, seal).await?;
    prepared.report.chunks += usize::from(set.staged > before);
    Ok(more)
}

/// The last unit: everything staged becomes true at once, and the epoch is raised.
pub async fn publish(
    tools: Tools<'_>,
    now: i64,
    actor: &Actor,
    prepared: Prepared,
) -> Result<ImportReport, ImportError> {
    let Prepared { set, plan, report } = prepared;
    let Some(set) = set else {
        return Ok(report);
    };
    let (set, counts, closings) = (&set, &plan.counts, plan.closings.len());
    let published = tools
        .db
        .write(|mut tx| async move {
            let event = Event::new("register.imported", now, actor.clone(), tools.entropy)
                .about("change_set", &set.id)
                .detail(json!({"counts": counts, "files": set.digest}));
            staging::make_true(&mut tx, set, closings, &event).await?;
            Ok::<_, ImportError>(tx.commit(event, ()))
        })
        .await;
    if matches!(published, Err(ImportError::Staging(StagingError::Stale))) {
        cancel(tools.db, &set.id).await?;
    }
    published.map(|()| report)
}

/// Gives a change-set up and removes its rows in short units. What was published cannot be cancelled.
pub async fn cancel(db: &Db, set: &str) -> Result<(), ImportError> {
    Ok(staging::cancel(db, set).await?)
}

/// The index under which a personal number is found without being readable.
pub fn blind_index(sealer: &Sealer, number: &str) -> Vec<u8> {
    sealer
        .blind_index("register.personal_number", number)
        .to_vec()
}

fn wrong_rows(faults: Faults) -> ImportError {
    let (faults, more) = faults.into_parts();
    ImportError::Rows { faults, more }
}

/// What the register says, with the epoch it says it in: read again when an epoch passed in between.
pub(crate) async fn existing(conn: &mut Conn) -> Result<(i64, Existing), db::Error> {
    loop {
        let facts = facts::snapshot(conn, None).await?;
        let (base, people, ever, mailboxes) = (
            facts.epoch,
            people::snapshot(conn, None).await?,
            people::ever(conn).await?,
            mailboxes::snapshot(conn, None).await?,
        );
        if epoch::current(conn).await? == base {
            return Ok((
                base,
                Existing {
                    facts,
                    people,
                    mailboxes,
                    ever,
                },
            ));
        }
    }
}

/// The personal number leaves the plan only sealed for its own row.
fn sealed(sealer: &Sealer, operation: &Operation) -> Result<Operation, ImportError> {
    let mut operation = operation.clone();
    if let Operation::Attributes(attributes) = &mut operation
        && let Some(number) = &attributes.personal_number
    {
        let sealed = sealer.seal(
            "person_attribute",
            "personal_number",
            &attributes.record,
            number,
        );
        attributes.personal_number =
            Some(sealed.map_err(|error| ImportError::Seal(error.to_string()))?);
    }
    Ok(operation)
}

fn digest(files: &Files<'_>) -> String {
    let mut hash = Sha256::new();
    for part in [
        PLAN_VERSION,
        files.agencies,
        files.units,
        files.posts,
        files.officials,
    ] {
        hash.update(Sha256::digest(part));
    }
    data_encoding::HEXLOWER.encode(&hash.finalize())
}
