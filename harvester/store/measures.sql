-- What the profiles of other organisations count about a dataset (scoring/measures/), a number of 0 to 1 each. Kept as
-- answers are: a new row only when it changes, the same value with newer evidence keeps its row.

CREATE TABLE measure (
    dataset TEXT NOT NULL REFERENCES dataset(name),
    measure TEXT NOT NULL,
    since TEXT NOT NULL,
    value REAL,                      -- 0 to 1 over what is known; NULL where nothing is known, or it does not apply
    low REAL NOT NULL, high REAL NOT NULL,   -- were everything unknown a no, a yes
    applies INTEGER NOT NULL,        -- 0 where the question does not arise
    reason TEXT NOT NULL,            -- a stable code; scoring/measures has its sentence
    evidence TEXT NOT NULL,          -- JSON: the facts the sentence is filled with
    run INTEGER NOT NULL REFERENCES run(id),
    until TEXT,                      -- when another took its place; NULL while it stands
    PRIMARY KEY (dataset, measure, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX measure_value ON measure(measure, value)
