//! The story: one day of a real province, played over real protocols from the first sign-in to the auditor's replay.
//! Standard: none of its own; each step names what it speaks
//! It must never look inside the services: it uses pages, interfaces and files as people and programs outside do.

mod auditor;
mod mail;
mod papers;
pub mod people;
mod prepare;

use crate::browser::{Browser, BrowserError};
use people::{Cast, CastError, Role};
use serde::Serialize;
use std::path::PathBuf;

/// Where the services stand and what the newcomer was given.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Issuer and pages, without a slash at the end.
    pub issuer: String,
    /// The e-office.
    pub eoffice: String,
    /// Data directory.
    pub data: PathBuf,
    /// The set-up code of `antin init`, while no administrator exists.
    pub setup_code: Option<String>,
    /// SMTP submission port on loopback (STARTTLS).
    pub submission_port: u16,
    /// PEM of our root, which the mail client trusts.
    pub own_root_pem: PathBuf,
    /// Maildir folders, one per address.
    pub maildir: PathBuf,
    /// The administrator's socket or binary is not used; only `antin` itself for the offline checks.
    pub binary: PathBuf,
    /// Now, UTC ms, as the program started.
    pub now: fn() -> i64,
}

/// What one step showed.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// 1 to 8; 0 is the preparation.
    pub number: u8,
    /// What happens, in Vietnamese.
    pub title: String,
    /// What was seen.
    pub seen: Vec<String>,
    /// Facts for tests and newcomers: statuses, codes, ids.
    pub facts: serde_json::Map<String, serde_json::Value>,
}

impl Step {
    fn new(number: u8, title: &str) -> Self {
        Self {
            number,
            title: title.to_owned(),
            seen: Vec::new(),
            facts: serde_json::Map::new(),
        }
    }

    fn saw(&mut self, line: impl Into<String>) {
        self.seen.push(line.into());
    }

    fn fact(&mut self, name: &str, value: impl Into<serde_json::Value>) {
        self.facts.insert(name.to_owned(), value.into());
    }
}

/// Why the story stopped.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// A page or address did not answer as a person could go on.
    #[error("{step}: {source}")]
    Page {
        /// What was being done.
        step: &'static str,
        /// The browser's words.
        source: BrowserError,
    },
    /// Something else was seen than the story says.
    #[error("{step}: expected {expected}, saw {seen}")]
    Unexpected {
        /// What was being done.
        step: &'static str,
        /// What should have been seen.
        expected: String,
        /// What was seen.
        seen: String,
    },
    /// A request failed.
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    /// The people's file.
    #[error(transparent)]
    Cast(#[from] CastError),
    /// A file of the story.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The mail client.
    #[error("mail: {0}")]
    Mail(String),
    /// A foreign or our own verifier said no.
    #[error("{tool}: {said}")]
    Judge {
        /// Which tool.
        tool: &'static str,
        /// What it said.
        said: String,
    },
}

/// Adds what was being done to a browser's error.
fn at(step: &'static str) -> impl Fn(BrowserError) -> StoryError {
    move |source| StoryError::Page { step, source }
}

fn expect(
    step: &'static str,
    holds: bool,
    expected: impl Into<String>,
    seen: impl Into<String>,
) -> Result<(), StoryError> {
    if holds {
        return Ok(());
    }
    Err(StoryError::Unexpected {
        step,
        expected: expected.into(),
        seen: seen.into(),
    })
}

/// The people at their browsers while the story runs.
struct Players {
    cast: Cast,
    cast_file: PathBuf,
}

impl Players {
    fn kit(&mut self, role: Role) -> Result<&mut people::Kit, StoryError> {
        self.cast
            .kit_mut(role)
            .ok_or_else(|| StoryError::Unexpected {
                step: "people",
                expected: format!("somebody who plays {role:?}"),
                seen: "nobody".into(),
            })
    }

    fn save(&self) -> Result<(), StoryError> {
        Ok(self.cast.save(&self.cast_file)?)
    }

    /// Opens the e-office and signs in with a passkey; returns the browser at the desk.
    async fn at_the_desk(&mut self, stage: &Stage, role: Role) -> Result<Browser, StoryError> {
        let browser = Browser::new().map_err(at("browser"))?;
        let page = browser
            .open(&format!("{}/login", stage.eoffice))
            .await
            .map_err(at("e-office sign-in"))?;
        let page = people::pass_sign_in(&browser, self.kit(role)?, page)
            .await
            .map_err(at("e-office sign-in"))?;
        expect(
            "e-office sign-in",
            page.status == 200 && page.url.as_str().starts_with(&stage.eoffice),
            "the desk",
            format!(
                "{} ({}) {}",
                page.url,
                page.status,
                page.words().chars().take(300).collect::<String>()
            ),
        )?;
        Ok(browser)
    }

    /// Signs in at the province's own pages with a passkey.
    async fn at_the_province(&mut self, stage: &Stage, role: Role) -> Result<Browser, StoryError> {
        let browser = Browser::new().map_err(at("browser"))?;
        let page = browser
            .open(&format!("{}/login?next=/", stage.issuer))
            .await
            .map_err(at("sign-in"))?;
        let page = people::pass_sign_in(&browser, self.kit(role)?, page)
            .await
            .map_err(at("sign-in"))?;
        expect(
            "sign-in",
            page.status == 200 && !page.url.path().starts_with("/login"),
            "a signed-in page",
            format!("{} ({})", page.url, page.status),
        )?;
        Ok(browser)
    }
}

/// Plays the whole story and tells each step through `tell` as it happens. The people's file is `<data>/people.json`.
pub async fn play(stage: &Stage, mut tell: impl FnMut(&Step)) -> Result<Vec<Step>, StoryError> {
    let cast_file = stage.data.join("people.json");
    let mut players = Players {
        cast: Cast::open(&cast_file)?,
        cast_file,
    };
    let folder = stage.data.join("story");
    std::fs::create_dir_all(&folder).map_err(|source| StoryError::File {
        path: folder.clone(),
        source,
    })?;
    let mut steps = Vec::new();
    let mut done = |step: Step| {
        tell(&step);
        steps.push(step);
    };
    done(prepare::run(stage, &mut players).await?);
    let mut day = papers::Day::default();
    done(papers::vice_chairman_signs(stage, &mut players, &mut day).await?);
    done(papers::outside_his_fields(stage, &mut players, &mut day).await?);
    done(papers::chairman_hands_over(stage, &mut players, &mut day).await?);
    done(papers::clerk_numbers_and_seals(stage, &mut players, &mut day).await?);
    done(mail::sent_to_three(stage, &mut players, &mut day).await?);
    done(mail::checked_by_others(stage, &mut players, &mut day).await?);
    done(papers::after_the_term(stage, &mut players, &day).await?);
    done(auditor::replays_the_day(stage, &mut players, &day).await?);
    players.save()?;
    auditor::write_report(stage, &steps)?;
    Ok(steps)
}

/// Writes one artefact of the story.
fn keep(stage: &Stage, name: &str, bytes: &[u8]) -> Result<PathBuf, StoryError> {
    let path = stage.data.join("story").join(name);
    std::fs::write(&path, bytes).map_err(|source| StoryError::File {
        path: path.clone(),
        source,
    })?;
    Ok(path)
}
