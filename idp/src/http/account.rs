//! The page on which a person sees and changes how he signs in.

use super::Service;
use super::activate::label_of;
use super::browser::{failed, failed_db, see_other};
use crate::domain::session::Assurance;
use crate::flows::add_passkey::{self, AddPasskeyError};
use crate::flows::end_session as end_session_flow;
use crate::flows::remove_passkey::{self, RemovePasskeyError};
use crate::flows::show_account;
use crate::mail_passwords::NewMailPassword;
use crate::{Idp, TEXTS};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use platform::caller::{Caller, SignedIn};
use platform::clock;
use platform::edge::CsrfForm;
use platform::i18n::Tongue;
use platform::pages::Shell;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    t: Tongue,
    csrf: &'a str,
    caller: &'a Caller,
    username: String,
    acr: &'static str,
    recent: bool,
    has_password: bool,
    passkeys: Vec<Row>,
    sessions: Vec<SessionRow>,
    mail: Option<Vec<Row>>,
    made: Option<NewMailPassword>,
    ceremony: String,
    options: String,
    trouble: Option<String>,
}

struct Row {
    number: usize,
    id: String,
    label: String,
    created: String,
    used: Option<String>,
}

struct SessionRow {
    number: usize,
    id: String,
    device: String,
    opened: String,
    seen: String,
    current: bool,
}

pub(super) async fn show(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
) -> Response {
    page(&service.0, &shell, &caller, StatusCode::OK, None, None).await
}

pub(super) async fn back() -> Response {
    see_other("/account")
}

async fn page(
    idp: &Idp,
    shell: &Shell,
    caller: &Caller,
    status: StatusCode,
    made: Option<NewMailPassword>,
    trouble: Option<String>,
) -> Response {
    match body(idp, shell, caller, made, trouble).await {
        Ok(body) => shell.page(status, &body.t.text("account-title"), &body),
        Err(response) => *response,
    }
}

async fn body<'a>(
    idp: &Idp,
    shell: &'a Shell,
    caller: &'a Caller,
    made: Option<NewMailPassword>,
    trouble: Option<String>,
) -> Result<AccountPage<'a>, Box<Response>> {
    let t = Tongue::new(shell.lang, &TEXTS);
    let begun = add_passkey::begin(idp, caller)
        .await
        .map_err(|e| Box::new(failed(&e)))?;
    let mail = if idp.mail().is_offered() {
        let devices = idp
            .mail()
            .list(&caller.person)
            .await
            .map_err(|e| Box::new(failed(&e)))?;
        let rows = devices
            .into_iter()
            .enumerate()
            .map(|(n, d)| row(n, d.id, d.label, d.created_at, d.last_used));
        Some(rows.collect())
    } else {
        None
    };
    let seen = show_account::run(idp, caller)
        .await
        .map_err(|e| Box::new(failed_db(e)))?;
    let now = idp.ground().now();
    let passkeys = seen.passkeys.into_iter().enumerate();
    let passkeys = passkeys.map(|(n, p)| {
        row(
            n,
            URL_SAFE_NO_PAD.encode(&p.credential_id),
            p.label,
            p.created_at,
            p.last_used,
        )
    });
    let sessions = seen
        .sessions
        .into_iter()
        .enumerate()
        .map(|(n, s)| SessionRow {
            number: n + 1,
            current: s.id == caller.session,
            opened: clock::format_instant(s.auth_time),
            seen: clock::format_instant(s.last_seen),
            device: s.device,
            id: s.id,
        });
    Ok(AccountPage {
        t,
        csrf: &shell.csrf,
        caller,
        username: seen.username,
        acr: match Assurance::from_acr(&caller.acr) {
            Some(Assurance::Passkey) => "account-by-passkey",
            Some(Assurance::Emergency) => "account-by-codes",
            Some(Assurance::PasswordAndCode) | None => "account-by-password",
        },
        recent: idp.config().is_recent(caller.auth_time, now),
        has_password: seen.has_password,
        passkeys: passkeys.collect(),
        sessions: sessions.collect(),
        mail,
        made,
        ceremony: begun.id,
        options: begun.options.to_string(),
        trouble,
    })
}

fn row(number: usize, id: String, label: String, created: i64, used: Option<i64>) -> Row {
    Row {
        number: number + 1,
        id,
        label,
        created: clock::format_date(created),
        used: used.map(clock::format_instant),
    }
}

async fn refuse(idp: &Idp, shell: &Shell, caller: &Caller, key: &str) -> Response {
    let trouble = Tongue::new(shell.lang, &TEXTS).text(key);
    page(
        idp,
        shell,
        caller,
        StatusCode::UNPROCESSABLE_ENTITY,
        None,
        Some(trouble),
    )
    .await
}

#[derive(Deserialize)]
pub(super) struct AddForm {
    ceremony: String,
    credential: String,
    label: Option<String>,
}

pub(super) async fn add_passkey(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<AddForm>,
) -> Response {
    let idp = &service.0;
    let label = label_of(form.label.as_deref(), shell.lang);
    match add_passkey::finish(idp, &caller, &form.ceremony, &form.credential, &label).await {
        Ok(()) => see_other("/account"),
        Err(AddPasskeyError::SignInAgain) => see_other("/login?again=1&next=%2Faccount"),
        Err(AddPasskeyError::Db(error)) => failed_db(error),
        Err(AddPasskeyError::Enrolled) => refuse(idp, &shell, &caller, "passkey-enrolled").await,
        Err(AddPasskeyError::Over) => refuse(idp, &shell, &caller, "login-passkey-over").await,
        Err(AddPasskeyError::Passkey(_) | AddPasskeyError::Unknown) => {
            refuse(idp, &shell, &caller, "login-passkey-refused").await
        }
    }
}

#[derive(Deserialize)]
pub(super) struct IdForm {
    id: String,
}

pub(super) async fn remove_passkey(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<IdForm>,
) -> Response {
    let idp = &service.0;
    let id = URL_SAFE_NO_PAD.decode(&form.id).unwrap_or_default();
    match remove_passkey::run(idp, &caller, &id).await {
        Ok(()) => see_other("/account"),
        Err(RemovePasskeyError::SignInAgain) => see_other("/login?again=1&next=%2Faccount"),
        Err(RemovePasskeyError::Unknown) => shell.not_found(),
        Err(RemovePasskeyError::Last) => refuse(idp, &shell, &caller, "passkey-last").await,
        Err(RemovePasskeyError::Db(error)) => failed_db(error),
    }
}

pub(super) async fn end_session(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<IdForm>,
) -> Response {
    match end_session_flow::run(&service.0, &caller, &form.id).await {
        Ok(true) => see_other("/account"),
        Ok(false) => shell.not_found(),
        Err(error) => failed_db(error),
    }
}

#[derive(Deserialize)]
pub(super) struct LabelForm {
    label: String,
}

pub(super) async fn create_mail_password(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<LabelForm>,
) -> Response {
    let idp = &service.0;
    if !idp.mail().is_offered() {
        return shell.not_found();
    }
    if !idp.config().is_recent(caller.auth_time, idp.ground().now()) {
        return see_other("/login?again=1&next=%2Faccount");
    }
    let label = label_of(Some(&form.label), shell.lang);
    match idp.mail().create(&caller, &label).await {
        Ok(made) => page(idp, &shell, &caller, StatusCode::OK, Some(made), None).await,
        Err(error) => failed(&error),
    }
}

pub(super) async fn revoke_mail_password(
    State(service): State<Service>,
    SignedIn(caller): SignedIn,
    CsrfForm(form): CsrfForm<IdForm>,
) -> Response {
    match service.0.mail().revoke(&caller, &form.id).await {
        Ok(()) => see_other("/account"),
        Err(error) => failed(&error),
    }
}
