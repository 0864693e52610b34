//! `antin plan`: reorganisations written ahead: preview of files, publishing at once, the list, and what an old code means.

use crate::failure::{Failure, input, internal, unavailable};
use crate::wire_up::{self, ClockCheck, Opened};
use platform::audit::Actor;
use platform::clock::{day_start, format_date, parse_date};
use platform::i18n::{Lang, Tongue};
use register::domain::reorganisation::{Draft, Preview};
use register::domain::words::{Fate, Item};
use register::facts;
use register::flows::load_plan::{self, LoadPlan, LoadPlanError};
use register::flows::publish_plan::{self, PublishPlanError};
use register::flows::see_plan;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// What to do with plans.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    act: Act,
    /// The TOML file.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// Data directory when the file names none.
    #[arg(long, global = true, default_value = "data")]
    data: PathBuf,
    /// JSON instead of sentences.
    #[arg(long, global = true)]
    json: bool,
    /// vi or en.
    #[arg(long, global = true, default_value = "vi")]
    language: String,
}

#[derive(clap::Subcommand)]
enum Act {
    /// What the files would do; nothing is kept.
    Preview(Files),
    /// Load the files as a plan and make it true at once.
    Publish(Files),
    /// The plans.
    List,
    /// What a code means on a day: the body that bears it, or what succeeded it.
    Code {
        /// Such as H08.31.07.
        code: String,
        /// Day, dd/mm/yyyy or yyyy-mm-dd; without it today.
        #[arg(long)]
        at: Option<String>,
    },
}

#[derive(clap::Args)]
struct Files {
    /// CSV files: our own format, tables of communes or departments, names over time, lists of bodies.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Effective day, dd/mm/yyyy or yyyy-mm-dd: from its 00:00 in Viet Nam.
    #[arg(long)]
    at: String,
    /// Decision behind it.
    #[arg(long)]
    basis: String,
    /// Name of the plan; without it the basis.
    #[arg(long)]
    name: Option<String>,
    /// Answers to questions, KEY=CODE, KEY=- for nobody, KEY== if it stays; may be repeated.
    #[arg(long = "answer", value_parser = answer)]
    answers: Vec<(String, String)>,
}

fn answer(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .filter(|(key, value)| !key.is_empty() && !value.is_empty())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| format!("{text}: write it like H08.23=H21.01"))
}

fn day(text: &str) -> Result<i64, Failure> {
    parse_date(text)
        .map(day_start)
        .ok_or_else(|| Failure::Input(format!("{text} is no day: write it like 01/07/2025")))
}

/// Exit code 1: the plan cannot be published yet.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let config = super::config::load(arguments.config.as_deref(), &arguments.data)?;
    let lang = Lang::parse(&arguments.language)
        .ok_or_else(|| Failure::Input(format!("--language {}: vi or en", arguments.language)))?;
    let words = Words {
        t: Tongue::new(lang, &register::TEXTS),
        lang,
        json: arguments.json,
    };
    match arguments.act {
        Act::Preview(files) => {
            let opened = wire_up::look_into(config).await?;
            words.preview(&opened, &files).await
        }
        Act::Publish(files) => {
            super::serve::start_log(&config)?;
            let opened = wire_up::open(config, "antin plan", ClockCheck::Strict).await?;
            words.publish(&opened, &files).await
        }
        Act::List => {
            let opened = wire_up::look_into(config).await?;
            words.list(&opened).await
        }
        Act::Code { code, at } => {
            let opened = wire_up::look_into(config).await?;
            words.code(&opened, &code, at.as_deref()).await
        }
    }
}

struct Words {
    t: Tongue,
    lang: Lang,
    json: bool,
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| Failure::Input(format!("{}: {e}", path.display())))
}

impl Words {
    fn refused(&self, error: LoadPlanError) -> Failure {
        match error {
            LoadPlanError::Rows { faults, more } => {
                let mut lines: Vec<String> = faults
                    .iter()
                    .map(|f| register::fault_text(f, self.lang))
                    .collect();
                if more > 0 {
                    lines.push(self.t.with("plan-more-faults", &[("n", more.to_string())]));
                }
                Failure::Input(lines.join("\n"))
            }
            LoadPlanError::Db(error) => unavailable("register")(error),
            other => Failure::Input(other.to_string()),
        }
    }

    async fn preview(&self, opened: &Opened, files: &Files) -> Result<ExitCode, Failure> {
        let bytes = files
            .files
            .iter()
            .map(|f| read(f))
            .collect::<Result<Vec<_>, _>>()?;
        let began = Instant::now();
        let plan = LoadPlan {
            name: files.name.as_deref().unwrap_or(&files.basis),
            at: day(&files.at)?,
            basis: &files.basis,
            files: bytes.iter().map(Vec::as_slice).collect(),
        };
        let mut loaded = load_plan::read(&opened.db, &plan)
            .await
            .map_err(|e| self.refused(e))?;
        loaded.choices.extend(files.answers.iter().cloned());
        let draft = Draft {
            at: plan.at,
            basis: plan.basis,
            rows: &loaded.rows,
            choices: &loaded.choices,
        };
        let mut conn = opened.db.read().await.map_err(unavailable("database"))?;
        let preview = see_plan::preview_of(&mut conn, &draft)
            .await
            .map_err(unavailable("register"))?;
        self.show(&preview, began)?;
        Ok(ExitCode::from(u8::from(!preview.is_ready())))
    }

    async fn publish(&self, opened: &Opened, files: &Files) -> Result<ExitCode, Failure> {
        let mut bytes = files
            .files
            .iter()
            .map(|f| read(f))
            .collect::<Result<Vec<_>, _>>()?;
        if !files.answers.is_empty() {
            bytes.push(answers_as_rows(&files.answers));
        }
        let began = Instant::now();
        let plan = LoadPlan {
            name: files.name.as_deref().unwrap_or(&files.basis),
            at: day(&files.at)?,
            basis: &files.basis,
            files: bytes.iter().map(Vec::as_slice).collect(),
        };
        let (db, entropy, actor) = (&opened.db, &opened.entropy, Actor::System("plan"));
        let id = load_plan::run(db, entropy, opened.clock.now(), &actor, &plan)
            .await
            .map_err(|e| self.refused(e))?;
        match publish_plan::run(db, entropy, opened.clock.now(), &actor, &id).await {
            Ok(preview) => {
                self.show(&preview, began)?;
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                let why = match &error {
                    PublishPlanError::Problems(problems) => {
                        let lines = problems.iter().map(|p| register::fault_text(p, self.lang));
                        lines.collect::<Vec<_>>().join("\n")
                    }
                    other => other.to_string(),
                };
                // What cannot be published from the command line is not left lying as a draft.
                register::flows::cancel_plan::run(db, entropy, opened.clock.now(), &actor, &id)
                    .await
                    .map_err(unavailable("register"))?;
                match error {
                    PublishPlanError::Db(_) | PublishPlanError::Staging(_) => {
                        Err(Failure::Unavailable(why))
                    }
                    _ => Err(Failure::Refused(why)),
                }
            }
        }
    }

    fn show(&self, preview: &Preview, began: Instant) -> Result<(), Failure> {
        if self.json {
            let text = serde_json::to_string_pretty(preview).map_err(internal("preview"))?;
            println!("{text}");
            return Ok(());
        }
        for problem in &preview.problems {
            println!("! {}", register::fault_text(problem, self.lang));
        }
        for item in Item::ALL {
            let fates = Fate::ALL
                .iter()
                .filter(|fate| preview.count(*item, **fate) > 0);
            let told: Vec<String> = fates
                .map(|fate| {
                    let word = self.t.text(&format!("plan-fate-{}", fate.as_str()));
                    format!("{word} {}", preview.count(*item, *fate))
                })
                .collect();
            if !told.is_empty() {
                let item = self.t.text(&format!("plan-item-{}", item.as_str()));
                println!("{item}: {}", told.join(", "));
            }
        }
        for question in preview.questions.iter().filter(|q| q.is_open()) {
            let options = if question.options.is_empty() {
                self.t.text("plan-free-help")
            } else {
                question.options.join(", ")
            };
            println!("? {} {}: {options}", question.key, question.about);
        }
        println!("({} ms)", began.elapsed().as_millis());
        Ok(())
    }

    async fn list(&self, opened: &Opened) -> Result<ExitCode, Failure> {
        let mut conn = opened.db.read().await.map_err(unavailable("database"))?;
        let plans = see_plan::list(&mut conn)
            .await
            .map_err(unavailable("register"))?;
        if self.json {
            println!(
                "{}",
                serde_json::to_string_pretty(&plans).map_err(internal("plans"))?
            );
            return Ok(ExitCode::SUCCESS);
        }
        if plans.is_empty() {
            println!("{}", self.t.text("plans-none"));
        }
        for plan in plans {
            let state = self.t.text(&format!("plan-state-{}", plan.state.as_str()));
            println!(
                "{}  {}  {state}  {}  ({})",
                plan.id,
                format_date(plan.at),
                plan.name,
                plan.basis
            );
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn code(
        &self,
        opened: &Opened,
        code: &str,
        at: Option<&str>,
    ) -> Result<ExitCode, Failure> {
        let at = match at {
            Some(text) => day(text)?,
            None => opened.clock.now(),
        };
        let mut conn = opened.db.read().await.map_err(unavailable("database"))?;
        let heirs = facts::heirs_of_code(&mut conn, code, at)
            .await
            .map_err(input("register"))?;
        if self.json {
            println!(
                "{}",
                serde_json::to_string_pretty(&heirs).map_err(internal("bodies"))?
            );
        } else if heirs.is_empty() {
            println!("{}", self.t.text("no-heir"));
        } else {
            for body in &heirs {
                println!("{}  {}", body.code, body.name);
            }
        }
        Ok(ExitCode::from(u8::from(heirs.is_empty())))
    }
}

/// Answers in our own format, so that they are kept with the plan.
fn answers_as_rows(answers: &[(String, String)]) -> Vec<u8> {
    let mut text = String::from("action,old_code,new_code\n");
    for (key, value) in answers {
        text.push_str(&format!("choose,{key},{value}\n"));
    }
    text.into_bytes()
}
