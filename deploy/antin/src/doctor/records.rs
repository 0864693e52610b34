//! What stands in the database, the spool and the signer: schema, pages, clock, log, certificates, mail.

use super::{Report, Said, State, shown};
use crate::wire_up::{self, Opened};
use platform::clock::{self, Clock, DAY};
use platform::config::Config;
use platform::db;
use std::time::Duration;

/// Certificates of services that end within so many days are worth a word.
const SOON: i64 = 21;
/// How far a signed head may lie behind, ms.
const MOST_LAG: i64 = 15_000;
/// Mail that waits longer is worth a word, ms.
const LONG_WAIT: i64 = 4 * 3_600_000;

/// Looks at the database and what belongs to it.
pub async fn look(opened: &Opened, running: bool, report: &mut Report) {
    pages(opened, report).await;
    for looked in [
        time(opened, report).await,
        log(opened, running, report).await,
        mail(opened, report).await,
        certificates(opened, report).await,
        secrets(opened, report).await,
        emergency(opened, report).await,
    ] {
        if let Err(error) = looked {
            unreadable(report, &error);
        }
    }
}

fn unreadable(report: &mut Report, error: &dyn std::fmt::Display) {
    report.say(
        "database",
        State::Bad,
        Said::new(format!("không đọc được: {error}"), format!("cannot be read: {error}")),
        Said::new(
            "xem ổ đĩa hoặc máy chủ PostgreSQL; nếu tệp hỏng, khôi phục từ bản sao lưu",
            "look at the disk or the PostgreSQL server; if the file is damaged, bring back a backup",
        ),
    );
}

async fn pages(opened: &Opened, report: &mut Report) {
    match opened.db.damage().await {
        Ok(damage) if damage.is_empty() => report.good(
            "database",
            "nguyên vẹn, lược đồ đúng với chương trình này",
            "whole, its schema is this program's",
        ),
        Ok(damage) => report.say(
            "database",
            State::Bad,
            Said::new(
                format!("hỏng: {}", damage.join("; ")),
                format!("damaged: {}", damage.join("; ")),
            ),
            Said::new(
                "dừng chương trình, giữ nguyên tệp để xem xét, khôi phục bản sao lưu mới nhất bằng `antin restore`",
                "stop the program, keep the file to be looked at, bring back the newest backup with `antin restore`",
            ),
        ),
        Err(error) => unreadable(report, &error),
    }
}

async fn time(opened: &Opened, report: &mut Report) -> Result<(), db::Error> {
    let last = platform::audit::last_record(&mut opened.db.read().await?).await?;
    match clock::check_start(Clock::system().now(), last) {
        Ok(()) => report.good(
            "clock",
            "không lùi so với bản ghi cuối",
            "not behind the last record",
        ),
        Err(refused) => report.say(
            "clock",
            State::Bad,
            Said::new(
                format!("đồng hồ máy không khớp với bản ghi cuối: {refused}"),
                refused.to_string(),
            ),
            Said::new(
                "đặt lại giờ (`timedatectl set-ntp true`); chỉ dùng --accept-clock khi chắc chắn bản ghi cuối sai",
                "set the time right (`timedatectl set-ntp true`); use --accept-clock only when the last record is known to be wrong",
            ),
        ),
    }
    Ok(())
}

async fn log(opened: &Opened, running: bool, report: &mut Report) -> Result<(), db::Error> {
    let mut conn = opened.db.read().await?;
    let standing = platform::log::store::standing(&mut conn, Clock::system().now()).await?;
    let figures = (standing.leaves, standing.signed);
    if running && standing.lag > MOST_LAG {
        report.say(
            "log",
            State::Bad,
            Said::new(
                format!(
                    "chưa ký đầu sổ trong {} giây: {} mục, đã ký {}",
                    standing.lag / 1000,
                    figures.0,
                    figures.1
                ),
                format!(
                    "no head signed for {} s: {} leaves, {} signed",
                    standing.lag / 1000,
                    figures.0,
                    figures.1
                ),
            ),
            Said::new(
                "xem dịch vụ ký trước; rồi các dòng nhật ký “the log did not move on”",
                "look at the signer first; then at log lines that say “the log did not move on”",
            ),
        );
    } else {
        report.good(
            "log",
            format!("{} mục, đã ký {}", figures.0, figures.1),
            format!("{} leaves, {} signed", figures.0, figures.1),
        );
    }
    let data = &opened.config.data_dir;
    let copy = wire_up::past::head_copy(data);
    let Ok(seen) = std::fs::read_to_string(&copy) else {
        return Ok(());
    };
    let keys = match wire_up::verifier_keys(data) {
        Ok(keys) => keys,
        Err(error) => {
            unreadable(report, &error);
            return Ok(());
        }
    };
    let seen = platform::log::SignedNote(seen);
    if let Err(broken) = platform::log::check_not_older(&mut conn, &seen, &keys).await {
        report.say(
            "log_head",
            State::Bad,
            Said::new(
                format!("cơ sở dữ liệu cũ hơn đầu sổ ở {}: {broken}", shown(&copy)),
                format!(
                    "the database is older than the head in {}: {broken}",
                    shown(&copy)
                ),
            ),
            Said::new(
                "đưa lại cơ sở dữ liệu mới nhất; `antin serve` không chạy trên bản cũ",
                "bring back the newest database; `antin serve` does not start on an older one",
            ),
        );
    }
    Ok(())
}

async fn mail(opened: &Opened, report: &mut Report) -> Result<(), db::Error> {
    let now = Clock::system().now();
    let mut conn = opened.db.read().await?;
    let waiting = mail_relay::store::queue::waiting_messages(&mut conn).await?;
    let spool = opened.config.data_dir.join("mail/spool");
    let lost: Vec<&String> = waiting
        .iter()
        .filter(|id| !spool.join(format!("{id}.eml")).exists())
        .collect();
    if !lost.is_empty() {
        report.say(
            "spool",
            State::Bad,
            Said::new(
                format!(
                    "{} thư chờ gửi không có tệp trong {}",
                    lost.len(),
                    shown(&spool)
                ),
                format!(
                    "{} messages wait without a file in {}",
                    lost.len(),
                    shown(&spool)
                ),
            ),
            Said::new(
                "chép lại thư mục spool từ bản sao lưu; người gửi sẽ được báo nếu không còn",
                "copy the spool back from a backup; their senders are told if it is gone",
            ),
        );
    }
    let standing = mail_relay::store::queue::standing(&mut conn, now).await?;
    let oldest = standing.iter().map(|row| now - row.2).max().unwrap_or(0);
    if oldest > LONG_WAIT {
        report.say(
            "mail_queue",
            State::Warning,
            Said::new(
                format!("thư lâu nhất đã chờ {} giờ", oldest / 3_600_000),
                format!(
                    "the oldest message has waited for {} hours",
                    oldest / 3_600_000
                ),
            ),
            Said::new(
                "xem /admin/mail: câu trả lời của máy chủ nhận đứng cạnh từng thư",
                "look at /admin/mail: what the other server said stands beside each message",
            ),
        );
    } else if lost.is_empty() {
        report.good(
            "mail_queue",
            format!("{} thư đang chờ, đủ tệp", waiting.len()),
            format!("{} messages wait, each with its file", waiting.len()),
        );
    }
    Ok(())
}

async fn certificates(opened: &Opened, report: &mut Report) -> Result<(), db::Error> {
    let now = Clock::system().now();
    let mut conn = opened.db.read().await?;
    let ends = ca::store::certificates::ends(&mut conn, now, now + SOON * DAY).await?;
    let near: Vec<_> = ends.iter().filter(|end| end.revoked_at.is_none()).collect();
    let services = near
        .iter()
        .filter(|end| end.holder_kind == "service")
        .count();
    if near.is_empty() {
        report.good(
            "certificates",
            format!("không chứng thư nào hết hạn trong {SOON} ngày tới"),
            format!("none ends within {SOON} days"),
        );
        return Ok(());
    }
    let first = near.iter().map(|end| end.not_after).min().unwrap_or(now);
    report.say(
        "certificates",
        State::Warning,
        Said::new(
            format!(
                "{} chứng thư hết hạn trong {SOON} ngày tới ({services} của dịch vụ), sớm nhất {}",
                near.len(),
                clock::format_date(first)
            ),
            format!(
                "{} end within {SOON} days ({services} of services), the first on {}",
                near.len(),
                clock::format_date(first)
            ),
        ),
        Said::new(
            "xem /certificates; chứng thư dịch vụ tự được cấp lại khi chương trình chạy, chứng thư người và con dấu phải xin cấp lại",
            "look at /certificates; those of services are renewed while the program runs, those of people and seals must be asked for",
        ),
    );
    Ok(())
}

async fn secrets(opened: &Opened, report: &mut Report) -> Result<(), db::Error> {
    use platform::secrets::columns::{self, ColumnError};
    match columns::open_all(&opened.db, &opened.sealer, &wire_up::SEALED).await {
        Ok(count) if count.stale == 0 => report.good(
            "master_key",
            format!("mở được cả {} giá trị niêm phong", count.values),
            format!("opens all {} sealed values", count.values),
        ),
        Ok(count) => report.say(
            "master_key",
            State::Warning,
            Said::new(
                format!("{} trong {} giá trị còn niêm phong bằng khóa cũ", count.stale, count.values),
                format!("{} of {} values are still sealed under an older key", count.stale, count.values),
            ),
            Said::new("chạy lại `antin keys rotate`", "run `antin keys rotate` again"),
        ),
        Err(ColumnError::Db(error)) => return Err(error),
        Err(error) => report.say(
            "master_key",
            State::Bad,
            Said::new(
                format!("tệp master.key không khớp cơ sở dữ liệu: {error}"),
                format!("master.key does not fit the database: {error}"),
            ),
            Said::new(
                "đưa lại master.key đi cùng cơ sở dữ liệu này, hoặc khôi phục từ giấy bằng `antin keys recover`",
                "bring back the master.key of this database, or bring it back from paper with `antin keys recover`",
            ),
        ),
    }
    Ok(())
}

/// Whether two officers could open an emergency.
async fn emergency(opened: &Opened, report: &mut Report) -> Result<(), db::Error> {
    let (open, made_at) = idp::store::emergency::count_open(&mut opened.db.read().await?).await?;
    match made_at.filter(|_| open >= 2) {
        Some(at) => {
            let day = platform::clock::format_date(at);
            report.good(
                "emergency",
                format!("{open} mã khẩn cấp còn dùng được, in ngày {day}"),
                format!("{open} emergency codes can be used, printed on {day}"),
            );
        }
        None => report.say(
            "emergency",
            State::Warning,
            Said::new(
                "không có mã khẩn cấp: khi không còn ai quản trị được thì không vào lại được",
                "no emergency codes: when nobody can administer any more there is no way back in",
            ),
            Said::new(
                "dừng chương trình và chạy `antin emergency --officer … --officer … --officer …`",
                "stop the program and run `antin emergency --officer … --officer … --officer …`",
            ),
        ),
    }
    Ok(())
}

/// Whether the signer answers, when something runs that needs it.
pub async fn signer(config: &Config, running: bool, report: &mut Report) {
    let socket = wire_up::signer_socket(config);
    if !running && config.signer.socket.is_none() {
        report.good(
            "signer",
            "chưa chạy: `antin serve` tự khởi động",
            "does not run: `antin serve` starts it",
        );
        return;
    }
    let client = signer::client::Client::new(&socket);
    let asked = tokio::time::timeout(Duration::from_secs(3), client.health()).await;
    let why = match asked {
        Ok(Ok(health)) => {
            let skew = health.now - Clock::system().now();
            if skew.abs() <= clock::BEHIND_LIMIT {
                report.good(
                    "signer",
                    format!(
                        "trả lời; {} khóa, {} dòng nhật ký",
                        health.keys, health.journal
                    ),
                    format!(
                        "answers; {} keys, {} journal lines",
                        health.keys, health.journal
                    ),
                );
                return;
            }
            format!("clock {skew} ms")
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer within 3 s".to_owned(),
    };
    report.say(
        "signer",
        State::Bad,
        Said::new(
            format!("không dùng được: {why}"),
            format!("cannot be used: {why}"),
        ),
        Said::new(
            format!("khởi động `antin signer`; người dùng của antin phải tới được {}; giờ hai máy phải khớp", shown(&socket)),
            format!("start `antin signer`; the user of antin must reach {}; both clocks must agree", shown(&socket)),
        ),
    );
}
