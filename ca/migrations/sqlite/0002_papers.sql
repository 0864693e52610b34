-- Papers, their revisions, requests to sign or seal, recorded signatures, numbers, and consent credentials waiting for the registrar.
CREATE TABLE paper (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    field TEXT,
    agency TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'requested', 'signed', 'numbered', 'sealed')),
    revision INTEGER NOT NULL,
    drafter TEXT NOT NULL,
    drafter_post TEXT,
    number INTEGER,
    notation TEXT,
    number_date TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX paper_by_drafter ON paper (drafter, changed_at);
CREATE INDEX paper_by_agency ON paper (agency, changed_at);
CREATE TABLE paper_revision (
    paper TEXT NOT NULL REFERENCES paper (id),
    revision INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('draft', 'signed', 'numbered', 'sealed')),
    sha256 TEXT NOT NULL,
    document BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (paper, revision)
) STRICT;
CREATE TABLE signing_request (
    id TEXT NOT NULL PRIMARY KEY,
    paper TEXT NOT NULL REFERENCES paper (id),
    revision INTEGER NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('sign', 'seal')),
    person TEXT NOT NULL,
    post TEXT NOT NULL,
    capacity TEXT NOT NULL,
    certificate TEXT NOT NULL REFERENCES certificate (id),
    key_id TEXT NOT NULL,
    decision TEXT NOT NULL,
    prepared BLOB NOT NULL,
    byte_range TEXT NOT NULL,
    digest TEXT NOT NULL,
    return_url TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'intended', 'done', 'refused', 'abandoned')),
    outcome TEXT,
    statement TEXT,
    assertion TEXT,
    decision_id TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    intended_at INTEGER,
    finished_at INTEGER
) STRICT;
CREATE INDEX signing_request_by_paper ON signing_request (paper, state);
CREATE INDEX signing_request_by_person ON signing_request (person, state);
CREATE INDEX signing_request_by_state ON signing_request (state, intended_at);
CREATE TABLE paper_signature (
    id TEXT NOT NULL PRIMARY KEY,
    paper TEXT NOT NULL REFERENCES paper (id),
    revision INTEGER NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('sign', 'seal')),
    person TEXT NOT NULL,
    post TEXT NOT NULL,
    agency TEXT NOT NULL,
    capacity TEXT NOT NULL,
    block TEXT NOT NULL,
    certificate TEXT NOT NULL REFERENCES certificate (id),
    decision_id TEXT NOT NULL,
    request TEXT NOT NULL UNIQUE REFERENCES signing_request (id),
    cms_sha256 TEXT NOT NULL UNIQUE,
    signed_at INTEGER NOT NULL,
    stamped_at INTEGER NOT NULL
) STRICT;
CREATE INDEX paper_signature_by_paper ON paper_signature (paper, revision);
CREATE TABLE paper_number (
    agency TEXT NOT NULL,
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    PRIMARY KEY (agency, kind, year)
) STRICT;
CREATE TABLE consent_binding (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    key_id TEXT NOT NULL REFERENCES signer_key (key_id),
    credential_id TEXT NOT NULL,
    public_key BLOB NOT NULL,
    label TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'pinned', 'refused')),
    requested_at INTEGER NOT NULL,
    decided_at INTEGER,
    registrar TEXT,
    evidence TEXT,
    UNIQUE (key_id, credential_id)
) STRICT;
CREATE INDEX consent_binding_by_person ON consent_binding (person, state);
CREATE INDEX consent_binding_by_state ON consent_binding (state, requested_at);
CREATE TABLE registrar_credential (
    credential_id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    pinned_at INTEGER NOT NULL
) STRICT;
