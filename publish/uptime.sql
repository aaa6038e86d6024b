-- How much of the time who was up, from the spells: time is weighed, not visits.
-- Times are seconds since 1970 in Hong Kong, so that a day is a whole division; :end is how far we know.
-- docs/availability.md, "Uptime", tells the rules.

CREATE TEMP TABLE calendar AS        -- the days and the months there are to tell of, by number; ever is 0
WITH RECURSIVE
    bounds AS (SELECT coalesce(min(unixepoch(since)), unixepoch(:end)) + 28800 AS first, unixepoch(:end) + 28800 AS last
               FROM spell),
    day (n) AS (SELECT max(first / 86400, last / 86400 - 89) FROM bounds
                UNION ALL SELECT n + 1 FROM day WHERE n < (SELECT last / 86400 FROM bounds)),
    month (begin) AS (SELECT date(first, 'unixepoch', 'start of month') FROM bounds
                      UNION ALL SELECT date(begin, '+1 month') FROM month
                      WHERE begin < (SELECT date(last, 'unixepoch', 'start of month') FROM bounds))
SELECT 'day' AS period, n, date(n * 86400, 'unixepoch') AS start, n * 86400 AS begin, n * 86400 + 86400 AS finish FROM day
UNION ALL
SELECT 'month', substr(begin, 1, 4) * 12 + substr(begin, 6, 2), substr(begin, 1, 7), unixepoch(begin),
       unixepoch(begin, '+1 month') FROM month
UNION ALL SELECT 'ever', 0, NULL, 0, 0;

CREATE TEMP TABLE asked AS            -- the addresses behind every resource, and when it was withdrawn
SELECT r.shared_id, r.dataset, d.provider, coalesce(r.example, r.url) AS url,
       coalesce(r.withdrawn_at, d.withdrawn_at) AS withdrawn
FROM resource r JOIN dataset d ON d.name = r.dataset;

CREATE TEMP TABLE gone (url INTEGER PRIMARY KEY, at TEXT);

INSERT INTO gone                     -- addresses that nothing standing names any more
SELECT url, max(at) FROM (SELECT url, withdrawn AS at FROM asked
                          UNION ALL SELECT dictionary, withdrawn_at FROM dataset WHERE dictionary IS NOT NULL)
GROUP BY url HAVING count(*) = count(at);

CREATE TEMP TABLE held AS            -- each spell as far as it counts: until we stopped looking, or the address was gone
SELECT *, since / 86400 AS since_day, (until - 1) / 86400 AS until_day,
       strftime('%Y', since, 'unixepoch') * 12 + strftime('%m', since, 'unixepoch') AS since_month,
       strftime('%Y', until - 1, 'unixepoch') * 12 + strftime('%m', until - 1, 'unixepoch') AS until_month
FROM (SELECT s.url, CASE WHEN s.state IN ('up', 'degraded') THEN 1 WHEN s.state = 'down' THEN 0 END AS up,
             s.since = min(s.since) OVER (PARTITION BY s.url) AS fresh, unixepoch(s.since) + 28800 AS since,
             unixepoch(min(coalesce(s.until, :end), coalesce(g.at, :end), :end)) + 28800 AS until
      FROM spell s LEFT JOIN gone g ON g.url = s.url)
WHERE since < until;

CREATE TEMP TABLE whose (id INTEGER PRIMARY KEY, subject_type TEXT, subject TEXT, UNIQUE (subject_type, subject));

INSERT INTO whose (subject_type, subject)
SELECT 'resource', shared_id FROM asked
UNION ALL SELECT DISTINCT 'dataset', dataset FROM asked
UNION ALL SELECT DISTINCT 'provider', provider FROM asked
UNION ALL SELECT 'portal', value FROM meta WHERE key = 'portal'
UNION ALL SELECT DISTINCT 'host', host FROM url WHERE host <> '';

CREATE TEMP TABLE member AS          -- whose addresses they are
SELECT w.id, w.subject_type, a.url FROM asked a JOIN whose w ON w.subject_type = 'resource' AND w.subject = a.shared_id
UNION ALL SELECT DISTINCT w.id, w.subject_type, a.url
          FROM asked a JOIN whose w ON w.subject_type = 'dataset' AND w.subject = a.dataset
UNION ALL SELECT DISTINCT w.id, w.subject_type, a.url
          FROM asked a JOIN whose w ON w.subject_type = 'provider' AND w.subject = a.provider
UNION ALL SELECT DISTINCT w.id, w.subject_type, a.url FROM asked a JOIN whose w ON w.subject_type = 'portal'
UNION ALL SELECT w.id, w.subject_type, u.id FROM url u JOIN whose w ON w.subject_type = 'host' AND w.subject = u.host;

CREATE INDEX temp.member_url ON member(url);

CREATE TEMP TABLE told AS            -- which periods are told of whom, from where on
WITH who (subject_type, days, months) AS (
    VALUES ('resource', 0, 13), ('dataset', 0, 13), ('provider', 90, 9999), ('portal', 90, 9999), ('host', 90, 9999)),
    place AS (SELECT *, row_number() OVER (PARTITION BY period ORDER BY n DESC) AS back FROM calendar)
SELECT who.subject_type, place.period, min(place.n) AS first, min(place.begin) AS begin
FROM who JOIN place ON place.back <= CASE place.period WHEN 'day' THEN days ELSE months END
GROUP BY who.subject_type, place.period;

-- Spells of one subject that begin and end in the same two periods are one lump: their number and the sums of their
-- ends are all that the time they spend in each period between depends on. That keeps 25,000 addresses a few seconds.
CREATE TEMP TABLE lump AS
SELECT id, period, up, first, last, count(*) AS n, sum(fresh) AS fresh, sum(since) AS since, sum(until) AS until,
       min(since) AS earliest
FROM (SELECT m.id, t.period, h.up, h.until,
             CASE WHEN h.since < t.begin THEN t.first WHEN t.period = 'day' THEN h.since_day
                  WHEN t.period = 'month' THEN h.since_month ELSE 0 END AS first,
             CASE t.period WHEN 'day' THEN h.until_day WHEN 'month' THEN h.until_month ELSE 0 END AS last,
             -- whether the address is first met here: no spell of it reaches into the period from before
             h.fresh OR h.since <= t.begin OR h.since = CASE t.period WHEN 'day' THEN h.since_day * 86400
                 ELSE unixepoch(h.since, 'unixepoch', 'start of month') END AS fresh, max(h.since, t.begin) AS since
      FROM held h JOIN member m ON m.url = h.url JOIN told t ON t.subject_type = m.subject_type AND t.begin < h.until)
GROUP BY id, period, up, first, last;

CREATE TEMP TABLE share AS
SELECT id, period, n, sum(spent) FILTER (WHERE up = 1) AS up, sum(spent) FILTER (WHERE up = 0) AS down,
       sum(spent) AS whole, sum(addresses) AS addresses, min(earliest) AS earliest
FROM (SELECT l.id, l.period, c.n, l.up, l.earliest,
             CASE WHEN l.last = c.n THEN l.until ELSE l.n * c.finish END
             - CASE WHEN l.first = c.n THEN l.since ELSE l.n * c.begin END AS spent,
             CASE WHEN l.first = c.n THEN l.fresh ELSE l.n END AS addresses
      FROM lump l JOIN calendar c ON c.period = l.period AND c.n BETWEEN l.first AND l.last)
GROUP BY id, period, n;

INSERT INTO uptime (subject_type, subject, period, start, uptime, known, addresses, down_seconds)
SELECT w.subject_type, w.subject, s.period, coalesce(c.start, date(s.earliest, 'unixepoch')) AS start,
       round(1.0 * coalesce(s.up, 0) / nullif(coalesce(s.up, 0) + coalesce(s.down, 0), 0), 6),
       round(1.0 * (coalesce(s.up, 0) + coalesce(s.down, 0)) / s.whole, 6), s.addresses, coalesce(s.down, 0)
FROM share s JOIN whose w ON w.id = s.id JOIN calendar c ON c.period = s.period AND c.n = s.n
ORDER BY w.subject_type, w.subject, s.period, start;

DROP TABLE temp.calendar;
DROP TABLE temp.asked;
DROP TABLE temp.gone;
DROP TABLE temp.held;
DROP TABLE temp.whose;
DROP TABLE temp.member;
DROP TABLE temp.told;
DROP TABLE temp.lump;
DROP TABLE temp.share
