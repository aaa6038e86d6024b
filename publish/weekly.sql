-- What is otherwise than it was at :before (ISO 8601 UTC): the state then against the state now, of what still stands.
-- Within a kind the first rows are of different datasets, the weightiest first, so that five of them tell of five.

CREATE TEMP TABLE week (
    kind TEXT, provider TEXT, dataset TEXT, resource TEXT DEFAULT '', criterion TEXT, at TEXT, before REAL, after REAL,
    weight REAL
);

INSERT INTO week (kind, provider, dataset, resource, criterion, at, weight)
SELECT 'failing', d.provider, a.dataset, a.resource, a.criterion, a.since, s.failing
FROM answer a JOIN dataset d ON d.name = a.dataset JOIN dataset_summary s ON s.dataset = a.dataset
JOIN resource r ON r.shared_id = a.resource
LEFT JOIN answer o ON o.dataset = a.dataset AND o.resource = a.resource AND o.criterion = a.criterion
     AND o.since <= :before AND o.until > :before
WHERE a.criterion = 'online' AND a.value = 0 AND a.until IS NULL AND a.since > :before AND r.withdrawn_at IS NULL
  AND d.withdrawn_at IS NULL AND o.value IS NOT 0;

INSERT INTO week (kind, provider, dataset, resource, criterion, at, weight)
SELECT 'mended', d.provider, a.dataset, a.resource, a.criterion, a.since, a.value
FROM answer a JOIN dataset d ON d.name = a.dataset JOIN resource r ON r.shared_id = a.resource
JOIN answer o ON o.dataset = a.dataset AND o.resource = a.resource AND o.criterion = a.criterion
     AND o.since <= :before AND o.until > :before
WHERE a.criterion = 'online' AND a.value > 0 AND a.until IS NULL AND a.since > :before AND r.withdrawn_at IS NULL
  AND d.withdrawn_at IS NULL AND o.value = 0;

INSERT INTO week (kind, provider, dataset, at, weight)
SELECT iif(l.event = 'withdrawn', 'withdrawn', 'appeared'), d.provider, l.dataset, max(l.at), 0
FROM dataset_life l JOIN dataset d ON d.name = l.dataset
WHERE l.field = 'dataset' AND l.at > :before AND (l.event = 'withdrawn') = (d.withdrawn_at IS NOT NULL)
GROUP BY l.dataset;

INSERT INTO week (kind, provider, dataset, at, before, after, weight)
SELECT CASE n.subject_type WHEN 'dataset' THEN 'moved' ELSE 'moved-' || n.subject_type END,
       coalesce(d.provider, p.slug), d.name, n.since, o.point, n.point, abs(n.point - o.point)
FROM score n JOIN score o ON o.subject_type = n.subject_type AND o.subject = n.subject AND o.profile = n.profile
     AND o.pillar = '' AND o.since <= :before AND o.until > :before
LEFT JOIN dataset d ON n.subject_type = 'dataset' AND d.name = n.subject
LEFT JOIN provider p ON n.subject_type = 'provider' AND p.slug = n.subject
WHERE n.subject_type IN ('dataset', 'provider', 'portal') AND n.profile = :profile AND n.pillar = '' AND n.until IS NULL
  AND n.since > :before AND n.rubric_digest = o.rubric_digest AND min(n.known, o.known) >= :known
  AND abs(n.point - o.point) >= :least;

INSERT INTO week (kind, provider, dataset, resource, criterion, at, weight)
SELECT CASE WHEN t.closed IS NOT NULL THEN 'closed' WHEN t.opened > :before THEN 'opened' ELSE 'reopened' END,
       d.provider, t.dataset, t.resource, t.criterion, coalesce(t.closed, t.reopened, t.opened), t.points
FROM task t JOIN dataset d ON d.name = t.dataset
WHERE CASE WHEN t.closed IS NOT NULL THEN t.closed > :before AND t.opened <= :before
           ELSE coalesce(t.reopened, t.opened) > :before END;

INSERT INTO week_change (kind, position, place, provider, dataset, resource, criterion, at, before, after)
SELECT kind, row_number() OVER (PARTITION BY kind ORDER BY nth, weight DESC, dataset, resource, criterion, provider),
       row_number() OVER (PARTITION BY kind, provider ORDER BY nth, weight DESC, dataset, resource, criterion),
       provider, dataset, resource, criterion, at, before, after
FROM (SELECT *, row_number() OVER (PARTITION BY kind, dataset ORDER BY weight DESC, resource, criterion, provider)
                * (dataset IS NOT NULL) AS nth FROM week);

DROP TABLE week;
