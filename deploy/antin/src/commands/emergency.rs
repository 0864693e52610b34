//! `antin emergency`: prints three officers' codes; two of them open an hour of administration when nobody else can administer.

use super::config::Where;
use crate::failure::{Failure, internal, unavailable};
use crate::wire_up::{self, ClockCheck, Province};
use idp::flows::make_emergency_codes::{self, MakeCodesError, OFFICERS, Sheet};
use platform::{backup, clock};
use std::path::PathBuf;
use std::process::ExitCode;

/// For whom.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Where,
    /// Username of an officer whose account is in use; three times.
    #[arg(long = "officer", required = true)]
    officers: Vec<String>,
    /// One file for each sheet in this folder, which must not be there yet, instead of standard output.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Makes the codes and prints each on a sheet of its own; the province must be stopped.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let out = arguments.out.as_deref();
    if out.is_some_and(std::path::Path::exists) {
        return Err(Failure::Input(
            "the folder for the sheets is there already: name one that is not".into(),
        ));
    }
    let config = arguments.place.load()?;
    super::serve::start_log(&config)?;
    let page = format!(
        "{}/emergency",
        config.public_url.origin().ascii_serialization()
    );
    let opened = wire_up::open(config, "antin emergency", ClockCheck::Strict).await?;
    let name = opened.config.province.clone();
    let today = clock::format_date(opened.clock.now());
    let province = Province::assemble(opened, false).await?;
    let sheets = make_emergency_codes::run(&province.idp, &arguments.officers)
        .await
        .map_err(|error| match error {
            MakeCodesError::Db(error) => unavailable("codes")(error),
            refused => Failure::Input(refused.to_string()),
        })?;
    for (number, sheet) in (1..).zip(&sheets) {
        let text = printed(sheet, number, &name, &today, &page);
        match out {
            Some(folder) => {
                let file = folder.join(format!("officer-{number}.txt"));
                backup::write_file(&file, text.as_bytes()).map_err(internal("sheet"))?;
            }
            None => print!("{text}\u{c}"),
        }
    }
    eprintln!(
        "{OFFICERS} codes; any two of them open an emergency session of one hour at {page}. Codes printed before are over. Give each to its officer in a sealed envelope{}",
        out.map_or_else(String::new, |folder| format!(
            "; print and then destroy the files in {}",
            folder.display()
        ))
    );
    Ok(ExitCode::SUCCESS)
}

/// What is printed on one sheet.
fn printed(sheet: &Sheet, number: usize, province: &str, today: &str, page: &str) -> String {
    format!(
        "ẤN TÍN · {province} · {today}\nMã khẩn cấp, tờ {number} trong {OFFICERS} / Emergency code, sheet {number} of {OFFICERS}\nCán bộ giữ / Held by: {} ({})\nGiữ kín trong phong bì niêm phong. Khi không còn ai quản trị được, hai cán bộ cùng mở trang sau và nhập mã:\nKeep in a sealed envelope. When nobody can administer any more, two officers together enter their codes at:\n{page}\n\n{}\n",
        sheet.name, sheet.username, sheet.code
    )
}
