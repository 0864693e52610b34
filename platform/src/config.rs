//! Configuration: one TOML file and the environment; every complaint names the file, the key and what to do.
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Prefix of environment variables: `ANTIN_DATABASE__URL`.
pub const ENV_PREFIX: &str = "ANTIN_";

/// The whole configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Issuer and pages, as the browser sees it.
    #[serde(with = "as_text")]
    pub public_url: Url,
    /// CRL, OCSP, AIA, TSA, as written into certificates.
    #[serde(with = "as_text")]
    pub status_url: Url,
    /// Where everything lies that is not in PostgreSQL.
    pub data_dir: PathBuf,
    /// The province's name, such as "tỉnh Bình Định".
    pub province: String,
    /// The database.
    #[serde(default)]
    pub database: Database,
    /// Listening addresses.
    #[serde(default)]
    pub listen: Listen,
    /// How many requests at once and how often.
    #[serde(default)]
    pub limits: Limits,
    /// Accounts.
    #[serde(default)]
    pub accounts: Accounts,
    /// Mail.
    #[serde(default)]
    pub mail: Mail,
    /// The signer.
    #[serde(default)]
    pub signer: Signer,
    /// Log lines.
    #[serde(default)]
    pub log: Log,
    /// Test switches.
    #[serde(default)]
    pub test: Test,
}

/// Which database.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `postgres://…`; absent: SQLite in the data directory.
    pub url: Option<String>,
}

/// Where the program listens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// Pages and APIs.
    pub public: SocketAddr,
    /// Plain HTTP for CRL, OCSP, AIA, TSA.
    pub status: SocketAddr,
    /// Liveness, readiness and metrics, for the machine's own watchers: keep it on loopback or a network of your own.
    pub management: SocketAddr,
    /// Addresses of proxies in front, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            public: SocketAddr::from(([127, 0, 0, 1], 8080)),
            status: SocketAddr::from(([127, 0, 0, 1], 8081)),
            management: SocketAddr::from(([127, 0, 0, 1], 9090)),
            trusted_proxies: Vec::new(),
        }
    }
}

/// How many requests at once and how often; the rest is turned away with 503 or 429 and `Retry-After`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Pages and interfaces under way at once.
    pub requests: usize,
    /// Forms that check a secret (password, code, passkey) under way at once.
    pub secrets: usize,
    /// Documents being taken or examined at once.
    pub documents: usize,
    /// How many may wait for a place, in each of the three.
    pub waiting: usize,
    /// How long one may wait for a place, ms.
    pub patience_ms: u64,
    /// Secrets and documents that one network (/24, /64) may send in a minute.
    pub network_per_minute: u32,
    /// Secrets and documents that one session or token may send in a minute.
    pub caller_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 128,
            secrets: 32,
            documents: 32,
            waiting: 256,
            patience_ms: 1500,
            network_per_minute: 1200,
            caller_per_minute: 240,
        }
    }
}

/// Accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    /// Days that the code of a printed activation letter is good, 1 to 60.
    pub letter_days: u16,
}

impl Default for Accounts {
    fn default() -> Self {
        Self { letter_days: 14 }
    }
}

/// Mail in and out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// The relay's name in greetings.
    pub hostname: String,
    /// Domains it takes mail for.
    pub domains: Vec<String>,
    /// Submission with STARTTLS.
    pub submission: SocketAddr,
    /// Submission under TLS.
    pub submissions: SocketAddr,
    /// Mail from other servers.
    pub mx: SocketAddr,
    /// Certificate chain (PEM); made at start when absent.
    pub tls_certificate: Option<PathBuf>,
    /// Its key (PEM).
    pub tls_key: Option<PathBuf>,
    /// Where mail for our own mailboxes goes: a Maildir root; absent: `<data>/mail`.
    pub maildir: Option<PathBuf>,
    /// LMTP server for our own mailboxes, instead of a Maildir.
    pub lmtp: Option<SocketAddr>,
    /// Next hop for all other mail, `host:port`.
    pub smart_host: Option<String>,
}

impl Default for Mail {
    fn default() -> Self {
        let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            hostname: "localhost".into(),
            domains: Vec::new(),
            submission: loopback(8587),
            submissions: loopback(8465),
            mx: loopback(8025),
            tls_certificate: None,
            tls_key: None,
            maildir: None,
            lmtp: None,
            smart_host: None,
        }
    }
}

/// Where the signer is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Signer {
    /// Its socket; absent: `<data>/signer/signer.sock`, and `serve` starts the signer itself.
    pub socket: Option<PathBuf>,
}

/// Log lines for operators.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `human` or `json`.
    pub format: LogFormat,
    /// As in RUST_LOG.
    pub filter: String,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// For collectors.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Human,
            filter: "info".into(),
        }
    }
}

/// Switches that let foreign judges run against an unmodified binary. Refused off loopback.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Test {
    /// Must be true for any other switch to count.
    pub enabled: bool,
    /// Further trusted CA certificates (PEM).
    pub extra_ca: Option<PathBuf>,
    /// Outbound fetches may go to loopback addresses.
    pub allow_loopback_fetch: bool,
    /// Moves the services' clock, in ms; never the signer's.
    pub clock_offset: i64,
    /// Port used instead of 80 for ACME http-01.
    pub acme_http_port: Option<u16>,
    /// Resolver used instead of the system's.
    pub resolver: Option<SocketAddr>,
}

impl Test {
    fn any_switch(&self) -> Option<&'static str> {
        if self.extra_ca.is_some() {
            Some("test.extra_ca")
        } else if self.allow_loopback_fetch {
            Some("test.allow_loopback_fetch")
        } else if self.clock_offset != 0 {
            Some("test.clock_offset")
        } else if self.acme_http_port.is_some() {
            Some("test.acme_http_port")
        } else if self.resolver.is_some() {
            Some("test.resolver")
        } else {
            None
        }
    }
}

/// A complaint: where, which key, what to do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{place}: `{key}`: {complaint}. Do: {remedy}")]
pub struct Complaint {
    /// The file, or the environment variable.
    pub place: String,
    /// The key.
    pub key: String,
    /// What is wrong.
    pub complaint: String,
    /// What to do.
    pub remedy: String,
}

impl Config {
    /// Everything on loopback, SQLite in `data_dir`.
    pub fn loopback(data_dir: &Path) -> Self {
        let url = |text: &str| Url::parse(text).unwrap_or_else(|_| unreachable_url());
        Self {
            public_url: url("http://localhost:8080"),
            status_url: url("http://127.0.0.1:8081"),
            data_dir: data_dir.to_owned(),
            province: "tỉnh Bình Định".into(),
            database: Database::default(),
            listen: Listen::default(),
            limits: Limits::default(),
            accounts: Accounts::default(),
            mail: Mail::default(),
            signer: Signer::default(),
            log: Log::default(),
            test: Test::default(),
        }
    }

    /// Reads the file (when given) and then the environment, over the loopback defaults.
    pub fn load(file: Option<&Path>, data_dir: &Path) -> Result<Self, Vec<Complaint>> {
        let mut figment = Figment::from(Serialized::defaults(Self::loopback(data_dir)));
        if let Some(path) = file {
            if !path.is_file() {
                return Err(vec![Complaint {
                    place: path.display().to_string(),
                    key: "--config".into(),
                    complaint: "no such file".into(),
                    remedy: "give the path of a TOML file, or leave --config out".into(),
                }]);
            }
            figment = figment.merge(Toml::file_exact(path));
        }
        figment = figment.merge(Env::prefixed(ENV_PREFIX).split("__"));
        let config: Self = figment.extract().map_err(|errors| {
            errors
                .into_iter()
                .map(|error| Complaint::from_figment(&error, file))
                .collect::<Vec<_>>()
        })?;
        let complaints = config.check(file);
        if complaints.is_empty() {
            Ok(config)
        } else {
            Err(complaints)
        }
    }

    /// Rules that concern several keys at once.
    pub fn check(&self, file: Option<&Path>) -> Vec<Complaint> {
        let place = file.map_or_else(
            || "configuration".to_owned(),
            |path| path.display().to_string(),
        );
        let complain = |key: &str, complaint: &str, remedy: &str| Complaint {
            place: place.clone(),
            key: key.into(),
            complaint: complaint.into(),
            remedy: remedy.into(),
        };
        let mut out = Vec::new();
        let loopback = is_loopback(&self.public_url);
        for (key, url) in [
            ("public_url", &self.public_url),
            ("status_url", &self.status_url),
        ] {
            if !matches!(url.scheme(), "http" | "https")
                || url.host().is_none()
                || url.cannot_be_a_base()
            {
                out.push(complain(
                    key,
                    "not an http(s) address",
                    "write https://host[:port]",
                ));
            } else if url.query().is_some()
                || url.fragment().is_some()
                || !url.username().is_empty()
            {
                out.push(complain(
                    key,
                    "carries more than scheme, host, port and path",
                    "remove user, query and fragment",
                ));
            }
        }
        if self.public_url.scheme() == "http" && !loopback {
            out.push(complain(
                "public_url",
                "plain http off loopback: sessions and passkeys need TLS",
                "write https://… and put TLS in front, or use http://localhost:8080 for a trial",
            ));
        }
        if let Some(url) = &self.database.url
            && !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
        {
            out.push(complain(
                "database.url",
                "not a PostgreSQL address",
                "write postgres://user@host/name, or remove the key to use SQLite in data_dir",
            ));
        }
        if let Some(switch) = self.test.any_switch()
            && !self.test.enabled
        {
            out.push(complain(
                switch,
                "a test switch without test.enabled",
                "remove it, or set test.enabled = true on a loopback installation",
            ));
        }
        let example = self
            .public_url
            .domain()
            .is_some_and(|host| host.ends_with(".example") || host.ends_with(".example.com"));
        if self.test.enabled && !(loopback || example) {
            out.push(complain(
                "test.enabled",
                "test switches are refused unless public_url is loopback or .example",
                "remove the [test] section",
            ));
        }
        for (key, value) in [
            ("limits.requests", self.limits.requests),
            ("limits.secrets", self.limits.secrets),
            ("limits.documents", self.limits.documents),
        ] {
            if value == 0 {
                out.push(complain(
                    key,
                    "nobody would be let in",
                    "write 1 or more, or remove the key",
                ));
            }
        }
        if !(1..=60).contains(&self.accounts.letter_days) {
            out.push(complain(
                "accounts.letter_days",
                "a letter that is good for no day, or for longer than two months",
                "write 1 to 60, or remove the key",
            ));
        }
        if self.mail.tls_certificate.is_some() != self.mail.tls_key.is_some() {
            out.push(complain(
                "mail.tls_certificate",
                "certificate and key must be given together",
                "give both mail.tls_certificate and mail.tls_key, or neither",
            ));
        }
        out
    }
}

// `Url::parse` of a constant; kept out of line so that `loopback` stays readable.
fn unreachable_url() -> Url {
    tracing::error!("a built-in address does not parse; ending");
    std::process::abort()
}

/// Whether a URL points at this machine only.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

/// `Url` in its text form.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use url::Url;

    pub(super) fn serialize<S: Serializer>(url: &Url, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(url.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Url, D::Error> {
        let text = String::deserialize(input)?;
        Url::parse(&text).map_err(|error| D::Error::custom(format!("not an address: {error}")))
    }
}

impl Complaint {
    fn from_figment(error: &figment::Error, file: Option<&Path>) -> Self {
        let mut key = error.path.join(".");
        let place = error
            .metadata
            .as_ref()
            .map(|metadata| match &metadata.source {
                Some(figment::Source::File(path)) => path.display().to_string(),
                _ => metadata.name.to_string(),
            })
            .or_else(|| file.map(|path| path.display().to_string()))
            .unwrap_or_else(|| "configuration".into());
        let remedy = match &error.kind {
            figment::error::Kind::UnknownField(name, known) => {
                if !key.ends_with(name.as_str()) {
                    key = if key.is_empty() {
                        name.clone()
                    } else {
                        format!("{key}.{name}")
                    };
                }
                format!("remove it, or use one of: {}", known.join(", "))
            }
            figment::error::Kind::MissingField(name) => {
                key = if key.is_empty() {
                    name.to_string()
                } else {
                    format!("{key}.{name}")
                };
                "add it".into()
            }
            figment::error::Kind::InvalidType(_, expected) => format!("write {expected}"),
            figment::error::Kind::InvalidValue(_, expected) => format!("write {expected}"),
            _ => "correct the value".into(),
        };
        Self {
            place,
            key: if key.is_empty() { "(file)".into() } else { key },
            complaint: error.kind.to_string(),
            remedy,
        }
    }
}

pub mod reference;
#[cfg(test)]
mod tests;
