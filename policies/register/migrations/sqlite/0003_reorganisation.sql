-- Reorganisations: change-sets of plans, the plans themselves, forwarded addresses. The two tables of change-sets are made again
-- with a wider list of kinds; views that read them stay, for no name changes.
CREATE TABLE change_set_kept AS SELECT id, kind, state, digest, seed, base_epoch, operations, staged, opened_at, event FROM change_set;
CREATE TABLE staged_closing_kept AS SELECT change_set, fact, record FROM staged_closing;
DROP TABLE staged_closing;
DROP TABLE change_set;
CREATE TABLE change_set (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('import', 'plan')),
    state TEXT NOT NULL CHECK (state IN ('staging', 'published', 'cancelled')),
    digest TEXT NOT NULL,
    seed INTEGER NOT NULL,
    base_epoch INTEGER NOT NULL,
    operations INTEGER NOT NULL,
    staged INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    event TEXT,
    CHECK ((state = 'published') = (event IS NOT NULL))
) STRICT;
CREATE INDEX change_set_state ON change_set (state);
CREATE TABLE staged_closing (
    change_set TEXT NOT NULL REFERENCES change_set (id),
    fact TEXT NOT NULL CHECK (fact IN ('agency', 'unit', 'post', 'person_attribute', 'appointment', 'assignment', 'seal', 'mailbox')),
    record TEXT NOT NULL,
    PRIMARY KEY (change_set, record)
) STRICT;
INSERT INTO change_set (id, kind, state, digest, seed, base_epoch, operations, staged, opened_at, event)
    SELECT id, kind, state, digest, seed, base_epoch, operations, staged, opened_at, event FROM change_set_kept;
INSERT INTO staged_closing (change_set, fact, record) SELECT change_set, fact, record FROM staged_closing_kept;
DROP TABLE change_set_kept;
DROP TABLE staged_closing_kept;

-- Plans of reorganisation, kept as rows by administrative code; what they do stands in a change-set.
CREATE TABLE reorganisation (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    basis TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'cancelled')),
    opened_at INTEGER NOT NULL,
    change_set TEXT REFERENCES change_set (id)
) STRICT;

CREATE TABLE reorganisation_row (
    reorganisation TEXT NOT NULL REFERENCES reorganisation (id),
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (reorganisation, number)
) STRICT;

-- Answers to what a plan asks: code of a body, staff number or address; code of the successor, - or =.
CREATE TABLE reorganisation_choice (
    reorganisation TEXT NOT NULL REFERENCES reorganisation (id),
    subject TEXT NOT NULL,
    successor TEXT NOT NULL,
    PRIMARY KEY (reorganisation, subject)
) STRICT;

-- Addresses that ended: what comes to them goes to another mailbox for a time.
CREATE TABLE mail_forward (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    address TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER NOT NULL CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
) STRICT;
CREATE INDEX mail_forward_id ON mail_forward (id);
CREATE INDEX mail_forward_address ON mail_forward (address);

CREATE VIEW known_mail_forward AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM mail_forward r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- Who succeeded whom is asked with every scope.
CREATE INDEX succession_kind ON succession (kind);
