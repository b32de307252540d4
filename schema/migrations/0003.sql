-- How often this node has entered or left scopes: what was sent to it under an earlier count is not taken for the whole of a feed.
ALTER TABLE node ADD COLUMN scopes_epoch INTEGER NOT NULL DEFAULT 0;

-- The neighbour's count, as it said when last heard.
ALTER TABLE neighbours ADD COLUMN scopes_epoch INTEGER NOT NULL DEFAULT 0;

-- Whom a node may rely on follows from what is said in the session.
ALTER TABLE neighbours DROP COLUMN told;
