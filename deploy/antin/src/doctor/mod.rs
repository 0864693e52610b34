//! The doctor: looks at everything an operator can set right, and says of each what it found, why it matters and what to do.
//! Standard: docs/operations/doctor.md
//! It must never change anything, nor need a running province.

mod files;
mod records;

use crate::wire_up::Opened;
use platform::config::Config;
use platform::i18n::Lang;
use std::path::Path;

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Good,
    /// Works, and will not for long, or not for everybody.
    Warning,
    /// Does not work, or is not safe.
    Bad,
}

/// The same sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Said {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Said {
    /// Both.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            vi: vi.into(),
            en: en.into(),
        }
    }

    /// One of them.
    pub fn word(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        }
    }
}

/// One line of the doctor.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Finding {
    /// A stable name, for scripts.
    pub check: &'static str,
    /// How it is.
    pub state: State,
    /// What was found, and why that is so.
    pub found: Said,
    /// What to do; absent when it is good.
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Said>,
}

/// All findings.
#[derive(Debug, Default)]
pub struct Report(pub Vec<Finding>);

impl Report {
    fn good(&mut self, check: &'static str, vi: impl Into<String>, en: impl Into<String>) {
        self.0.push(Finding {
            check,
            state: State::Good,
            found: Said::new(vi, en),
            remedy: None,
        });
    }

    fn say(&mut self, check: &'static str, state: State, found: Said, remedy: Said) {
        self.0.push(Finding {
            check,
            state,
            found,
            remedy: Some(remedy),
        });
    }

    /// The worst state.
    pub fn worst(&self) -> State {
        self.0
            .iter()
            .map(|finding| finding.state)
            .max()
            .unwrap_or(State::Good)
    }
}

/// Looks at everything. `opened` is the database, when it could be opened; `why` says why not.
pub async fn examine(config: &Config, opened: Result<&Opened, String>) -> Report {
    let mut report = Report::default();
    configuration(config, &mut report);
    let running = files::owner(&config.data_dir, &mut report);
    files::permissions(&config.data_dir, &mut report);
    files::room(&config.data_dir, &mut report);
    files::ports(config, running, &mut report);
    match opened {
        Ok(opened) => records::look(opened, running, &mut report).await,
        Err(why) => report.say(
            "database",
            State::Bad,
            Said::new(format!("không mở được: {why}"), format!("does not open: {why}")),
            Said::new(
                "sửa điều nêu trên; nếu tệp hỏng, khôi phục từ bản sao lưu bằng `antin restore`",
                "set right what stands above; if the file is damaged, bring back a backup with `antin restore`",
            ),
        ),
    }
    records::signer(config, running, &mut report).await;
    report
}

fn configuration(config: &Config, report: &mut Report) {
    let loopback = platform::config::is_loopback(&config.public_url);
    if loopback {
        report.say(
            "configuration",
            State::Warning,
            Said::new(
                format!("{} chỉ máy này thấy được: bản dùng thử", config.public_url),
                format!(
                    "{} is seen by this machine only: a trial",
                    config.public_url
                ),
            ),
            Said::new(
                "khi đưa vào dùng, đặt public_url là địa chỉ https của tỉnh",
                "for service set public_url to the province's https address",
            ),
        );
    } else {
        report.good(
            "configuration",
            format!("đọc được; địa chỉ {}", config.public_url),
            format!("reads well; address {}", config.public_url),
        );
    }
    if !loopback && config.listen.trusted_proxies.is_empty() {
        report.say(
            "proxy",
            State::Warning,
            Said::new(
                "chưa khai báo proxy tin cậy: mọi người dùng bị đếm chung một mạng khi giới hạn số lần thử",
                "no trusted proxy is named: all visitors count as one network when tries are limited",
            ),
            Said::new(
                "đặt listen.trusted_proxies là địa chỉ của máy chủ TLS phía trước",
                "set listen.trusted_proxies to the addresses of the TLS proxy in front",
            ),
        );
    }
    if !config.listen.management.ip().is_loopback() {
        report.say(
            "management",
            State::Warning,
            Said::new(
                format!(
                    "số đo ở {} không qua đăng nhập và đang mở ra ngoài máy",
                    config.listen.management
                ),
                format!(
                    "measures at {} need no sign-in and are open beyond this machine",
                    config.listen.management
                ),
            ),
            Said::new(
                "đặt listen.management về 127.0.0.1, hoặc chặn cổng này bằng tường lửa",
                "set listen.management to 127.0.0.1, or let a firewall close that port",
            ),
        );
    }
    if config.test.enabled {
        report.say(
            "test_switches",
            State::Warning,
            Said::new("công tắc thử nghiệm đang bật", "test switches are on"),
            Said::new(
                "bỏ phần [test] khi đưa vào dùng",
                "remove the [test] section for service",
            ),
        );
    }
}

/// A path for people.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
