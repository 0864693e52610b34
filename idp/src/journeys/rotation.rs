//! Everything sealed is sealed again under a new master key; what stops half-way is finished by the next run.

use crate::SEALED;
use crate::store::key;
use crate::testing::world::World;
use platform::audit::Housekeeping;
use platform::db::{self, Db};
use platform::random::Entropy;
use platform::secrets::Sealer;
use platform::secrets::columns::{self, Count};
use std::collections::BTreeMap;

/// Sealers with the first key, and with a second beside it.
fn sealers() -> (Sealer, Sealer) {
    let entropy = Entropy::seeded(4);
    let make = |keys: BTreeMap<u32, [u8; 32]>| Sealer::new(&keys, entropy.clone()).unwrap();
    (
        make(BTreeMap::from([(1, [7; 32])])),
        make(BTreeMap::from([(1, [7; 32]), (2, [8; 32])])),
    )
}

async fn put(db: &Db, id: &str, value: &[u8]) {
    db.write(|mut tx| async move {
        key::insert(&mut tx, id, "ES256", value, 0).await?;
        Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Measurement, ()))
    })
    .await
    .unwrap();
}

platform::both_engines! {
    async fn a_rotation_that_stops_half_way_is_finished_by_the_next_and_loses_nothing(db: Db) {
        let _world = World::new(db.clone()).await;
        let (old, new) = sealers();
        let before = columns::open_all(&db, &new, &SEALED).await.unwrap();
        assert!(before.values > 0 && before.stale == before.values, "{before:?}");
        for number in 0..250 {
            let id = format!("key_{number:03}");
            put(&db, &id, &old.seal("signing_key", "private", &id, id.as_bytes()).unwrap()).await;
        }
        // One value that opens nowhere stops the rotation at its place.
        put(&db, "key_200_x", &old.seal("signing_key", "private", "elsewhere", b"x").unwrap()).await;
        let stopped = columns::seal_again(&db, &new, &SEALED).await.unwrap_err().to_string();
        assert!(stopped.contains("signing_key.private, row key_200_x"), "{stopped}");
        // The row is brought right, and the next run goes on where the other stopped.
        let rows = key::all(&mut db.read().await.unwrap()).await.unwrap();
        let wrong = rows.into_iter().find(|row| row.id == "key_200_x").unwrap().private;
        let right = old.seal("signing_key", "private", "key_200_x", b"x").unwrap();
        let (wrong, right) = (&wrong, &right);
        db.write(|mut tx| async move {
            tx.execute(&key::SEAL_AGAIN, (right, "key_200_x", wrong)).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Measurement, ()))
        })
        .await
        .unwrap();
        let total = before.values + 251;
        let left = columns::open_all(&db, &new, &SEALED).await.unwrap();
        assert!(left.values == total && left.stale > 0 && left.stale < total, "{left:?}");
        let done = columns::seal_again(&db, &new, &SEALED).await.unwrap();
        assert_eq!(done, left.stale);
        let after = columns::open_all(&db, &new, &SEALED).await.unwrap();
        assert_eq!(after, Count { values: total, stale: 0 });
        assert_eq!(columns::seal_again(&db, &new, &SEALED).await.unwrap(), 0);
        for row in key::all(&mut db.read().await.unwrap()).await.unwrap() {
            if row.id.starts_with("key_0") {
                let plain = new.open("signing_key", "private", &row.id, &row.private).unwrap();
                assert_eq!(plain.as_slice(), row.id.as_bytes());
            }
        }
        assert!(columns::open_all(&db, &old, &SEALED).await.is_err(), "the old key alone opens nothing of it");
    }
}
