-- How complete the customers were, a row a day on which somebody asked; of this node alone.
CREATE TABLE quality_days (
    day TEXT PRIMARY KEY,              -- YYYY-MM-DD, in UTC
    records INTEGER NOT NULL,
    filled INTEGER NOT NULL,
    fields INTEGER NOT NULL            -- how many fields could have held something
) STRICT, WITHOUT ROWID;
