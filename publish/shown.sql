-- What the charts and the week's news are drawn from, made and filled once; publish/weekly.sql fills week_change.

CREATE TABLE format_count (          -- standing resources by what was found, or as declared where nothing came
    ladder TEXT NOT NULL,            -- of what was found, how far a machine can use it; 'not-looked-at'
    format TEXT NOT NULL,
    resources INTEGER NOT NULL,
    PRIMARY KEY (ladder, format)
) STRICT, WITHOUT ROWID;
CREATE INDEX format_count_resources ON format_count(resources);

INSERT INTO format_count (ladder, format, resources)
SELECT coalesce(c.ladder, 'not-looked-at'), upper(coalesce(c.format, trim(r.format))), count(*)
FROM resource r JOIN dataset d ON d.name = r.dataset LEFT JOIN latest_visit l ON l.url = coalesce(r.example, r.url)
LEFT JOIN content c ON c.sha256 = l.sha256
WHERE r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2;

CREATE TABLE week_change (           -- what is otherwise than a week before the last scan
    kind TEXT NOT NULL,              -- failing, mended, appeared, withdrawn, moved (-provider, -portal), opened, closed, reopened
    position INTEGER NOT NULL,       -- within its kind, the weightiest of different datasets first
    place INTEGER NOT NULL,          -- the same within its provider
    provider TEXT REFERENCES provider(slug),
    dataset TEXT REFERENCES dataset(name),
    resource TEXT NOT NULL,
    criterion TEXT REFERENCES criterion(id),
    at TEXT NOT NULL,
    before REAL, after REAL,         -- of a score that moved, 0-100
    PRIMARY KEY (kind, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX week_change_provider ON week_change(provider, kind, place);
CREATE INDEX week_change_dataset ON week_change(dataset);
CREATE INDEX week_change_criterion ON week_change(criterion);
CREATE INDEX week_change_at ON week_change(at);

CREATE TABLE state_count (           -- view state_now, counted
    subject_type TEXT NOT NULL,      -- portal, provider
    subject TEXT NOT NULL,           -- '' for the portal
    state TEXT NOT NULL,
    resources INTEGER NOT NULL,
    PRIMARY KEY (subject_type, subject, state)
) STRICT, WITHOUT ROWID;

INSERT INTO state_count (subject_type, subject, state, resources)
SELECT 'provider', provider, state, count(*) FROM state_now GROUP BY provider, state ORDER BY provider, state;

INSERT INTO state_count (subject_type, subject, state, resources)
SELECT 'portal', '', state, sum(resources) FROM state_count WHERE subject_type = 'provider' GROUP BY state ORDER BY state;

CREATE TABLE down_now (              -- the resources of view state_now that are down, then those that are degraded
    position INTEGER PRIMARY KEY,    -- the longest so first
    resource TEXT NOT NULL UNIQUE REFERENCES resource(shared_id),
    url INTEGER NOT NULL REFERENCES url(id),
    since TEXT NOT NULL,
    state TEXT NOT NULL
) STRICT;
CREATE INDEX down_now_url ON down_now(url);

INSERT INTO down_now (position, resource, url, since, state)
SELECT row_number() OVER (ORDER BY n.state = 'degraded', n.since, n.dataset, n.resource), n.resource,
       coalesce(r.example, r.url), n.since, n.state
FROM state_now n JOIN resource r ON r.shared_id = n.resource WHERE n.state IN ('down', 'degraded');

CREATE TABLE failing_count (         -- view failing_now, counted by dataset and outcome
    dataset TEXT NOT NULL REFERENCES dataset(name),
    outcome TEXT NOT NULL,
    resources INTEGER NOT NULL,
    status INTEGER,                  -- of one of them: so, and when, it was asked
    visited TEXT,
    url TEXT NOT NULL,
    PRIMARY KEY (dataset, outcome)
) STRICT, WITHOUT ROWID;
CREATE INDEX failing_count_resources ON failing_count(resources);

INSERT INTO failing_count (dataset, outcome, resources, status, visited, url)
SELECT dataset, outcome, count(*), status, visited, min(url) FROM failing_now GROUP BY dataset, outcome
ORDER BY dataset, outcome;

CREATE TABLE common_fault (          -- open tasks that ask for the same, and what mending it everywhere would give
    criterion TEXT NOT NULL REFERENCES criterion(id),
    reason TEXT NOT NULL,
    datasets INTEGER NOT NULL,
    providers INTEGER NOT NULL,
    gain REAL,                       -- points of the portal's mean: the best task of each dataset, over all datasets
    most REAL NOT NULL,              -- points of a dataset that the example would give back, the most any gives
    dataset TEXT NOT NULL REFERENCES dataset(name),   -- the example: the task that would give most back
    resource TEXT NOT NULL,
    PRIMARY KEY (criterion, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX common_fault_gain ON common_fault(gain);
CREATE INDEX common_fault_dataset ON common_fault(dataset);

-- SQLite takes bare columns from the row of a max: here the example.
INSERT INTO common_fault (criterion, reason, datasets, providers, gain, most, dataset, resource)
SELECT criterion, reason, count(*), count(DISTINCT provider),
       sum(points) / (SELECT count(*) FROM dataset_summary WHERE point IS NOT NULL), max(points), dataset, resource
FROM (SELECT t.criterion, t.reason, t.dataset, d.provider, t.resource, max(t.points) AS points
      FROM task t JOIN dataset d ON d.name = t.dataset
      WHERE t.closed IS NULL AND d.withdrawn_at IS NULL GROUP BY t.criterion, t.reason, t.dataset)
GROUP BY criterion, reason ORDER BY criterion, reason;
