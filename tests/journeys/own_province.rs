//! An own province from the command line: `init`, `serve`, and the starts that are refused.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tests::province::{antin, free_ports};
use tests::tools::run;

/// A province of one's own in an empty directory, without certification: mail brings its TLS certificate along.
struct Own {
    folder: tempfile::TempDir,
    ports: u16,
}

/// A running `antin serve`; killed when dropped.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // Already ended when the test stopped it itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Serving {
    /// Asks it to stop and waits.
    fn stop(mut self) {
        run("kill", ["-TERM", &self.0.id().to_string()]).must_succeed();
        let status = self.0.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Own {
    fn new() -> Self {
        let own = Self {
            folder: tempfile::Builder::new()
                .prefix("antin-own-")
                .tempdir()
                .unwrap(),
            ports: free_ports(),
        };
        let (key, certificate) = (own.path("tls.key"), own.path("tls.pem"));
        run(
            "openssl",
            [
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=mail.antin.example",
                "-keyout",
                key.to_str().unwrap(),
                "-out",
                certificate.to_str().unwrap(),
            ],
        )
        .must_succeed();
        let port = |n: u16| own.ports + n;
        let text = format!(
            "public_url = \"http://localhost:{}\"\nstatus_url = \"http://127.0.0.1:{}\"\nprovince = \"tỉnh Thử\"\n\
             [listen]\npublic = \"127.0.0.1:{}\"\nstatus = \"127.0.0.1:{}\"\nmanagement = \"127.0.0.1:{}\"\n\
             [mail]\nhostname = \"mail.antin.example\"\ndomains = [\"antin.example\"]\nsubmission = \"127.0.0.1:{}\"\nsubmissions = \"127.0.0.1:{}\"\nmx = \"127.0.0.1:{}\"\ntls_certificate = {certificate:?}\ntls_key = {key:?}\n",
            port(0),
            port(1),
            port(0),
            port(1),
            port(2),
            port(3),
            port(4),
            port(5)
        );
        std::fs::write(own.path("antin.toml"), text).unwrap();
        own
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.path("data")
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(antin());
        command
            .arg(verb)
            .arg("--config")
            .arg(self.path("antin.toml"))
            .arg("--data")
            .arg(self.data());
        command
    }

    /// Starts and waits until pages answer; how long that took.
    fn serve(&self, arguments: &[&str], environment: &[(&str, &str)]) -> (Serving, Duration) {
        let began = Instant::now();
        let errors = std::fs::File::create(self.path("stderr")).unwrap();
        let mut child = self
            .command("serve")
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .unwrap();
        let address = ("127.0.0.1", self.ports);
        while std::net::TcpStream::connect(address).is_err() {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("{status}: {}", self.said());
            }
            assert!(began.elapsed() < Duration::from_secs(30), "{}", self.said());
            std::thread::sleep(Duration::from_millis(5));
        }
        (Serving(child), began.elapsed())
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.path("stderr")).unwrap()
    }

    /// A start that must be refused: exit code and words.
    fn refused(&self, environment: &[(&str, &str)]) -> (i32, String) {
        let output = self
            .command("serve")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().unwrap_or(-1), words)
    }

    /// Waits until the newest head stands beside the database.
    fn head(&self) -> String {
        let began = Instant::now();
        loop {
            match std::fs::read_to_string(self.data().join("log.checkpoint")) {
                Ok(head) => return head,
                Err(error) => assert!(began.elapsed() < Duration::from_secs(20), "{error}"),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn copy_database(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in ["antin.db", "antin.db-wal", "antin.db-shm"] {
        match std::fs::copy(from.join(name), to.join(name)) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                // What is not there now must not stay from before.
                drop(std::fs::remove_file(to.join(name)));
            }
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

#[tokio::test]
async fn an_own_province_serves_and_refuses_an_older_database_and_a_clock_behind_its_records() {
    let own = Own::new();
    let made = own.command("init").output().unwrap();
    let words = String::from_utf8_lossy(&made.stdout).into_owned();
    assert!(
        made.status.success() && words.contains("/setup"),
        "{words} {}",
        String::from_utf8_lossy(&made.stderr)
    );
    let (serving, _) = own.serve(&[], &[]);
    own.head();
    let page = reqwest::get(format!("http://localhost:{}/setup", own.ports))
        .await
        .unwrap();
    assert_eq!(page.status(), 200, "{}", own.said());
    serving.stop();
    copy_database(&own.data(), &own.path("before"));

    // A second set-up code is one more record.
    assert!(own.command("init").output().unwrap().status.success());
    let (serving, again) = own.serve(&[], &[]);
    println!("ready on an existing database after {again:?}");
    let older = own.head();
    let began = Instant::now();
    while own.head() == older && began.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(50));
    }
    serving.stop();

    let newest = own.path("newest");
    copy_database(&own.data(), &newest);
    copy_database(&own.path("before"), &own.data());
    let (code, words) = own.refused(&[]);
    assert_eq!(code, 69, "{words}");
    assert!(
        words.contains("log.checkpoint") && words.contains("newest database"),
        "{words}"
    );

    copy_database(&newest, &own.data());
    let hour_back = [
        ("ANTIN_TEST__ENABLED", "true"),
        ("ANTIN_TEST__CLOCK_OFFSET", "-3600000"),
    ];
    let (code, words) = own.refused(&hour_back);
    assert_eq!(code, 69, "{words}");
    assert!(
        words.contains("behind the last record") && words.contains("--accept-clock"),
        "{words}"
    );
    let (serving, _) = own.serve(&["--accept-clock"], &hour_back);
    serving.stop();
}
