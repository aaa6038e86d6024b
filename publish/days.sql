-- What every visit there ever was says day by day and body by body: what the workshop rolled up, and the visits it has
-- not rolled up yet, counted the same way (harvester/store/visit_days.py). Days are Hong Kong's, counted from
-- 1970-01-01, and bodies are named by the first twelve digits of their sha256: there are millions, and they stay.

CREATE TABLE visit_day (
    url INTEGER NOT NULL REFERENCES url(id),
    day INTEGER NOT NULL,
    visits INTEGER NOT NULL,
    good INTEGER NOT NULL, bad INTEGER NOT NULL, walls INTEGER NOT NULL,
    outcomes TEXT,
    p50_ms INTEGER, p95_ms INTEGER,
    p50_first_byte_ms INTEGER, p95_first_byte_ms INTEGER,
    bytes INTEGER,
    looks INTEGER NOT NULL,
    bodies INTEGER NOT NULL,
    PRIMARY KEY (url, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE body_seen (
    url INTEGER NOT NULL REFERENCES url(id),
    body TEXT NOT NULL,
    first INTEGER NOT NULL,
    looked INTEGER,
    data INTEGER NOT NULL,
    PRIMARY KEY (url, body)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdict_day (
    day INTEGER NOT NULL,
    format TEXT NOT NULL,
    verdict TEXT NOT NULL,
    addresses INTEGER NOT NULL,
    PRIMARY KEY (day, format, verdict)
) STRICT, WITHOUT ROWID;

CREATE VIEW availability_by_day AS
-- For charts over years: one row an address and day on which it was visited.
SELECT date(v.day * 86400, 'unixepoch') AS day, u.host, u.url, v.visits, v.good, v.bad, v.walls, v.outcomes, v.p50_ms,
       v.p95_ms, v.p50_first_byte_ms, v.p95_first_byte_ms, v.bytes, v.bodies
FROM visit_day v JOIN url u ON u.id = v.url;

CREATE VIEW verdict_by_day AS
SELECT date(day * 86400, 'unixepoch') AS day, format, verdict, addresses FROM verdict_day
