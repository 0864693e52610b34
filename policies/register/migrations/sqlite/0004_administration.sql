-- Roles are data (data/administration.toml): the column holds a code of that table, and the agency says how far it reaches.
CREATE TABLE admin_role_new (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    role TEXT NOT NULL,
    agency TEXT,
    basis TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
) STRICT;
INSERT INTO admin_role_new (record, id, person, role, agency, basis, valid_from, valid_to, recorded_by, closed_by)
SELECT record, id, person, role, agency, basis, valid_from, valid_to, recorded_by, closed_by FROM admin_role;
DROP VIEW known_admin_role;
DROP TABLE admin_role;
ALTER TABLE admin_role_new RENAME TO admin_role;
CREATE INDEX admin_role_id ON admin_role (id);
CREATE INDEX admin_role_person ON admin_role (person);

CREATE VIEW known_admin_role AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM admin_role r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- Dangerous acts wait here for a second pair of eyes. agency is the agency concerned, NULL for the whole province.
-- "Expired" is not stored: a proposal is expired when its time is over and nobody decided.
CREATE TABLE proposal (
    id TEXT PRIMARY KEY,
    act TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'rejected', 'withdrawn', 'carried_out')),
    agency TEXT,
    subject TEXT NOT NULL,
    command TEXT NOT NULL,
    basis TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL CHECK (expires_at > proposed_at),
    decided_by TEXT,
    decided_at INTEGER,
    reason TEXT,
    outcome TEXT,
    CHECK ((state = 'carried_out') = (outcome IS NOT NULL)),
    CHECK ((state = 'proposed') = (decided_at IS NULL))
) STRICT;
CREATE INDEX proposal_state ON proposal (state, proposed_at);
