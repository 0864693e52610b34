//! The guards that other crates' tests rely on must bite.
use crate::audit::Housekeeping;
use crate::db::{Error, prepare};

crate::statements! {
    pub LITE_ONLY = "CREATE TABLE planted (id TEXT NOT NULL PRIMARY KEY, flag INTEGER NOT NULL, note TEXT) STRICT",
        postgres "CREATE TABLE planted (id TEXT NOT NULL PRIMARY KEY, flag BOOLEAN NOT NULL, note TEXT NOT NULL)";
    pub LOOSE = "CREATE TABLE loose (id TEXT NOT NULL PRIMARY KEY)";
    pub LEFT = "SELECT e.id AS id, c.note AS note FROM audit_event e LEFT JOIN log_checkpoint c ON c.size = e.log_index";
    pub UNNAMED = "SELECT count(*) FROM outbox";
    pub MISSING = "SELECT nothing FROM nowhere";
}

mod good {
    crate::statements! {
        pub NULLABLE = "SELECT id, body FROM audit_event";
        pub COALESCED = "SELECT coalesce(max(size), 0) AS size FROM log_checkpoint";
    }
}

#[tokio::test]
async fn every_statement_of_the_ground_floor_prepares_alike_on_both_engines() {
    let (sqlite, postgres) = (
        crate::testing::sqlite().await,
        crate::testing::postgres().await,
    );
    let found = prepare::check(&sqlite, &postgres, &crate::statements())
        .await
        .unwrap();
    assert_eq!(found, Vec::<String>::new());
    let found = prepare::compare_schemas(&sqlite, &postgres).await.unwrap();
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test]
async fn planted_differences_are_found() {
    let (sqlite, postgres) = (
        crate::testing::sqlite().await,
        crate::testing::postgres().await,
    );
    let found = prepare::check(&sqlite, &postgres, &[&UNNAMED, &MISSING])
        .await
        .unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    for db in [&sqlite, &postgres] {
        db.write(|mut tx| async move {
            tx.execute(&LITE_ONLY, ()).await?;
            tx.execute(&LOOSE, ()).await?;
            Ok::<_, Error>(tx.housekeeping(Housekeeping::Measurement, ()))
        })
        .await
        .unwrap();
    }
    let found = prepare::compare_schemas(&sqlite, &postgres).await.unwrap();
    for wanted in [
        "planted.note",
        "planted.flag: a boolean",
        "loose: not STRICT",
    ] {
        assert!(
            found.iter().any(|line| line.contains(wanted)),
            "{wanted} not in {found:?}"
        );
    }
    assert_eq!(found.len(), 3, "{found:?}");
}

#[tokio::test]
async fn a_column_that_may_be_null_in_a_field_that_may_not_is_found() {
    let postgres = crate::testing::postgres().await;
    let bad = prepare::nullability::<(String, String)>(&postgres, &good::NULLABLE)
        .await
        .unwrap();
    assert_eq!(bad.len(), 1, "{bad:?}");
    let fine = prepare::nullability::<(String, Option<String>)>(&postgres, &good::NULLABLE)
        .await
        .unwrap();
    assert_eq!(fine, Vec::<String>::new());
    let left = prepare::nullability::<(String, String)>(&postgres, &LEFT)
        .await
        .unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    let coalesced = prepare::nullability::<(i64,)>(&postgres, &good::COALESCED)
        .await
        .unwrap();
    assert_eq!(coalesced, Vec::<String>::new());
}
