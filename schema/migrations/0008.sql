-- What a search for duplicates left for the next one, so that it compares only what changed: derived, and made anew when it does not fit.
CREATE TABLE blocking_keys (
    key INTEGER NOT NULL,              -- 32 bits of a hash of what two records must have alike to be compared
    customer INTEGER NOT NULL,         -- its ordinal; it may have gone since, or hold the key no more
    PRIMARY KEY (key, customer)
) STRICT, WITHOUT ROWID;
CREATE TABLE compared (
    single INTEGER PRIMARY KEY CHECK (single = 1),
    feed INTEGER NOT NULL,             -- customers up to this feed number were compared with each other
    basis TEXT NOT NULL,               -- by what they were judged
    records INTEGER NOT NULL,          -- how many were compared when all were
    changes INTEGER NOT NULL           -- how many changed ones were since
) STRICT;
