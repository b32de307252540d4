-- Rows that this store let go of in its present life, with the last sequence that this life wrote in each: what is written in such
-- a row later must not stand for what was written then.
CREATE TABLE let_go (
    id BLOB PRIMARY KEY,
    sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is erased for ever, as the rows of kind 12 say.
CREATE TABLE erasures (
    id BLOB PRIMARY KEY,
    erasure BLOB NOT NULL,             -- the row that says so
    cleared INTEGER NOT NULL           -- whether nothing of it is left in the search index and in the log
) STRICT, WITHOUT ROWID;
CREATE INDEX erasures_uncleared ON erasures (erasure) WHERE cleared = 0;

-- Values as a table gave them, where the standard form is written otherwise.
CREATE TABLE given_values (
    record BLOB NOT NULL,
    field INTEGER NOT NULL,
    element BLOB NOT NULL,             -- of a set, the element that it became
    header INTEGER NOT NULL,           -- who gave it, when, by which operation
    raw TEXT NOT NULL,
    PRIMARY KEY (record, field, element, header)
) STRICT, WITHOUT ROWID;
