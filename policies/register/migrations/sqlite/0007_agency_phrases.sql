-- Phrases by which people are found inside one agency: person_phrase for each agency where the person ever was given a post, so
-- that a page of one agency is one range too. It may hold more than is true today (a post given up, an import not published): a
-- search asks the appointments as well.
CREATE TABLE agency_phrase (
    agency TEXT NOT NULL,
    phrase TEXT NOT NULL,
    person TEXT NOT NULL,
    record TEXT NOT NULL REFERENCES person_attribute (record) ON DELETE CASCADE,
    PRIMARY KEY (agency, phrase, person, record)
) STRICT;
CREATE INDEX agency_phrase_record ON agency_phrase (record);
INSERT INTO agency_phrase (agency, phrase, person, record)
SELECT DISTINCT p.agency, w.phrase, w.person, w.record
FROM person_phrase w JOIN appointment t ON t.person = w.person JOIN post p ON p.id = t.post;
