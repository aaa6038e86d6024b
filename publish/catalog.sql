-- The shop window. The workshop's tables under their own names (with labels and the foreign keys Datasette follows),
-- then summaries that answer what people ask, then views. Filled once by publish.build and never written again.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE checksum (
    name TEXT PRIMARY KEY,           -- of a table
    rows INTEGER NOT NULL,
    sha256 TEXT NOT NULL             -- of its rows, as publish.checksum defines it
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

CREATE TABLE criterion (
    id TEXT PRIMARY KEY,
    title_en TEXT NOT NULL, title_tc TEXT NOT NULL, title_sc TEXT NOT NULL,
    position INTEGER NOT NULL,
    weight REAL                      -- in the profile gdb-checklist; NULL where it is reported only
) STRICT;

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL,
    kind TEXT NOT NULL,
    started TEXT NOT NULL,
    finished TEXT,
    state TEXT NOT NULL,
    portal TEXT,
    code_version TEXT NOT NULL,
    rubric_digest TEXT,
    options TEXT NOT NULL DEFAULT '{}',
    counts TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX run_kind ON run(kind);
CREATE INDEX run_started ON run(started);

CREATE TABLE failure (
    run INTEGER NOT NULL REFERENCES run(id),
    item TEXT NOT NULL,
    error TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (run, item)
) STRICT;

CREATE TABLE unknown_text (
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    language TEXT NOT NULL,          -- '' where all instances share the value
    datasets INTEGER NOT NULL,
    example TEXT NOT NULL REFERENCES dataset(name),
    PRIMARY KEY (kind, text, language)
) STRICT, WITHOUT ROWID;
CREATE INDEX unknown_text_datasets ON unknown_text(datasets);
CREATE INDEX unknown_text_example ON unknown_text(example);

CREATE TABLE url (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    archived_at TEXT
) STRICT;
CREATE INDEX url_host ON url(host);

CREATE TABLE dataset (
    id INTEGER NOT NULL UNIQUE,      -- the row's place in the search index
    name TEXT PRIMARY KEY,
    title_en TEXT, title_tc TEXT, title_sc TEXT,
    provider TEXT NOT NULL REFERENCES provider(slug),
    category TEXT REFERENCES category(slug),
    frequency_en TEXT, frequency_tc TEXT, frequency_sc TEXT,
    schedule TEXT NOT NULL,
    period_days REAL,
    notes_en TEXT, notes_tc TEXT, notes_sc TEXT,
    maintainer_en TEXT, maintainer_tc TEXT, maintainer_sc TEXT,
    maintainer_email TEXT, maintainer_phone TEXT,
    dictionary INTEGER REFERENCES url(id),
    licence_id TEXT, licence_title TEXT,
    created TEXT, modified TEXT,
    languages TEXT NOT NULL,
    resources_en TEXT, resources_tc TEXT, resources_sc TEXT,
    extras TEXT NOT NULL DEFAULT '{}',
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, withdrawn_at TEXT
) STRICT;
CREATE INDEX dataset_provider ON dataset(provider);
CREATE INDEX dataset_category ON dataset(category);
CREATE INDEX dataset_dictionary ON dataset(dictionary);
CREATE INDEX dataset_schedule ON dataset(schedule);

CREATE TABLE resource (
    shared_id TEXT PRIMARY KEY,
    title_en TEXT, title_tc TEXT, title_sc TEXT,
    dataset TEXT NOT NULL REFERENCES dataset(name),
    position INTEGER NOT NULL,
    format TEXT NOT NULL,
    kind TEXT NOT NULL,
    url INTEGER NOT NULL REFERENCES url(id),
    description_en TEXT, description_tc TEXT, description_sc TEXT,
    url_en TEXT, url_tc TEXT, url_sc TEXT,
    is_api INTEGER,
    in_language TEXT, mimetype TEXT, size INTEGER,
    created TEXT, modified TEXT, published TEXT, temporal_from TEXT, temporal_to TEXT,
    schema_url TEXT,
    languages TEXT NOT NULL,
    extras TEXT NOT NULL DEFAULT '{}',
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, withdrawn_at TEXT,
    example INTEGER REFERENCES url(id)
) STRICT;
CREATE INDEX resource_dataset ON resource(dataset, position);
CREATE INDEX resource_url ON resource(url);
CREATE INDEX resource_example ON resource(example);
CREATE INDEX resource_format ON resource(format);
CREATE INDEX resource_kind ON resource(kind);

CREATE TABLE record_version (        -- when each record changed; the bodies stay in the workshop
    dataset TEXT NOT NULL REFERENCES dataset(name),
    language TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run(id),
    PRIMARY KEY (dataset, language, sha256)
) STRICT;
CREATE INDEX record_version_run ON record_version(run);

CREATE TABLE change (                -- one fact of one record that was not what it had been; the views tell it
    run INTEGER NOT NULL REFERENCES run(id),
    at TEXT NOT NULL,
    dataset TEXT NOT NULL REFERENCES dataset(name),
    resource TEXT NOT NULL,
    language TEXT NOT NULL,
    field TEXT NOT NULL,
    old TEXT, new TEXT,
    PRIMARY KEY (dataset, resource, language, field, run)
) STRICT;
CREATE INDEX change_run ON change(run);
CREATE INDEX change_field ON change(field, at);
CREATE INDEX change_at ON change(at);

CREATE TABLE provider_rename (
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (old, new)
) STRICT;

CREATE TABLE content (
    sha256 TEXT PRIMARY KEY,
    label TEXT NOT NULL,             -- what it is in a few words, for links
    format TEXT NOT NULL,
    verdict TEXT,
    repaired TEXT,
    bytes INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    rows INTEGER, columns INTEGER,
    encoding TEXT, bom INTEGER NOT NULL DEFAULT 0,
    nature TEXT NOT NULL,
    ladder TEXT NOT NULL,
    reason TEXT,
    dialect TEXT,
    labels TEXT, members TEXT,
    profile TEXT,
    seconds REAL,
    engine TEXT,
    first_seen TEXT NOT NULL
) STRICT;
CREATE INDEX content_format ON content(format);
CREATE INDEX content_verdict ON content(verdict);

CREATE TABLE visit (
    id INTEGER PRIMARY KEY,
    url INTEGER NOT NULL REFERENCES url(id),
    started TEXT NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    first_byte_ms INTEGER, milliseconds INTEGER,
    bytes INTEGER, declared_bytes INTEGER,
    content_type TEXT,
    sha256 TEXT REFERENCES content(sha256),
    error TEXT,
    run INTEGER NOT NULL REFERENCES run(id),
    attempt INTEGER NOT NULL,
    etag TEXT, last_modified TEXT, served_at TEXT,
    redirects TEXT NOT NULL DEFAULT '[]',
    certificate_days INTEGER,
    complete INTEGER NOT NULL DEFAULT 1,
    asked TEXT NOT NULL DEFAULT 'whole',
    nature TEXT,
    UNIQUE (run, url, attempt)
) STRICT;
CREATE INDEX visit_url ON visit(url, started);
CREATE INDEX visit_sha256 ON visit(sha256);
CREATE INDEX visit_outcome ON visit(outcome);
CREATE INDEX visit_started ON visit(started);

CREATE TABLE spell (
    url INTEGER NOT NULL REFERENCES url(id),
    since TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    until TEXT,
    visits INTEGER NOT NULL,
    proof TEXT NOT NULL,
    PRIMARY KEY (url, since)
) STRICT;
CREATE INDEX spell_state ON spell(state, reason);
CREATE INDEX spell_since ON spell(since);

CREATE TABLE request (               -- what we asked of each host
    day TEXT NOT NULL,
    host TEXT NOT NULL,
    purpose TEXT NOT NULL,
    requests INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (day, host, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_host ON request(host, day);

CREATE TABLE defect (
    content TEXT NOT NULL REFERENCES content(sha256),
    code TEXT NOT NULL,
    count INTEGER NOT NULL,
    row INTEGER, field INTEGER,
    note TEXT NOT NULL,
    examples TEXT NOT NULL,
    PRIMARY KEY (content, code)
) STRICT;
CREATE INDEX defect_code ON defect(code, count);
CREATE INDEX defect_count ON defect(count);

CREATE TABLE dictionary_reading (
    content TEXT PRIMARY KEY REFERENCES content(sha256),
    state TEXT NOT NULL,
    reason TEXT,
    fields INTEGER NOT NULL,
    rules INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dictionary_reading_state ON dictionary_reading(state);

CREATE TABLE dictionary_field (
    content TEXT NOT NULL REFERENCES dictionary_reading(content),
    position INTEGER NOT NULL,
    section TEXT NOT NULL,
    name TEXT NOT NULL,
    others TEXT NOT NULL,
    type TEXT NOT NULL,
    kind TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (content, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX dictionary_field_name ON dictionary_field(name);

CREATE TABLE comparison (
    kind TEXT NOT NULL,
    a TEXT NOT NULL REFERENCES content(sha256),
    b TEXT NOT NULL REFERENCES content(sha256),
    reason TEXT,
    facts TEXT NOT NULL,
    rules INTEGER NOT NULL,
    PRIMARY KEY (kind, a, b)
) STRICT, WITHOUT ROWID;
CREATE INDEX comparison_a ON comparison(a);
CREATE INDEX comparison_b ON comparison(b);

CREATE TABLE difference (
    kind TEXT NOT NULL,
    a TEXT NOT NULL REFERENCES content(sha256),
    b TEXT NOT NULL REFERENCES content(sha256),
    number INTEGER NOT NULL,
    code TEXT NOT NULL,
    column_a TEXT, column_b TEXT,
    row_a INTEGER, row_b INTEGER,
    value_a TEXT, value_b TEXT,
    PRIMARY KEY (kind, a, b, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX difference_a ON difference(a);
CREATE INDEX difference_b ON difference(b);
CREATE INDEX difference_code ON difference(kind, code);

CREATE TABLE answer (
    dataset TEXT NOT NULL REFERENCES dataset(name),
    resource TEXT NOT NULL DEFAULT '',
    criterion TEXT NOT NULL REFERENCES criterion(id),
    value REAL,
    applies INTEGER NOT NULL DEFAULT 1,
    reason TEXT NOT NULL,
    evidence TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT,
    run INTEGER NOT NULL REFERENCES run(id),
    PRIMARY KEY (dataset, resource, criterion, since)
) STRICT;
CREATE INDEX answer_criterion ON answer(criterion, value);
CREATE INDEX answer_run ON answer(run);
CREATE INDEX answer_since ON answer(since);

CREATE TABLE score (
    subject_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    profile TEXT NOT NULL,
    pillar TEXT NOT NULL,
    point REAL, low REAL NOT NULL, high REAL NOT NULL,
    known REAL NOT NULL,
    n INTEGER NOT NULL,
    parts TEXT NOT NULL DEFAULT '{}',
    since TEXT NOT NULL,
    until TEXT,
    rubric_digest TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run(id),
    PRIMARY KEY (subject_type, subject, profile, pillar, since)
) STRICT;
CREATE INDEX score_point ON score(subject_type, profile, pillar, point);
CREATE INDEX score_run ON score(run);
CREATE INDEX score_since ON score(since);

CREATE TABLE task (
    dataset TEXT NOT NULL REFERENCES dataset(name),
    resource TEXT NOT NULL DEFAULT '',
    criterion TEXT NOT NULL REFERENCES criterion(id),
    severity INTEGER NOT NULL,
    points REAL NOT NULL,
    opened TEXT NOT NULL,
    due TEXT NOT NULL,
    closed TEXT, reopened TEXT,
    reason TEXT NOT NULL,
    evidence TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,        -- its address on the site: /en/task/KEY
    PRIMARY KEY (dataset, resource, criterion)
) STRICT;
CREATE INDEX task_criterion ON task(criterion);
CREATE INDEX task_due ON task(due);
CREATE INDEX task_severity ON task(severity);

CREATE TABLE reply (                 -- what officers answered to a task, from officers.db; their names stay there
    id INTEGER PRIMARY KEY,
    task TEXT NOT NULL REFERENCES task(key),
    dataset TEXT NOT NULL REFERENCES dataset(name),
    resource TEXT NOT NULL DEFAULT '',
    criterion TEXT NOT NULL REFERENCES criterion(id),
    provider TEXT NOT NULL REFERENCES provider(slug),
    role TEXT NOT NULL,              -- officer, editor
    kind TEXT NOT NULL,              -- mended, cannot, wrong
    reason TEXT NOT NULL,
    at TEXT NOT NULL,
    expires TEXT NOT NULL,           -- the last day in Hong Kong
    state TEXT NOT NULL,             -- waiting, standing, expired, overtaken, confirmed, replaced
    looked TEXT,                     -- when a re-check asked for with it was done
    newest INTEGER NOT NULL          -- 1 for the last reply to its task
) STRICT;
CREATE INDEX reply_task ON reply(task);
CREATE INDEX reply_dataset ON reply(dataset);
CREATE INDEX reply_provider ON reply(provider);
CREATE INDEX reply_criterion ON reply(criterion);
CREATE INDEX reply_state ON reply(state);

-- Summaries, made once so that every page is a handful of look-ups.

CREATE TABLE latest_visit (          -- the visit that counts for an address: of its last run, one that went well, else the last
    url INTEGER PRIMARY KEY REFERENCES url(id),
    visit INTEGER NOT NULL REFERENCES visit(id),
    outcome TEXT NOT NULL,
    started TEXT NOT NULL,
    sha256 TEXT REFERENCES content(sha256)
) STRICT;
CREATE INDEX latest_visit_visit ON latest_visit(visit);
CREATE INDEX latest_visit_outcome ON latest_visit(outcome);
CREATE INDEX latest_visit_sha256 ON latest_visit(sha256);

CREATE TABLE dataset_summary (
    dataset TEXT PRIMARY KEY REFERENCES dataset(name),
    title_en TEXT,
    provider TEXT NOT NULL REFERENCES provider(slug),
    category TEXT REFERENCES category(slug),
    point REAL, low REAL, high REAL, known REAL,
    resources INTEGER NOT NULL,
    failing INTEGER NOT NULL,        -- resources whose last visit did not end well
    tasks INTEGER NOT NULL,
    points REAL NOT NULL             -- its open tasks' points, summed; two may give back the same
) STRICT;
CREATE INDEX dataset_summary_provider ON dataset_summary(provider, point);
CREATE INDEX dataset_summary_category ON dataset_summary(category, point);
CREATE INDEX dataset_summary_point ON dataset_summary(point);

CREATE TABLE provider_summary (
    provider TEXT PRIMARY KEY REFERENCES provider(slug),
    rank INTEGER,                    -- NULL under five datasets or without a point
    point REAL, low REAL, high REAL, known REAL,
    datasets INTEGER NOT NULL,
    counted INTEGER NOT NULL,        -- of these, the records that are no second one of the same files
    resources INTEGER NOT NULL,
    failing INTEGER NOT NULL,
    tasks INTEGER NOT NULL,
    points REAL NOT NULL
) STRICT;
CREATE INDEX provider_summary_rank ON provider_summary(rank);
CREATE INDEX provider_summary_point ON provider_summary(point);

CREATE TABLE criterion_summary (     -- the datasets' own answers, counted; provider '' is the whole portal
    criterion TEXT NOT NULL REFERENCES criterion(id),
    provider TEXT NOT NULL,
    yes INTEGER NOT NULL, partly INTEGER NOT NULL, no INTEGER NOT NULL, unknown INTEGER NOT NULL,
    apart INTEGER NOT NULL,          -- of the unknown: datasets where the question does not arise
    mean REAL,
    PRIMARY KEY (provider, criterion)
) STRICT;
CREATE INDEX criterion_summary_criterion ON criterion_summary(criterion);

CREATE TABLE format_declared_found (
    declared TEXT NOT NULL,
    found TEXT NOT NULL,
    resources INTEGER NOT NULL,
    PRIMARY KEY (declared, found)
) STRICT;
CREATE INDEX format_declared_found_resources ON format_declared_found(resources);

CREATE TABLE uptime (                -- publish/uptime.sql fills it, publish/pace.sql the next three
    subject_type TEXT NOT NULL,      -- resource, dataset, host, provider, portal
    subject TEXT NOT NULL,
    period TEXT NOT NULL,            -- day, month, ever
    start TEXT NOT NULL,             -- in Hong Kong; of ever, the day of its first visit
    uptime REAL,                     -- 0-1; NULL where all the time was blocked or unknown
    known REAL NOT NULL,             -- 0-1, share of the time since the first visits that uptime speaks of
    addresses INTEGER NOT NULL,
    down_seconds INTEGER NOT NULL,   -- of all its addresses together
    PRIMARY KEY (subject_type, subject, period, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_health (            -- of the last 90 days; times are those of good answers
    url INTEGER PRIMARY KEY REFERENCES url(id),
    visits INTEGER NOT NULL,
    good INTEGER NOT NULL,
    uptime REAL,                     -- 0-1, since the first visit, weighed by time
    p50_ms INTEGER, p95_ms INTEGER,
    p50_first_byte_ms INTEGER, p95_first_byte_ms INTEGER,
    worst_hour INTEGER,              -- the hour whose answers take longest, of at least 3; NULL where there is none
    since TEXT NOT NULL
) STRICT;
CREATE INDEX api_health_p95_ms ON api_health(p95_ms);

CREATE TABLE api_hour (              -- the same by the hour of the day in Hong Kong
    url INTEGER NOT NULL REFERENCES url(id),
    hour INTEGER NOT NULL,
    visits INTEGER NOT NULL,
    good INTEGER NOT NULL,
    p50_ms INTEGER, p95_ms INTEGER,
    PRIMARY KEY (url, hour)
) STRICT, WITHOUT ROWID;

CREATE TABLE body_change (           -- how often an address was seen to change, and how often it says it did
    url INTEGER PRIMARY KEY REFERENCES url(id),
    looks INTEGER NOT NULL,          -- visits that saw which body it is
    bodies INTEGER NOT NULL,         -- different bodies
    stamps INTEGER NOT NULL,         -- different Last-Modified headers
    first_seen TEXT NOT NULL,
    changed TEXT,                    -- when its newest body was first seen; NULL where it never was another
    last_seen TEXT NOT NULL
) STRICT;
CREATE INDEX body_change_stamps ON body_change(stamps);

CREATE TABLE chart (
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    svg TEXT NOT NULL,
    PRIMARY KEY (name, language)
) STRICT;

CREATE VIRTUAL TABLE dataset_search USING fts5(
    title, provider, name, resources, notes, content='', tokenize='unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE dataset_search_address USING fts5(host, path, content='', tokenize='unicode61 remove_diacritics 2');

CREATE VIEW second_record AS
-- Records that list the very files of another: scored, and left out of the means.
SELECT a.dataset, d.provider, json_extract(a.evidence, '$.facts.original') AS original
FROM answer a JOIN dataset d ON d.name = a.dataset
WHERE a.criterion = 'single' AND a.resource = '' AND a.value = 0 AND a.until IS NULL AND d.withdrawn_at IS NULL;

CREATE VIEW failing_now AS
-- By the answer, not by the visit: a login page that came with 200 is not the data, and a robot refused is not a failure.
SELECT r.dataset, r.title_en AS resource, d.provider,
       CASE WHEN v.outcome IS NULL OR v.outcome = 'ok' THEN a.reason ELSE v.outcome END AS outcome,
       v.status, v.started AS visited, u.url, v.error
FROM answer a JOIN resource r ON r.shared_id = a.resource JOIN dataset d ON d.name = r.dataset
JOIN url u ON u.id = coalesce(r.example, r.url) LEFT JOIN latest_visit l ON l.url = u.id LEFT JOIN visit v ON v.id = l.visit
WHERE a.criterion = 'online' AND a.value = 0 AND a.until IS NULL
  AND r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL;

CREATE VIEW state_now AS
-- What each standing resource is today by all its visits, and since when; a template is what its example is.
SELECT r.dataset, r.shared_id AS resource, r.title_en, d.provider, u.host, s.state, s.reason, s.since, s.visits, u.url
FROM resource r JOIN dataset d ON d.name = r.dataset JOIN url u ON u.id = coalesce(r.example, r.url)
JOIN spell s ON s.url = u.id AND s.until IS NULL
WHERE r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL;

CREATE VIEW worklist AS
SELECT d.provider, t.dataset, coalesce(r.title_en, '') AS resource, c.title_en AS criterion, t.severity, t.points,
       t.opened, t.due, t.reason, t.key
FROM task t JOIN dataset d ON d.name = t.dataset JOIN criterion c ON c.id = t.criterion
LEFT JOIN resource r ON r.shared_id = t.resource
WHERE t.closed IS NULL;

CREATE VIEW file_verdict AS
SELECT r.dataset, r.title_en AS resource, r.format AS declared, c.format AS found, c.verdict, c.repaired, c.rows,
       c.encoding, c.bytes, c.reason
FROM resource r JOIN latest_visit l ON l.url = coalesce(r.example, r.url) JOIN content c ON c.sha256 = l.sha256
WHERE r.withdrawn_at IS NULL;

CREATE VIEW dictionary_mismatch AS
-- Where a data dictionary that can be read and a file of its dataset disagree today.
SELECT d.provider, d.name AS dataset, r.shared_id AS resource, r.title_en, f.code, f.column_a AS field, f.column_b AS "column",
       f.value_a AS type_stated, f.value_b AS type_found, said.url AS dictionary, held.url
FROM dataset d JOIN latest_visit dv ON dv.url = d.dictionary JOIN resource r ON r.dataset = d.name
JOIN latest_visit rv ON rv.url = coalesce(r.example, r.url)
JOIN difference f ON f.kind = 'dictionary' AND f.a = dv.sha256 AND f.b = rv.sha256
JOIN url said ON said.id = d.dictionary JOIN url held ON held.id = rv.url
WHERE r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL;

CREATE VIEW language_mismatch AS
-- Where two language versions of one table disagree today, with both places and both values.
SELECT d.provider, d.name AS dataset, one.shared_id AS resource_a, two.shared_id AS resource_b, f.code,
       f.column_a, f.row_a, f.value_a, f.column_b, f.row_b, f.value_b, ua.url AS url_a, ub.url AS url_b
FROM difference f JOIN latest_visit va ON va.sha256 = f.a JOIN resource one ON coalesce(one.example, one.url) = va.url
JOIN resource two ON two.dataset = one.dataset JOIN latest_visit vb ON vb.url = coalesce(two.example, two.url)
JOIN dataset d ON d.name = one.dataset JOIN url ua ON ua.id = va.url JOIN url ub ON ub.id = vb.url
WHERE f.kind = 'languages' AND vb.sha256 = f.b AND one.withdrawn_at IS NULL AND two.withdrawn_at IS NULL
  AND d.withdrawn_at IS NULL;

CREATE VIEW schema_drift AS
-- What changed at an address from one content to the next: columns, types, order, rows, the way it is written.
SELECT d.provider, d.name AS dataset, r.shared_id AS resource, r.title_en, min(v.started) AS since, f.code,
       f.column_a, f.column_b, f.value_a, f.value_b, f.row_b, u.url, f.a AS content_before, f.b AS content_after
FROM difference f JOIN visit v ON v.sha256 = f.b JOIN resource r ON coalesce(r.example, r.url) = v.url
JOIN dataset d ON d.name = r.dataset JOIN url u ON u.id = v.url
WHERE f.kind = 'versions' AND v.outcome = 'ok' AND EXISTS (SELECT 1 FROM visit o WHERE o.url = v.url AND o.sha256 = f.a)
GROUP BY r.shared_id, f.a, f.b, f.number;

-- What is asked of the portal and of providers, why scores changed, and which history was scored anew.

CREATE TABLE ask (
    subject_type TEXT NOT NULL,      -- portal, provider
    subject TEXT NOT NULL,           -- '' for the portal
    ask TEXT NOT NULL,
    since TEXT NOT NULL,
    value REAL,
    low REAL, high REAL,
    n INTEGER NOT NULL,
    known REAL NOT NULL,
    parts TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run(id),
    until TEXT,
    PRIMARY KEY (subject_type, subject, ask, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX ask_value ON ask(ask, value);
CREATE INDEX ask_run ON ask(run);

CREATE TABLE explanation (
    subject_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    span TEXT NOT NULL,              -- last, month
    since TEXT NOT NULL,
    point_before REAL NOT NULL,
    point REAL NOT NULL,
    parts TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run(id),
    PRIMARY KEY (subject_type, subject, span)
) STRICT, WITHOUT ROWID;
CREATE INDEX explanation_run ON explanation(run);

CREATE TABLE rescore (
    run INTEGER NOT NULL REFERENCES run(id),
    profile TEXT NOT NULL,
    at TEXT NOT NULL,
    old_digests TEXT NOT NULL,
    rubric_digest TEXT NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    moments INTEGER NOT NULL,
    replaced INTEGER NOT NULL,
    PRIMARY KEY (run, profile)
) STRICT, WITHOUT ROWID;
CREATE INDEX rescore_profile ON rescore(profile, at);

CREATE VIEW growth_by_month AS
SELECT a.subject_type, a.subject, json_extract(m.value, '$[0]') AS month, json_extract(m.value, '$[1]') AS claimed,
       json_extract(m.value, '$[2]') AS seen
FROM ask a, json_each(a.parts, '$.months') m WHERE a.ask = 'growth' AND a.until IS NULL;
