-- What a harvest needs to know of earlier ones, and what changed from one to the next as facts that SQL can read.

CREATE TABLE reading (               -- the last time each instance's record was asked for
    dataset TEXT NOT NULL,
    language TEXT NOT NULL,
    at TEXT NOT NULL,
    sha256 TEXT,                     -- the record_version that was read; NULL where the instance had no record to give
    run INTEGER NOT NULL REFERENCES run(id),
    PRIMARY KEY (dataset, language)
) STRICT, WITHOUT ROWID;
CREATE INDEX reading_run ON reading(run);

CREATE TABLE planned (               -- what the last run set out to read, and why; kept so that it can be taken up again
    run INTEGER NOT NULL REFERENCES run(id),
    dataset TEXT NOT NULL,
    reason TEXT NOT NULL,            -- full, new, returned, languages, failed, told, stale, sweep, rotation
    languages TEXT NOT NULL,         -- JSON list of the instances to ask first
    PRIMARY KEY (run, dataset)
) STRICT, WITHOUT ROWID;

CREATE TABLE change (                -- append-only: one fact of one record that was not what it had been
    run INTEGER NOT NULL REFERENCES run(id),
    dataset TEXT NOT NULL,
    resource TEXT NOT NULL,          -- '' where it is the dataset's own
    language TEXT NOT NULL,          -- '' where it is about all instances at once
    field TEXT NOT NULL,             -- dataset, name, record, resource, title, url, is_api, maintainer_email, ...
    old TEXT, new TEXT,              -- NULL where it was not there, or is no more
    at TEXT NOT NULL,
    PRIMARY KEY (dataset, resource, language, field, run)
) STRICT;
CREATE INDEX change_run ON change(run);
CREATE INDEX change_field ON change(field, at);

CREATE TABLE provider_rename (
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    at TEXT NOT NULL,                -- the day it took effect, or when a harvest saw it
    source TEXT NOT NULL,            -- where that is written, or "seen by harvest 12"
    PRIMARY KEY (old, new)
) STRICT, WITHOUT ROWID;

INSERT INTO reading (dataset, language, at, sha256, run)
SELECT dataset, language, '1970-01-01T00:00:00Z', sha256, run
FROM (SELECT *, row_number() OVER (PARTITION BY dataset, language ORDER BY first_seen DESC, run DESC) AS place
      FROM record_version)
WHERE place = 1;

INSERT INTO change (run, dataset, resource, language, field, old, new, at)
SELECT (SELECT min(run) FROM record_version v WHERE v.dataset = d.name), name, '', '', 'dataset', NULL, 'listed', first_seen
FROM dataset d WHERE EXISTS (SELECT 1 FROM record_version v WHERE v.dataset = d.name);
