-- The history, told. The same views stand in harvest.db and in catalog.db. A dataset that was renamed is carried on as
-- one: "dataset" is its name today, "name" the one it had then. Rows of table change with field 'dataset' say that a
-- dataset was listed or withdrawn, with field 'name' that it took another's place under a new name.

CREATE VIEW dataset_line AS
WITH RECURSIVE rename (old, new, run) AS (
    SELECT c.old, c.new, c.run FROM change c
    WHERE c.field = 'name' AND NOT EXISTS (   -- an old name that came back is a dataset of its own again
        SELECT 1 FROM change b WHERE b.dataset = c.old AND b.field = 'dataset' AND b.new = 'listed' AND b.run > c.run)
), line (name, dataset, run) AS (
    SELECT old, new, run FROM rename
    UNION
    SELECT line.name, rename.new, rename.run FROM line JOIN rename ON rename.old = line.dataset AND rename.run > line.run
)
SELECT name, dataset FROM (SELECT *, row_number() OVER (PARTITION BY name ORDER BY run DESC) AS place FROM line)
WHERE place = 1;

CREATE VIEW dataset_life AS
SELECT coalesce(l.dataset, c.dataset) AS dataset, c.at, c.run,
       CASE WHEN c.field = 'name' THEN 'renamed'
            WHEN c.field = 'dataset' THEN CASE WHEN c.new = 'withdrawn' THEN 'withdrawn'
                                               WHEN c.old IS NULL THEN 'appeared' ELSE 'returned' END
            WHEN c.field IN ('record', 'resource') THEN c.field || CASE WHEN c.new IS NULL THEN ' lost' ELSE ' added' END
            WHEN c.new IS NULL THEN 'lost' WHEN c.old IS NULL THEN 'gained' ELSE 'changed' END AS event,
       c.language, c.resource, c.field, c.old, c.new, c.dataset AS name
FROM change c LEFT JOIN dataset_line l ON l.name = c.dataset
WHERE NOT (c.field = 'dataset' AND c.new = 'listed' AND EXISTS (   -- it only took another name
          SELECT 1 FROM change r WHERE r.dataset = c.dataset AND r.field = 'name' AND r.run = c.run AND r.new = c.dataset))
  AND NOT (c.field = 'dataset' AND c.new = 'withdrawn' AND EXISTS (
          SELECT 1 FROM change r WHERE r.field = 'name' AND r.at = c.at AND r.run = c.run AND r.old = c.dataset));

CREATE VIEW changes_between_runs AS
SELECT h.previous_run, c.run, c.at, c.dataset, c.event, c.language, c.resource, c.field, c.old, c.new, c.name
FROM dataset_life c
JOIN (SELECT id, lag(id) OVER (ORDER BY id) AS previous_run FROM run WHERE kind = 'harvest') h ON h.id = c.run
WHERE h.previous_run IS NOT NULL;

CREATE VIEW catalogue_by_month AS
WITH life AS (
    SELECT substr(datetime(at, '+8 hours'), 1, 7) AS month, event,
           run = (SELECT min(run) FROM change WHERE field = 'dataset') AS first
    FROM dataset_life WHERE field IN ('dataset', 'name')
), months AS (
    SELECT month, sum(event = 'appeared' AND first) AS there_from_the_start,
           sum(event = 'appeared' AND NOT first) AS appeared, sum(event = 'withdrawn') AS withdrawn,
           sum(event = 'returned') AS returned, sum(event = 'renamed') AS renamed
    FROM life GROUP BY month
)
SELECT month, there_from_the_start, appeared, withdrawn, returned, renamed,
       sum(there_from_the_start + appeared + returned - withdrawn) OVER (ORDER BY month) AS listed_at_the_end
FROM months;
