//! The operator's view of a running province: readiness and measures, a backup taken while it serves, its drill, and a restore.

use super::day::Person;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tests::province::{antin, free_ports, province, read};
use tests::tools::{Said, run};

pub fn call(arguments: &[&str]) -> Said {
    run(antin().to_str().unwrap(), arguments)
}

pub fn text(path: &Path) -> String {
    path.display().to_string()
}

fn management() -> String {
    let port = &province().demo["ports"]["management"];
    format!("http://127.0.0.1:{port}")
}

async fn fetch(path: &str) -> (u16, String) {
    let answer = reqwest::get(format!("{}{path}", management()))
        .await
        .unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Names of measures in docs/operations/metrics.md.
fn vocabulary() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations/metrics.md");
    std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("| `antin_")?.split('`').next())
        .map(|name| format!("antin_{name}"))
        .collect()
}

#[tokio::test]
async fn a_running_province_is_live_and_ready_and_says_so_check_by_check() {
    let (status, live) = fetch("/live").await;
    assert_eq!(status, 200, "{live}");
    let (status, ready) = fetch("/ready").await;
    assert_eq!(status, 200, "{ready}");
    let ready: Value = serde_json::from_str(&ready).unwrap();
    assert_eq!(ready["ready"], true);
    let mut names: Vec<&str> = ready["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["database", "log", "schema", "signer"]);
}

#[tokio::test]
async fn measures_are_of_the_written_vocabulary_and_name_nobody() {
    // Something is counted before it is looked at.
    Person::from_the_demo("vice_chairman")
        .at_the_province()
        .await;
    reqwest::get(format!("{}/people/khong-co-nguoi-nay", province().issuer()))
        .await
        .unwrap();
    let (status, figures) = fetch("/metrics").await;
    assert_eq!(status, 200);
    let words = vocabulary();
    assert!(words.len() > 20, "{words:?}");
    let mut seen = Vec::new();
    for line in figures.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let word = words
            .iter()
            .find(|word| {
                let rest = name.strip_prefix(word.as_str());
                rest.is_some_and(|rest| ["", "_bucket", "_sum", "_count"].contains(&rest))
            })
            .unwrap_or_else(|| panic!("{line} is not in docs/operations/metrics.md"));
        seen.push(word.clone());
    }
    for needed in [
        "antin_http_requests_total",
        "antin_database_units_total",
        "antin_sign_ins_total",
        "antin_log_leaves",
        "antin_mail_queue_recipients",
        "antin_signer_answers_total",
        "antin_job_runs_total",
        "antin_process_resident_memory_bytes",
    ] {
        assert!(
            seen.iter().any(|name| name == needed),
            "{needed}\n{figures}"
        );
    }
    assert!(
        figures.contains("route=\"/people/{id}\"") && figures.contains("process=\"signer\""),
        "{figures}"
    );
    let people: Value =
        serde_json::from_slice(&read(&province().data.join("people.json"))).unwrap();
    let kits = people["kits"].as_array().unwrap();
    assert!(kits.len() > 3, "{kits:?}");
    let names = kits.iter().flat_map(|kit| {
        ["person", "name", "username"].map(|member| kit[member].as_str().unwrap().to_owned())
    });
    for word in names.chain(["khong-co-nguoi-nay".to_owned(), "@".to_owned()]) {
        assert!(!figures.contains(&word), "{word} stands in the measures");
    }
}

/// A backup of the running demo.
pub struct Backup {
    folder: tempfile::TempDir,
}

impl Backup {
    fn take() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let backup = Self { folder };
        let said = call(&[
            "backup",
            "--data",
            &text(&province().data),
            "--to",
            &text(&backup.path("backup")),
            "--json",
        ])
        .must_succeed();
        let said: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(said["left_out"], serde_json::json!([]), "{said}");
        backup
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn restore(&self, into: &Path) -> Said {
        call(&[
            "restore",
            &text(&self.path("backup")),
            "--data",
            &text(into),
        ])
    }
}

#[test]
fn a_backup_of_a_running_province_is_proved_restored_and_knows_its_papers_and_its_log() {
    let backup = Backup::take();
    for (secret, folder) in [
        ("master.key", "keys"),
        ("signer/key-encryption.key", "keys"),
    ] {
        assert!(
            backup.path("backup").join(folder).join(secret).exists(),
            "{secret}"
        );
        assert!(
            !backup.path("backup/data").join(secret).exists(),
            "{secret} lies beside the data"
        );
    }
    let proved = call(&["backup", "check", &text(&backup.path("backup")), "--json"]).must_succeed();
    let proved: Value = serde_json::from_str(&proved.out).unwrap();
    for figure in ["leaves", "heads", "decisions", "sealed", "keys", "journal"] {
        let count = proved["figures"][figure].as_u64().unwrap();
        assert!(count > 0, "{figure}: {proved}");
    }
    let restored = backup.path("restored");
    let said = backup.restore(&restored).must_succeed();
    assert!(said.out.contains("antin log verify"), "{}", said.out);
    let paper = text(&province().story("6-sealed.pdf"));
    call(&["verify", "--data", &text(&restored), &paper]).must_succeed();
    let log = call(&["log", "verify", "--data", &text(&restored)]).must_succeed();
    assert!(log.out.starts_with("whole: "), "{}", log.out);
    // A second restore into the same place changes nothing.
    let again = backup.restore(&restored);
    assert_eq!(again.code, 65, "{}", again.all());
    assert!(again.err.contains("is not empty"), "{}", again.err);
}

#[test]
fn a_changed_backup_is_refused_by_name_and_nothing_is_restored() {
    let backup = Backup::take();
    let file = backup.path("backup/data/antin.db");
    let mut bytes = read(&file);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let restored = backup.path("restored");
    for said in [
        call(&["backup", "check", &text(&backup.path("backup"))]),
        backup.restore(&restored),
    ] {
        assert_eq!(said.code, 1, "{}", said.all());
        assert!(
            said.err.contains("data/antin.db was changed"),
            "{}",
            said.err
        );
    }
    assert!(!restored.exists());
}

#[tokio::test]
async fn a_restore_below_a_known_head_is_refused_and_a_restored_province_goes_on_with_its_log() {
    let backup = Backup::take();
    let restored = backup.path("restored");
    let head = province().data.join("log.checkpoint");
    let before = read(&head);
    // One more record, and its signed head.
    Person::from_the_demo("clerk").at_the_province().await;
    let began = Instant::now();
    while read(&head) == before && began.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    std::fs::create_dir(&restored).unwrap();
    std::fs::copy(&head, restored.join("log.checkpoint")).unwrap();
    let refused = backup.restore(&restored);
    assert_eq!(refused.code, 1, "{}", refused.all());
    assert!(
        refused.err.contains("a newer head of this log is known")
            && refused.err.contains("log.checkpoint"),
        "{}",
        refused.err
    );
    assert!(!restored.join("antin.db").exists());

    // Without that head it is restored; the signer's copy and the database belong together, so the log goes on.
    std::fs::remove_dir_all(&restored).unwrap();
    backup.restore(&restored).must_succeed();
    let served = Served::start(&restored, &backup.path("stderr")).await;
    assert!(
        !served.words().contains("did not move on"),
        "{}",
        served.words()
    );
}

/// `antin serve` on a restored directory; killed when dropped.
pub struct Served {
    child: Child,
    errors: PathBuf,
    /// Its pages.
    pub address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        // Already ended when a start failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Served {
    /// Starts it and waits until it says that it is ready.
    pub async fn start(data: &Path, errors: &Path) -> Self {
        let ports = free_ports();
        let address = format!("http://localhost:{ports}");
        let listen = |n: u16| format!("127.0.0.1:{}", ports + n);
        let child = Command::new(antin())
            .args(["serve", "--data", &text(data)])
            .env("ANTIN_PUBLIC_URL", &address)
            .env("ANTIN_LISTEN__PUBLIC", listen(0))
            .env("ANTIN_LISTEN__STATUS", listen(1))
            .env("ANTIN_LISTEN__MANAGEMENT", listen(2))
            .env("ANTIN_MAIL__SUBMISSION", listen(3))
            .env("ANTIN_MAIL__SUBMISSIONS", listen(4))
            .env("ANTIN_MAIL__MX", listen(5))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(errors).unwrap())
            .spawn()
            .unwrap();
        let mut served = Self {
            child,
            errors: errors.to_owned(),
            address,
        };
        let began = Instant::now();
        let mut last = String::new();
        loop {
            if let Ok(answer) = reqwest::get(format!("http://{}/ready", listen(2))).await {
                let status = answer.status();
                last = answer.text().await.unwrap();
                if status == 200 {
                    return served;
                }
            }
            let ended = served.child.try_wait().unwrap().is_some();
            assert!(
                !ended && began.elapsed() < Duration::from_secs(60),
                "{last}\n{}",
                served.words()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What it wrote to standard error.
    pub fn words(&self) -> String {
        std::fs::read_to_string(&self.errors).unwrap()
    }
}

/// A stopped province: the demo's backup, restored.
pub fn stopped() -> (Backup, PathBuf) {
    let backup = Backup::take();
    let restored = backup.path("restored");
    backup.restore(&restored).must_succeed();
    (backup, restored)
}

/// The doctor's findings about a directory, by check.
pub fn doctor(data: &Path) -> (i32, Vec<(String, String, String)>) {
    let said = call(&["doctor", "--json", "--data", &text(data)]);
    let report: Value =
        serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}", said.all()));
    let findings = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            for lang in ["vi", "en"] {
                assert!(
                    !finding["found"][lang].as_str().unwrap().is_empty(),
                    "{finding}"
                );
                assert!(
                    finding["state"] == "good" || !finding["do"][lang].as_str().unwrap().is_empty(),
                    "{finding}"
                );
            }
            (
                finding["check"].as_str().unwrap().to_owned(),
                finding["state"].as_str().unwrap().to_owned(),
                format!("{} {}", finding["found"], finding["do"]),
            )
        })
        .collect();
    (said.code, findings)
}

#[track_caller]
pub fn state<'a>(findings: &'a [(String, String, String)], check: &str) -> (&'a str, &'a str) {
    let found = findings
        .iter()
        .find(|finding| finding.0 == check)
        .unwrap_or_else(|| panic!("no {check} in {findings:?}"));
    (&found.1, &found.2)
}

#[test]
fn the_doctor_says_what_is_well_what_is_not_and_what_to_do() {
    let (code, findings) = doctor(&province().data);
    // A demo is on loopback: one note.
    assert_eq!(code, 3, "{findings:?}");
    assert_eq!(state(&findings, "configuration").0, "warning");
    assert!(
        state(&findings, "owner").1.contains("antin demo"),
        "{findings:?}"
    );
    for check in [
        "permissions",
        "database",
        "clock",
        "log",
        "mail_queue",
        "master_key",
        "signer",
    ] {
        assert_eq!(state(&findings, check).0, "good", "{findings:?}");
    }
    let (_backup, data) = stopped();
    let key = data.join("master.key");
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let (code, findings) = doctor(&data);
    assert_eq!(code, 1);
    let (bad, words) = state(&findings, "permissions");
    assert!(bad == "bad" && words.contains("chmod 600"), "{words}");
    let words = call(&["doctor", "--data", &text(&data)]);
    assert!(
        words.out.contains("HỎNG") && words.out.contains("→ chmod 600"),
        "{}",
        words.out
    );
}

#[test]
fn the_master_key_is_rotated_goes_to_paper_and_comes_back() {
    let running = call(&["keys", "rotate", "--data", &text(&province().data)]);
    assert_eq!(running.code, 69, "{}", running.all());
    assert!(running.err.contains("antin demo"), "{}", running.err);

    let (backup, data) = stopped();
    let at = text(&data);
    let said = call(&["keys", "rotate", "--data", &at]).must_succeed();
    assert!(said.out.contains("master key 2 seals"), "{}", said.out);
    let status = call(&["keys", "status", "--data", &at]).must_succeed();
    assert!(
        status.out.contains(", 0 of them under an older key"),
        "{}",
        status.out
    );
    call(&[
        "verify",
        "--data",
        &at,
        &text(&province().story("6-sealed.pdf")),
    ])
    .must_succeed();

    let papers = backup.path("papers");
    call(&[
        "keys",
        "shares",
        "--threshold",
        "2",
        "--of",
        "3",
        "--out",
        &text(&papers),
        "--data",
        &at,
    ])
    .must_succeed();
    let (master, sealing) = (
        data.join("master.key"),
        data.join("signer/key-encryption.key"),
    );
    let kept = [read(&master), read(&sealing)];
    std::fs::remove_file(&master).unwrap();
    std::fs::remove_file(&sealing).unwrap();
    let (code, findings) = doctor(&data);
    assert!(
        code == 1
            && state(&findings, "key_files")
                .1
                .contains("antin keys recover"),
        "{findings:?}"
    );

    let (one, three) = (papers.join("share-01.txt"), papers.join("share-03.txt"));
    let recover = |shares: &[&Path]| {
        let mut arguments = vec![
            "keys".to_owned(),
            "recover".into(),
            "--data".into(),
            at.clone(),
        ];
        arguments.extend(shares.iter().map(|share| text(share)));
        run(antin().to_str().unwrap(), arguments)
    };
    let alone = recover(&[&one]);
    assert!(
        alone.code == 65 && alone.err.contains("2 are needed"),
        "{}",
        alone.all()
    );
    let typed = std::fs::read_to_string(&three).unwrap();
    let line = typed.lines().last().unwrap();
    let swapped = if line.starts_with('A') { "B" } else { "A" };
    let wrong = backup.path("mistyped.txt");
    std::fs::write(
        &wrong,
        typed.replace(line, &format!("{swapped}{}", &line[1..])),
    )
    .unwrap();
    let mistyped = recover(&[&one, &wrong]);
    assert!(
        mistyped.code == 65 && mistyped.err.contains("mistyped"),
        "{}",
        mistyped.all()
    );
    assert!(!master.exists());

    recover(&[&three, &one]).must_succeed();
    assert_eq!([read(&master), read(&sealing)], kept);
    let (_, findings) = doctor(&data);
    assert_eq!(state(&findings, "master_key").0, "good", "{findings:?}");
    recover(&[&three, &one]).must_succeed();
}
