-- When `serve` cleans by itself; of this node alone.
CREATE TABLE cleaning_schedules (
    name TEXT PRIMARY KEY,
    times TEXT NOT NULL,               -- a cron expression
    rules TEXT NOT NULL,               -- names of rules, one a line
    set_at INTEGER NOT NULL,           -- microseconds since 1970, as all times here
    last_run INTEGER,
    missed INTEGER,                    -- the time for which the last run made up, where nothing served then
    error TEXT                         -- the code of what stopped the last run
) STRICT, WITHOUT ROWID;
