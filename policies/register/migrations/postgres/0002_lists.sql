-- Lists as offices send them: the file as it came (sealed, it holds personal numbers), how it is read, and what became of it.
CREATE TABLE list_import (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('judged', 'publishing', 'published', 'undone', 'discarded')),
    file_name TEXT NOT NULL,
    digest TEXT NOT NULL,
    bytes BYTEA,
    encoding TEXT,
    sheet TEXT,
    mapping TEXT NOT NULL,
    effective BIGINT NOT NULL,
    accepted TEXT NOT NULL,
    uploaded_by TEXT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    change_set TEXT,
    undone_by TEXT,
    failure TEXT
);
CREATE INDEX list_import_uploaded_at ON list_import (uploaded_at);
CREATE INDEX list_import_digest ON list_import (digest);

-- How lists with these headings were read last.
CREATE TABLE list_mapping (
    signature TEXT PRIMARY KEY,
    mapping TEXT NOT NULL,
    used_at BIGINT NOT NULL
);
