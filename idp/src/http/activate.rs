//! The pages on which an invited person takes possession of the account.

use super::Service;
use super::browser::{failed, see_other};
use crate::domain::totp::TotpSecret;
use crate::flows::activate_account::{self, ActivateError, Open};
use crate::{Idp, TEXTS};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use platform::edge::CsrfForm;
use platform::i18n::{Lang, Tongue};
use platform::pages::Shell;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "activate_code.html")]
struct CodePage {
    t: Tongue,
    trouble: Option<String>,
}

#[derive(Template)]
#[template(path = "activate.html")]
struct ActivatePage<'a> {
    t: Tongue,
    csrf: &'a str,
    code: &'a str,
    name: &'a str,
    username: &'a str,
    ceremony: String,
    options: String,
    trouble: Option<String>,
}

#[derive(Template)]
#[template(path = "activate_totp.html")]
struct TotpPage<'a> {
    t: Tongue,
    csrf: &'a str,
    code: &'a str,
    letters: String,
    address: String,
    picture: String,
    trouble: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    code: Option<String>,
}

pub(super) async fn show(
    State(service): State<Service>,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Response {
    let Some(code) = asked.code.filter(|c| !c.is_empty()) else {
        return ask_code(&shell, StatusCode::OK, None);
    };
    match activate_account::open(&service.0, &code).await {
        Ok(open) => choose(&service.0, &shell, StatusCode::OK, &open, &code, None).await,
        Err(error) => explain(&service.0, &shell, &code, None, error).await,
    }
}

pub(super) async fn back() -> Response {
    see_other("/activate")
}

fn ask_code(shell: &Shell, status: StatusCode, trouble: Option<String>) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    shell.page(status, &t.text("activate-title"), &CodePage { t, trouble })
}

async fn choose(
    idp: &Idp,
    shell: &Shell,
    status: StatusCode,
    open: &Open,
    code: &str,
    trouble: Option<String>,
) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    match activate_account::begin_passkey(idp, open).await {
        Ok(begun) => {
            let body = ActivatePage {
                t,
                csrf: &shell.csrf,
                code,
                name: &open.name,
                username: &open.account.username,
                ceremony: begun.id,
                options: begun.options.to_string(),
                trouble,
            };
            shell.page(status, &t.text("activate-title"), &body)
        }
        Err(error) => failed(&error),
    }
}

fn show_totp(
    idp: &Idp,
    shell: &Shell,
    status: StatusCode,
    open: &Open,
    code: &str,
    secret: &TotpSecret,
    trouble: Option<String>,
) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let issuer = format!("Ấn Tín {}", idp.ground().province);
    let username = &open.account.username;
    match (
        secret.address(username, &issuer),
        secret.picture(username, &issuer),
    ) {
        (Ok(address), Ok(picture)) => {
            let body = TotpPage {
                t,
                csrf: &shell.csrf,
                code,
                letters: secret.letters(),
                address,
                picture,
                trouble,
            };
            shell.page(status, &t.text("activate-totp-title"), &body)
        }
        (Err(error), _) | (_, Err(error)) => failed(&error),
    }
}

#[derive(Deserialize)]
pub(super) struct PasskeyForm {
    activation: String,
    ceremony: String,
    credential: String,
    label: Option<String>,
}

pub(super) async fn by_passkey(
    State(service): State<Service>,
    shell: Shell,
    CsrfForm(form): CsrfForm<PasskeyForm>,
) -> Response {
    let idp = &service.0;
    let open = match activate_account::open(idp, &form.activation).await {
        Ok(open) => open,
        Err(error) => return explain(idp, &shell, &form.activation, None, error).await,
    };
    let label = label_of(form.label.as_deref(), shell.lang);
    match activate_account::finish_passkey(idp, &open, &form.ceremony, &form.credential, &label)
        .await
    {
        Ok(()) => see_other("/login?activated=1"),
        Err(error) => explain(idp, &shell, &form.activation, Some(&open), error).await,
    }
}

/// What a passkey is called when its owner says nothing.
pub(super) fn label_of(typed: Option<&str>, lang: Lang) -> String {
    let typed: String = typed
        .unwrap_or_default()
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(60)
        .collect();
    if typed.is_empty() {
        Tongue::new(lang, &TEXTS).text("passkey-unnamed")
    } else {
        typed
    }
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    activation: String,
    password: String,
    password_again: String,
}

pub(super) async fn by_password(
    State(service): State<Service>,
    shell: Shell,
    CsrfForm(form): CsrfForm<PasswordForm>,
) -> Response {
    let idp = &service.0;
    let open = match activate_account::open(idp, &form.activation).await {
        Ok(open) => open,
        Err(error) => return explain(idp, &shell, &form.activation, None, error).await,
    };
    match activate_account::begin_password(idp, &open, &form.password, &form.password_again).await {
        Ok(secret) => show_totp(
            idp,
            &shell,
            StatusCode::OK,
            &open,
            &form.activation,
            &secret,
            None,
        ),
        Err(error) => explain(idp, &shell, &form.activation, Some(&open), error).await,
    }
}

#[derive(Deserialize)]
pub(super) struct TotpForm {
    activation: String,
    code: String,
}

pub(super) async fn by_totp(
    State(service): State<Service>,
    shell: Shell,
    CsrfForm(form): CsrfForm<TotpForm>,
) -> Response {
    let idp = &service.0;
    let open = match activate_account::open(idp, &form.activation).await {
        Ok(open) => open,
        Err(error) => return explain(idp, &shell, &form.activation, None, error).await,
    };
    match activate_account::finish_password(idp, &open, &form.code).await {
        Ok(()) => see_other("/login?activated=1"),
        Err(ActivateError::PhoneCode) => match activate_account::pending_secret(idp, &open) {
            Ok(secret) => {
                let trouble = Tongue::new(shell.lang, &TEXTS).text("activate-totp-wrong");
                show_totp(
                    idp,
                    &shell,
                    StatusCode::UNPROCESSABLE_ENTITY,
                    &open,
                    &form.activation,
                    &secret,
                    Some(trouble),
                )
            }
            Err(error) => failed(&error),
        },
        Err(error) => explain(idp, &shell, &form.activation, Some(&open), error).await,
    }
}

async fn explain(
    idp: &Idp,
    shell: &Shell,
    code: &str,
    open: Option<&Open>,
    error: ActivateError,
) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let key = match &error {
        ActivateError::Code => "activate-code-bad",
        ActivateError::Differ => "activate-differ",
        ActivateError::Password(why) => {
            return retry(idp, shell, code, open, password_words(t, *why)).await;
        }
        ActivateError::PhoneCode => "activate-totp-wrong",
        ActivateError::NotPrepared => "activate-not-prepared",
        ActivateError::Over => "login-passkey-over",
        ActivateError::Passkey(why) => {
            tracing::info!(error = %why, "activation refused");
            "login-passkey-refused"
        }
        ActivateError::Enrolled => "passkey-enrolled",
        other => return failed(other),
    };
    retry(idp, shell, code, open, t.text(key)).await
}

fn password_words(t: Tongue, why: crate::domain::password::PasswordError) -> String {
    use crate::domain::password::PasswordError as E;
    t.text(match why {
        E::TooShort => "password-too-short",
        E::TooLong => "password-too-long",
        E::Control => "password-control",
        E::Common => "password-common",
    })
}

async fn retry(
    idp: &Idp,
    shell: &Shell,
    code: &str,
    open: Option<&Open>,
    trouble: String,
) -> Response {
    match open {
        Some(open) => {
            choose(
                idp,
                shell,
                StatusCode::UNPROCESSABLE_ENTITY,
                open,
                code,
                Some(trouble),
            )
            .await
        }
        None => ask_code(shell, StatusCode::UNPROCESSABLE_ENTITY, Some(trouble)),
    }
}
