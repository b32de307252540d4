-- That a person belongs to an organization is a row that names both: what it says beside stands in columns, for views.

ALTER TABLE item_rows ADD COLUMN "title" TEXT;
ALTER TABLE item_rows ADD COLUMN "decision_role" TEXT;

-- What a system said last of which of its records belong together; what names a record that was not read yet waits here for it.
CREATE TABLE connector_associations (
    connector TEXT NOT NULL,
    object TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    association TEXT NOT NULL,         -- its name in the mapping
    other_object TEXT NOT NULL,
    other_id TEXT NOT NULL,
    role TEXT,                         -- in the system's words; none where it tells none
    PRIMARY KEY (connector, object, remote_id, association, other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX connector_associations_by_other ON connector_associations (connector, other_object, other_id);
