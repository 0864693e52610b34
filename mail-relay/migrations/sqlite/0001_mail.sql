CREATE TABLE mail_password (
    id TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    label TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used INTEGER,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_password_person ON mail_password (person, created_at);

CREATE TABLE mail_password_address (
    password TEXT NOT NULL REFERENCES mail_password (id),
    address TEXT NOT NULL,
    PRIMARY KEY (password, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_message (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('submitted', 'received', 'notice')),
    reverse_path TEXT,
    submitter TEXT,
    appointment TEXT,
    size INTEGER NOT NULL,
    digest BLOB NOT NULL,
    queued_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE mail_recipient (
    message TEXT NOT NULL REFERENCES mail_message (id),
    address TEXT NOT NULL,
    destination TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'delivered', 'failed')),
    attempts INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    lease TEXT,
    last_reply TEXT,
    done_at INTEGER,
    PRIMARY KEY (message, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_recipient_due ON mail_recipient (not_before) WHERE state = 'queued';
