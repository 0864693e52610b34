//! Statements and tables agree between the engines.

#[tokio::test]
async fn every_statement_prepares_alike_on_both_engines_and_the_tables_are_twins() {
    let (sqlite, postgres) = (
        platform::testing::sqlite().await,
        platform::testing::postgres().await,
    );
    for db in [&sqlite, &postgres] {
        platform::migrations::apply(db, &[&register::MIGRATIONS, &crate::MIGRATIONS], 0)
            .await
            .unwrap();
    }
    let statements = crate::statements();
    assert!(statements.len() > 15, "{}", statements.len());
    let complaints = platform::db::prepare::check(&sqlite, &postgres, &statements)
        .await
        .unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
    let complaints = platform::db::prepare::compare_schemas(&sqlite, &postgres)
        .await
        .unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
}
