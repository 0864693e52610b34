-- Authority that is handed over: instruments (their making), mandates (facts, bitemporal like the register), decisions that acts used.
CREATE TABLE instrument (
    id TEXT PRIMARY KEY,
    paper TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('draft', 'active', 'ended')),
    grantor TEXT NOT NULL,
    grantee TEXT NOT NULL,
    agency TEXT NOT NULL,
    handed_paper TEXT NOT NULL,
    handed_title TEXT NOT NULL,
    valid_to BIGINT NOT NULL,
    last_day TEXT NOT NULL,
    basis TEXT NOT NULL,
    drafted_by TEXT NOT NULL,
    drafted_at BIGINT NOT NULL,
    signed_digest TEXT,
    mandate TEXT,
    CHECK ((state = 'draft') = (signed_digest IS NULL)),
    CHECK ((state = 'draft') = (mandate IS NULL))
);
CREATE INDEX instrument_grantor ON instrument (grantor);
CREATE INDEX instrument_mandate ON instrument (mandate);

-- One record per state of knowledge: nothing is overwritten, an end closes a record and writes the next.
CREATE TABLE mandate (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    instrument TEXT NOT NULL REFERENCES instrument (id),
    citation TEXT NOT NULL,
    grantor TEXT NOT NULL,
    grantee TEXT NOT NULL,
    paper TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
CREATE INDEX mandate_id ON mandate (id);
CREATE INDEX mandate_grantor ON mandate (grantor);
CREATE INDEX mandate_grantee ON mandate (grantee);

CREATE VIEW known_mandate AS
SELECT r.*, COALESCE(l.log_index, 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE(c.log_index, 9223372036854775806) END AS closed_at
FROM mandate r
LEFT JOIN audit_event l ON l.id = r.recorded_by
LEFT JOIN audit_event c ON c.id = r.closed_by;

-- Decisions stored because an act used them; the text is kept byte for byte.
CREATE TABLE decision_use (
    id TEXT PRIMARY KEY,
    act TEXT NOT NULL,
    person TEXT NOT NULL,
    post TEXT NOT NULL,
    action TEXT NOT NULL,
    paper TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    request TEXT NOT NULL,
    decision TEXT NOT NULL,
    rules TEXT NOT NULL,
    used_at BIGINT NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX decision_use_act ON decision_use (act);
CREATE INDEX decision_use_paper ON decision_use (paper);
