-- What the scores are asked for by those who read them (scoring/asks.py), and why they changed (scoring/explain.py).

CREATE TABLE ask (                   -- a row stands until another figure takes its place, as scores do
    subject_type TEXT NOT NULL,      -- portal, provider
    subject TEXT NOT NULL,           -- '' for the portal
    ask TEXT NOT NULL,               -- readable-whole, days-late, severity, band, uptime, inspection, usage, ...
    since TEXT NOT NULL,
    value REAL,                      -- in the ask's own unit (docs/scores.md); NULL where nothing is known
    low REAL, high REAL,             -- were everything unknown the worst, the best; NULL where there are no such bounds
    n INTEGER NOT NULL,              -- what it is taken over: datasets, addresses
    known REAL NOT NULL,             -- 0-1, share of n that was known
    parts TEXT NOT NULL,             -- JSON: what went into it
    run INTEGER NOT NULL REFERENCES run(id),
    until TEXT,
    PRIMARY KEY (subject_type, subject, ask, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE explanation (           -- of the leading profile, made whole at each score: why a score is another
    subject_type TEXT NOT NULL,      -- dataset, provider, portal
    subject TEXT NOT NULL,
    span TEXT NOT NULL,              -- last (its last change), month (the last 30 days)
    since TEXT NOT NULL,             -- the moment it is compared with
    point_before REAL NOT NULL,
    point REAL NOT NULL,
    parts TEXT NOT NULL,             -- JSON list of what, way, points, datasets, resources; the points add up
    run INTEGER NOT NULL REFERENCES run(id),
    PRIMARY KEY (subject_type, subject, span)
) STRICT, WITHOUT ROWID
