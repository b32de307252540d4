-- People's decisions refine a model, so that all customers are compared again: how many there were since is counted, not read anew.

ALTER TABLE compared ADD COLUMN links INTEGER NOT NULL DEFAULT 0;      -- links up to this feed number are counted
ALTER TABLE compared ADD COLUMN decisions INTEGER NOT NULL DEFAULT 0;  -- on how many of them people have decided since all were compared
