-- Anchors of trust, certification authorities under them, certificates, their issuance and revocation.
CREATE TABLE anchor (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('own', 'public_duty', 'public')),
    name TEXT NOT NULL,
    certificate BYTEA NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    added_at BIGINT NOT NULL
);
CREATE TABLE issuer (
    id TEXT NOT NULL PRIMARY KEY,
    anchor TEXT NOT NULL REFERENCES anchor (id),
    key_id TEXT,
    name TEXT NOT NULL,
    certificate BYTEA NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    list_url TEXT,
    added_at BIGINT NOT NULL
);
CREATE TABLE certificate (
    id TEXT NOT NULL PRIMARY KEY,
    issuer TEXT NOT NULL REFERENCES issuer (id),
    serial TEXT NOT NULL,
    anchor TEXT NOT NULL REFERENCES anchor (id),
    profile TEXT NOT NULL,
    holder_kind TEXT NOT NULL CHECK (holder_kind IN ('person', 'post', 'agency', 'mailbox', 'service')),
    holder TEXT NOT NULL,
    rests_on TEXT,
    key_id TEXT,
    subject TEXT NOT NULL,
    email TEXT,
    fingerprint TEXT NOT NULL UNIQUE,
    der BYTEA NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    installed_at BIGINT NOT NULL,
    UNIQUE (issuer, serial)
);
CREATE INDEX certificate_by_holder ON certificate (holder_kind, holder);
CREATE INDEX certificate_by_end ON certificate (not_after, id);
CREATE TABLE signer_key (
    key_id TEXT NOT NULL PRIMARY KEY,
    holder_kind TEXT NOT NULL CHECK (holder_kind IN ('person', 'agency', 'mailbox', 'service')),
    holder TEXT NOT NULL,
    rests_on TEXT,
    spki BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    UNIQUE (holder_kind, holder)
);
CREATE TABLE issuance (
    id TEXT NOT NULL PRIMARY KEY,
    issuer TEXT NOT NULL,
    serial TEXT NOT NULL,
    profile TEXT NOT NULL,
    holder_kind TEXT NOT NULL,
    holder TEXT NOT NULL,
    rests_on TEXT,
    key_id TEXT,
    email TEXT,
    state TEXT NOT NULL CHECK (state IN ('approved', 'signed', 'abandoned')),
    tbs BYTEA NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at BIGINT NOT NULL,
    signed_at BIGINT,
    certificate TEXT REFERENCES certificate (id),
    UNIQUE (issuer, serial)
);
CREATE INDEX issuance_by_state ON issuance (state, approved_at);
CREATE TABLE certificate_revocation (
    certificate TEXT NOT NULL PRIMARY KEY REFERENCES certificate (id),
    issuer TEXT NOT NULL REFERENCES issuer (id),
    serial TEXT NOT NULL,
    reason TEXT NOT NULL,
    revoked_at BIGINT NOT NULL,
    person TEXT NOT NULL,
    post TEXT,
    note TEXT NOT NULL,
    UNIQUE (issuer, serial)
);
CREATE TABLE revocation_list (
    issuer TEXT NOT NULL REFERENCES issuer (id),
    number BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    der BYTEA NOT NULL,
    PRIMARY KEY (issuer, number)
);
CREATE TABLE foreign_list (
    issuer TEXT NOT NULL PRIMARY KEY REFERENCES issuer (id),
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    der BYTEA NOT NULL,
    fetched_at BIGINT NOT NULL
);
CREATE TABLE tls_identity (
    id TEXT NOT NULL PRIMARY KEY,
    certificate TEXT NOT NULL REFERENCES certificate (id),
    private_key BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);
