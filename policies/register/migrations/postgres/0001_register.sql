-- The register: agencies, units, posts, people, appointments, assignments, successions, seals, roles, mailboxes.
-- Every fact is a record with valid time [valid_from, valid_to) and a record axis: recorded_by and closed_by name the audit events,
-- whose log_index is the position. While a change-set is staged, recorded_by is its id; known_* views show a row
-- only when its change-set is published, and give both positions. Queries read the views; nothing is overwritten.
CREATE TABLE authority_epoch (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    epoch BIGINT NOT NULL
);
INSERT INTO authority_epoch (only_row, epoch) VALUES (1, 0);

-- Staged bulk work: resumable (seed and digest give the same plan again), cancellable, invisible until event is set.
CREATE TABLE change_set (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('import')),
    state TEXT NOT NULL CHECK (state IN ('staging', 'published', 'cancelled')),
    digest TEXT NOT NULL,
    seed BIGINT NOT NULL,
    base_epoch BIGINT NOT NULL,
    operations BIGINT NOT NULL,
    staged BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    event TEXT,
    CHECK ((state = 'published') = (event IS NOT NULL))
);
CREATE INDEX change_set_state ON change_set (state);

-- Records that a staged change-set will close when it is published.
CREATE TABLE staged_closing (
    change_set TEXT NOT NULL REFERENCES change_set (id),
    fact TEXT NOT NULL CHECK (fact IN ('agency', 'unit', 'post', 'person_attribute', 'appointment', 'assignment', 'seal', 'mailbox')),
    record TEXT NOT NULL,
    PRIMARY KEY (change_set, record)
);

-- One row per version of name, parent and codes.
CREATE TABLE agency (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    parent TEXT,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    level BIGINT NOT NULL,
    mail_domain TEXT NOT NULL,
    id_qcvn102 TEXT,
    gso_code TEXT,
    search_key TEXT NOT NULL,
    sort_key BYTEA NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
CREATE INDEX agency_id ON agency (id);
CREATE INDEX agency_parent ON agency (parent);
CREATE INDEX agency_code ON agency (code);

CREATE VIEW known_agency AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM agency r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- Units inside an agency.
CREATE TABLE unit (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    agency TEXT NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    own_seal BOOLEAN NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
CREATE INDEX unit_id ON unit (id);
CREATE INDEX unit_agency ON unit (agency);

CREATE VIEW known_unit AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM unit r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- Posts outlive their holders; heads and deputies have one seat a post.
CREATE TABLE post (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    agency TEXT NOT NULL,
    unit TEXT,
    code TEXT NOT NULL,
    title TEXT NOT NULL,
    rank BIGINT NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('agency_head', 'agency_deputy', 'unit_head', 'unit_deputy', 'staff')),
    deputy_of TEXT,
    capacities TEXT NOT NULL,
    field TEXT,
    search_key TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
CREATE INDEX post_id ON post (id);
CREATE INDEX post_agency ON post (agency);
CREATE INDEX post_unit ON post (unit);

CREATE VIEW known_post AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM post r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- A person is an opaque id; what names him stands in person_attribute and can be erased by law, leaving the event that did it.
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    recorded_by TEXT NOT NULL,
    erased_by TEXT
);

-- Personal attributes: record axis only; erasable.
CREATE TABLE person_attribute (
    record TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    staff_no TEXT NOT NULL,
    full_name TEXT NOT NULL,
    surname TEXT NOT NULL,
    given_name TEXT NOT NULL,
    gender TEXT CHECK (gender IN ('F', 'M')),
    birth_date TEXT,
    username TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    personal_number BYTEA,
    personal_number_index BYTEA,
    search_key TEXT NOT NULL,
    sort_key BYTEA NOT NULL,
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
CREATE INDEX person_attribute_person ON person_attribute (person);
CREATE INDEX person_attribute_staff_no ON person_attribute (staff_no);
CREATE INDEX person_attribute_username ON person_attribute (username);
CREATE INDEX person_attribute_personal_number_index ON person_attribute (personal_number_index);
CREATE INDEX person_attribute_sort_key ON person_attribute (sort_key);

CREATE VIEW known_person_attribute AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM person_attribute r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- Person to post.
CREATE TABLE appointment (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    post TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('full', 'acting', 'in_charge', 'concurrent')),
    basis TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
CREATE INDEX appointment_id ON appointment (id);
CREATE INDEX appointment_person ON appointment (person);
CREATE INDEX appointment_post ON appointment (post);

CREATE VIEW known_appointment AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM appointment r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- An appointment is not in force while suspended.
CREATE TABLE suspension (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    appointment TEXT NOT NULL,
    reason TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
CREATE INDEX suspension_id ON suspension (id);
CREATE INDEX suspension_appointment ON suspension (appointment);

CREATE VIEW known_suspension AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM suspension r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- Fields of work and custody of seals given to a post.
CREATE TABLE assignment (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('field', 'seal_custody')),
    post TEXT NOT NULL,
    agency TEXT NOT NULL,
    field TEXT,
    basis TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT,
    CHECK ((kind = 'field') = (field IS NOT NULL))
);
CREATE INDEX assignment_id ON assignment (id);
CREATE INDEX assignment_post ON assignment (post);
CREATE INDEX assignment_agency ON assignment (agency);

CREATE VIEW known_assignment AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM assignment r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- What succeeded what; many to many. valid_from is the day it happened.
CREATE TABLE succession (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('agency', 'unit', 'post')),
    predecessor TEXT NOT NULL,
    successor TEXT NOT NULL,
    functions TEXT NOT NULL,
    basis TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
CREATE INDEX succession_id ON succession (id);
CREATE INDEX succession_predecessor ON succession (predecessor);
CREATE INDEX succession_successor ON succession (successor);

CREATE VIEW known_succession AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM succession r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- Seals of agencies and of units that have their own.
CREATE TABLE seal (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    agency TEXT NOT NULL,
    unit TEXT,
    name TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT
);
CREATE INDEX seal_id ON seal (id);
CREATE INDEX seal_agency ON seal (agency);

CREATE VIEW known_seal AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM seal r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- Who administers the register: the province, or one agency with what is below it.
CREATE TABLE admin_role (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    role TEXT NOT NULL CHECK (role IN ('province', 'agency')),
    agency TEXT,
    basis TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT,
    CHECK ((role = 'agency') = (agency IS NOT NULL))
);
CREATE INDEX admin_role_id ON admin_role (id);
CREATE INDEX admin_role_person ON admin_role (person);

CREATE VIEW known_admin_role AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM admin_role r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);

-- Addresses: a person's own, or a post's (used through any appointment to it).
CREATE TABLE mailbox (
    record TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    address TEXT NOT NULL,
    agency TEXT NOT NULL,
    owner_person TEXT REFERENCES person (id),
    owner_post TEXT,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT CHECK (valid_to > valid_from),
    recorded_by TEXT NOT NULL,
    closed_by TEXT,
    CHECK ((owner_person IS NULL) <> (owner_post IS NULL))
);
CREATE INDEX mailbox_id ON mailbox (id);
CREATE INDEX mailbox_address ON mailbox (address);
CREATE INDEX mailbox_owner_person ON mailbox (owner_person);
CREATE INDEX mailbox_owner_post ON mailbox (owner_post);

CREATE VIEW known_mailbox AS
SELECT r.*,
    COALESCE((SELECT l.log_index FROM audit_event l WHERE l.id = COALESCE((SELECT s.event FROM change_set s WHERE s.id = r.recorded_by), r.recorded_by)), 9223372036854775806) AS recorded_at,
    CASE WHEN r.closed_by IS NULL THEN 9223372036854775807 ELSE COALESCE((SELECT c.log_index FROM audit_event c WHERE c.id = r.closed_by), 9223372036854775806) END AS closed_at
FROM mailbox r
WHERE NOT EXISTS (SELECT 1 FROM change_set s WHERE s.id = r.recorded_by AND s.event IS NULL);
