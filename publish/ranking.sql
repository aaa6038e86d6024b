-- How far the ranking of providers can be trusted (docs/uncertainty.md): the workshop's tables under their own names,
-- then the views that tell it.

CREATE TABLE ranking_basis (         -- what each profile's ranking was drawn from
    profile TEXT PRIMARY KEY,
    draws INTEGER NOT NULL,
    digest TEXT NOT NULL,
    since TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run(id)
) STRICT;
CREATE INDEX ranking_basis_run ON ranking_basis(run);

CREATE TABLE provider_rank (
    profile TEXT NOT NULL,
    provider TEXT NOT NULL REFERENCES provider(slug),
    n INTEGER NOT NULL,
    point REAL,
    low REAL, high REAL,             -- of the bootstrap, 5-95 %: not the range that unknown answers leave open
    rank INTEGER, rank_low INTEGER, rank_high INTEGER,
    ranked INTEGER NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (profile, provider)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_rank_provider ON provider_rank(provider);
CREATE INDEX provider_rank_rank ON provider_rank(profile, rank);

CREATE TABLE ahead (
    profile TEXT NOT NULL,
    provider TEXT NOT NULL REFERENCES provider(slug),   -- the one with the higher point
    other TEXT NOT NULL REFERENCES provider(slug),
    share REAL NOT NULL,
    settled INTEGER NOT NULL,        -- made here: 1 from a share of 0.95 on, 0 where it is near it
    PRIMARY KEY (profile, provider, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX ahead_provider ON ahead(provider);
CREATE INDEX ahead_other ON ahead(other, profile);

CREATE TABLE portal_interval (
    profile TEXT NOT NULL,
    over TEXT NOT NULL,
    n INTEGER NOT NULL,
    point REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
    PRIMARY KEY (profile, over)
) STRICT, WITHOUT ROWID;

CREATE TABLE agreement (
    profile TEXT NOT NULL,
    other TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    n INTEGER NOT NULL,
    spearman REAL, kendall REAL,
    PRIMARY KEY (subject_type, profile, other)
) STRICT, WITHOUT ROWID;

CREATE VIEW ranking AS
-- Where each provider stands in each profile, and how many of the others it can be told apart from.
WITH counted AS (
    SELECT r.*,
           (SELECT count(*) FROM ahead a WHERE a.profile = r.profile AND a.provider = r.provider AND a.settled) AS won,
           (SELECT count(*) FROM ahead a WHERE a.profile = r.profile AND a.other = r.provider AND a.settled) AS lost,
           (SELECT count(*) FROM provider_rank o WHERE o.profile = r.profile AND o.rank IS NOT NULL) AS held
    FROM provider_rank r)
SELECT c.profile, c.provider, p.title_en AS title, c.n, c.point, c.low AS bootstrap_low, c.high AS bootstrap_high,
       c.rank, c.rank_low, c.rank_high, iif(c.rank IS NULL, NULL, c.won) AS ahead_of,
       iif(c.rank IS NULL, NULL, c.lost) AS behind,
       iif(c.rank IS NULL, NULL, c.held - 1 - c.won - c.lost) AS not_to_be_told_apart, c.why
FROM counted c JOIN provider p ON p.slug = c.provider;

CREATE VIEW not_told_apart AS
-- Each pair of ranked providers whose order is not settled, from either side.
SELECT r.profile, r.provider, r.rank, o.provider AS other, p.title_en AS other_title, o.rank AS other_rank,
       o.point AS other_point, o.rank_low AS other_rank_low, o.rank_high AS other_rank_high
FROM provider_rank r JOIN provider_rank o ON o.profile = r.profile AND o.provider <> r.provider
JOIN provider p ON p.slug = o.provider
WHERE r.rank IS NOT NULL AND o.rank IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM ahead a WHERE a.profile = r.profile AND a.provider = r.provider
                  AND a.other = o.provider AND a.settled)
  AND NOT EXISTS (SELECT 1 FROM ahead a WHERE a.profile = r.profile AND a.provider = o.provider
                  AND a.other = r.provider AND a.settled);
