-- All ids of each kind are compared when that is due for this kind: a round that fails between two kinds has not compared the second.
ALTER TABLE connector_cursors ADD COLUMN compared_at INTEGER;
UPDATE connector_cursors SET compared_at = (SELECT last_reconciled FROM connectors WHERE name = connector);
ALTER TABLE connectors DROP COLUMN last_reconciled;

-- What is said differently of an affiliation stands in contested under the id of the affiliation's row: whoever opens the store lists it
-- anew from the rows.
