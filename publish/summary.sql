-- Fills the summary tables of an unfinished catalog.db from its own tables, in this order.

INSERT INTO latest_visit (url, visit, outcome, started, sha256)
SELECT url, id, outcome, started, sha256
FROM (SELECT *, row_number() OVER (PARTITION BY url ORDER BY run DESC, outcome = 'ok' DESC, attempt DESC, id DESC) AS place FROM visit)
WHERE place = 1 ORDER BY url;

INSERT INTO dataset_summary (dataset, title_en, provider, category, point, low, high, known, resources, failing, tasks,
                             points)
SELECT d.name, d.title_en, d.provider, d.category, s.point, s.low, s.high, s.known,
       coalesce(r.resources, 0), coalesce(r.failing, 0), coalesce(t.tasks, 0), coalesce(t.points, 0)
FROM dataset d
LEFT JOIN score s ON s.subject_type = 'dataset' AND s.subject = d.name AND s.profile = 'gdb-checklist'
                 AND s.pillar = '' AND s.until IS NULL
LEFT JOIN (SELECT r.dataset, count(*) AS resources, count(a.resource) AS failing
           FROM resource r LEFT JOIN answer a ON a.dataset = r.dataset AND a.resource = r.shared_id
                AND a.criterion = 'online' AND a.value = 0 AND a.until IS NULL
           WHERE r.withdrawn_at IS NULL GROUP BY r.dataset) r ON r.dataset = d.name
LEFT JOIN (SELECT dataset, count(*) AS tasks, sum(points) AS points FROM task WHERE closed IS NULL GROUP BY dataset) t
       ON t.dataset = d.name
WHERE d.withdrawn_at IS NULL ORDER BY d.name;

INSERT INTO provider_summary (provider, rank, point, low, high, known, datasets, counted, resources, failing, tasks, points)
SELECT p.slug, NULL, s.point, s.low, s.high, s.known, coalesce(d.datasets, 0), coalesce(d.counted, 0), coalesce(d.resources, 0),
       coalesce(d.failing, 0), coalesce(d.tasks, 0), coalesce(d.points, 0)
FROM provider p
LEFT JOIN score s ON s.subject_type = 'provider' AND s.subject = p.slug AND s.profile = 'gdb-checklist'
                 AND s.pillar = '' AND s.until IS NULL
LEFT JOIN (SELECT provider, count(*) AS datasets,
                  count(*) FILTER (WHERE dataset NOT IN (SELECT dataset FROM second_record)) AS counted, sum(resources) AS resources, sum(failing) AS failing,
                  sum(tasks) AS tasks, sum(points) AS points FROM dataset_summary GROUP BY provider) d
       ON d.provider = p.slug
ORDER BY p.slug;

UPDATE provider_summary SET rank = (
    SELECT 1 + count(*) FROM provider_summary o
    WHERE o.counted >= :min_ranked AND o.known >= :min_known AND o.point > provider_summary.point)
WHERE point IS NOT NULL AND counted >= :min_ranked AND known >= :min_known;

INSERT INTO criterion_summary (criterion, provider, yes, partly, no, unknown, apart, mean)
SELECT a.criterion, d.provider, count(*) FILTER (WHERE a.value = 1), count(*) FILTER (WHERE a.value = 0.5),
       count(*) FILTER (WHERE a.value = 0), count(*) FILTER (WHERE a.value IS NULL),
       count(*) FILTER (WHERE a.value IS NULL AND NOT a.applies), avg(a.value)
FROM answer a JOIN dataset d ON d.name = a.dataset
WHERE a.resource = '' AND a.until IS NULL AND d.withdrawn_at IS NULL
  AND (a.criterion = 'single' OR a.dataset NOT IN (SELECT dataset FROM second_record)) GROUP BY a.criterion, d.provider;

INSERT INTO criterion_summary (criterion, provider, yes, partly, no, unknown, apart, mean)
SELECT a.criterion, '', count(*) FILTER (WHERE a.value = 1), count(*) FILTER (WHERE a.value = 0.5),
       count(*) FILTER (WHERE a.value = 0), count(*) FILTER (WHERE a.value IS NULL),
       count(*) FILTER (WHERE a.value IS NULL AND NOT a.applies), avg(a.value)
FROM answer a JOIN dataset d ON d.name = a.dataset
WHERE a.resource = '' AND a.until IS NULL AND d.withdrawn_at IS NULL
  AND (a.criterion = 'single' OR a.dataset NOT IN (SELECT dataset FROM second_record)) GROUP BY a.criterion;

INSERT INTO format_declared_found (declared, found, resources)
SELECT upper(trim(r.format)), coalesce(c.format, 'not reached'), count(*)
FROM resource r LEFT JOIN latest_visit l ON l.url = coalesce(r.example, r.url) LEFT JOIN content c ON c.sha256 = l.sha256
WHERE r.withdrawn_at IS NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2;
