-- Scoring a history anew (scoring/rescore.py). Answers and measures are never touched by it.

CREATE TABLE rescore (               -- which history was scored anew, and under which rubric
    run INTEGER NOT NULL REFERENCES run(id),
    profile TEXT NOT NULL,
    at TEXT NOT NULL,
    old_digests TEXT NOT NULL,       -- JSON list of the rubrics the replaced scores were made by, oldest first
    rubric_digest TEXT NOT NULL,
    first TEXT NOT NULL,             -- the first and the last moment that was scored anew
    last TEXT NOT NULL,
    moments INTEGER NOT NULL,
    replaced INTEGER NOT NULL,       -- scores that gave way
    PRIMARY KEY (run, profile)
) STRICT, WITHOUT ROWID;

CREATE TABLE score_before (          -- the scores that gave way, so that a figure once published can still be found
    subject_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    profile TEXT NOT NULL,
    pillar TEXT NOT NULL,
    since TEXT NOT NULL,
    point REAL, low REAL NOT NULL, high REAL NOT NULL,
    known REAL NOT NULL,
    n INTEGER NOT NULL,
    parts TEXT NOT NULL,
    rubric_digest TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run(id),
    until TEXT,
    replaced_by INTEGER NOT NULL REFERENCES run(id),
    PRIMARY KEY (replaced_by, profile, subject_type, subject, pillar, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE score_draft (           -- what a run in hand has scored so far; empty when it is done
    profile TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    pillar TEXT NOT NULL,
    since TEXT NOT NULL,
    point REAL, low REAL NOT NULL, high REAL NOT NULL,
    known REAL NOT NULL,
    n INTEGER NOT NULL,
    parts TEXT NOT NULL,
    until TEXT,
    PRIMARY KEY (profile, subject_type, subject, pillar, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE rescore_progress (      -- how far that run is with each profile, so that it can be taken up again
    run INTEGER NOT NULL REFERENCES run(id),
    profile TEXT NOT NULL,
    rubric_digest TEXT NOT NULL,
    moment TEXT NOT NULL,            -- the last one in the draft
    done INTEGER NOT NULL,           -- 1 where the draft has taken its place
    PRIMARY KEY (run, profile)
) STRICT, WITHOUT ROWID
