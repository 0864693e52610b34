-- Codes on paper, one for each of three officers; two of one printing open an hour of administration when nobody else can.
CREATE TABLE emergency_code (
    selector TEXT NOT NULL PRIMARY KEY,
    printing TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES account (id),
    digest BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX emergency_code_printing ON emergency_code (printing);
