//! One job, one worker at a time; nothing is lost and nothing is done before its time.
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::audit::{Actor, Event};

fn job(payload: i64, dedup: Option<&str>, not_before: i64) -> NewJob {
    NewJob {
        queue: "q",
        payload: payload.into(),
        dedup: dedup.map(str::to_owned),
        not_before,
    }
}

async fn add(db: &Db, job: NewJob) -> bool {
    let (entropy, job) = (&Entropy::system(), &job);
    db.write(|mut tx| async move {
        let added = enqueue(&mut tx, job, 0, entropy).await?;
        let event = Event::new("thing.happened", 0, Actor::System("test"), entropy);
        Ok::<_, Error>(tx.commit(event, added))
    })
    .await
    .unwrap()
}

async fn due(db: &Db, now: i64) -> Vec<Job> {
    take(db, "q", now, 100, 10, &Entropy::system())
        .await
        .unwrap()
}

crate::both_engines! {
    async fn a_job_is_taken_when_due_once_and_is_gone_when_done(db: Db) {
        assert!(add(&db, job(1, None, 50)).await);
        assert!(due(&db, 49).await.is_empty());
        let taken = due(&db, 50).await;
        assert_eq!((taken.len(), taken[0].payload.clone(), taken[0].attempts), (1, 1.into(), 1));
        assert!(due(&db, 60).await.is_empty(), "it is under lease");
        assert!(finish(&db, &taken[0], 60).await.unwrap());
        assert!(!finish(&db, &taken[0], 60).await.unwrap(), "done once only");
        assert!(due(&db, 10_000).await.is_empty());
        assert_eq!(open(&db, "q").await.unwrap(), 0);
        assert_eq!(remove_done(&db, 60).await.unwrap(), 0);
        assert_eq!(remove_done(&db, 61).await.unwrap(), 1);
    }

    async fn who_lost_the_lease_can_no_longer_write_the_effect(db: Db) {
        add(&db, job(1, None, 0)).await;
        let first = due(&db, 0).await.remove(0);
        let second = due(&db, 101).await.remove(0);
        assert_eq!(second.attempts, 2);
        assert!(!finish(&db, &first, 102).await.unwrap());
        assert!(!put_off(&db, &first, 500, "late").await.unwrap());
        assert!(finish(&db, &second, 103).await.unwrap());
    }

    async fn the_same_key_is_written_once_and_a_job_put_off_waits(db: Db) {
        assert!(add(&db, job(1, Some("k"), 0)).await);
        assert!(!add(&db, job(2, Some("k"), 0)).await);
        let taken = due(&db, 0).await;
        assert_eq!(taken.len(), 1);
        assert!(put_off(&db, &taken[0], 700, "not now").await.unwrap());
        assert!(due(&db, 699).await.is_empty());
        assert_eq!(due(&db, 700).await.len(), 1);
    }

    async fn many_workers_share_a_queue_without_doing_a_job_twice(db: Db) {
        for number in 0..60 {
            add(&db, job(number, None, 0)).await;
        }
        let counts: Arc<Vec<AtomicU32>> = Arc::new((0..60).map(|_| AtomicU32::new(0)).collect());
        let workers: Vec<_> = (0..6).map(|_| {
            let (db, counts) = (db.clone(), counts.clone());
            tokio::spawn(async move {
                loop {
                    let jobs = take(&db, "q", 1, 60_000, 3, &Entropy::system()).await.unwrap();
                    if jobs.is_empty() { return; }
                    for job in jobs {
                        counts[job.payload.as_i64().unwrap() as usize].fetch_add(1, Ordering::SeqCst);
                        assert!(finish(&db, &job, 2).await.unwrap());
                    }
                }
            })
        }).collect();
        for worker in workers { worker.await.unwrap(); }
        let done: Vec<u32> = counts.iter().map(|count| count.load(Ordering::SeqCst)).collect();
        assert_eq!(done, vec![1; 60]);
    }
}

#[tokio::test]
async fn a_worker_puts_a_failing_job_off_and_goes_on() {
    let db = crate::testing::sqlite().await;
    for number in 0..3 {
        add(&db, job(number, None, 0)).await;
    }
    let clock = Clock::fixed(1);
    let seen = AtomicU32::new(0);
    let (db_, seen_) = (&db, &seen);
    let done = async move {
        while open(db_, "q").await.unwrap() > 1 || seen_.load(Ordering::SeqCst) < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let work = |job: Job| async move {
        seen_.fetch_add(1, Ordering::SeqCst);
        if job.payload == 1 {
            Err("planted".to_owned())
        } else {
            Ok(())
        }
    };
    tokio::time::timeout(
        Duration::from_secs(10),
        run(&db, &clock, &Entropy::system(), "q", work, done),
    )
    .await
    .unwrap();
    assert_eq!(open(&db, "q").await.unwrap(), 1);
    assert!(due(&db, 1000).await.is_empty(), "put off by a second");
    assert_eq!(due(&db, 1001).await.len(), 1);
    assert_eq!(
        [back_off(1), back_off(2), back_off(40)],
        [1000, 2000, 2_048_000]
    );
}
