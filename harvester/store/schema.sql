-- The workshop. Tables are singular, keys are natural so that a repeated step is an upsert, evidence is append-only.
-- Times are ISO 8601 UTC text; lists and records are JSON text; booleans are 0 or 1.

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,              -- harvest, check, validate, score, publish, recheck
    started TEXT NOT NULL,
    finished TEXT,
    state TEXT NOT NULL,             -- running, done, failed, stopped
    portal TEXT,
    code_version TEXT NOT NULL,
    rubric_digest TEXT,
    options TEXT NOT NULL DEFAULT '{}',
    counts TEXT NOT NULL DEFAULT '{}',
    process INTEGER
) STRICT;

CREATE TABLE failure (               -- items a step could not work on; a dead link is a finding, not a failure
    run INTEGER NOT NULL REFERENCES run(id),
    item TEXT NOT NULL,
    error TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (run, item)
) STRICT;

CREATE TABLE provider (
    slug TEXT PRIMARY KEY,
    title_en TEXT, title_tc TEXT, title_sc TEXT,
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL
) STRICT;

CREATE TABLE category (
    slug TEXT PRIMARY KEY,
    title_en TEXT, title_tc TEXT, title_sc TEXT,
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL
) STRICT;

CREATE TABLE url (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    archived_at TEXT                 -- when the portal's historical archive last listed it
) STRICT;
CREATE INDEX url_host ON url(host);

CREATE TABLE dataset (
    name TEXT PRIMARY KEY,
    provider TEXT NOT NULL REFERENCES provider(slug),
    category TEXT REFERENCES category(slug),
    title_en TEXT, title_tc TEXT, title_sc TEXT,
    notes_en TEXT, notes_tc TEXT, notes_sc TEXT,
    frequency_en TEXT, frequency_tc TEXT, frequency_sc TEXT,
    schedule TEXT NOT NULL,          -- periodic, real-time, as-needed, unknown
    period_days REAL,
    maintainer_en TEXT, maintainer_tc TEXT, maintainer_sc TEXT,
    maintainer_email TEXT, maintainer_phone TEXT,
    dictionary INTEGER REFERENCES url(id),
    licence_id TEXT, licence_title TEXT,
    created TEXT, modified TEXT,
    languages TEXT NOT NULL,         -- JSON list of the instances that list it
    resources_en TEXT, resources_tc TEXT, resources_sc TEXT,
    extras TEXT NOT NULL DEFAULT '{}',   -- JSON by instance: what the record says that no column holds
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, withdrawn_at TEXT
) STRICT;
CREATE INDEX dataset_provider ON dataset(provider);
CREATE INDEX dataset_category ON dataset(category);

CREATE TABLE resource (
    shared_id TEXT PRIMARY KEY,
    dataset TEXT NOT NULL REFERENCES dataset(name),
    position INTEGER NOT NULL,
    title_en TEXT, title_tc TEXT, title_sc TEXT,
    description_en TEXT, description_tc TEXT, description_sc TEXT,
    format TEXT NOT NULL,            -- as declared
    kind TEXT NOT NULL,              -- file, api, page, template
    url INTEGER NOT NULL REFERENCES url(id),
    url_en TEXT, url_tc TEXT, url_sc TEXT,   -- as each instance wrote it
    is_api INTEGER,
    in_language TEXT, mimetype TEXT, size INTEGER,
    created TEXT, modified TEXT, published TEXT, temporal_from TEXT, temporal_to TEXT, -- as written
    schema_url TEXT,
    languages TEXT NOT NULL,
    extras TEXT NOT NULL DEFAULT '{}',   -- as of dataset
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, withdrawn_at TEXT
) STRICT;
CREATE INDEX resource_dataset ON resource(dataset);
CREATE INDEX resource_url ON resource(url);

CREATE TABLE record_version (
    dataset TEXT NOT NULL,
    language TEXT NOT NULL,
    sha256 TEXT NOT NULL,            -- of the record's canonical JSON
    body BLOB NOT NULL,              -- that JSON, zlib
    first_seen TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run(id),
    PRIMARY KEY (dataset, language, sha256)
) STRICT;

CREATE TABLE harvested (             -- what the run in hand has already stored, so that it can be taken up again
    run INTEGER NOT NULL REFERENCES run(id),
    dataset TEXT NOT NULL REFERENCES dataset(name),
    PRIMARY KEY (run, dataset)
) STRICT, WITHOUT ROWID;

CREATE TABLE content (
    sha256 TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    complete INTEGER NOT NULL,       -- 0 where our own size limit cut the body
    format TEXT NOT NULL,
    nature TEXT NOT NULL,
    ladder TEXT NOT NULL,
    encoding TEXT, bom INTEGER NOT NULL DEFAULT 0,
    dialect TEXT,                    -- JSON of records.Dialect
    rows INTEGER, columns INTEGER,
    labels TEXT, members TEXT,       -- JSON lists
    verdict TEXT,                    -- NULL until validated
    reason TEXT,
    repaired TEXT,
    profile TEXT,                    -- JSON of records.Profile
    seconds REAL,
    engine TEXT,
    first_seen TEXT NOT NULL
) STRICT;

CREATE TABLE visit (
    id INTEGER PRIMARY KEY,
    url INTEGER NOT NULL REFERENCES url(id),
    run INTEGER NOT NULL REFERENCES run(id),
    attempt INTEGER NOT NULL,
    started TEXT NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    first_byte_ms INTEGER, milliseconds INTEGER,
    bytes INTEGER, declared_bytes INTEGER,
    content_type TEXT, etag TEXT, last_modified TEXT, served_at TEXT,
    redirects TEXT NOT NULL DEFAULT '[]',
    certificate_days INTEGER,
    sha256 TEXT REFERENCES content(sha256),
    complete INTEGER NOT NULL DEFAULT 1,
    error TEXT,
    UNIQUE (run, url, attempt)
) STRICT;
CREATE INDEX visit_url ON visit(url, started);
CREATE INDEX visit_sha256 ON visit(sha256);

CREATE TABLE defect (
    content TEXT NOT NULL REFERENCES content(sha256),
    code TEXT NOT NULL,
    count INTEGER NOT NULL,
    row INTEGER, field INTEGER,      -- the first place, 1-based as Frictionless counts
    note TEXT NOT NULL,
    examples TEXT NOT NULL,          -- JSON list of the first few, in words
    PRIMARY KEY (content, code)
) STRICT;

CREATE TABLE answer (
    dataset TEXT NOT NULL REFERENCES dataset(name),
    resource TEXT NOT NULL DEFAULT '',   -- '' where the answer is about the dataset as a whole
    criterion TEXT NOT NULL,
    since TEXT NOT NULL,
    value REAL,                      -- 0, 0.5, 1, or NULL for unknown
    reason TEXT NOT NULL,            -- a stable code; scoring/words.py has its sentence
    evidence TEXT NOT NULL,          -- JSON: the facts the sentence is filled with, and the visits that prove it
    run INTEGER NOT NULL REFERENCES run(id),
    until TEXT,                      -- when another answer took its place; NULL while it stands
    PRIMARY KEY (dataset, resource, criterion, since)
) STRICT;
CREATE INDEX answer_criterion ON answer(criterion, value);

CREATE TABLE score (
    subject_type TEXT NOT NULL,      -- dataset, provider, category, portal
    subject TEXT NOT NULL,
    profile TEXT NOT NULL,
    pillar TEXT NOT NULL,            -- '' for the whole
    since TEXT NOT NULL,
    point REAL, low REAL NOT NULL, high REAL NOT NULL,   -- 0-100; point NULL where nothing is known
    known REAL NOT NULL,             -- 0-1, share of weight that was known
    n INTEGER NOT NULL,              -- datasets behind it
    parts TEXT NOT NULL DEFAULT '{}',-- JSON: what went into it, criterion by criterion
    rubric_digest TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run(id),
    until TEXT,
    PRIMARY KEY (subject_type, subject, profile, pillar, since)
) STRICT;

CREATE TABLE task (
    dataset TEXT NOT NULL REFERENCES dataset(name),
    resource TEXT NOT NULL DEFAULT '',
    criterion TEXT NOT NULL,
    opened TEXT NOT NULL,
    due TEXT NOT NULL,
    closed TEXT, reopened TEXT,
    severity INTEGER NOT NULL,       -- 0 worst, 3, 6, 8 minor (10 means no task)
    points REAL NOT NULL,            -- what the dataset's score would gain
    reason TEXT NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (dataset, resource, criterion)
) STRICT;
