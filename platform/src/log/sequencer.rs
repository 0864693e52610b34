//! Gives events their places after commit and has the head signed, at most a second behind.
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::note::{self, SignedNote};
use super::tiles::{self, Reader};
use super::tree::{self, Hash};
use super::{leaf, store};
use crate::audit::{self, Housekeeping};
use crate::clock::Clock;
use crate::db::{self, Conn, Db};

/// Events numbered in one unit: short enough that nobody waits for it.
const CHUNK: i64 = 500;
/// How often the sequencer looks: the head is at most about this far behind.
const PERIOD: Duration = Duration::from_millis(400);

/// The signer did not sign.
#[derive(Debug, thiserror::Error)]
#[error("the signer did not sign the checkpoint: {0}")]
pub struct SignerRefused(pub String);

/// Signs checkpoints. The signer checks by itself that the head is consistent with the last one it signed.
pub trait CheckpointSigner: Send + Sync {
    /// How many leaves the last head it signed covers; 0 before the first. The next head continues that one, even when a crash
    /// or a restored database has another newest checkpoint.
    fn last_size(&self) -> BoxFuture<'_, Result<u64, SignerRefused>>;

    /// A signed note over (origin, size, root). `consistency` is the proof from the last head it signed to this one.
    fn sign<'a>(
        &'a self,
        size: u64,
        root: Hash,
        origin: &'a str,
        consistency: &'a [Hash],
        now: i64,
    ) -> BoxFuture<'a, Result<SignedNote, SignerRefused>>;
}

/// What can go wrong while the log moves on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The signer.
    #[error(transparent)]
    Signer(#[from] SignerRefused),
    /// The database is older than what was signed.
    #[error(
        "the signer has signed a head of {signed} leaves and the database holds {present}: it is older than its own log. Bring back the newest database"
    )]
    Older {
        /// Leaves under the signer's last head.
        signed: u64,
        /// Leaves in the database.
        present: u64,
    },
    /// The signer's answer is not what was asked for.
    #[error("the signer's note is about another head: {0}")]
    Note(String),
    /// Tiles and head do not fit together.
    #[error("the log's tiles do not reach its head of {0} leaves")]
    Tiles(u64),
    /// The copy outside the database.
    #[error("the copy of the checkpoint cannot be written: {0}")]
    Copy(std::io::Error),
}

/// The log of this installation.
#[derive(Clone)]
pub struct Log {
    db: Db,
    clock: Clock,
    origin: Arc<str>,
    signer: Arc<dyn CheckpointSigner>,
    copy: Option<Arc<Path>>,
}

/// Proof that an event is in the log, to travel with an artefact and be checked without us.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct InclusionProof {
    /// `evt_…`
    pub event: String,
    /// Its place.
    pub log_index: u64,
    /// The leaf's bytes, base64.
    pub leaf: String,
    /// Hashes from the leaf upwards, base64.
    pub path: Vec<String>,
    /// The signed head that the path leads to.
    pub checkpoint: String,
    /// What was committed to, when the holder may know it: body and salt (base64).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opening: Option<Opening>,
}

/// What a committed leaf says.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Opening {
    /// The event's text.
    pub body: String,
    /// The salt, base64; absent for public leaves.
    pub salt: Option<String>,
}

impl Log {
    /// `origin` names the log in its checkpoints; it never changes.
    pub fn new(db: Db, clock: Clock, origin: &str, signer: Arc<dyn CheckpointSigner>) -> Self {
        Self {
            db,
            clock,
            origin: origin.into(),
            signer,
            copy: None,
        }
    }

    /// Keeps a copy of the newest checkpoint in a file outside the database, so that an older database is noticed at the
    /// next start ([`super::check_not_older`]).
    pub fn with_copy(mut self, path: &Path) -> Self {
        self.copy = Some(path.into());
        self
    }

    /// The name in checkpoints.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Runs until `stop` resolves; a last pass covers what was written meanwhile.
    pub async fn run(&self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let stopped = tokio::select! {
                () = &mut stop => true,
                () = tokio::time::sleep(PERIOD) => false,
            };
            let moved = self.advance().await;
            self.db
                .measures()
                .job("log", moved.is_ok(), self.clock.now());
            if let Err(error) = moved {
                tracing::error!(%error, "the log did not move on");
            }
            if stopped {
                return;
            }
        }
    }

    /// Numbers what waits and has the head signed. Gives the size of the newest checkpoint.
    pub async fn advance(&self) -> Result<u64, Error> {
        while self.number_some().await? == CHUNK {}
        self.checkpoint().await
    }

    async fn number_some(&self) -> Result<i64, Error> {
        let waiting: Option<(String,)> = self
            .db
            .read()
            .await?
            .optional(&store::ANY_UNSEQUENCED, ())
            .await?;
        if waiting.is_none() {
            return Ok(0);
        }
        self.db
            .write(|mut tx| async move {
                let (size,): (i64,) = tx.one(&store::HEAD_FOR_UPDATE, ()).await?;
                tx.execute(&store::NUMBER, (size, CHUNK)).await?;
                let leaves: Vec<(i64, Vec<u8>)> = tx.all(&store::LEAVES_FROM, (size,)).await?;
                let count = leaves.len() as i64;
                let hashes = leaves
                    .iter()
                    .map(|(_, leaf)| tree::leaf_hash(leaf))
                    .collect();
                tiles::append(&mut tx, size.unsigned_abs(), hashes).await?;
                tx.execute(&store::SET_HEAD, (size + count,)).await?;
                Ok(tx.housekeeping(Housekeeping::LogSequencing, count))
            })
            .await
    }

    async fn checkpoint(&self) -> Result<u64, Error> {
        let mut conn = self.db.read().await?;
        let size = store::size(&mut conn).await?;
        let newest = store::newest(&mut conn).await?;
        let before = newest.as_ref().map_or(0, |checkpoint| checkpoint.size);
        if size == before {
            return Ok(size.unsigned_abs());
        }
        drop(conn);
        let (size, signed) = (size.unsigned_abs(), self.signer.last_size().await?);
        if signed > size {
            return Err(Error::Older {
                signed,
                present: size,
            });
        }
        let mut conn = self.db.read().await?;
        let mut reader = Reader::default();
        let root = reader
            .range(&mut conn, &tree::root_nodes(size))
            .await?
            .ok_or(Error::Tiles(size))?;
        let consistency = consistency(&mut reader, &mut conn, signed, size).await?;
        drop(conn);
        let now = self.clock.now();
        let note = self
            .signer
            .sign(size, root, &self.origin, &consistency, now)
            .await?;
        let claimed = note
            .claimed()
            .map_err(|error| Error::Note(error.to_string()))?;
        let asked = note::Checkpoint {
            origin: self.origin.to_string(),
            size,
            root,
        };
        if claimed != asked {
            return Err(Error::Note(format!("{claimed:?}")));
        }
        let (text, root) = (&note.0, root.as_slice());
        let size = self
            .db
            .write(|mut tx| async move {
                tx.execute(
                    &store::ADD_CHECKPOINT,
                    (i64::try_from(size).unwrap_or(i64::MAX), root, now, text),
                )
                .await?;
                Ok::<_, Error>(tx.housekeeping(Housekeeping::LogSequencing, size))
            })
            .await?;
        if let Some(path) = &self.copy {
            write_copy(path, text).await.map_err(Error::Copy)?;
        }
        Ok(size)
    }
}

/// Writes beside and renames, so that a reader sees the old note or the new one.
async fn write_copy(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    tokio::fs::write(&beside, text).await?;
    tokio::fs::rename(&beside, path).await
}

/// The proof that the tree of `new` leaves continues the tree of `old`.
async fn consistency(
    reader: &mut Reader,
    conn: &mut Conn,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, Error> {
    let mut path = Vec::new();
    for nodes in tree::consistency_nodes(old, new).unwrap_or_default() {
        path.push(reader.range(conn, &nodes).await?.ok_or(Error::Tiles(new))?);
    }
    Ok(path)
}

/// The proof for one event against the newest checkpoint; `None` until a checkpoint covers it.
/// `with_opening` adds what the leaf commits to: only for those who may read the event.
pub(crate) async fn inclusion(
    conn: &mut Conn,
    event: &str,
    with_opening: bool,
) -> Result<Option<InclusionProof>, Error> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let Some(stored) = audit::find(conn, event).await? else {
        return Ok(None);
    };
    let (Some(index), Some(checkpoint)) = (stored.log_index, store::newest(conn).await?) else {
        return Ok(None);
    };
    let (index, size) = (index.unsigned_abs(), checkpoint.size.unsigned_abs());
    let Some(nodes) = tree::inclusion_nodes(index, size) else {
        return Ok(None);
    };
    let mut reader = Reader::default();
    let mut path = Vec::new();
    for nodes in nodes {
        let hash = reader
            .range(conn, &nodes)
            .await?
            .ok_or(Error::Tiles(size))?;
        path.push(STANDARD.encode(hash));
    }
    let opening = match stored.body {
        Some(body) if with_opening || stored.is_public => Some(Opening {
            body,
            salt: stored.salt.map(|salt| STANDARD.encode(salt)),
        }),
        _ => None,
    };
    Ok(Some(InclusionProof {
        event: stored.id,
        log_index: index,
        leaf: STANDARD.encode(&stored.leaf),
        path,
        checkpoint: checkpoint.note,
        opening,
    }))
}

impl Log {
    /// The proof for one event, see [`InclusionProof`].
    pub async fn proof(
        &self,
        event: &str,
        with_opening: bool,
    ) -> Result<Option<InclusionProof>, Error> {
        inclusion(&mut self.db.read().await?, event, with_opening).await
    }
}

/// Why a proof is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofRefused {
    /// Not base64, or of the wrong length.
    #[error("the proof cannot be read: {0}")]
    Format(&'static str),
    /// The head.
    #[error(transparent)]
    Note(#[from] note::Error),
    /// The path does not lead from the leaf to the head.
    #[error("the leaf is not at place {0} of the log with this head")]
    Path(u64),
    /// The opening is not what the leaf commits to.
    #[error("the event's text is not what the leaf commits to")]
    Opening,
}

impl InclusionProof {
    /// Checks the proof offline. Gives the checkpoint it leads to.
    pub fn verify(&self, keys: &[note::VerifierKey]) -> Result<note::Checkpoint, ProofRefused> {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let bytes = |text: &str, what| {
            STANDARD
                .decode(text)
                .map_err(|_| ProofRefused::Format(what))
        };
        let checkpoint = SignedNote(self.checkpoint.clone()).open(keys)?;
        let leaf = bytes(&self.leaf, "leaf")?;
        let mut path = Vec::with_capacity(self.path.len());
        for step in &self.path {
            let step = bytes(step, "path")?;
            path.push(Hash::try_from(step).map_err(|_| ProofRefused::Format("path"))?);
        }
        if !tree::verify_inclusion(
            &tree::leaf_hash(&leaf),
            self.log_index,
            checkpoint.size,
            &path,
            &checkpoint.root,
        ) {
            return Err(ProofRefused::Path(self.log_index));
        }
        if let Some(opening) = &self.opening {
            let salt = match &opening.salt {
                Some(salt) => Some(bytes(salt, "salt")?),
                None => None,
            };
            if !leaf::matches(&leaf, salt.is_none(), &opening.body, salt.as_deref()) {
                return Err(ProofRefused::Opening);
            }
        }
        Ok(checkpoint)
    }
}
