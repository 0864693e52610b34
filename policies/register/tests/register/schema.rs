//! Statements and tables agree between the engines.

use super::support::migrate;

#[tokio::test]
async fn every_statement_prepares_alike_on_both_engines_and_the_tables_are_twins() {
    let (sqlite, postgres) = (
        platform::testing::sqlite().await,
        platform::testing::postgres().await,
    );
    migrate(&sqlite).await;
    migrate(&postgres).await;
    let complaints = platform::db::prepare::check(&sqlite, &postgres, &register::statements())
        .await
        .unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let complaints = platform::db::prepare::compare_schemas(&sqlite, &postgres)
        .await
        .unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn no_statement_reads_a_table_of_facts_past_its_view() {
    let facts = [
        "agency",
        "unit",
        "post",
        "person_attribute",
        "appointment",
        "suspension",
        "assignment",
        "succession",
        "seal",
        "admin_role",
        "mailbox",
    ];
    for statement in register::statements() {
        // Taking a change-set back asks who laid and closed a record, and a change of the master key seals every record again, closed
        // ones too: no view tells either, and nothing of it is shown to anybody.
        if statement.module().ends_with("store::laid") || statement.name() == "SEALED_PAGE" {
            continue;
        }
        let words: Vec<&str> = statement.sqlite().split_whitespace().collect();
        let writes = matches!(words[0], "INSERT" | "UPDATE" | "DELETE");
        for pair in words.windows(2) {
            let reads = matches!(pair[0], "FROM" | "JOIN")
                && facts
                    .contains(&pair[1].trim_matches(|c: char| !c.is_alphanumeric() && c != '_'));
            assert!(
                !reads || writes,
                "{} reads {} directly",
                statement.name(),
                pair[1]
            );
        }
    }
}
