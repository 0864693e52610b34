//! Foreign tools as judges: openssl, pdfsig with an NSS store, swaks. A missing tool fails the test by name.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a tool said.
#[derive(Debug)]
pub struct Said {
    pub success: bool,
    pub code: i32,
    pub out: String,
    pub err: String,
    pub bytes: Vec<u8>,
}

impl Said {
    /// Standard output and error together.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Fails the test with the tool's own words unless it succeeded.
    #[track_caller]
    pub fn must_succeed(self) -> Self {
        assert!(self.success, "exit {}: {}", self.code, self.all());
        self
    }
}

/// Runs a tool to its end.
pub fn run<S: AsRef<OsStr>>(tool: &str, arguments: impl IntoIterator<Item = S>) -> Said {
    run_with_input(tool, arguments, &[])
}

/// Runs a tool to its end with bytes on its standard input.
pub fn run_with_input<S: AsRef<OsStr>>(
    tool: &str,
    arguments: impl IntoIterator<Item = S>,
    input: &[u8],
) -> Said {
    use std::io::Write as _;
    let mut child = Command::new(tool)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{tool} cannot be started ({e}); tests/run installs it"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || {
        // A tool may stop reading early; what it says decides.
        drop(stdin.write_all(&input));
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    Said {
        success: output.status.success(),
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        bytes: output.stdout,
    }
}

/// An NSS certificate store that trusts the given anchors for signatures, for pdfsig.
pub struct NssStore {
    folder: tempfile::TempDir,
}

impl NssStore {
    /// Makes the store from PEM files.
    pub fn trusting(anchors: &[PathBuf]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = format!("sql:{}", folder.path().display());
        run("certutil", ["-N", "-d", &store, "--empty-password"]).must_succeed();
        for (number, anchor) in anchors.iter().enumerate() {
            let name = format!("anchor-{number}");
            let file = anchor.display().to_string();
            run(
                "certutil",
                [
                    "-A", "-d", &store, "-n", &name, "-t", "CT,CT,CT", "-a", "-i", &file,
                ],
            )
            .must_succeed();
        }
        Self { folder }
    }

    /// What pdfsig says of a file.
    pub fn pdfsig(&self, file: &Path) -> Said {
        run(
            "pdfsig",
            [
                "-nssdir",
                &self.folder.path().display().to_string(),
                &file.display().to_string(),
            ],
        )
    }
}
