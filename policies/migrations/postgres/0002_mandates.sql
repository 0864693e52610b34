-- Mandates of every form: an instrument holds clauses, a mandate says what it reaches, and may be suspended. What was recorded stays, in
-- the new shape: one clause of form KT, reaching one paper.
DROP VIEW known_mandate;
ALTER TABLE instrument RENAME TO instrument_before;
ALTER TABLE mandate RENAME TO mandate_before;
DROP INDEX instrument_grantor;
DROP INDEX instrument_mandate;
DROP INDEX mandate_id;
DROP INDEX mandate_grantor;
DROP INDEX mandate_grantee;

CREATE TABLE instrument (
    id TEXT PRIMARY KEY,
    paper TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('draft', 'active', 'ended')),
    form TEXT NOT NULL,
    grantor TEXT NOT NULL,
    agency TEXT NOT NULL,
    basis TEXT NOT NULL,
    drafted_by TEXT NOT NULL,
    drafted_at BIGINT NOT NULL,
    signed_digest TEXT,
    CHECK ((state = 'draft') = (signed_digest IS NULL))
);
CREATE INDEX instrument_grantor ON instrument (grantor);

CREATE TABLE clause (
    instrument TEXT NOT NULL REFERENCES instrument (id),
    number BIGINT NOT NULL,
    grantee TEXT NOT NULL,
    addressee TEXT NOT NULL CHECK (addressee IN ('post', 'agency')),
    holder TEXT,
    bound BIGINT NOT NULL CHECK (bound IN (0, 1)),
    reach TEXT NOT NULL,
    subject TEXT NOT NULL,
    valid_to BIGINT,
    mandate TEXT,
    PRIMARY KEY (instrument, number)
);
CREATE INDEX clause_mandate ON clause (mandate);

CREATE TABLE mandate (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    instrument TEXT NOT NULL REFERENCES instrument (id),
    citation TEXT NOT NULL,
    form TEXT NOT NULL,
    grantor TEXT NOT NULL,
    grantee TEXT NOT NULL,
    addressee TEXT NOT NULL CHECK (addressee IN ('post', 'agency')),
    giver TEXT,
    holder TEXT,
    reach TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
CREATE INDEX mandate_id ON mandate (id);
CREATE INDEX mandate_grantor ON mandate (grantor);
CREATE INDEX mandate_grantee ON mandate (grantee);
CREATE INDEX mandate_instrument ON mandate (instrument);

INSERT INTO instrument (id, paper, state, form, grantor, agency, basis, drafted_by, drafted_at, signed_digest)
    SELECT id, paper, state, 'KT', grantor, agency, basis, drafted_by, drafted_at, signed_digest FROM instrument_before;
INSERT INTO clause (instrument, number, grantee, addressee, bound, reach, subject, valid_to, mandate)
    SELECT id, 1, grantee, 'post', 0, CAST(json_build_object('papers', json_build_array(handed_paper)) AS TEXT), handed_title, valid_to, mandate FROM instrument_before;
INSERT INTO mandate (record, id, instrument, citation, form, grantor, grantee, addressee, reach, valid_from, valid_to, recorded_by, closed_by)
    SELECT record, id, instrument, citation, 'KT', grantor, grantee, 'post', CAST(json_build_object('papers', json_build_array(paper)) AS TEXT), valid_from, valid_to, recorded_by, closed_by
    FROM mandate_before;
DROP TABLE mandate_before;
DROP TABLE instrument_before;

CREATE VIEW known_mandate AS
SELECT r.*, COALESCE(l.log_index, 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE(c.log_index, 9223372036854775806) END AS closed_at
FROM mandate r
LEFT JOIN audit_event l ON l.id = r.recorded_by
LEFT JOIN audit_event c ON c.id = r.closed_by;

CREATE TABLE mandate_pause (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    mandate TEXT NOT NULL,
    reason TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
CREATE INDEX mandate_pause_mandate ON mandate_pause (mandate);

CREATE VIEW known_mandate_pause AS
SELECT r.*, COALESCE(l.log_index, 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE(c.log_index, 9223372036854775806) END AS closed_at
FROM mandate_pause r
LEFT JOIN audit_event l ON l.id = r.recorded_by
LEFT JOIN audit_event c ON c.id = r.closed_by;
