//! Every complaint names file, key and remedy.
use super::*;

fn load(text: &str) -> Result<Config, Vec<Complaint>> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("antin.toml");
    std::fs::write(&path, text).unwrap();
    Config::load(Some(&path), directory.path())
}

fn complaint(text: &str) -> Complaint {
    let mut complaints = load(text).unwrap_err();
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    complaints.remove(0)
}

#[test]
fn an_empty_file_means_loopback_and_sqlite() {
    let config = load("").unwrap();
    assert_eq!(config.public_url.as_str(), "http://localhost:8080/");
    assert!(config.database.url.is_none());
}

#[test]
fn a_misspelt_key_is_named_with_the_file_and_the_keys_that_exist() {
    for (text, key) in [
        ("pubic_url = \"http://localhost\"", "pubic_url"),
        ("[listen]\npubic = \"127.0.0.1:1\"", "listen.pubic"),
        ("[test]\nenable = true", "test.enable"),
    ] {
        let found = complaint(text);
        assert!(found.place.ends_with("antin.toml"), "{found:?}");
        assert_eq!(found.key, key, "{found:?}");
        assert!(found.remedy.contains("one of"), "{found:?}");
    }
}

#[test]
fn a_wrong_value_is_named_with_its_key() {
    let found = complaint("[listen]\npublic = \"nowhere\"");
    assert_eq!(found.key, "listen.public", "{found}");
    assert!(found.place.ends_with("antin.toml"));
    let found = complaint("[test]\nenabled = 3");
    assert_eq!(found.key, "test.enabled", "{found}");
}

#[test]
fn test_switches_are_refused_off_loopback_and_without_the_main_switch() {
    assert_eq!(
        complaint("[test]\nclock_offset = 5").key,
        "test.clock_offset"
    );
    load("[test]\nenabled = true\nclock_offset = 5").unwrap();
    load("public_url = \"https://antin.binhdinh.example\"\n[test]\nenabled = true").unwrap();
    for host in [
        "antin.binhdinh.gov.vn",
        "localhost.evil.vn",
        "example.evil.vn",
    ] {
        let found = complaint(&format!(
            "public_url = \"https://{host}\"\n[test]\nenabled = true"
        ));
        assert_eq!(found.key, "test.enabled");
    }
}

#[test]
fn plain_http_is_refused_off_loopback() {
    assert_eq!(
        complaint("public_url = \"http://antin.binhdinh.gov.vn\"").key,
        "public_url"
    );
    assert_eq!(
        complaint("[database]\nurl = \"mysql://x\"").key,
        "database.url"
    );
}
