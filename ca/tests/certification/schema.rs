//! The tables and statements on both engines, and the two languages.

#[tokio::test]
async fn both_engines_have_the_same_tables_and_accept_every_statement() {
    let (sqlite, postgres) = (
        platform::testing::sqlite().await,
        platform::testing::postgres().await,
    );
    let sets = [
        &register::MIGRATIONS,
        &policies::MIGRATIONS,
        &ca::MIGRATIONS,
    ];
    for db in [&sqlite, &postgres] {
        platform::migrations::apply(db, &sets, 0).await.unwrap();
    }
    let complaints = platform::db::prepare::compare_schemas(&sqlite, &postgres)
        .await
        .unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let complaints = platform::db::prepare::check(&sqlite, &postgres, &ca::statements())
        .await
        .unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn vietnamese_and_english_have_the_same_keys() {
    let keys = |text: &str| -> Vec<String> {
        let mut keys: Vec<String> = text
            .lines()
            .filter_map(|line| line.split_once(" = ").map(|(key, _)| key.to_owned()))
            .collect();
        keys.sort();
        keys
    };
    let vi = keys(include_str!("../../locales/vi/main.ftl"));
    assert_eq!(vi, keys(include_str!("../../locales/en/main.ftl")));
    for code in documents::FindingCode::ALL {
        let key = format!("finding-{}", code.as_str().replace('_', "-"));
        assert!(vi.contains(&key), "{key}");
    }
}
