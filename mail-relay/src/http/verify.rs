//! A page on which anybody checks a mail that he saved: three answers, each with its reason.

use super::Service;
use crate::TEXTS;
use crate::flows::verify_mail::{self, Found};
use askama::Template;
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use platform::edge::csrf;
use platform::i18n::Tongue;
use platform::pages::Shell;

#[derive(Template)]
#[template(path = "verify_mail.html")]
struct Page<'a> {
    t: Tongue,
    csrf: &'a str,
    found: Option<Shown>,
    trouble: Option<String>,
}

struct Shown {
    signed: bool,
    good: bool,
    rows: Vec<Row>,
    signed_at: Option<String>,
}

struct Row {
    name: &'static str,
    title: String,
    good: bool,
    words: String,
}

fn shown(t: &Tongue, found: &Found) -> Shown {
    let row = |name: &'static str, verdict: &Result<String, String>| Row {
        name,
        title: t.text(&format!("verify-{name}")),
        good: verdict.is_ok(),
        words: match verdict {
            Ok(detail) if detail.is_empty() => t.text(&format!("verify-{name}-good")),
            Ok(detail) => t.with(
                &format!("verify-{name}-good-detail"),
                &[("detail", detail.as_str())],
            ),
            Err(reason) => t.with(
                &format!("verify-{name}-bad"),
                &[("reason", reason.as_str())],
            ),
        },
    };
    let whole = found.whole.clone().map(|()| String::new());
    Shown {
        signed: found.signed,
        good: found.is_good(),
        rows: vec![
            row("whole", &whole),
            row("trusted", &found.trusted),
            row("address", &found.address),
        ],
        signed_at: found.signing_time.map(platform::clock::format_instant),
    }
}

fn answer(
    shell: &Shell,
    status: StatusCode,
    found: Option<&Found>,
    trouble: Option<String>,
) -> Response {
    let t = Tongue::new(shell.lang, &TEXTS);
    let title = t.text("verify-title");
    let found = found.map(|f| shown(&t, f));
    shell.page(
        status,
        &title,
        &Page {
            t,
            csrf: &shell.csrf,
            found,
            trouble,
        },
    )
}

pub(super) async fn form(shell: Shell) -> Response {
    answer(&shell, StatusCode::OK, None, None)
}

pub(super) async fn check(State(service): State<Service>, request: Request) -> Response {
    let relay = service.0;
    let (mut parts, body) = request.into_parts();
    let shell = match Shell::of(&mut parts, relay.ground()).await {
        Ok(shell) => shell,
        Err(problem) => return problem.into_response(),
    };
    let t = Tongue::new(shell.lang, &TEXTS);
    let rebuilt = Request::from_parts(parts.clone(), body);
    let Ok(mut multipart) = Multipart::from_request(rebuilt, &()).await else {
        return answer(
            &shell,
            StatusCode::BAD_REQUEST,
            None,
            Some(t.text("verify-no-file")),
        );
    };
    let (mut token, mut file) = (String::new(), None);
    loop {
        match multipart.next_field().await {
            Ok(Some(field)) => match field.name() {
                Some("_csrf") => token = field.text().await.unwrap_or_default(),
                Some("file") => match field.bytes().await {
                    Ok(bytes) => file = Some(bytes),
                    Err(_) => {
                        return answer(
                            &shell,
                            StatusCode::PAYLOAD_TOO_LARGE,
                            None,
                            Some(t.text("verify-too-large")),
                        );
                    }
                },
                _ => {}
            },
            Ok(None) => break,
            Err(_) => {
                return answer(
                    &shell,
                    StatusCode::BAD_REQUEST,
                    None,
                    Some(t.text("verify-no-file")),
                );
            }
        }
    }
    if csrf::check(&mut parts, relay.ground(), &token)
        .await
        .is_err()
    {
        return answer(
            &shell,
            StatusCode::FORBIDDEN,
            None,
            Some(t.text("verify-form-old")),
        );
    }
    let Some(file) = file.filter(|f| !f.is_empty()) else {
        return answer(
            &shell,
            StatusCode::BAD_REQUEST,
            None,
            Some(t.text("verify-no-file")),
        );
    };
    let (trust, now) = (relay.trust().trust(), relay.ground().now());
    match tokio::task::spawn_blocking(move || verify_mail::check(&file, &trust, now)).await {
        Ok(found) => answer(&shell, StatusCode::OK, Some(&found), None),
        Err(error) => {
            tracing::error!(%error, "verification of a mail stopped");
            shell.error(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}
