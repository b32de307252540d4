-- What this node keeps of the systems outside that it reads and writes; of this node alone, but for the rows that name the systems.

CREATE TABLE connectors (
    name TEXT PRIMARY KEY,
    secret TEXT NOT NULL,              -- what opens the system
    mapping TEXT NOT NULL,             -- by which it was read last: with another all is read again
    generation INTEGER NOT NULL,       -- how often that was
    pushed_feed INTEGER NOT NULL,      -- up to this feed number rows have been looked at for what is to be written
    suspended_until INTEGER,           -- microseconds since 1970, as all times here
    last_pull INTEGER,
    last_push INTEGER,
    last_reconciled INTEGER,
    error TEXT,                        -- the code of what stopped the last round
    error_parameters TEXT              -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE connector_cursors (
    connector TEXT NOT NULL,
    object TEXT NOT NULL,
    cursor TEXT NOT NULL,              -- JSON
    PRIMARY KEY (connector, object)
) STRICT, WITHOUT ROWID;

-- Which of the system's records is which of ours.
CREATE TABLE connector_records (
    connector TEXT NOT NULL,
    object TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    record BLOB NOT NULL,
    stamp INTEGER,                     -- the system's own, when it was read last
    version TEXT,
    hash BLOB NOT NULL,                -- of all that was read of it
    state INTEGER NOT NULL,            -- 0 there, 1 put away, 2 gone, 3 merged into another
    PRIMARY KEY (connector, object, remote_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX connector_records_by_record ON connector_records (record, connector);

-- How the system writes a value of ours that it does not keep as it is given.
CREATE TABLE connector_rewritings (
    connector TEXT NOT NULL,
    object TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    field TEXT NOT NULL,
    ours TEXT NOT NULL,                -- JSON list of what was sent
    theirs TEXT NOT NULL,              -- JSON list of what stands there since
    PRIMARY KEY (connector, object, remote_id, field)
) STRICT, WITHOUT ROWID;

-- Records that may have something to be written.
CREATE TABLE connector_outbox (
    connector TEXT NOT NULL,
    object TEXT NOT NULL,
    record BLOB NOT NULL,
    remote_id TEXT NOT NULL,           -- empty where the record is to be made
    key TEXT NOT NULL,                 -- the same however often it is sent
    added_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sent_at INTEGER,                   -- when it was sent, where nobody knows what became of it
    PRIMARY KEY (connector, object, record, remote_id)
) STRICT, WITHOUT ROWID;

-- What cannot be written or read until somebody does something.
CREATE TABLE connector_dead_letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    connector TEXT NOT NULL,
    object TEXT NOT NULL,
    record BLOB,
    remote_id TEXT NOT NULL,
    field TEXT NOT NULL,               -- empty where it is the record
    code TEXT NOT NULL,
    message TEXT NOT NULL,             -- the system's own words
    trace TEXT,
    payload BLOB NOT NULL,             -- a hash of what was refused: another value is tried again
    attempts INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    discarded INTEGER NOT NULL DEFAULT 0,
    UNIQUE (connector, object, remote_id, record, field)
) STRICT;

-- How often the two sides have put each other's value back.
CREATE TABLE connector_flips (
    connector TEXT NOT NULL,
    object TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    field TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (connector, object, remote_id, field)
) STRICT, WITHOUT ROWID;
