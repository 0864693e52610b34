-- Reorganisations: change-sets of plans, the plans themselves, forwarded addresses.
ALTER TABLE change_set DROP CONSTRAINT change_set_kind_check;
ALTER TABLE change_set ADD CONSTRAINT change_set_kind_check CHECK (kind IN ('import', 'plan'));

-- Plans of reorganisation, kept as rows by administrative code; what they do stands in a change-set.
CREATE TABLE reorganisation (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    at BIGINT NOT NULL,
    basis TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'cancelled')),
    opened_at BIGINT NOT NULL,
    change_set TEXT REFERENCES change_set (id)
);

CREATE TABLE reorganisation_row (
    reorganisation TEXT NOT NULL REFERENCES reorganisation (id),
    number BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (reorganisation, number)
);

-- Answers to what a plan asks: code of a body, staff number or address; code of the successor, - or =.
CREATE TABLE reorganisation_choice (
    reorganisation TEXT NOT NULL REFERENCES reorganisation (id),
    subject TEXT NOT NULL,
    successor TEXT NOT NULL,
    PRIMARY KEY (reorganisation, subject)
);

-- Addresses that ended: what comes to them goes to another mailbox for a time.
CREATE TABLE mail_forward (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    address TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
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
