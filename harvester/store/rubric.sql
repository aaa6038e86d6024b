-- Every profile by which anything was scored, as its file stood then, so that the scores can be made again from what is
-- stored and from nothing else.

CREATE TABLE rubric (
    digest TEXT PRIMARY KEY,         -- SHA-256 of what counts (scoring/rubric.py): a score names its rubric by it
    profile TEXT NOT NULL,
    version TEXT NOT NULL,
    text TEXT NOT NULL,              -- the YAML file as used; of files with the same digest, the last
    first_used TEXT NOT NULL,        -- the moments its first and last scores are of, or when it scored history anew
    last_used TEXT NOT NULL
) STRICT
