//! Commands and bad input from outside: clear words, exit codes, nothing changed.

use tests::province::{antin, province};
use tests::tools::{Said, run};

fn call(arguments: &[&str]) -> Said {
    run(antin().to_str().unwrap(), arguments)
}

#[test]
fn a_second_owner_of_the_data_directory_is_told_who_holds_it() {
    let said = call(&["serve", "--data", province().data.to_str().unwrap()]);
    assert_eq!(said.code, 69, "{}", said.all());
    assert!(said.err.contains("antin demo"), "{}", said.err);
}

#[test]
fn bad_configuration_names_file_key_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("antin.toml");
    for (text, key) in [
        ("public_urll = \"https://a.example\"\n", "public_urll"),
        (
            "public_url = \"http://antin.binhdinh.gov.vn\"\n",
            "public_url",
        ),
        ("[database]\nurl = \"mysql://x\"\n", "database.url"),
        ("[test]\nclock_offset = 5\n", "test.clock_offset"),
        ("[listen]\npublic = \"nowhere\"\n", "public"),
        ("public_url = \n", "antin.toml"),
    ] {
        std::fs::write(&file, text).unwrap();
        let said = call(&[
            "config",
            "check",
            "--config",
            file.to_str().unwrap(),
            "--data",
            folder.path().join("data").to_str().unwrap(),
        ]);
        assert_eq!(said.code, 78, "{text}: {}", said.all());
        assert!(
            said.err.contains(key) && said.err.contains("antin.toml") && said.err.contains("Do: "),
            "{text}: {}",
            said.err
        );
        assert!(
            !folder.path().join("data").exists(),
            "{text}: something was made"
        );
    }
}

#[test]
fn a_file_that_is_no_pdf_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let data = province().data.display().to_string();
    for (name, bytes) in [
        ("empty.pdf", &b""[..]),
        ("text.pdf", b"hello"),
        ("head.pdf", b"%PDF-1.7\n"),
        ("cut.pdf", b"%PDF-1.7\nstartxref\n999999\n%%EOF"),
    ] {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let said = call(&["verify", "--data", &data, file.to_str().unwrap()]);
        assert_ne!(said.code, 0, "{name}");
        assert!(
            !said.all().is_empty() && !said.all().contains("panicked"),
            "{name}: {}",
            said.all()
        );
    }
}

#[test]
fn decide_prints_block_clause_and_term() {
    let data = province().data.display().to_string();
    let said = call(&[
        "decide",
        "--data",
        &data,
        "--person",
        "BD-000002",
        "--action",
        "sign",
        "--kind",
        "quyet_dinh",
        "--field",
        "Kinh tế tổng hợp",
    ])
    .must_succeed();
    assert!(
        said.out.contains("TM. ỦY BAN NHÂN DÂN")
            && said.out.contains("KT. CHỦ TỊCH")
            && said.out.contains("30/2020"),
        "{}",
        said.out
    );
    let said = call(&[
        "decide",
        "--data",
        &data,
        "--person",
        "BD-000002",
        "--action",
        "sign",
        "--kind",
        "quyet_dinh",
        "--field",
        "Văn hóa - xã hội",
    ]);
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(
        said.out.contains("outside_assignment") && said.out.contains("Trần Đình Tường"),
        "{}",
        said.all()
    );
}
