//! Four hundred at once: good, failing, panicking, breaking a reference, dropped in mid-statement.
use std::time::{Duration, Instant};

use crate::audit::{Actor, Event};
use crate::db::{Db, Error, bench};
use crate::random::Entropy;

crate::statements! {
    pub SESSIONS = "SELECT count(*) AS sessions FROM bench_session";
    pub GRANTS = "SELECT count(*) AS grants FROM bench_grant";
    pub EVENTS = "SELECT count(*) AS events FROM audit_event";
    pub UNMATCHED = "SELECT count(*) AS unmatched FROM bench_session s LEFT JOIN bench_grant g ON g.session = s.id WHERE g.id IS NULL";
    pub SLOW = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000000) SELECT max(x) AS x FROM n",
        postgres "SELECT CAST(1 AS BIGINT) AS x FROM pg_sleep(1)";
}

async fn unit(db: &Db, number: u32) -> Result<(), Error> {
    let entropy = &Entropy::system();
    let id = &format!("ses_{number}");
    db.write(|mut tx| async move {
        tx.execute(&bench::ADD_SESSION, (id, "acc_0", 0_i64))
            .await?;
        match number % 8 {
            1 => return Err(Error::NotFound),
            3 => panic!("a planted panic"),
            5 => {
                tx.execute(
                    &bench::ADD_SESSION,
                    (format!("{id}_b"), "acc_nobody", 0_i64),
                )
                .await?;
            }
            7 => {
                let _slow: (i64,) = tx.one(&SLOW, ()).await?;
            }
            _ => {}
        }
        tx.execute(&bench::ADD_GRANT, (format!("grt_{number}"), id, 0_i64))
            .await?;
        let event = Event::new("crowd.unit", 0, Actor::System("test"), entropy);
        Ok(tx.commit(event, ()))
    })
    .await
}

async fn count(db: &Db, statement: &'static crate::db::Statement) -> i64 {
    let (count,): (i64,) = db.read().await.unwrap().one(statement, ()).await.unwrap();
    count
}

crate::both_engines! {
    async fn of_four_hundred_at_once_the_good_half_is_durable_and_the_others_leave_nothing(db: Db) {
        bench::prepare(&db, 1).await.unwrap();
        // Planted panics are expected; their messages would drown the test's own.
        std::panic::set_hook(Box::new(|_| {}));
        let mut tasks = Vec::new();
        for number in 0..400_u32 {
            let db = db.clone();
            tasks.push((number, tokio::spawn(async move { unit(&db, number).await })));
        }
        // Some of the dropped ones are waiting, some hold the writer in mid-statement.
        let mut good = 0;
        let mut panicked = 0;
        let mut dropped = 0;
        for (number, task) in &tasks {
            if number % 8 == 7 {
                tokio::time::sleep(Duration::from_millis(u64::from(number % 5))).await;
                task.abort();
            }
        }
        for (number, task) in tasks {
            match (number % 8, task.await) {
                (0 | 2 | 4 | 6, Ok(Ok(()))) => good += 1,
                (1, Ok(Err(Error::NotFound))) => {}
                (3, Err(error)) if error.is_panic() => panicked += 1,
                (5, Ok(Err(Error::Reference(_)))) => {}
                (7, Err(error)) if error.is_cancelled() => dropped += 1,
                (kind, end) => panic!("task {number} of kind {kind} ended as {end:?}"),
            }
        }
        let _default = std::panic::take_hook();
        assert_eq!((good, panicked, dropped), (200, 50, 50));
        let began = Instant::now();
        unit(&db, 1000).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(2), "the next unit waited {:?}", began.elapsed());
        for statement in [&SESSIONS, &GRANTS, &EVENTS] {
            assert_eq!(count(&db, statement).await, 201, "{}", statement.name());
        }
        assert_eq!(count(&db, &UNMATCHED).await, 0);
    }
}
