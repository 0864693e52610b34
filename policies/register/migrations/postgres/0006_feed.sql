-- Sources of lists. A source is master of agencies with everything below them (JSON list of ids); it is ended, never deleted.
CREATE TABLE feed_source (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    agencies TEXT NOT NULL,
    automatic BOOLEAN NOT NULL,
    may_end BOOLEAN NOT NULL,
    silent_days BIGINT NOT NULL CHECK (silent_days > 0),
    basis TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    ended_at BIGINT
);

-- What a list says beside its rows: from which source it comes, for which agencies it is complete (JSON list of ids), and whose end was
-- accepted (JSON list of people). part_of: the delivery whose automatic part it is. counts: what it meant when it came (JSON).
CREATE TABLE list_claim (
    list TEXT PRIMARY KEY REFERENCES list_import (id),
    source TEXT REFERENCES feed_source (id),
    part_of TEXT REFERENCES list_import (id),
    delivery_key TEXT,
    whole_for TEXT NOT NULL,
    ends TEXT NOT NULL,
    counts TEXT
);
CREATE UNIQUE INDEX list_claim_key ON list_claim (source, delivery_key);
CREATE INDEX list_claim_part_of ON list_claim (part_of);
