//! `antin decide`: who may do what, in which capacity, until when, and down to which clause.

use crate::failure::{Failure, input, internal, unavailable};
use crate::wire_up;
use platform::i18n::Lang;
use policies::engine::{Action, Capacity, Request, Resource};
use policies::flows::explain;
use policies::{Authority, Words};
use register::facts;
use std::path::PathBuf;
use std::process::ExitCode;

/// The question.
#[derive(clap::Args)]
pub struct Arguments {
    /// Staff number, user name or id of the person.
    #[arg(long, required_unless_present = "used_for")]
    person: Option<String>,
    /// Id of the post; without it the person's main one.
    #[arg(long)]
    post: Option<String>,
    /// sign, seal, copy or number.
    #[arg(long, default_value = "sign")]
    action: String,
    /// Kind of the paper, such as quyet_dinh.
    #[arg(long, default_value = "quyet_dinh")]
    kind: String,
    /// Field of work of the paper.
    #[arg(long)]
    field: Option<String>,
    /// Id of the paper, if it is a certain one.
    #[arg(long, default_value = "*")]
    paper: String,
    /// Code of the agency whose paper it is; without it the post's agency.
    #[arg(long)]
    agency: Option<String>,
    /// TM, TM_KT, KT, TRUC_TIEP …
    #[arg(long)]
    capacity: Option<String>,
    /// Instant asked about, RFC 3339; without it now.
    #[arg(long)]
    at: Option<String>,
    /// Show the decision that signing this paper used, instead of asking anew.
    #[arg(long, conflicts_with = "person")]
    used_for: Option<String>,
    /// The TOML file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Data directory when the file names none.
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// JSON instead of sentences.
    #[arg(long)]
    json: bool,
    /// vi or en.
    #[arg(long, default_value = "vi")]
    language: String,
}

/// Answers; exit code 1 when the answer is no.
pub async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let opened = wire_up::look_into(super::config::load(
        arguments.config.as_deref(),
        &arguments.data,
    )?)
    .await?;
    let mut conn = opened.db.read().await.map_err(unavailable("database"))?;
    let authority = Authority::load(&opened.db, &opened.entropy)
        .await
        .map_err(input("authority"))?;
    if let Some(paper) = &arguments.used_for {
        let all = policies::flows::recall::of_paper(&mut conn, paper)
            .await
            .map_err(unavailable("decisions"))?;
        let stored = all
            .into_iter()
            .find(|s| s.decided.request.action == Action::Sign);
        let stored = stored
            .ok_or_else(|| Failure::Input(format!("no decision was used to sign {paper}")))?;
        return show(&mut conn, &authority, stored.decided, &arguments).await;
    }
    let now = opened.clock.now();
    let at = match &arguments.at {
        Some(text) => platform::clock::parse_rfc3339(text).ok_or_else(|| {
            Failure::Input(format!(
                "--at {text}: write it like 2026-11-24T12:00:00+07:00"
            ))
        })?,
        None => now,
    };
    let named = arguments.person.as_deref().unwrap_or_default();
    let mut person = facts::person_by_staff_no(&mut conn, named)
        .await
        .map_err(unavailable("register"))?;
    if person.is_none() {
        person = facts::person_by_username(&mut conn, named)
            .await
            .map_err(unavailable("register"))?;
    }
    if person.is_none() {
        person = facts::person(&mut conn, named)
            .await
            .map_err(unavailable("register"))?;
    }
    let person = person.ok_or_else(|| {
        Failure::Input(format!(
            "nobody is known as {named}: give a staff number, a user name or an id"
        ))
    })?;
    let held = facts::posts_of(&mut conn, &person.id, at)
        .await
        .map_err(unavailable("register"))?;
    let post = held.iter().find(|p| {
        arguments
            .post
            .as_ref()
            .is_none_or(|wanted| *wanted == p.post)
    });
    let post = post.ok_or_else(|| {
        Failure::Input(format!(
            "{} holds no such post at that instant",
            person.full_name
        ))
    })?;
    let agency = match &arguments.agency {
        Some(code) => {
            facts::agency_by_code(&mut conn, code, at)
                .await
                .map_err(unavailable("register"))?
                .ok_or_else(|| Failure::Input(format!("no agency has the code {code}")))?
                .id
        }
        None => post.agency.clone(),
    };
    let capacity = match &arguments.capacity {
        Some(text) => Some(
            Capacity::parse(text)
                .ok_or_else(|| Failure::Input(format!("--capacity {text} is not known")))?,
        ),
        None => None,
    };
    let request = Request {
        person: person.id,
        post: post.post.clone(),
        action: Action::parse(&arguments.action)
            .ok_or_else(|| Failure::Input(format!("--action {} is not known", arguments.action)))?,
        resource: Resource {
            id: arguments.paper.clone(),
            kind: arguments.kind.clone(),
            field: arguments.field.clone(),
            agency,
            ..Resource::default()
        },
        capacity,
        at,
    };
    show(
        &mut conn,
        &authority,
        authority.answer(&request),
        &arguments,
    )
    .await
}

async fn show(
    conn: &mut platform::db::Conn,
    authority: &Authority,
    decided: policies::Decided,
    arguments: &Arguments,
) -> Result<ExitCode, Failure> {
    let allowed = decided.decision.allowed;
    if arguments.json {
        let mut value = serde_json::to_value(&decided.decision).map_err(internal("decision"))?;
        if let Some(map) = value.as_object_mut() {
            map.insert("basis".into(), serde_json::json!(decided.decision.basis()));
            map.insert("id".into(), serde_json::json!(decided.id));
        }
        println!(
            "{}",
            serde_json::to_string_pretty(&value).map_err(internal("decision"))?
        );
    } else {
        let lang = Lang::parse(&arguments.language).ok_or_else(|| {
            Failure::Input(format!("--language {}: vi or en", arguments.language))
        })?;
        let explanation = explain::run(conn, authority, decided, None)
            .await
            .map_err(unavailable("register"))?;
        println!("{}", Words::new(lang).plain(&explanation));
    }
    Ok(if allowed {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
