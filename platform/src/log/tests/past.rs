//! The past may not be changed unseen: numbering, proofs, and every kind of tampering named at its place.
use std::sync::Arc;

use crate::audit::{self, Actor, Event, Housekeeping};
use crate::clock::Clock;
use crate::db::{Db, Error};
use crate::log::{
    Broken, Log, ProofRefused, check_not_older, export, store, verify_database, verify_export,
};
use crate::random::Entropy;
use crate::testing::MemorySigner;

crate::statements! {
    pub NUMBERS = "SELECT log_index FROM audit_event ORDER BY log_index";
    pub CHANGE_BODY = "UPDATE audit_event SET body = replace(body, 'thing', 'think') WHERE log_index = $1";
    pub CHANGE_KIND = "UPDATE audit_event SET kind = 'other' WHERE log_index = $1";
    pub CHANGE_LEAF = "UPDATE audit_event SET leaf = (SELECT leaf FROM audit_event WHERE log_index = $1), body = NULL, salt = NULL WHERE log_index = $2";
    pub REMOVE = "DELETE FROM audit_event WHERE log_index = $1";
    pub REMOVE_FROM = "DELETE FROM audit_event WHERE log_index >= $1";
    pub SHRINK_HEAD = "UPDATE log_head SET size = $1";
    pub CHANGE_TILE = "UPDATE log_tile SET hashes = $1 WHERE level = 0 AND number = 0";
}

const NAME: &str = "antin.example/log";

fn signer() -> Arc<MemorySigner> {
    Arc::new(MemorySigner::new(NAME, [9; 32]))
}

fn log(db: &Db) -> Log {
    Log::new(db.clone(), Clock::fixed(5), NAME, signer())
}

async fn add(db: &Db, count: u64) -> Vec<String> {
    let entropy = &Entropy::system();
    let mut ids = Vec::new();
    for number in 0..count {
        let id = db
            .write(|tx| async move {
                let make = if number % 3 == 0 {
                    Event::public
                } else {
                    Event::new
                };
                let event = make(
                    "thing.happened",
                    number as i64,
                    Actor::System("test"),
                    entropy,
                )
                .about("thing", "t")
                .detail(serde_json::json!({"z": 1, "a": "Trần Đình Tường"}));
                let id = event.id().to_owned();
                Ok::<_, Error>(tx.commit(event, id))
            })
            .await
            .unwrap();
        ids.push(id);
    }
    ids
}

async fn tamper<P: for<'q> crate::db::Params<'q> + Clone + Sync>(
    db: &Db,
    statement: &'static crate::db::Statement,
    params: P,
) {
    let params = &params;
    db.write(|mut tx| async move {
        tx.execute(statement, params.clone()).await?;
        Ok::<_, Error>(tx.housekeeping(Housekeeping::Measurement, ()))
    })
    .await
    .unwrap();
}

async fn verify(db: &Db) -> Result<crate::log::Report, Broken> {
    verify_database(&mut db.read().await.unwrap(), &[signer().verifier()]).await
}

crate::both_engines! {
    async fn events_written_at_once_are_numbered_without_gap_and_every_proof_verifies(db: Db) {
        let log = log(&db);
        let writers: Vec<_> = (0..8).map(|_| { let db = db.clone(); tokio::spawn(async move { add(&db, 80).await }) }).collect();
        let sequencer = { let log = log.clone(); tokio::spawn(async move { for _ in 0..10 { log.advance().await.unwrap(); tokio::time::sleep(std::time::Duration::from_millis(20)).await; } }) };
        // A log that grows while it is checked is whole.
        let checker = { let db = db.clone(); tokio::spawn(async move { for _ in 0..40 { verify(&db).await.unwrap(); } }) };
        let mut ids = Vec::new();
        for writer in writers { ids.extend(writer.await.unwrap()); }
        sequencer.await.unwrap();
        checker.await.unwrap();
        assert_eq!(log.advance().await.unwrap(), 640);
        let numbers: Vec<(i64,)> = db.read().await.unwrap().all(&NUMBERS, ()).await.unwrap();
        assert_eq!(numbers, (0..640).map(|n| (n,)).collect::<Vec<_>>());
        let report = verify(&db).await.unwrap();
        assert_eq!((report.leaves, report.beyond_checkpoint, report.unopened), (640, 0, 0));
        assert!(report.checkpoints >= 2);
        let keys = [signer().verifier()];
        for id in &ids {
            let proof = log.proof(id, true).await.unwrap().unwrap();
            assert_eq!(proof.verify(&keys).unwrap().size, 640);
            assert!(proof.opening.as_ref().unwrap().body.contains(id));
            let mut moved = proof.clone();
            moved.log_index ^= 1;
            assert_eq!(moved.verify(&keys), Err(ProofRefused::Path(moved.log_index)));
            let mut retold = proof.clone();
            if let Some(opening) = &mut retold.opening { opening.body.push(' '); }
            assert_eq!(retold.verify(&keys), Err(ProofRefused::Opening));
        }
        let closed = log.proof(&ids[1], false).await.unwrap().unwrap();
        assert!(closed.opening.is_none());
        assert_eq!(log.proof("evt_nobody", true).await.unwrap(), None);
    }

    async fn a_changed_text_is_named_at_its_place(db: Db) {
        add(&db, 300).await;
        log(&db).advance().await.unwrap();
        tamper(&db, &CHANGE_BODY, (270_i64,)).await;
        let found = verify(&db).await.unwrap_err();
        assert!(matches!(found, Broken::Body { index: 270, .. }), "{found}");
    }

    async fn a_changed_column_beside_the_text_is_named(db: Db) {
        add(&db, 5).await;
        log(&db).advance().await.unwrap();
        tamper(&db, &CHANGE_KIND, (3_i64,)).await;
        let found = verify(&db).await.unwrap_err();
        assert!(matches!(found, Broken::Column { index: 3, column: "kind", .. }), "{found}");
    }

    async fn a_replaced_leaf_is_named_by_the_stored_tree_and_in_an_export_by_the_signed_head(db: Db) {
        let log = log(&db);
        add(&db, 4).await;
        log.advance().await.unwrap();
        add(&db, 4).await;
        log.advance().await.unwrap();
        tamper(&db, &CHANGE_LEAF, (1_i64, 5_i64)).await;
        let found = verify(&db).await.unwrap_err();
        assert!(matches!(found, Broken::Tile { index: 5 }), "{found}");
        let mut file = Vec::new();
        export(&mut db.read().await.unwrap(), &mut file, true).await.unwrap();
        let found = verify_export(file.as_slice(), &[signer().verifier()]).unwrap_err();
        assert!(matches!(found, Broken::Root { size: 8, last_good: 4 }), "{found}");
    }

    async fn a_removed_event_and_a_cut_end_are_named(db: Db) {
        add(&db, 9).await;
        log(&db).advance().await.unwrap();
        tamper(&db, &REMOVE, (4_i64,)).await;
        let found = verify(&db).await.unwrap_err();
        assert!(matches!(found, Broken::Order { expected: 4, found: 5 }), "{found}");
        tamper(&db, &REMOVE_FROM, (4_i64,)).await;
        tamper(&db, &SHRINK_HEAD, (4_i64,)).await;
        let found = verify(&db).await.unwrap_err();
        assert!(matches!(found, Broken::Cut { size: 9, present: 4 }), "{found}");
    }

    async fn a_changed_tile_is_named(db: Db) {
        add(&db, 3).await;
        log(&db).advance().await.unwrap();
        let mut tile = store::tile(&mut db.read().await.unwrap(), 0, 0).await.unwrap();
        tile[33] ^= 1;
        tamper(&db, &CHANGE_TILE, (tile,)).await;
        let found = verify(&db).await.unwrap_err();
        assert!(matches!(found, Broken::Tile { index: 1 }), "{found}");
    }

    async fn a_checkpoint_of_another_key_is_refused(db: Db) {
        add(&db, 3).await;
        Log::new(db.clone(), Clock::fixed(5), NAME, Arc::new(MemorySigner::new(NAME, [1; 32]))).advance().await.unwrap();
        let found = verify(&db).await.unwrap_err();
        assert!(matches!(found, Broken::Note { size: 3, .. }), "{found}");
    }

    async fn an_export_says_the_same_as_the_database_and_hides_what_it_must(db: Db) {
        add(&db, 7).await;
        log(&db).advance().await.unwrap();
        add(&db, 2).await;
        let keys = [signer().verifier()];
        for (openings, unopened) in [(true, 0), (false, 4)] {
            let mut file = Vec::new();
            export(&mut db.read().await.unwrap(), &mut file, openings).await.unwrap();
            let text = String::from_utf8(file.clone()).unwrap();
            assert_eq!(text.matches("\"body\":null").count(), unopened as usize);
            let report = verify_export(file.as_slice(), &keys).unwrap();
            assert_eq!((report.leaves, report.checkpoints, report.unopened), (7, 1, unopened));
            let cut: String = text.lines().skip(1).map(|line| format!("{line}\n")).collect();
            assert!(matches!(verify_export(cut.as_bytes(), &keys), Err(Broken::Order { expected: 0, found: 1 })));
        }
    }

    async fn a_database_older_than_the_copy_of_its_checkpoint_is_refused(db: Db) {
        let path = crate::testing::directory().join("checkpoint");
        let log = log(&db).with_copy(&path);
        add(&db, 5).await;
        log.advance().await.unwrap();
        let early = crate::log::SignedNote(std::fs::read_to_string(&path).unwrap());
        add(&db, 300).await;
        log.advance().await.unwrap();
        let late = crate::log::SignedNote(std::fs::read_to_string(&path).unwrap());
        let keys = [signer().verifier()];
        for seen in [&early, &late] {
            check_not_older(&mut db.read().await.unwrap(), seen, &keys).await.unwrap();
        }
        let other = crate::testing::sqlite().await;
        let refused = check_not_older(&mut other.read().await.unwrap(), &early, &keys).await.unwrap_err();
        assert!(matches!(refused, Broken::Cut { size: 5, present: 0 }), "{refused}");
        add(&other, 6).await;
        Log::new(other.clone(), Clock::fixed(5), NAME, signer()).advance().await.unwrap();
        let refused = check_not_older(&mut other.read().await.unwrap(), &early, &keys).await.unwrap_err();
        assert!(matches!(refused, Broken::Root { size: 5, .. }), "{refused}");
    }

    async fn an_erased_event_keeps_its_place_and_its_proof(db: Db) {
        let ids = add(&db, 4).await;
        let log = log(&db);
        log.advance().await.unwrap();
        let (committed, public) = (&ids[1], &ids[0]);
        let erased = db.write(|mut tx| async move {
            let done = (audit::erase(&mut tx, committed).await?, audit::erase(&mut tx, public).await?);
            let event = Event::new("person.erased", 9, Actor::System("test"), &Entropy::system());
            Ok::<_, Error>(tx.commit(event, done))
        }).await.unwrap();
        assert_eq!(erased, (true, false), "public leaves name nobody and are not erased");
        log.advance().await.unwrap();
        let report = verify(&db).await.unwrap();
        assert_eq!((report.leaves, report.unopened), (5, 1));
        let proof = log.proof(committed, true).await.unwrap().unwrap();
        assert!(proof.opening.is_none());
        proof.verify(&[signer().verifier()]).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_head_is_at_most_a_second_behind_while_the_log_runs() {
    let db = crate::testing::sqlite().await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = {
        let log = log(&db);
        tokio::spawn(async move {
            log.run(async {
                let _dropped = stopped.await;
            })
            .await;
        })
    };
    add(&db, 3).await;
    tokio::time::sleep(std::time::Duration::from_millis(1000)).await;
    let newest = store::newest(&mut db.read().await.unwrap()).await.unwrap();
    assert_eq!(newest.unwrap().size, 3);
    add(&db, 1).await;
    drop(stop);
    running.await.unwrap();
    let newest = store::newest(&mut db.read().await.unwrap()).await.unwrap();
    assert_eq!(
        newest.unwrap().size,
        4,
        "the last pass covers what came before the stop"
    );
}

#[test]
fn the_leaf_formats_are_fixed() {
    use sha2::{Digest, Sha256};
    let body = "{\"at\":1}";
    let mut hash = Sha256::new();
    hash.update(b"antin commitment v1\n");
    hash.update([7_u8; 32]);
    hash.update(body.as_bytes());
    let expected = [b"antin committed leaf v1\n".as_slice(), &hash.finalize()].concat();
    assert_eq!(crate::log::leaf::committed(&[7; 32], body), expected);
    assert_eq!(
        crate::log::leaf::public(body),
        b"antin public leaf v1\n{\"at\":1}"
    );
    let event = Event::new("k", 1, Actor::Anonymous, &Entropy::seeded(1)).about("thing", "t");
    assert_eq!(
        event.body(),
        format!(
            "{{\"actor\":{{}},\"at\":1,\"detail\":{{}},\"id\":\"{}\",\"kind\":\"k\",\"object\":{{\"id\":\"t\",\"type\":\"thing\"}}}}",
            event.id()
        )
    );
}
