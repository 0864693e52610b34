//! One unit at a time, and what its end means.
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;

use crate::audit::{self, Actor, Event, Housekeeping};
use crate::db::{Db, Error, Json, Limits, bench};
use crate::random::Entropy;

crate::statements! {
    pub MAKE = "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY, yes INTEGER NOT NULL CHECK (yes IN (0, 1)), bytes BLOB, at INTEGER, extra TEXT NOT NULL) STRICT",
        postgres "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY, yes BOOLEAN NOT NULL, bytes BYTEA, at BIGINT, extra JSONB NOT NULL)";
    pub ADD = "INSERT INTO thing (id, yes, bytes, at, extra) VALUES ($1, $2, $3, $4, $5)";
    pub FIND = "SELECT id, yes, bytes, at, extra FROM thing WHERE id = $1";
    pub LIST = "SELECT id FROM thing ORDER BY id";
    pub TOUCH = "UPDATE thing SET at = $1 WHERE id = $2 RETURNING id";
    pub COUNT_EVENTS = "SELECT count(*) AS events FROM audit_event";
}

#[derive(sqlx::FromRow, Debug, PartialEq)]
struct Thing {
    id: String,
    yes: bool,
    bytes: Option<Vec<u8>>,
    at: Option<i64>,
    extra: Json<Vec<i64>>,
}

fn event(kind: &'static str) -> Event {
    Event::new(kind, 1, Actor::System("test"), &Entropy::system()).about("thing", "t")
}

async fn prepare(db: &Db) {
    db.write(|mut tx| async move {
        tx.execute(&MAKE, ()).await?;
        Ok::<_, Error>(tx.housekeeping(Housekeeping::Measurement, ()))
    })
    .await
    .unwrap();
}

async fn add(db: &Db, id: &str) -> Result<(), Error> {
    db.write(|mut tx| async move {
        tx.execute(
            &ADD,
            (id, true, None::<&[u8]>, None::<i64>, Json(vec![1_i64])),
        )
        .await?;
        Ok(tx.commit(event("thing.added"), ()))
    })
    .await
}

async fn ids(db: &Db) -> Vec<String> {
    let rows: Vec<(String,)> = db.read().await.unwrap().all(&LIST, ()).await.unwrap();
    rows.into_iter().map(|row| row.0).collect()
}

async fn events(db: &Db) -> i64 {
    let (count,): (i64,) = db
        .read()
        .await
        .unwrap()
        .one(&COUNT_EVENTS, ())
        .await
        .unwrap();
    count
}

crate::both_engines! {
    async fn values_of_every_kind_come_back_as_they_went_in(db: Db) {
        prepare(&db).await;
        db.write(|mut tx| async move {
            let touched = tx.execute(&ADD, ("a", false, Some(&[0_u8, 255][..]), Some(i64::MIN), Json(vec![1_i64, 2]))).await?;
            assert_eq!(touched, 1);
            Ok::<_, Error>(tx.commit(event("thing.added"), ()))
        }).await.unwrap();
        let mut conn = db.read().await.unwrap();
        let thing: Thing = conn.one(&FIND, ("a",)).await.unwrap();
        assert_eq!(thing, Thing { id: "a".into(), yes: false, bytes: Some(vec![0, 255]), at: Some(i64::MIN), extra: Json(vec![1, 2]) });
        assert!(matches!(conn.one::<Thing, _>(&FIND, ("b",)).await, Err(Error::NotFound)));
        assert_eq!(conn.optional::<Thing, _>(&FIND, ("b",)).await.unwrap(), None);
        let streamed: Vec<(String,)> = conn.stream(&LIST, ()).unwrap().try_collect().await.unwrap();
        assert_eq!(streamed, vec![("a".to_owned(),)]);
    }

    async fn a_unit_and_its_events_are_there_together_or_not_at_all(db: Db) {
        prepare(&db).await;
        add(&db, "a").await.unwrap();
        assert_eq!((ids(&db).await.len(), events(&db).await), (1, 1));
        let refused: Result<(), Error> = db.write(|mut tx| async move {
            tx.execute(&ADD, ("b", true, None::<&[u8]>, None::<i64>, Json(vec![1_i64]))).await?;
            Err(Error::NotFound)
        }).await;
        assert!(matches!(refused, Err(Error::NotFound)));
        assert!(matches!(add(&db, "a").await, Err(Error::Conflict(_))));
        assert_eq!((ids(&db).await.len(), events(&db).await), (1, 1));
        db.write(|mut tx| async move {
            let touched: Vec<(String,)> = tx.all(&TOUCH, (7_i64, "a")).await?;
            assert_eq!(touched.len(), 1);
            Ok::<_, Error>(tx.commit(event("thing.touched"), ()).and(event("thing.seen")).and_all([event("thing.felt")]))
        }).await.unwrap();
        assert_eq!(events(&db).await, 4);
        let about = audit::about(&mut db.read().await.unwrap(), "thing", "t", 10).await.unwrap();
        assert_eq!(about.len(), 4);
        assert!(about.iter().all(|stored| stored.salt.as_ref().is_some_and(|salt| salt.len() == 32)));
    }

    async fn a_unit_whose_event_cannot_be_written_is_undone_and_says_so(db: Db) {
        prepare(&db).await;
        let twice = event("thing.added");
        let add_with = |id: &'static str| {
            let (db, twice) = (&db, &twice);
            db.write(move |mut tx| async move {
                tx.execute(&ADD, (id, true, None::<&[u8]>, None::<i64>, Json(vec![1_i64]))).await?;
                Ok::<_, Error>(tx.commit(twice.clone(), ()))
            })
        };
        add_with("a").await.unwrap();
        assert!(matches!(add_with("b").await, Err(Error::Conflict(_))));
        add(&db, "c").await.unwrap();
        assert_eq!(ids(&db).await, ["a", "c"]);
        assert_eq!(events(&db).await, 2);
    }

    async fn a_read_connection_cannot_write(db: Db) {
        prepare(&db).await;
        let mut conn = db.read().await.unwrap();
        let refused = conn.all::<(String,), _>(&TOUCH, (1_i64, "a")).await;
        assert!(refused.is_err());
    }

    async fn a_wrong_number_of_parameters_is_an_error_before_the_engine_sees_it(db: Db) {
        prepare(&db).await;
        let mut conn = db.read().await.unwrap();
        for wrong in [conn.all::<(String,), _>(&FIND, ()).await, conn.all::<(String,), _>(&FIND, ("a", "b")).await] {
            assert!(matches!(wrong, Err(Error::Parameters { statement: "FIND", expected: 1, .. })));
        }
    }

    async fn the_bench_unit_writes_one_session_one_grant_and_one_event(db: Db) {
        bench::prepare(&db, 10).await.unwrap();
        let figures = bench::run(&db, &Entropy::system(), 4, Duration::from_millis(300), 1, 10).await.unwrap();
        let units = figures.first().unwrap().units;
        assert!(units > 0);
        assert_eq!(events(&db).await, units as i64);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_over_its_limit_is_undone_and_the_next_one_runs() {
    let short = Limits {
        unit: Duration::from_millis(300),
        unit_postgres: Duration::from_millis(300),
        ..Limits::default()
    };
    for db in [
        crate::testing::sqlite_with(short).await,
        crate::testing::postgres_with(short).await,
    ] {
        prepare(&db).await;
        let began = std::time::Instant::now();
        let late: Result<(), Error> = db
            .write(|mut tx| async move {
                tx.execute(
                    &ADD,
                    ("late", true, None::<&[u8]>, None::<i64>, Json(vec![1_i64])),
                )
                .await?;
                tokio::time::sleep(Duration::from_secs(20)).await;
                Ok(tx.commit(event("never"), ()))
            })
            .await;
        assert!(matches!(late, Err(Error::Timeout)));
        add(&db, "next").await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(5));
        assert_eq!(ids(&db).await, ["next"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_units_that_lock_crosswise_on_postgresql_both_end_well() {
    let db = crate::testing::postgres().await;
    prepare(&db).await;
    for id in ["a", "b"] {
        add(&db, id).await.unwrap();
    }
    let runs = AtomicU32::new(0);
    let barrier = tokio::sync::Barrier::new(2);
    let cross = |first: &'static str, second: &'static str| {
        let (db, runs, barrier) = (&db, &runs, &barrier);
        async move {
            let tried = AtomicU32::new(0);
            let tried = &tried;
            db.write(|mut tx| async move {
                runs.fetch_add(1, Ordering::SeqCst);
                tx.execute(&TOUCH, (1_i64, first)).await?;
                if tried.fetch_add(1, Ordering::SeqCst) == 0 {
                    barrier.wait().await;
                }
                tx.execute(&TOUCH, (2_i64, second)).await?;
                Ok::<_, Error>(tx.commit(event("thing.crossed"), ()))
            })
            .await
        }
    };
    let (one, two) = tokio::join!(cross("a", "b"), cross("b", "a"));
    one.unwrap();
    two.unwrap();
    assert!(runs.load(Ordering::SeqCst) >= 3, "no deadlock happened");
    assert_eq!(events(&db).await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_commit_fails_every_unit_in_it_and_the_next_batch_is_well() {
    crate::statements! {
        pub PARENT = "CREATE TABLE parent (id TEXT NOT NULL PRIMARY KEY) STRICT";
        pub CHILD = "CREATE TABLE child (parent TEXT NOT NULL REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED) STRICT";
        pub ORPHAN = "INSERT INTO child (parent) VALUES ('nobody')";
    }
    let db = crate::testing::sqlite().await;
    prepare(&db).await;
    db.write(|mut tx| async move {
        tx.execute(&PARENT, ()).await?;
        tx.execute(&CHILD, ()).await?;
        Ok::<_, Error>(tx.housekeeping(Housekeeping::Measurement, ()))
    })
    .await
    .unwrap();
    // A deferred constraint is what makes COMMIT itself fail; schemas may not have one (compare_schemas complains).
    let holder = db.write(|mut tx| async move {
        tx.execute(&ORPHAN, ()).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok::<_, Error>(tx.commit(event("orphan"), ()))
    });
    let neighbours = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        futures_util::future::join_all(["n1", "n2", "n3"].map(|id| add(&db, id))).await
    };
    let (holder, neighbours) = tokio::join!(holder, neighbours);
    assert!(matches!(holder, Err(Error::Commit(_))));
    for neighbour in neighbours {
        assert!(matches!(neighbour, Err(Error::Commit(_))), "{neighbour:?}");
    }
    assert_eq!(ids(&db).await.len(), 0);
    add(&db, "after").await.unwrap();
    assert_eq!(ids(&db).await, ["after"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_is_full_sheds_instead_of_growing() {
    let db = crate::testing::sqlite_with(Limits {
        queue: 2,
        unit: Duration::from_secs(5),
        ..Limits::default()
    })
    .await;
    prepare(&db).await;
    let holder = db.write(|tx| async move {
        tokio::time::sleep(Duration::from_millis(400)).await;
        Ok::<_, Error>(tx.housekeeping(Housekeeping::Measurement, ()))
    });
    let crowd = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let ids: Vec<String> = (0..10).map(|n| format!("q{n}")).collect();
        futures_util::future::join_all(ids.iter().map(|id| add(&db, id))).await
    };
    let (holder, crowd) = tokio::join!(holder, crowd);
    holder.unwrap();
    let shed = crowd
        .iter()
        .filter(|end| matches!(end, Err(Error::Overloaded)))
        .count();
    assert_eq!((shed, ids(&db).await.len()), (8, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_waits_until_the_rows_it_was_decided_on_are_durable() {
    let db = crate::testing::sqlite().await;
    prepare(&db).await;
    let first = db.write(|mut tx| async move {
        tx.execute(
            &ADD,
            ("once", true, None::<&[u8]>, None::<i64>, Json(vec![1_i64])),
        )
        .await?;
        tokio::time::sleep(Duration::from_millis(150)).await;
        Ok::<_, Error>(tx.commit(event("thing.added"), ()))
    });
    let second = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let refused = add(&db, "once").await;
        // A fresh reader sees what the refusal spoke of.
        (refused, ids(&db).await)
    };
    let (first, (refused, seen)) = tokio::join!(first, second);
    first.unwrap();
    assert!(matches!(refused, Err(Error::Conflict(_))));
    assert_eq!(seen, ["once"]);
}
