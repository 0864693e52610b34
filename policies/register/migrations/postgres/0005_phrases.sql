-- Phrases by which people are found: a derived copy of person_attribute that goes with its record (erasure, given-up imports).
-- phrase is compared byte by byte; f… is without accents, m… with them.
CREATE TABLE person_phrase (
    phrase TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    record TEXT NOT NULL REFERENCES person_attribute (record) ON DELETE CASCADE,
    PRIMARY KEY (phrase, person, record)
);
CREATE INDEX person_phrase_record ON person_phrase (record, phrase);

-- Whether the phrases of records from before this step are all there.
CREATE TABLE phrase_backfill (
    only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
    reached TEXT NOT NULL,
    complete BOOLEAN NOT NULL
);
INSERT INTO phrase_backfill (only_row, reached, complete) VALUES (1, '', FALSE);
