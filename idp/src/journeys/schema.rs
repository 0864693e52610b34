//! Statements and tables are the same on both engines.

use crate::store::{account::Account, activation::Activation, client, credential, grant, session};
use platform::db::prepare;
use platform::testing;

#[tokio::test]
async fn every_statement_prepares_on_both_engines_and_the_tables_agree() {
    let (sqlite, postgres) = (testing::sqlite().await, testing::postgres().await);
    for db in [&sqlite, &postgres] {
        platform::migrations::apply(db, &[&register::MIGRATIONS, &crate::MIGRATIONS], 0)
            .await
            .unwrap();
    }
    assert_eq!(
        prepare::check(&sqlite, &postgres, &crate::statements())
            .await
            .unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(
        prepare::compare_schemas(&sqlite, &postgres).await.unwrap(),
        Vec::<String>::new()
    );
    let mut complaints = prepare::nullability::<Account>(&postgres, &crate::store::account::BY_ID)
        .await
        .unwrap();
    complaints.extend(
        prepare::nullability::<Activation>(&postgres, &crate::store::activation::FIND)
            .await
            .unwrap(),
    );
    complaints.extend(
        prepare::nullability::<credential::Factors>(&postgres, &credential::FACTORS)
            .await
            .unwrap(),
    );
    complaints.extend(
        prepare::nullability::<credential::StoredPasskey>(&postgres, &credential::PASSKEYS)
            .await
            .unwrap(),
    );
    complaints.extend(
        prepare::nullability::<grant::Grant>(&postgres, &grant::FIND)
            .await
            .unwrap(),
    );
    complaints.extend(
        prepare::nullability::<session::StoredSession>(&postgres, &session::BY_DIGEST)
            .await
            .unwrap(),
    );
    complaints.extend(
        prepare::nullability::<session::ChosenPost>(&postgres, &session::POST)
            .await
            .unwrap(),
    );
    let _addresses = &client::ADDRESSES;
    assert_eq!(complaints, Vec::<String>::new());
}

#[test]
fn both_languages_have_the_same_texts() {
    let keys = |text: &str| -> Vec<String> {
        let mut keys: Vec<String> = text
            .lines()
            .filter_map(|l| l.split_once(" ="))
            .map(|(k, _)| k.to_owned())
            .filter(|k| !k.starts_with(' '))
            .collect();
        keys.sort();
        keys
    };
    let vi = keys(include_str!("../../locales/vi/main.ftl"));
    assert_eq!(vi, keys(include_str!("../../locales/en/main.ftl")));
    assert!(vi.len() > 100);
}
