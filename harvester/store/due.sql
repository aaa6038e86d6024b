-- The account of `barometer watch`: every run that was due, and what became of it, so that no gap is without its reason.

CREATE TABLE due (
    job TEXT NOT NULL,               -- scan, links, apis, deep, fold; asked, publish and notices are due when wanted
    moment TEXT NOT NULL,            -- when it was due
    state TEXT NOT NULL,             -- waiting, running, done, caught-up (done late), failed, skipped (a later one stood in)
    why TEXT NOT NULL DEFAULT '',    -- why not, or why late, by its word: asleep, disk-full, portal-away, ...
    told TEXT NOT NULL DEFAULT '',   -- the same in a sentence, with what to do
    tries INTEGER NOT NULL DEFAULT 0,
    runs TEXT NOT NULL DEFAULT '[]', -- JSON: the runs it made or took up
    started TEXT, finished TEXT,     -- of its last try
    seconds REAL,                    -- what all its tries took
    PRIMARY KEY (job, moment)
) STRICT, WITHOUT ROWID;
CREATE INDEX due_moment ON due(moment);

CREATE TABLE due_month (             -- what was due longer ago than is kept one by one, added up; months are Hong Kong's
    job TEXT NOT NULL,
    month TEXT NOT NULL,             -- 2026-11
    state TEXT NOT NULL,
    why TEXT NOT NULL,
    many INTEGER NOT NULL,
    PRIMARY KEY (job, month, state, why)
) STRICT, WITHOUT ROWID;

CREATE TABLE watching (              -- every process that watched, so that a gap in the account can be told from a crash
    id INTEGER PRIMARY KEY,
    process INTEGER NOT NULL,
    started TEXT NOT NULL,
    seen TEXT NOT NULL,              -- when it last wrote that it was alive
    ended TEXT,                      -- NULL while it lives, and where it was killed
    note TEXT NOT NULL DEFAULT ''
) STRICT;
