-- The first form of a store. Migrations are append-only: a later file changes what this one made.

-- What this store is: its deployment, its node, how far its counters are. One row.
CREATE TABLE node (
    single INTEGER PRIMARY KEY CHECK (single = 1),
    deployment BLOB NOT NULL,
    key_first INTEGER NOT NULL,        -- the deployment's hash key
    key_second INTEGER NOT NULL,
    id BLOB NOT NULL,                  -- the row that describes this node
    name TEXT NOT NULL,
    author TEXT,                       -- who writes where nothing else is said
    scopes TEXT NOT NULL,              -- what this node holds, one a line
    leaving TEXT NOT NULL DEFAULT '',  -- what it has left, and of which it may still have rows
    machine TEXT NOT NULL,             -- where this life was begun: a copied disk shows here
    feed INTEGER NOT NULL,             -- the last feed number given
    sequence INTEGER NOT NULL,         -- the last sequence of the present life
    indexed INTEGER NOT NULL,          -- up to this ordinal customers are in the search index, but for those that wait
    sums BLOB NOT NULL                 -- what is still to be added to the sums of scopes and cells
) STRICT;

-- The lives of this store: each writes under an origin of its own.
CREATE TABLE lives (
    ordinal INTEGER PRIMARY KEY,
    origin INTEGER NOT NULL UNIQUE,
    began_at INTEGER NOT NULL,         -- microseconds since 1970
    began_feed INTEGER NOT NULL,       -- the last feed number of the lives before
    reason TEXT NOT NULL,              -- founded, moved, copied, behind, renewed or restored
    machine TEXT NOT NULL,             -- the name of the machine
    path TEXT NOT NULL                 -- where the store stood
) STRICT;

-- Who wrote, when, on whose word, by which operation; a dot in a row is one of these and a sequence.
CREATE TABLE headers (
    ordinal INTEGER PRIMARY KEY,
    origin INTEGER NOT NULL,
    stamp INTEGER NOT NULL,
    author TEXT NOT NULL,
    source TEXT,
    operation BLOB NOT NULL
) STRICT;
CREATE INDEX headers_operation ON headers (operation);

CREATE TABLE scopes (
    ordinal INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    rows INTEGER NOT NULL DEFAULT 0,
    sum_high INTEGER NOT NULL DEFAULT 0,  -- the sum of its rows' fingerprints
    sum_low INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The sums of the rows' fingerprints in cells of their ids, by which two stores find where they differ. A row holds 128
-- neighbouring cells of a scope.
CREATE TABLE cell_sums (
    ordinal INTEGER PRIMARY KEY,       -- the scope * 2^20 + the first cell's number / 128
    sums BLOB NOT NULL                 -- 128 sums of 8 bytes, or for each that is not 0 its place in a byte and the sum
) STRICT;

-- Customers: a column holds the value shown on the record alone; the base (header, sequence) stands for every cell
-- written then, and "cells" holds what the columns do not say. NULL under the base means never written.
CREATE TABLE customer_rows (
    ordinal INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    feed INTEGER NOT NULL,
    via INTEGER,                       -- the neighbour from which exactly this state came
    base_header INTEGER,
    base_sequence INTEGER,
    cells BLOB,
    life INTEGER NOT NULL DEFAULT 0,   -- 0 living, 1 deleted, 2 contested, 3 vacant: holds no value
    profile BLOB,                      -- the smallest id among the linked records, where there are any
    "external_ids" TEXT,
    "tags" TEXT,
    "code" TEXT,
    "name" TEXT,
    "given_name" TEXT,
    "family_name" TEXT,
    "short_name" TEXT,
    "national_id" TEXT,
    "credit_code" TEXT,
    "gender" TEXT,
    "birth_date" TEXT,
    "phone" TEXT,
    "email" TEXT,
    "wechat" TEXT,
    "website" TEXT,
    "do_not_contact" INTEGER,
    "country" TEXT,
    "region" TEXT,
    "region_code" TEXT,
    "state" TEXT,
    "city" TEXT,
    "address" TEXT,
    "postcode" TEXT,
    "territory" TEXT,
    "occupation" TEXT,
    "title" TEXT,
    "department" TEXT,
    "company" TEXT,
    "income" TEXT,
    "education" TEXT,
    "industry" TEXT,
    "company_size" TEXT,
    "employees" INTEGER,
    "revenue" TEXT,
    "founded" TEXT,
    "business_scope" TEXT,
    "tech_stack" TEXT,
    "owner" TEXT,
    "stage" TEXT,
    "source" TEXT,
    "consent" TEXT,
    "level" TEXT,
    "customer_type" TEXT,
    "customer_since" TEXT,
    "last_contact_date" TEXT,
    "next_contact_date" TEXT,
    "note" TEXT,
    "interests" TEXT
) STRICT;
CREATE UNIQUE INDEX customer_rows_id ON customer_rows (id);
CREATE UNIQUE INDEX customer_rows_feed ON customer_rows (feed);
CREATE INDEX customer_rows_profile ON customer_rows (profile) WHERE profile IS NOT NULL;
CREATE INDEX customer_rows_code ON customer_rows ("code") WHERE "code" IS NOT NULL;

-- Customers up to node.indexed that are not in the search index: what is searched of them changed since.
CREATE TABLE search_waiting (
    ordinal INTEGER PRIMARY KEY
) STRICT;

-- All other rows: events, links, tasks, nodes, definitions, review items.
CREATE TABLE item_rows (
    ordinal INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    kind INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    feed INTEGER NOT NULL,
    via INTEGER,
    base_header INTEGER,
    base_sequence INTEGER,
    cells BLOB,
    life INTEGER NOT NULL DEFAULT 0,
    owner BLOB,                        -- the customer it belongs to; of a link the first record
    other BLOB,                        -- of a link the second record
    at INTEGER,                        -- when it happened or is due, microseconds since 1970
    waiting TEXT,                      -- a customer's reference that nothing here answers to yet
    "content" TEXT                     -- a JSON document
) STRICT;
CREATE UNIQUE INDEX item_rows_id ON item_rows (id);
CREATE UNIQUE INDEX item_rows_feed ON item_rows (feed);
CREATE INDEX item_rows_owner ON item_rows (owner, kind, at) WHERE owner IS NOT NULL;
CREATE INDEX item_rows_other ON item_rows (other) WHERE other IS NOT NULL;
CREATE INDEX item_rows_waiting ON item_rows (waiting) WHERE waiting IS NOT NULL;
CREATE INDEX item_rows_kind ON item_rows (kind, at) WHERE kind <> 3;

-- External ids beyond the one from which a row has its id.
CREATE TABLE aliases (
    id BLOB NOT NULL,                  -- the id that the external id's own row would have
    record BLOB NOT NULL,
    PRIMARY KEY (id, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_record ON aliases (record);

-- Cells in which several things are said; kind 1 field, 2 source, 3 delete-edit, 4 disagreement between sources, 5 link:
-- then "profile" is the link's row.
CREATE TABLE contested (
    profile BLOB NOT NULL,
    field INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    PRIMARY KEY (profile, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX contested_kind ON contested (kind, field);

-- What this node saw an operation write or replace in a record. Rows made by an import are not listed one by one.
CREATE TABLE history (
    ordinal INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    operation BLOB NOT NULL,
    at INTEGER NOT NULL,
    changes BLOB NOT NULL              -- cell by cell the write that was added, and the writes that it replaced
) STRICT;
CREATE INDEX history_record ON history (record, ordinal);

-- What commands did on this node.
CREATE TABLE operations (
    ordinal INTEGER PRIMARY KEY,       -- that of the first of its headers, by which it is found
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    command TEXT NOT NULL,
    message TEXT,
    rows INTEGER NOT NULL,
    bulk INTEGER NOT NULL,             -- whether rows it made are not in the history
    history_first INTEGER,             -- what it did stands in the history from here
    history_last INTEGER,              -- to here, among what others did
    undone_by BLOB
) STRICT;

-- Nodes that this one calls.
CREATE TABLE peers (
    name TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    token TEXT NOT NULL,
    neighbour BLOB,                    -- the node that answers there
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Nodes that may call this one; the token is kept as a hash.
CREATE TABLE admissions (
    name TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL,
    scopes TEXT NOT NULL,
    role TEXT NOT NULL,
    once INTEGER NOT NULL,
    node BLOB,                         -- the node that uses the name: the first that called with this token
    used_at INTEGER,                   -- when it did
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Nodes met so far, and how far each knows the other.
CREATE TABLE neighbours (
    node BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    cursor_life INTEGER,               -- the life of the neighbour's store to which the cursor belongs
    cursor INTEGER NOT NULL DEFAULT 0, -- what of the neighbour's feed is durable here
    acknowledged_life INTEGER,         -- the life of this store to which the next belongs
    acknowledged INTEGER NOT NULL DEFAULT 0,  -- what of this node's feed the neighbour holds
    head INTEGER,                      -- of the neighbour's feed, when last heard
    ticket INTEGER,                    -- the number of the ticket handed to it last in the present life
    common_life INTEGER,               -- the life of this store to which the next belongs
    common INTEGER,                    -- what was written here before any other copy of this store came to the neighbour
    last_sync INTEGER,
    scopes TEXT,                       -- what the neighbour holds of what it may hold, one a line
    told TEXT,                         -- what this node held when it last said so
    leaving TEXT,                      -- what the neighbour has left, and of which it still has rows
    granted TEXT                       -- what the neighbour lets this node read and write there
) STRICT, WITHOUT ROWID;

-- Scopes that a row has left, of rows here and of those that are gone: who holds one of them is told.
CREATE TABLE left_scopes (
    id BLOB NOT NULL,
    scope INTEGER NOT NULL,
    PRIMARY KEY (id, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX left_scopes_scope ON left_scopes (scope);

-- Rows outside what this node holds: those that wait until a neighbour has them who holds their scope, and the stubs of
-- those that are gone.
CREATE TABLE departures (
    id BLOB PRIMARY KEY,
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL,            -- 0 told of, 1 here and waiting, 2 gone, 3 as 1, in a scope that was left
    feed INTEGER,                      -- of those that are gone: shares its numbers with the rows'
    scopes TEXT NOT NULL,              -- where it is, one a line
    context BLOB NOT NULL,             -- what is held there; of one that waits, as far as it is known
    owner BLOB,                        -- of a row that is gone: the customers to which it belonged
    other BLOB
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX departures_feed ON departures (feed) WHERE feed IS NOT NULL;

-- Lives of neighbours' stores, from which rows came.
CREATE TABLE neighbour_lives (
    ordinal INTEGER PRIMARY KEY,
    node BLOB NOT NULL,
    life INTEGER NOT NULL,
    ticket INTEGER,                    -- the ticket that the neighbour handed over last in that life
    ticket_secret INTEGER,
    UNIQUE (node, life)
) STRICT;

-- What the present life has handed to neighbours, so that a copy of this store that goes on in it is found out.
CREATE TABLE tickets (
    number INTEGER PRIMARY KEY,
    secret INTEGER NOT NULL,
    sequence INTEGER NOT NULL          -- the last of the life when it was handed out
) STRICT;

-- For each origin the highest sequence seen here.
CREATE TABLE origins (
    origin INTEGER PRIMARY KEY,
    sequence INTEGER NOT NULL
) STRICT;

-- What "origins" said when the feed stood at a number: a guess at what a neighbour holds that has come so far.
CREATE TABLE feed_marks (
    feed INTEGER PRIMARY KEY,
    life INTEGER NOT NULL,
    origins BLOB NOT NULL
) STRICT;
