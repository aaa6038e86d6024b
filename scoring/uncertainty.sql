-- Of each standing dataset: the host of the address that was up for most of the time, and the share of it that it was.
WITH held AS (
    SELECT url, state, unixepoch(min(coalesce(until, :as_of), :as_of)) - unixepoch(since) AS seconds
    FROM spell WHERE since < :as_of),
told AS (
    SELECT url, coalesce(sum(seconds) FILTER (WHERE state IN ('up', 'degraded')), 0) AS up,
           coalesce(sum(seconds) FILTER (WHERE state = 'down'), 0) AS down
    FROM held GROUP BY url),
placed AS (
    SELECT r.dataset, u.host, 1.0 * t.up / (t.up + t.down) AS uptime,
           row_number() OVER (PARTITION BY r.dataset ORDER BY 1.0 * t.up / (t.up + t.down) DESC, u.host, u.url) AS place
    FROM resource r JOIN dataset d ON d.name = r.dataset JOIN url u ON u.id = coalesce(r.example, r.url)
    JOIN told t ON t.url = u.id
    WHERE r.withdrawn_at IS NULL AND d.withdrawn_at IS NULL AND t.up + t.down >= :long_enough)
SELECT dataset, host, uptime FROM placed WHERE place = 1 ORDER BY dataset
