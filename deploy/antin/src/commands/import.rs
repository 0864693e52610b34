//! `antin import`: agencies, units, posts and people from CSV files, staged and published at once.

use crate::failure::{Failure, input};
use crate::wire_up::{self, ClockCheck};
use platform::audit::Actor;
use register::flows::import_register::{self, Files, ImportReport, Tools};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What to import.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder with agencies.csv, internal_units.csv, posts.csv and officials_6000.csv.
    folder: PathBuf,
    /// The TOML file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Data directory when the file names none.
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

/// The four files of a folder.
pub struct Folder {
    agencies: Vec<u8>,
    units: Vec<u8>,
    posts: Vec<u8>,
    officials: Vec<u8>,
}

impl Folder {
    /// Reads them all before anything is staged.
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        let read = |name: &str| {
            std::fs::read(folder.join(name))
                .map_err(|e| Failure::Input(format!("{}: {e}", folder.join(name).display())))
        };
        Ok(Self {
            agencies: read("agencies.csv")?,
            units: read("internal_units.csv")?,
            posts: read("posts.csv")?,
            officials: read("officials_6000.csv")?,
        })
    }

    /// The demo's own files, which the binary carries.
    pub fn of_the_demo() -> Self {
        let [agencies, units, posts, officials] = demo::REGISTER_FILES.map(<[u8]>::to_vec);
        Self {
            agencies,
            units,
            posts,
            officials,
        }
    }

    /// Stages and publishes.
    pub async fn import(
        &self,
        opened: &wire_up::Opened,
        actor: &Actor,
    ) -> Result<ImportReport, Failure> {
        let files = Files {
            agencies: &self.agencies,
            units: &self.units,
            posts: &self.posts,
            officials: &self.officials,
        };
        let tools = Tools {
            db: &opened.db,
            entropy: &opened.entropy,
            sealer: &opened.sealer,
        };
        import_register::run(tools, opened.clock.now(), actor, &files)
            .await
            .map_err(input("import"))
    }
}

/// One line about what an import did.
pub fn in_words(report: &ImportReport) -> String {
    let c = &report.counts;
    if c.added == 0 && c.closed == 0 {
        return format!(
            "{} cơ quan, {} người: không có gì thay đổi",
            c.agencies, c.officials
        );
    }
    format!(
        "{} cơ quan, {} người; thêm {} bản ghi ({} người, {} chức vụ, {} lần giữ chức), đóng {}",
        c.agencies, c.officials, c.added, c.people, c.posts, c.appointments, c.closed
    )
}

/// Imports and says what changed.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let config = super::config::load(arguments.config.as_deref(), &arguments.data)?;
    super::serve::start_log(&config)?;
    let folder = Folder::read(&arguments.folder)?;
    let opened = wire_up::open(config, "antin import", ClockCheck::Strict).await?;
    let began = std::time::Instant::now();
    let report = folder.import(&opened, &Actor::System("import")).await?;
    println!("{} ({} ms)", in_words(&report), began.elapsed().as_millis());
    Ok(ExitCode::SUCCESS)
}
