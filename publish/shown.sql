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
