//! Steps 5 and 6: the sealed paper leaves as signed mail from the post mailbox; a recipient and a citizen check both.
//! Standard: RFC 5321 §4; RFC 6409 §3; RFC 4954 §4; RFC 5652 §5; RFC 8551 §3

use super::papers::Day;
use super::people::{Role, element};
use super::{Players, Stage, Step, StoryError, at, expect, keep};
use crate::browser::Browser;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The post mailbox of the province's văn thư.
pub const SENDER: &str = "vanthu@binhdinh.test";
/// A mail program's password for this person, made on the account page if there is none yet.
async fn mail_password(
    stage: &Stage,
    players: &mut Players,
    role: Role,
) -> Result<(String, String), StoryError> {
    if let Some(known) = players.kit(role)?.mail_passwords.first() {
        return Ok(known.clone());
    }
    let browser = players.at_the_province(stage, role).await?;
    let page = browser
        .open(&format!("{}/account", stage.issuer))
        .await
        .map_err(at("account page"))?;
    let form = page
        .form("mail-password")
        .map_err(at("account page"))?
        .with("label", "Thư trên máy bàn");
    let page = browser.submit(&form).await.map_err(at("mail password"))?;
    let pair = (
        element(&page.body, "mail-username"),
        element(&page.body, "mail-password-value"),
    );
    expect(
        "mail password",
        !pair.0.is_empty() && !pair.1.is_empty(),
        "a user name and a password, shown once",
        page.words().chars().take(400).collect::<String>(),
    )?;
    players.kit(role)?.mail_passwords.push(pair.clone());
    players.save()?;
    Ok(pair)
}

/// (5) The paper leaves as S/MIME mail from the post mailbox through the relay.
pub(super) async fn sent_to_three(
    stage: &Stage,
    players: &mut Players,
    day: &mut Day,
) -> Result<Step, StoryError> {
    let mut step = Step::new(5, "Gửi văn bản từ hộp thư văn thư tới hai sở và một xã");
    let recipients = recipients(stage)?;
    let (user, password) = mail_password(stage, players, Role::Clerk).await?;
    day.mail_subject = format!("Phát hành văn bản số {}", day.notation);
    let mailbox = |address: &str| {
        address
            .parse()
            .map_err(|e: lettre::address::AddressError| StoryError::Mail(e.to_string()))
    };
    let mut message = Message::builder()
        .from(mailbox(SENDER)?)
        .subject(day.mail_subject.clone())
        .message_id(None);
    for recipient in &recipients {
        message = message.to(mailbox(recipient)?);
    }
    let pdf = ContentType::parse("application/pdf").map_err(|e| StoryError::Mail(e.to_string()))?;
    let message = message
        .multipart(
            MultiPart::mixed()
                .singlepart(SinglePart::plain(format!("Kính gửi các cơ quan,\r\n\r\nVăn thư Ủy ban nhân dân tỉnh gửi văn bản số {} kèm theo thư này.\r\n", day.notation)))
                .singlepart(Attachment::new("van-ban.pdf".to_owned()).body(day.sealed.clone(), pdf)),
        )
        .map_err(|e| StoryError::Mail(e.to_string()))?;
    let pem = std::fs::read(&stage.own_root_pem).map_err(|source| StoryError::File {
        path: stage.own_root_pem.clone(),
        source,
    })?;
    let root = Certificate::from_pem(&pem).map_err(|e| StoryError::Mail(e.to_string()))?;
    let tls = TlsParameters::builder("localhost".into())
        .add_root_certificate(root)
        .build()
        .map_err(|e| StoryError::Mail(e.to_string()))?;
    let relay = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("localhost")
        .port(stage.submission_port)
        .tls(Tls::Required(tls))
        .credentials(Credentials::new(user, password))
        .authentication(vec![Mechanism::Plain])
        .build();
    let answer = relay
        .send(message)
        .await
        .map_err(|e| StoryError::Mail(e.to_string()))?;
    step.saw(format!(
        "Máy chủ thư nhận ({}): thư đã nằm trên đĩa.",
        answer.code()
    ));
    step.fact("reply", answer.code().to_string());
    step.fact("recipients", recipients.clone());
    for recipient in &recipients {
        let (file, bytes) = delivered(stage, recipient, &day.notation).await?;
        if Some(recipient) == recipients.first() {
            keep(stage, "7-mail.eml", &bytes)?;
        }
        step.saw(format!("Đã vào hộp {recipient}."));
        step.fact(recipient, file.display().to_string());
    }
    Ok(step)
}

/// The three addresses, each of which must have a mailbox folder the register knows: taken from `recipients.txt`, which the demo wrote from the register.
fn recipients(stage: &Stage) -> Result<Vec<String>, StoryError> {
    let path = stage.data.join("story").join("recipients.txt");
    let text = std::fs::read_to_string(&path).map_err(|source| StoryError::File {
        path: path.clone(),
        source,
    })?;
    let all: Vec<String> = text
        .lines()
        .map(str::to_owned)
        .filter(|l| !l.is_empty())
        .collect();
    expect(
        "recipients",
        all.len() == 3,
        "three addresses",
        all.join(", "),
    )?;
    Ok(all)
}

/// Waits until a mail that names this paper lies in the address's Maildir.
async fn delivered(
    stage: &Stage,
    address: &str,
    notation: &str,
) -> Result<(PathBuf, Vec<u8>), StoryError> {
    let folder = stage.maildir.join(address).join("new");
    for _ in 0..100 {
        if let Some(found) = newest_with(&folder, notation) {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(StoryError::Unexpected {
        step: "delivery",
        expected: format!("a mail in {}", folder.display()),
        seen: "none within 10 s".into(),
    })
}

/// Newest file of the folder whose decoded subject names the paper.
fn newest_with(folder: &Path, notation: &str) -> Option<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .collect();
    files.sort_by_key(|p| std::fs::metadata(p).and_then(|m| m.modified()).ok());
    files.into_iter().rev().find_map(|path| {
        let bytes = std::fs::read(&path).ok()?;
        subject_names(&bytes, notation).then_some((path, bytes))
    })
}

/// Whether the Subject, after RFC 2047 decoding of base64 words, holds the text.
fn subject_names(mail: &[u8], text: &str) -> bool {
    use base64::Engine as _;
    let head = String::from_utf8_lossy(mail)
        .split("\r\n\r\n")
        .next()
        .unwrap_or_default()
        .replace("\r\n ", " ");
    let Some(subject) = head.lines().find_map(|l| l.strip_prefix("Subject: ")) else {
        return false;
    };
    let mut decoded = String::new();
    for word in subject.split_whitespace() {
        let inner = word
            .strip_prefix("=?utf-8?b?")
            .and_then(|w| w.strip_suffix("?="));
        match inner.and_then(|w| base64::engine::general_purpose::STANDARD.decode(w).ok()) {
            Some(bytes) => decoded.push_str(&String::from_utf8_lossy(&bytes)),
            None => {
                decoded.push_str(word);
                decoded.push(' ');
            }
        }
    }
    decoded.contains(text)
}

/// (6) A recipient checks the mail, a citizen checks the paper without signing in, and `antin verify` agrees.
pub(super) async fn checked_by_others(
    stage: &Stage,
    players: &mut Players,
    day: &mut Day,
) -> Result<Step, StoryError> {
    let mut step = Step::new(6, "Người nhận kiểm thư, người dân kiểm văn bản");
    let eml = stage.data.join("story").join("7-mail.eml");
    let mail = std::fs::read(&eml).map_err(|source| StoryError::File {
        path: eml.clone(),
        source,
    })?;
    let browser = players.at_the_province(stage, Role::Recipient).await?;
    let page = browser
        .upload(
            &format!("{}/mail/verify", stage.issuer),
            "verify",
            "file",
            "thu.eml",
            "message/rfc822",
            &mail,
        )
        .await
        .map_err(at("mail verification"))?;
    expect(
        "mail verification",
        page.status == 200
            && page.body.contains("data-whole=\"true\"")
            && page.body.contains("data-trusted=\"true\"")
            && page.body.contains("data-address=\"true\""),
        "whole, trusted and address match",
        page.words().chars().take(500).collect::<String>(),
    )?;
    step.saw("Thư: nguyên vẹn, chứng thư hộp thư đáng tin, địa chỉ khớp; là chữ ký máy.");
    let citizen = Browser::new().map_err(at("browser"))?;
    let page = citizen
        .upload(
            &format!("{}/verify", stage.issuer),
            "verify",
            "file",
            "van-ban.pdf",
            "application/pdf",
            &day.sealed,
        )
        .await
        .map_err(at("public verification"))?;
    expect(
        "public verification",
        page.status == 200
            && ["whole", "trusted", "allowed"]
                .iter()
                .all(|v| page.body.contains(&format!("data-{v}=\"true\""))),
        "three good verdicts",
        page.words().chars().take(800).collect::<String>(),
    )?;
    step.saw("Văn bản: nguyên vẹn, đáng tin, đúng thẩm quyền (TM. ỦY BAN NHÂN DÂN / KT. CHỦ TỊCH; dấu của cơ quan).");
    let mut changed = day.sealed.clone();
    if let Some(byte) = changed.get_mut(200) {
        *byte ^= 1;
    }
    let page = citizen
        .upload(
            &format!("{}/verify", stage.issuer),
            "verify",
            "file",
            "van-ban.pdf",
            "application/pdf",
            &changed,
        )
        .await
        .map_err(at("public verification"))?;
    expect(
        "public verification of a changed file",
        page.status == 200 && page.body.contains("data-whole=\"false\""),
        "not whole",
        page.words().chars().take(500).collect::<String>(),
    )?;
    step.saw("Đổi một byte: không nguyên vẹn.");
    let file = stage.data.join("story").join("6-sealed.pdf");
    let output = std::process::Command::new(&stage.binary)
        .arg("verify")
        .arg("--data")
        .arg(&stage.data)
        .arg(&file)
        .output()
        .map_err(|source| StoryError::File {
            path: stage.binary.clone(),
            source,
        })?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(StoryError::Judge {
            tool: "antin verify",
            said,
        });
    }
    step.saw("antin verify: mã thoát 0.");
    Ok(step)
}
