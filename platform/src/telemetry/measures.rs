//! Everything this program counts: one list of names, from which the registry and the page docs/operations/metrics.md are made.
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Content type of [`Measures::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// One name of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// As shown, units last (`_total` for counters).
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Label names, in a row; empty for none.
    pub labels: &'static str,
    /// What it says.
    pub help: &'static str,
}

macro_rules! vocabulary {
    ($($field:ident: $type:ty = $make:expr, $name:literal, $kind:literal, [$labels:literal], $help:literal;)*) => {
        /// What this process has counted so far. Clones share it.
        #[derive(Clone, Debug)]
        pub struct Measures { $($field: $type),* }

        /// Every name there is.
        pub const VOCABULARY: &[Word] = &[$(Word { name: $name, kind: $kind, labels: $labels, help: $help }),*];

        impl Default for Measures {
            fn default() -> Self {
                Self { $($field: $make),* }
            }
        }

        impl Measures {
            fn registry(&self) -> Registry {
                let mut registry = Registry::default();
                $(registry.register($name.trim_end_matches("_total"), $help, self.$field.clone());)*
                registry
            }
        }
    };
}

/// A family of histograms with one set of buckets.
type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;
type Seconds = Counter<f64, AtomicU64>;
type Amount = Gauge<f64, AtomicU64>;

fn latency() -> Histogram {
    Histogram::new([
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    ])
}

fn batch() -> Histogram {
    Histogram::new([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0])
}

vocabulary! {
    requests: Family<Answer, Counter> = Family::default(), "antin_http_requests_total", "counter", ["listener, method, route, status"], "Requests answered";
    request_time: Histograms<Place> = Family::new_with_constructor(latency), "antin_http_request_duration_seconds", "histogram", ["listener, route"], "Time from the head of a request to the head of its answer";
    under_way: Family<Listener, Gauge> = Family::default(), "antin_http_requests_in_flight", "gauge", ["listener"], "Requests under way, those that wait at the door among them";
    shed: Family<Shed, Counter> = Family::default(), "antin_http_requests_shed_total", "counter", ["lane, reason"], "Requests turned away at the door with 503 or 429 and Retry-After";
    units: Family<Outcome, Counter> = Family::default(), "antin_database_units_total", "counter", ["outcome"], "Units of work that ended";
    unit_time: Histogram = latency(), "antin_database_unit_duration_seconds", "histogram", [""], "Time of a unit of work, its wait and its durable commit among it";
    waiting: Gauge = Gauge::default(), "antin_database_units_waiting", "gauge", [""], "Units that wait for the writer (SQLite) or for a connection (PostgreSQL)";
    commit_units: Histogram = batch(), "antin_database_commit_units", "histogram", [""], "Units that shared one durable commit";
    commit_time: Histogram = latency(), "antin_database_commit_duration_seconds", "histogram", [""], "Time of one durable commit";
    retries: Counter = Counter::default(), "antin_database_unit_retries_total", "counter", [""], "Units run again after a serialization failure or deadlock (PostgreSQL)";
    sign_ins: Family<SignIn, Counter> = Family::default(), "antin_sign_ins_total", "counter", ["means, outcome"], "Attempts to sign in";
    leaves: Gauge = Gauge::default(), "antin_log_leaves", "gauge", [""], "Leaves that have their place in the log";
    signed_leaves: Gauge = Gauge::default(), "antin_log_signed_leaves", "gauge", [""], "Leaves covered by the newest signed head";
    lag: Amount = Gauge::default(), "antin_log_lag_seconds", "gauge", [""], "Age of the oldest event that no signed head covers; 0 when all are covered";
    mail: Family<State, Gauge> = Family::default(), "antin_mail_queue_recipients", "gauge", ["state"], "Recipients of mail that wait, by state";
    mail_age: Family<State, Amount> = Family::default(), "antin_mail_queue_oldest_seconds", "gauge", ["state"], "Age of the oldest message that waits, by state";
    deliveries: Family<Outcome, Counter> = Family::default(), "antin_mail_deliveries_total", "counter", ["outcome"], "Tries to deliver to one recipient";
    jobs: Family<Job, Counter> = Family::default(), "antin_job_runs_total", "counter", ["job, outcome"], "Rounds of work that nobody asks for";
    job_ended: Family<JobName, Amount> = Family::default(), "antin_job_last_success_timestamp_seconds", "gauge", ["job"], "When a round last ended well, seconds since 1970";
    signer: Family<Asked, Counter> = Family::default(), "antin_signer_answers_total", "counter", ["request, outcome"], "Answers of the signer";
    signer_time: Histograms<Request> = Family::new_with_constructor(latency), "antin_signer_answer_duration_seconds", "histogram", ["request"], "Time until the signer answered";
    ready: Family<Check, Gauge> = Family::default(), "antin_ready", "gauge", ["check"], "1 when the check of /ready holds, else 0";
    memory: Family<Process, Gauge> = Family::default(), "antin_process_resident_memory_bytes", "gauge", ["process"], "Resident memory";
    cpu: Family<Process, Seconds> = Family::default(), "antin_process_cpu_seconds_total", "counter", ["process"], "Processor time in user and system mode";
    files: Family<Process, Gauge> = Family::default(), "antin_process_open_files", "gauge", ["process"], "Open file descriptors";
    started: Amount = Gauge::default(), "antin_start_time_seconds", "gauge", [""], "When serve became ready, seconds since 1970";
}

macro_rules! labels {
    ($($name:ident { $($field:ident: $type:ty),* })*) => {$(
        #[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
        struct $name { $($field: $type),* }
    )*};
}

labels! {
    Answer { listener: &'static str, method: &'static str, route: &'static str, status: u16 }
    Place { listener: &'static str, route: &'static str }
    Listener { listener: &'static str }
    Shed { lane: &'static str, reason: &'static str }
    Outcome { outcome: &'static str }
    SignIn { means: &'static str, outcome: &'static str }
    State { state: &'static str }
    Job { job: &'static str, outcome: &'static str }
    JobName { job: &'static str }
    Asked { request: &'static str, outcome: &'static str }
    Request { request: &'static str }
    Check { check: &'static str }
    Process { process: &'static str }
}

/// How the log stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogStanding {
    /// Leaves that have their place.
    pub leaves: i64,
    /// Leaves under the newest signed head.
    pub signed: i64,
    /// Age in ms of the oldest event that no signed head covers.
    pub lag: i64,
}

/// A request under way; counted out when dropped.
#[derive(Debug)]
pub struct UnderWay(Gauge);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

impl Measures {
    /// Counts a request in until the value is dropped.
    pub fn enter(&self, listener: &'static str) -> UnderWay {
        let gauge = self.under_way.get_or_create_owned(&Listener { listener });
        gauge.inc();
        UnderWay(gauge)
    }

    /// A request was answered.
    pub fn answered(
        &self,
        listener: &'static str,
        method: &'static str,
        route: &'static str,
        status: u16,
        time: Duration,
    ) {
        let answer = Answer {
            listener,
            method,
            route,
            status,
        };
        self.requests.get_or_create(&answer).inc();
        self.request_time
            .get_or_create(&Place { listener, route })
            .observe(time.as_secs_f64());
    }

    /// A request was turned away.
    pub fn shed(&self, lane: &'static str, reason: &'static str) {
        self.shed.get_or_create(&Shed { lane, reason }).inc();
    }

    /// A unit of work ended.
    pub fn unit(&self, outcome: &'static str, time: Duration) {
        self.units.get_or_create(&Outcome { outcome }).inc();
        self.unit_time.observe(time.as_secs_f64());
    }

    /// A unit waits until the value is dropped.
    pub fn wait(&self) -> UnderWay {
        self.waiting.inc();
        UnderWay(self.waiting.clone())
    }

    /// One durable commit for so many units.
    pub fn committed(&self, units: usize, time: Duration) {
        self.commit_units.observe(units as f64);
        self.commit_time.observe(time.as_secs_f64());
    }

    /// A unit is run again.
    pub fn retried(&self) {
        self.retries.inc();
    }

    /// Somebody tried to sign in.
    pub fn sign_in(&self, means: &'static str, outcome: &'static str) {
        self.sign_ins
            .get_or_create(&SignIn { means, outcome })
            .inc();
    }

    /// How the log stands.
    pub fn log(&self, standing: LogStanding) {
        self.leaves.set(standing.leaves);
        self.signed_leaves.set(standing.signed);
        self.lag.set(seconds(standing.lag));
    }

    /// What of one state waits in the mail queue: recipients, and the age of the oldest message in ms.
    pub fn mail_queue(&self, state: &'static str, recipients: i64, age: i64) {
        let state = State { state };
        self.mail.get_or_create(&state).set(recipients);
        self.mail_age.get_or_create(&state).set(seconds(age));
    }

    /// A try to deliver ended.
    pub fn delivery(&self, outcome: &'static str) {
        self.deliveries.get_or_create(&Outcome { outcome }).inc();
    }

    /// A round of a job ended at `now`.
    pub fn job(&self, job: &'static str, good: bool, now: i64) {
        let outcome = if good { "good" } else { "failed" };
        self.jobs.get_or_create(&Job { job, outcome }).inc();
        if good {
            self.job_ended
                .get_or_create(&JobName { job })
                .set(seconds(now));
        }
    }

    /// The signer answered.
    pub fn signer(&self, request: &'static str, outcome: &'static str, time: Duration) {
        self.signer.get_or_create(&Asked { request, outcome }).inc();
        self.signer_time
            .get_or_create(&Request { request })
            .observe(time.as_secs_f64());
    }

    /// A check of readiness.
    pub fn check(&self, check: &'static str, holds: bool) {
        self.ready
            .get_or_create(&Check { check })
            .set(i64::from(holds));
    }

    /// What a process of ours uses.
    pub fn process(&self, process: &'static str, used: &super::usage::Usage) {
        let process = Process { process };
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.memory.get_or_create(&process).set(whole(used.memory));
        self.files.get_or_create(&process).set(whole(used.files));
        let cpu = self.cpu.get_or_create(&process);
        // A process started anew begins at zero again, which a counter may.
        let more = used.cpu.as_secs_f64() - cpu.get();
        if more > 0.0 {
            cpu.inc_by(more);
        }
    }

    /// The program became ready.
    pub fn started(&self, now: i64) {
        self.started.set(seconds(now));
    }

    /// Everything in the text format.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry())?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
