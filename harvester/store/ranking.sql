-- How far the ranking of providers can be trusted (scoring/uncertainty.py, docs/uncertainty.md). Made whole from the
-- standing scores, profile by profile, whenever they change; nothing of it is history.

CREATE TABLE ranking_basis (         -- what each profile's ranking was drawn from
    profile TEXT PRIMARY KEY,
    draws INTEGER NOT NULL,
    digest TEXT NOT NULL,            -- of scores, rubric, links and rules: as long as it stands, nothing is drawn anew
    since TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run(id)
) STRICT;

CREATE TABLE provider_rank (
    profile TEXT NOT NULL,
    provider TEXT NOT NULL REFERENCES provider(slug),
    n INTEGER NOT NULL,              -- datasets
    point REAL,                      -- 0-100, as in score
    low REAL, high REAL,             -- of the bootstrap over its datasets, 5-95 %; NULL under five datasets
    rank INTEGER, rank_low INTEGER, rank_high INTEGER,   -- 5-95 % of the draws; NULL where not ranked
    ranked INTEGER NOT NULL,
    why TEXT NOT NULL,               -- why not: few-datasets, little-known, no-score; '' where ranked
    PRIMARY KEY (profile, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE ahead (                 -- pairs of ranked providers that are settled (0.95) or near it (0.9)
    profile TEXT NOT NULL,
    provider TEXT NOT NULL REFERENCES provider(slug),   -- the one with the higher point
    other TEXT NOT NULL REFERENCES provider(slug),
    share REAL NOT NULL,             -- of the draws, 0-1
    PRIMARY KEY (profile, provider, other)
) STRICT, WITHOUT ROWID;

CREATE TABLE portal_interval (
    profile TEXT NOT NULL,
    over TEXT NOT NULL,              -- the mean over datasets, or over providers
    n INTEGER NOT NULL,
    point REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
    PRIMARY KEY (profile, over)
) STRICT, WITHOUT ROWID;

CREATE TABLE agreement (             -- whether two profiles put the same subjects in the same order
    profile TEXT NOT NULL,
    other TEXT NOT NULL,
    subject_type TEXT NOT NULL,      -- dataset, provider
    n INTEGER NOT NULL,              -- subjects with a point in both
    spearman REAL, kendall REAL,     -- -1 to 1; NULL where one of them tells no two apart
    PRIMARY KEY (subject_type, profile, other)
) STRICT, WITHOUT ROWID;
