-- What stays of visits when they are let go (harvester/fold.py, docs/availability.md "What is kept how long"). A day is
-- one in Hong Kong, counted from 1970-01-01, and a body is named by the first twelve digits of its sha256: there are
-- millions of rows, and they stay for ever.

CREATE TABLE folded (                -- up to where the visits of an address are rolled up
    url INTEGER PRIMARY KEY REFERENCES url(id),
    until TEXT NOT NULL,             -- a midnight in Hong Kong: all visits that started before it
    since TEXT NOT NULL,             -- the spell that lasted then; those before it stand for good
    visits INTEGER NOT NULL,         -- so many
    settled TEXT NOT NULL,           -- JSON of health.Settled: what its later visits are read on
    let_go TEXT NOT NULL DEFAULT ''  -- up to where those that nothing needs were let go
) STRICT;

CREATE TABLE visit_day (
    url INTEGER NOT NULL REFERENCES url(id),
    day INTEGER NOT NULL,
    visits INTEGER NOT NULL,
    good INTEGER NOT NULL, bad INTEGER NOT NULL, walls INTEGER NOT NULL,  -- as harvester/signs.py reads each visit
    outcomes TEXT,                   -- JSON: how many of each outcome; NULL where all were ok
    p50_ms INTEGER, p95_ms INTEGER,  -- of the good visits, by nearest rank; NULL where no time is known
    p50_first_byte_ms INTEGER, p95_first_byte_ms INTEGER,
    bytes INTEGER,                   -- of all bodies that came
    looks INTEGER NOT NULL,          -- visits that saw which body it is
    bodies INTEGER NOT NULL,         -- different ones among them
    PRIMARY KEY (url, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE body_seen (             -- every body an address ever had
    url INTEGER NOT NULL REFERENCES url(id),
    body TEXT NOT NULL,
    first INTEGER NOT NULL,          -- seconds since 1970 of the first visit that went well and brought or confirmed it
    looked INTEGER,                  -- so much later the first that did not ask for its start only; NULL where none did
    data INTEGER NOT NULL,           -- 0 where it is a login, a challenge, an error or nothing in place of the data
    PRIMARY KEY (url, body)
) STRICT, WITHOUT ROWID;

CREATE TABLE stamp_seen (            -- every Last-Modified an address ever gave with a body: seconds since 1970, or as it was written
    url INTEGER NOT NULL REFERENCES url(id),
    stamp ANY NOT NULL,
    PRIMARY KEY (url, stamp)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdict_day (           -- on how many addresses the last body of the day was of which format and verdict
    day INTEGER NOT NULL,
    format TEXT NOT NULL,
    verdict TEXT NOT NULL,
    addresses INTEGER NOT NULL,
    PRIMARY KEY (day, format, verdict)
) STRICT, WITHOUT ROWID;

-- 1 where a newer body took its place and nothing rests on it: its profile and examples are let go, and its row goes
-- with the last visit that names it.
ALTER TABLE content ADD COLUMN spare INTEGER NOT NULL DEFAULT 0;
CREATE INDEX content_whole ON content(first_seen) WHERE spare = 0;

-- Without them every content that goes would be looked for in all comparisons.
CREATE INDEX comparison_a ON comparison(a);
CREATE INDEX comparison_b ON comparison(b);

CREATE VIEW unfolded AS              -- visits that no roll-up counts yet; some of the others are kept as evidence
SELECT visit.* FROM visit LEFT JOIN folded ON folded.url = visit.url
WHERE folded.until IS NULL OR visit.started >= folded.until
