CREATE TABLE audit_event (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    actor_person TEXT,
    object_type TEXT,
    object_id TEXT,
    is_public BOOLEAN NOT NULL,
    body TEXT,
    salt BYTEA,
    leaf BYTEA NOT NULL,
    log_index BIGINT UNIQUE
);
CREATE INDEX audit_event_unsequenced ON audit_event (at, ordinal, id) WHERE log_index IS NULL;
CREATE INDEX audit_event_object ON audit_event (object_type, object_id, at);
CREATE INDEX audit_event_person ON audit_event (actor_person, at);
CREATE INDEX audit_event_at ON audit_event (at);

CREATE VIEW log_leaf AS SELECT log_index, id AS event_id FROM audit_event WHERE log_index IS NOT NULL;

CREATE TABLE log_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL
);
INSERT INTO log_head (id, size) VALUES (1, 0);

CREATE TABLE log_tile (
    level BIGINT NOT NULL,
    number BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, number)
);

CREATE TABLE log_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY,
    root BYTEA NOT NULL,
    at BIGINT NOT NULL,
    note TEXT NOT NULL
);

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    queue TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedup TEXT UNIQUE,
    not_before BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    lease TEXT,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    done_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (queue, not_before) WHERE done_at IS NULL;

CREATE TABLE bench_account (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE bench_session (id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL REFERENCES bench_account (id), at BIGINT NOT NULL);
CREATE TABLE bench_grant (id TEXT NOT NULL PRIMARY KEY, session TEXT NOT NULL REFERENCES bench_session (id), at BIGINT NOT NULL);
