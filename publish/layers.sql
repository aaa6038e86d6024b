-- The two layers that no scan fills: people's answers to a survey with their quotes, and figures others have published.
-- Made anew from scoring/curated and scoring/published whenever a catalogue is built. The score of the answers stands
-- apart from table score: it is of a jurisdiction and of the day of building, it has no run, and it is never measured.

CREATE TABLE curated_answer (
    jurisdiction TEXT NOT NULL,
    survey TEXT NOT NULL,
    variable TEXT NOT NULL,
    position INTEGER NOT NULL,       -- in the order the survey asks
    indicator TEXT NOT NULL,
    indicator_en TEXT NOT NULL, indicator_tc TEXT NOT NULL, indicator_sc TEXT NOT NULL,
    question_en TEXT NOT NULL, question_tc TEXT NOT NULL, question_sc TEXT NOT NULL,
    state TEXT NOT NULL,             -- standing, expired (unknown again), open (nobody could show a passage)
    choice TEXT,                     -- NULL where open
    choice_en TEXT, choice_tc TEXT, choice_sc TEXT,
    quote TEXT, address TEXT,
    dated TEXT,                      -- the source's own date, or undated
    editor TEXT,
    reviewer TEXT,                   -- NULL where nobody has reviewed it
    entered TEXT, expires TEXT,      -- days in Hong Kong; it counts no more on the day it expires
    note_en TEXT, note_tc TEXT, note_sc TEXT,
    wanted_en TEXT, wanted_tc TEXT, wanted_sc TEXT,  -- what would answer an open question
    PRIMARY KEY (jurisdiction, survey, variable)
) STRICT;

CREATE TABLE survey_score (
    jurisdiction TEXT NOT NULL,
    survey TEXT NOT NULL,
    kind TEXT NOT NULL,              -- pillar, indicator
    part TEXT NOT NULL,
    title_en TEXT NOT NULL, title_tc TEXT NOT NULL, title_sc TEXT NOT NULL,
    weight REAL NOT NULL,
    point REAL, low REAL NOT NULL, high REAL NOT NULL,
    known REAL NOT NULL,
    as_of TEXT NOT NULL,
    survey_digest TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, survey, part)
) STRICT;

CREATE TABLE published_figure (
    figure TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    series TEXT NOT NULL,
    series_en TEXT NOT NULL, series_tc TEXT NOT NULL, series_sc TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,      -- HKG, TWN, KOR; mean is that of 109 jurisdictions
    measure TEXT NOT NULL,
    title_en TEXT NOT NULL, title_tc TEXT NOT NULL, title_sc TEXT NOT NULL,
    value REAL NOT NULL,
    decimals INTEGER NOT NULL,       -- as published
    status TEXT NOT NULL,            -- published, derived
    edition TEXT NOT NULL,
    year INTEGER NOT NULL,
    period TEXT NOT NULL,
    source TEXT NOT NULL,
    address TEXT NOT NULL,
    caveat_en TEXT, caveat_tc TEXT, caveat_sc TEXT
) STRICT
