-- What `serve` does by itself at set times; of this node alone.
CREATE TABLE schedules (
    work TEXT NOT NULL,                -- clean or crm
    name TEXT NOT NULL,                -- of crm the system's name
    times TEXT NOT NULL,               -- a cron expression
    details TEXT NOT NULL,             -- of clean names of rules, one a line
    set_at INTEGER NOT NULL,           -- microseconds since 1970, as all times here
    last_run INTEGER,
    missed INTEGER,                    -- the time for which the last run made up, where nothing served then
    error TEXT,                        -- the code of what stopped the last run
    PRIMARY KEY (work, name)
) STRICT, WITHOUT ROWID;
INSERT INTO schedules SELECT 'clean', name, times, rules, set_at, last_run, missed, error FROM cleaning_schedules;
DROP TABLE cleaning_schedules;

-- What systems outside tell by themselves; of this node alone. Each message only asks for a pull.
CREATE TABLE connector_hooks (
    connector TEXT PRIMARY KEY,
    url TEXT,                          -- the address as the system knows it
    asked INTEGER NOT NULL DEFAULT 0,  -- how many good messages have come
    answered INTEGER NOT NULL DEFAULT 0, -- how many of them pulls have answered
    not_before INTEGER NOT NULL DEFAULT 0, -- when the next pull may begin
    last_at INTEGER                    -- when the last good message came
) STRICT, WITHOUT ROWID;

-- What has been told already: systems tell things twice.
CREATE TABLE connector_hooks_seen (
    connector TEXT NOT NULL,
    event BLOB NOT NULL,               -- a hash of the event's id, or of all of it
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (connector, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX connector_hooks_seen_by_time ON connector_hooks_seen (connector, seen_at);

-- Secrets of systems and tokens for peers stand in the key file: whoever opens the store moves what is left of them there.
