CREATE TABLE mail_password (
    id TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    label TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used BIGINT,
    revoked_at BIGINT
);
CREATE INDEX mail_password_person ON mail_password (person, created_at);

CREATE TABLE mail_password_address (
    password TEXT NOT NULL REFERENCES mail_password (id),
    address TEXT NOT NULL,
    PRIMARY KEY (password, address)
);

CREATE TABLE mail_message (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('submitted', 'received', 'notice')),
    reverse_path TEXT,
    submitter TEXT,
    appointment TEXT,
    size BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    queued_at BIGINT NOT NULL
);

CREATE TABLE mail_recipient (
    message TEXT NOT NULL REFERENCES mail_message (id),
    address TEXT NOT NULL,
    destination TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'delivered', 'failed')),
    attempts BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    lease TEXT,
    last_reply TEXT,
    done_at BIGINT,
    PRIMARY KEY (message, address)
);
CREATE INDEX mail_recipient_due ON mail_recipient (not_before) WHERE state = 'queued';
