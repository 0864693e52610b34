CREATE TABLE audit_event (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    actor_person TEXT,
    object_type TEXT,
    object_id TEXT,
    is_public INTEGER NOT NULL CHECK (is_public IN (0, 1)),
    body TEXT,
    salt BLOB,
    leaf BLOB NOT NULL,
    log_index INTEGER UNIQUE
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_event_unsequenced ON audit_event (at, ordinal, id) WHERE log_index IS NULL;
CREATE INDEX audit_event_object ON audit_event (object_type, object_id, at);
CREATE INDEX audit_event_person ON audit_event (actor_person, at);
CREATE INDEX audit_event_at ON audit_event (at);

CREATE VIEW log_leaf AS SELECT log_index, id AS event_id FROM audit_event WHERE log_index IS NOT NULL;

CREATE TABLE log_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL
) STRICT;
INSERT INTO log_head (id, size) VALUES (1, 0);

CREATE TABLE log_tile (
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_checkpoint (
    size INTEGER NOT NULL PRIMARY KEY,
    root BLOB NOT NULL,
    at INTEGER NOT NULL,
    note TEXT NOT NULL
) STRICT;

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    queue TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedup TEXT UNIQUE,
    not_before INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    lease TEXT,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    done_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (queue, not_before) WHERE done_at IS NULL;

CREATE TABLE bench_account (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE bench_session (id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL REFERENCES bench_account (id), at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE bench_grant (id TEXT NOT NULL PRIMARY KEY, session TEXT NOT NULL REFERENCES bench_session (id), at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
