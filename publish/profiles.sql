-- The profiles that scored, as they were, and what the measures came to that they count: what a score is made again
-- from, beside the answers.

CREATE TABLE rubric (
    digest TEXT PRIMARY KEY,
    label TEXT NOT NULL,             -- profile and version, for links
    profile TEXT NOT NULL,
    version TEXT NOT NULL,
    text TEXT NOT NULL,              -- the YAML file as used
    first_used TEXT NOT NULL,
    last_used TEXT NOT NULL
) STRICT;
CREATE INDEX rubric_profile ON rubric(profile, last_used);
CREATE INDEX rubric_last_used ON rubric(last_used);

CREATE TABLE profile (               -- those whose scores stand, by the rubric they stand by
    id TEXT PRIMARY KEY,
    title_en TEXT NOT NULL, title_tc TEXT NOT NULL, title_sc TEXT NOT NULL,
    position INTEGER NOT NULL,       -- 1 leads
    version TEXT,
    out_of REAL NOT NULL,            -- points of its own scale; every score in this file is of 100
    digest TEXT NOT NULL,            -- as in its scores
    rubric TEXT REFERENCES rubric(digest)   -- NULL where the file was not kept
) STRICT;
CREATE INDEX profile_rubric ON profile(rubric);

CREATE TABLE band (
    profile TEXT NOT NULL REFERENCES profile(id),
    least REAL NOT NULL,             -- 0-100
    above INTEGER NOT NULL,          -- 1 where it begins above that and not at it
    own_least REAL NOT NULL,         -- the same in the profile's own points
    title_en TEXT NOT NULL, title_tc TEXT NOT NULL, title_sc TEXT NOT NULL,
    PRIMARY KEY (profile, least)
) STRICT;

CREATE TABLE measure_kind (
    id TEXT PRIMARY KEY,
    title_en TEXT NOT NULL, title_tc TEXT NOT NULL, title_sc TEXT NOT NULL,
    sentence_en TEXT NOT NULL        -- its sentence of evidence, the facts in braces
) STRICT;

CREATE TABLE measure (
    dataset TEXT NOT NULL REFERENCES dataset(name),
    measure TEXT NOT NULL REFERENCES measure_kind(id),
    since TEXT NOT NULL,
    value REAL,
    low REAL NOT NULL, high REAL NOT NULL,
    applies INTEGER NOT NULL,
    reason TEXT NOT NULL,
    evidence TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run(id),
    until TEXT,
    PRIMARY KEY (dataset, measure, since)
) STRICT;
CREATE INDEX measure_measure ON measure(measure, value);
CREATE INDEX measure_run ON measure(run);

CREATE VIEW dataset_scores AS
-- Each dataset's standing score by each profile, of 100 and in the profile's own points; no band under 60 % known.
SELECT s.subject AS dataset, d.title_en AS title, s.profile, s.point, s.low, s.high, s.known,
       round(s.point * coalesce(p.out_of, 100) / 100, 4) AS own_point, coalesce(p.out_of, 100) AS out_of,
       iif(s.known < 0.6, NULL, (SELECT b.title_en FROM band b WHERE b.profile = s.profile
           AND (s.point > b.least OR (s.point = b.least AND NOT b.above)) ORDER BY b.least DESC LIMIT 1)) AS band,
       s.since
FROM score s JOIN dataset d ON d.name = s.subject LEFT JOIN profile p ON p.id = s.profile
WHERE s.subject_type = 'dataset' AND s.pillar = '' AND s.until IS NULL AND d.withdrawn_at IS NULL;
