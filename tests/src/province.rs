//! A running demo province: the binary itself, in a directory of its own, on free ports, started once per test process.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};

/// The province of this test process, after its story has been played.
pub struct Province {
    pub data: PathBuf,
    pub demo: Value,
    pub ready: std::time::Duration,
    _child: Child,
    _folder: tempfile::TempDir,
}

static PROVINCE: OnceLock<Province> = OnceLock::new();

/// The binary under test (built by the same cargo run).
pub fn antin() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let binary = test.parent().unwrap().parent().unwrap().join("antin");
    assert!(
        binary.exists(),
        "{} is missing: tests/run builds it before the tests",
        binary.display()
    );
    binary
}

/// Twelve free ports in a row that no other call of this process was given; the first is returned.
pub fn free_ports() -> u16 {
    static GIVEN: Mutex<Option<u16>> = Mutex::new(None);
    let mut given = GIVEN.lock().unwrap();
    let first = 21_000 + u16::try_from(std::process::id() % 300).unwrap() * 20;
    let mut base = given.map_or(first, |last| last + 20);
    loop {
        if base > 40_000 {
            base = 21_000;
        }
        let free = (0..12).all(|n| TcpListener::bind(("127.0.0.1", base + n)).is_ok());
        if free {
            *given = Some(base);
            return base;
        }
        base += 20;
    }
}

/// The province, started at the first call. It ends with this process: its standard input closes.
pub fn province() -> &'static Province {
    PROVINCE.get_or_init(Province::start)
}

impl Province {
    /// One more province, for a test that changes it for good. It ends when it is dropped.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("antin-").tempdir().unwrap();
        let data = folder.path().join("data");
        let started = std::time::Instant::now();
        let mut child = Command::new(antin())
            .args([
                "demo",
                "--data",
                data.to_str().unwrap(),
                "--until-stdin-closes",
                "--port-base",
                &free_ports().to_string(),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut heard = Vec::new();
        loop {
            match lines.next() {
                Some(Ok(line)) if line.contains("STORY-DONE") => break,
                Some(Ok(line)) => heard.push(line),
                _ => {
                    let errors =
                        std::fs::read_to_string(folder.path().join("stderr")).unwrap_or_default();
                    panic!(
                        "the demo ended before its story was done:\n{}\n{errors}",
                        heard.join("\n")
                    );
                }
            }
        }
        let ready = started.elapsed();
        std::thread::spawn(move || for _ in lines.map_while(Result::ok) {});
        let demo = serde_json::from_slice(&std::fs::read(data.join("demo.json")).unwrap()).unwrap();
        Self {
            data,
            demo,
            ready,
            _child: child,
            _folder: folder,
        }
    }

    /// A text of `demo.json` by JSON pointer.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        self.demo
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("demo.json has no {pointer}"))
            .to_owned()
    }

    /// A file of the story.
    pub fn story(&self, name: &str) -> PathBuf {
        self.data.join("story").join(name)
    }

    /// Issuer, also the address of all pages.
    pub fn issuer(&self) -> String {
        self.text("/issuer")
    }
}

/// Reads a file or fails with its name.
#[track_caller]
pub fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
