-- Phrases by which people are found: a derived copy of person_attribute that goes with its record (erasure, given-up imports).
-- phrase is compared byte by byte; f… is without accents, m… with them.
CREATE TABLE person_phrase (
    phrase TEXT NOT NULL,
    person TEXT NOT NULL,
    record TEXT NOT NULL REFERENCES person_attribute (record) ON DELETE CASCADE,
    PRIMARY KEY (phrase, person, record)
) STRICT;
CREATE INDEX person_phrase_record ON person_phrase (record, phrase);

-- Whether the phrases of records from before this step are all there.
CREATE TABLE phrase_backfill (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    reached TEXT NOT NULL,
    complete INTEGER NOT NULL CHECK (complete IN (0, 1))
) STRICT;
INSERT INTO phrase_backfill (only_row, reached, complete) VALUES (1, '', 0);
