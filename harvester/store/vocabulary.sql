-- What the vocabulary could not read, for people to extend it; and what was written of texts when rows were last read.

CREATE TABLE unknown_text (          -- as of the last complete harvest; datasets not withdrawn
    kind TEXT NOT NULL,              -- frequency, format, date
    text TEXT NOT NULL,              -- as written, its first 500 characters
    language TEXT NOT NULL,          -- the instance that says so; '' where all share the value
    datasets INTEGER NOT NULL,       -- how many datasets say so
    example TEXT NOT NULL,           -- the first of them, by name
    PRIMARY KEY (kind, text, language)
) STRICT, WITHOUT ROWID;

CREATE TABLE vocabulary (            -- the entries by which schedule, period_days and kind were read
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    means TEXT NOT NULL,
    PRIMARY KEY (kind, text)
) STRICT, WITHOUT ROWID;
