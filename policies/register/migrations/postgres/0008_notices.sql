-- How far somebody has read his notices: the place in the log, and the instant for what is a state and no event (a silent source, a
-- proposal that waits). Notices themselves are not stored; they are read from the log and from the facts.
CREATE TABLE notice_read (
    person TEXT PRIMARY KEY REFERENCES person (id),
    place BIGINT NOT NULL,
    read_at BIGINT NOT NULL
);

-- What notices ask: events of a kind after a place, what came of somebody's proposals, lists by what they became, lists that failed.
CREATE INDEX audit_event_kind ON audit_event (kind, log_index);
CREATE INDEX proposal_proposed_by ON proposal (proposed_by);
CREATE INDEX list_import_change_set ON list_import (change_set, id);
CREATE INDEX list_import_failed ON list_import (uploaded_at) WHERE failure IS NOT NULL;
