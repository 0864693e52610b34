//! A province with a relay in it, and a client of a few lines, so that the tests see the very bytes.

use super::authority::{Port, TLS};
use crate::flows::create_mail_password::{self, NewMailPassword};
use crate::jobs::run_queue;
use crate::smtp::listener::{Tls, serve};
use crate::smtp::session::Door;
use crate::{Limits, MailConfig, MailRelay};
use base64::Engine as _;
use platform::Ground;
use platform::audit::Actor;
use platform::db::Db;
use platform::testing::Callers;
use register::flows::import_register::{Files, Tools};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// 30/11/2026 08:00 in Viet Nam.
pub const NOW: i64 = 1_796_000_400_000;
pub const CHAIR: &str = "linhlm@binhdinh.test";
pub const DEPUTY: &str = "thinhnd@binhdinh.test";
/// A post's mailbox.
pub const CLERKS: &str = "vanthu@binhdinh.test";
const PATIENCE: Duration = Duration::from_secs(60);

pub struct World {
    pub relay: Arc<MailRelay>,
    pub port: Arc<Port>,
    pub callers: Callers,
    pub folder: PathBuf,
    pub submission: SocketAddr,
    pub exchange: SocketAddr,
}

/// Where mail goes.
#[derive(Default)]
pub struct Ways {
    pub smart_host: Option<String>,
    pub lmtp: Option<SocketAddr>,
}

/// The register: the province and its office, from the demo files.
pub async fn people(db: &Db, ground: &Ground) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deploy/demo/data");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let only = |text: &str, keep: &dyn Fn(&str) -> bool| -> String {
        text.lines()
            .enumerate()
            .filter(|(n, line)| *n == 0 || keep(line))
            .map(|(_, line)| format!("{line}\n"))
            .collect()
    };
    let agencies = only(&read("agencies.csv"), &|line| {
        matches!(line.split(',').next(), Some("H08" | "H08.01"))
    });
    let officials = only(&read("officials_6000.csv"), &|line| {
        line.split(',')
            .next()
            .and_then(|no| no.strip_prefix("BD-"))
            .and_then(|no| no.parse::<u32>().ok())
            .is_some_and(|no| no <= 18)
    });
    platform::migrations::apply(db, &[&register::MIGRATIONS, &crate::MIGRATIONS], NOW)
        .await
        .unwrap();
    let tools = Tools {
        db,
        entropy: &ground.entropy,
        sealer: &ground.sealer,
    };
    let (units, posts) = (read("internal_units.csv"), read("posts.csv"));
    let files = Files {
        agencies: agencies.as_bytes(),
        units: units.as_bytes(),
        posts: posts.as_bytes(),
        officials: officials.as_bytes(),
    };
    register::flows::import_register::run(tools, NOW, &Actor::System("test"), &files)
        .await
        .expect("the demo files are in order");
}

/// A relay on this ground.
pub async fn relay(
    ground: Ground,
    port: Arc<Port>,
    folder: &std::path::Path,
    ways: Ways,
) -> Arc<MailRelay> {
    let config = MailConfig {
        hostname: "mail.binhdinh.test".into(),
        domains: vec!["binhdinh.test".into()],
        spool: folder.join("spool"),
        maildir: folder.join("maildir"),
        lmtp: ways.lmtp,
        smart_host: ways.smart_host,
        limits: Limits {
            size: 100_000,
            recipients: 3,
            bad_commands: 40,
            patience_seconds: 60,
            ..Limits::default()
        },
    };
    MailRelay::new(ground, config, port.clone(), port)
        .await
        .unwrap()
}

/// Opens a door of a relay on a free port.
pub async fn open(relay: &Arc<MailRelay>, door: Door) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(
        relay.clone(),
        listener,
        door,
        TLS.server.clone(),
        Tls::Offered,
        std::future::pending(),
    ));
    address
}

impl World {
    pub async fn new(db: Db) -> Self {
        Self::with(db, Ways::default()).await
    }

    pub async fn with(db: Db, ways: Ways) -> Self {
        let callers = Callers::default();
        let ground = platform::testing::ground(db.clone(), callers.clone());
        people(&db, &ground).await;
        let (folder, port) = (platform::testing::directory(), Arc::new(Port::default()));
        let relay = relay(ground, port.clone(), &folder, ways).await;
        let submission = open(&relay, Door::Submission).await;
        let exchange = open(&relay, Door::Exchange).await;
        Self {
            relay,
            port,
            callers,
            folder,
            submission,
            exchange,
        }
    }

    /// The person behind a user name of the register.
    pub async fn person(&self, username: &str) -> String {
        let mut conn = self.relay.ground().db.read().await.unwrap();
        register::facts::person_by_username(&mut conn, username)
            .await
            .unwrap()
            .unwrap()
            .id
    }

    /// A mail password of the person with this own address.
    pub async fn password(&self, address: &str) -> NewMailPassword {
        let person = self.person(address.split('@').next().unwrap()).await;
        create_mail_password::run(&self.relay, &person, "máy bàn", Actor::System("test"))
            .await
            .unwrap()
    }

    /// A session on the submission door after STARTTLS and AUTH.
    pub async fn signed_in(&self, address: &str) -> Client {
        let password = self.password(address).await;
        let mut client = Client::protected(self.submission).await;
        let said = client
            .say(&format!("AUTH PLAIN {}", plain(&password)))
            .await;
        assert!(said.starts_with("235"), "{said}");
        client
    }

    /// Runs the queue until nothing is due.
    pub async fn run_queue(&self) {
        while run_queue::some(&self.relay).await.unwrap() > 0 {}
    }

    /// New mail of an address.
    pub fn new_mail(&self, address: &str) -> Vec<Vec<u8>> {
        let folder = self.folder.join("maildir").join(address).join("new");
        std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .collect()
    }

    /// Messages in the spool.
    pub fn spooled(&self) -> usize {
        self.relay.spool().ids().unwrap().len()
    }

    /// What verification finds of a mail.
    pub fn found(&self, mail: &[u8]) -> crate::flows::verify_mail::Found {
        use crate::MailTrust as _;
        crate::flows::verify_mail::check(mail, &self.port.trust(), NOW)
    }
}

/// The response of AUTH PLAIN.
pub fn plain(password: &NewMailPassword) -> String {
    base64::engine::general_purpose::STANDARD
        .encode(format!("\0{}\0{}", password.username, password.password))
}

/// A plain mail from the chair.
pub fn mail(from: &str, to: &str) -> String {
    format!(
        "From: =?utf-8?B?TMOqIE3hu7kgTGluaA==?= <{from}>\r\nTo: {to}\r\nBcc: {CLERKS}\r\nSubject: =?utf-8?B?UXV54bq/dCDEkeG7i25o?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nK=C3=ADnh g=E1=BB=ADi\r\n.hai\r\n"
    )
}

pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

pub struct Client(BufReader<Box<dyn Stream>>);

impl Client {
    /// Connects and reads the greeting.
    pub async fn new(server: SocketAddr) -> Self {
        let stream: Box<dyn Stream> = Box::new(TcpStream::connect(server).await.unwrap());
        let mut client = Self(BufReader::new(stream));
        let greeting = client.reply().await;
        assert!(greeting.starts_with("220 mail.binhdinh.test"), "{greeting}");
        client
    }

    /// The same with EHLO said.
    pub async fn greeted(server: SocketAddr) -> Self {
        let mut client = Self::new(server).await;
        let said = client.say("EHLO client.test").await;
        assert!(
            said.contains("250-STARTTLS") || said.contains("250 STARTTLS"),
            "{said}"
        );
        client
    }

    /// The same after STARTTLS and another EHLO.
    pub async fn protected(server: SocketAddr) -> Self {
        let mut client = Self::greeted(server).await;
        assert!(client.say("STARTTLS").await.starts_with("220"));
        let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
        let stream = TLS
            .client
            .connect(name, client.0.into_inner())
            .await
            .unwrap();
        let mut client = Self(BufReader::new(Box::new(stream)));
        let said = client.say("EHLO client.test").await;
        assert!(!said.contains("STARTTLS"), "{said}");
        client
    }

    /// A whole reply; empty when the server has closed.
    pub async fn reply(&mut self) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            let read = tokio::time::timeout(PATIENCE, self.0.read_line(&mut line))
                .await
                .expect("an answer in time");
            if read.unwrap_or(0) == 0 {
                return all;
            }
            all.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                return all;
            }
        }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// The same for a line that may break.
    pub async fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    /// A command and its reply.
    pub async fn say(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.reply().await
    }

    #[track_caller]
    pub fn expect(said: &str, code: &str) {
        assert!(said.starts_with(code), "expected {code}, got {said}");
    }

    /// MAIL and RCPT, both accepted.
    pub async fn envelope(&mut self, from: &str, to: &[&str]) {
        Self::expect(&self.say(&format!("MAIL FROM:<{from}>")).await, "250");
        for one in to {
            Self::expect(&self.say(&format!("RCPT TO:<{one}>")).await, "250");
        }
    }

    /// DATA, the message dot-stuffed, the last reply.
    pub async fn data(&mut self, message: &str) -> String {
        Self::expect(&self.say("DATA").await, "354");
        let stuffed = message.replace("\r\n.", "\r\n..");
        self.send(format!("{stuffed}.\r\n").as_bytes()).await;
        self.reply().await
    }
}
