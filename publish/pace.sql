-- How the APIs answer, from the workshop's visits, and which addresses change, from what publish/days.sql made of all
-- there ever were; :end is how far we know.

CREATE TEMP TABLE call AS            -- every visit of an API in the last 90 days, and whether it brought its answer
SELECT v.url, v.started, v.milliseconds, v.first_byte_ms,
       CAST(strftime('%H', v.started, '+8 hours') AS INTEGER) AS hour,
       v.outcome = 'ok' AND coalesce(v.nature, c.nature, 'data') NOT IN ('error', 'login', 'challenge', 'empty') AS good
FROM workshop.visit v LEFT JOIN workshop.content c ON c.sha256 = v.sha256
WHERE v.started >= strftime('%Y-%m-%dT%H:%M:%SZ', :end, '-90 days')
  AND v.outcome NOT IN ('not-asked', 'not-public', 'bad-address')
  AND v.url IN (SELECT coalesce(example, url) FROM resource
                WHERE withdrawn_at IS NULL AND (kind = 'api' OR is_api OR example IS NOT NULL));

-- Percentiles are by nearest rank: the smallest value that so many in a hundred do not exceed.
CREATE TEMP TABLE pace (url INTEGER, hour INTEGER, what TEXT, n INTEGER, p50 INTEGER, p95 INTEGER,
                        PRIMARY KEY (url, hour, what)) WITHOUT ROWID;

INSERT INTO pace
WITH time (url, hour, what, ms) AS (
    SELECT url, -1, 'ms', milliseconds FROM call WHERE good AND milliseconds IS NOT NULL
    UNION ALL SELECT url, -1, 'first', first_byte_ms FROM call WHERE good AND first_byte_ms IS NOT NULL
    UNION ALL SELECT url, hour, 'ms', milliseconds FROM call WHERE good AND milliseconds IS NOT NULL)
SELECT url, hour, what, max(n) AS n, min(ms) FILTER (WHERE place * 100 >= n * 50) AS p50,
       min(ms) FILTER (WHERE place * 100 >= n * 95) AS p95
FROM (SELECT *, row_number() OVER (PARTITION BY url, hour, what ORDER BY ms) AS place,
             count(*) OVER (PARTITION BY url, hour, what) AS n FROM time)
GROUP BY url, hour, what;

INSERT INTO api_hour (url, hour, visits, good, p50_ms, p95_ms)
SELECT c.url, c.hour, count(*), sum(c.good), p.p50, p.p95
FROM call c LEFT JOIN pace p ON p.url = c.url AND p.hour = c.hour AND p.what = 'ms'
GROUP BY c.url, c.hour ORDER BY c.url, c.hour;

CREATE TEMP TABLE share (url INTEGER PRIMARY KEY, uptime REAL);

INSERT INTO share
SELECT coalesce(r.example, r.url), max(u.uptime)
FROM uptime u JOIN resource r ON r.shared_id = u.subject WHERE u.subject_type = 'resource' AND u.period = 'ever' GROUP BY 1;

INSERT INTO api_health (url, visits, good, uptime, p50_ms, p95_ms, p50_first_byte_ms, p95_first_byte_ms, worst_hour, since)
SELECT c.url, c.visits, c.good, s.uptime, m.p50, m.p95, f.p50, f.p95,
       (SELECT hour FROM pace WHERE url = c.url AND hour >= 0 AND n >= 3 ORDER BY p95 DESC, hour LIMIT 1), c.since
FROM (SELECT url, count(*) AS visits, sum(good) AS good, min(started) AS since FROM call GROUP BY url) c
LEFT JOIN pace m ON m.url = c.url AND m.hour = -1 AND m.what = 'ms'
LEFT JOIN pace f ON f.url = c.url AND f.hour = -1 AND f.what = 'first'
LEFT JOIN share s ON s.url = c.url ORDER BY c.url;

INSERT INTO body_change (url, looks, bodies, stamps, first_seen, changed, last_seen)
SELECT b.url, (SELECT sum(looks) FROM visit_day d WHERE d.url = b.url), count(*),
       (SELECT count(*) FROM stamp_seen s WHERE s.url = b.url),
       strftime('%Y-%m-%dT%H:%M:%SZ', min(first + looked), 'unixepoch'),
       CASE WHEN count(*) > 1 THEN strftime('%Y-%m-%dT%H:%M:%SZ', max(first + looked), 'unixepoch') END,
       (SELECT max(started) FROM workshop.visit v
        WHERE v.url = b.url AND v.sha256 IS NOT NULL AND v.outcome = 'ok' AND v.asked <> 'part')
FROM body_seen b WHERE looked IS NOT NULL GROUP BY b.url ORDER BY b.url;

DROP TABLE temp.stamp_seen;
DROP TABLE temp.call;
DROP TABLE temp.pace;
DROP TABLE temp.share
