-- Anchors of trust, certification authorities under them, certificates, their issuance and revocation.
CREATE TABLE anchor (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('own', 'public_duty', 'public')),
    name TEXT NOT NULL,
    certificate BLOB NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    added_at INTEGER NOT NULL
) STRICT;
CREATE TABLE issuer (
    id TEXT NOT NULL PRIMARY KEY,
    anchor TEXT NOT NULL REFERENCES anchor (id),
    key_id TEXT,
    name TEXT NOT NULL,
    certificate BLOB NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    list_url TEXT,
    added_at INTEGER NOT NULL
) STRICT;
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
    der BLOB NOT NULL,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    installed_at INTEGER NOT NULL,
    UNIQUE (issuer, serial)
) STRICT;
CREATE INDEX certificate_by_holder ON certificate (holder_kind, holder);
CREATE INDEX certificate_by_end ON certificate (not_after, id);
CREATE TABLE signer_key (
    key_id TEXT NOT NULL PRIMARY KEY,
    holder_kind TEXT NOT NULL CHECK (holder_kind IN ('person', 'agency', 'mailbox', 'service')),
    holder TEXT NOT NULL,
    rests_on TEXT,
    spki BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    UNIQUE (holder_kind, holder)
) STRICT;
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
    tbs BLOB NOT NULL,
    approved_by TEXT NOT NULL,
    approved_at INTEGER NOT NULL,
    signed_at INTEGER,
    certificate TEXT REFERENCES certificate (id),
    UNIQUE (issuer, serial)
) STRICT;
CREATE INDEX issuance_by_state ON issuance (state, approved_at);
CREATE TABLE certificate_revocation (
    certificate TEXT NOT NULL PRIMARY KEY REFERENCES certificate (id),
    issuer TEXT NOT NULL REFERENCES issuer (id),
    serial TEXT NOT NULL,
    reason TEXT NOT NULL,
    revoked_at INTEGER NOT NULL,
    person TEXT NOT NULL,
    post TEXT,
    note TEXT NOT NULL,
    UNIQUE (issuer, serial)
) STRICT;
CREATE TABLE revocation_list (
    issuer TEXT NOT NULL REFERENCES issuer (id),
    number INTEGER NOT NULL,
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (issuer, number)
) STRICT;
CREATE TABLE foreign_list (
    issuer TEXT NOT NULL PRIMARY KEY REFERENCES issuer (id),
    this_update INTEGER NOT NULL,
    next_update INTEGER NOT NULL,
    der BLOB NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;
CREATE TABLE tls_identity (
    id TEXT NOT NULL PRIMARY KEY,
    certificate TEXT NOT NULL REFERENCES certificate (id),
    private_key BLOB NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;
