-- Two files laid beside each other (harvester/compare/): a dictionary and a file, a table's languages, two versions.
-- Keyed by contents, so that nothing is compared twice; who has which content today is in visit.

CREATE TABLE dictionary_reading (    -- what came of reading the fields of one data dictionary
    content TEXT PRIMARY KEY REFERENCES content(sha256),
    state TEXT NOT NULL,             -- read, no-fields, not-readable (a document or picture), unmeasured
    reason TEXT,                     -- one plain sentence where its fields were not read
    fields INTEGER NOT NULL,
    rules INTEGER NOT NULL           -- 100 times the version of our rules of validating, and that of comparing
) STRICT, WITHOUT ROWID;

CREATE TABLE dictionary_field (      -- a field as a data dictionary describes it, as written
    content TEXT NOT NULL REFERENCES dictionary_reading(content),
    position INTEGER NOT NULL,       -- 1-based
    section TEXT NOT NULL,           -- the file, sheet or table it is said to be of; '' where there is one list only
    name TEXT NOT NULL,
    others TEXT NOT NULL,            -- JSON list of its names in other languages, or codes
    type TEXT NOT NULL,
    kind TEXT NOT NULL,              -- the type in Frictionless's words; '' where none is written or we cannot read it
    description TEXT NOT NULL,
    PRIMARY KEY (content, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE comparison (
    kind TEXT NOT NULL,              -- dictionary, languages, versions
    a TEXT NOT NULL REFERENCES content(sha256),  -- the dictionary; the English (else Traditional) one; the older one
    b TEXT NOT NULL REFERENCES content(sha256),  -- the file; the other language; the newer one
    reason TEXT,                     -- why they cannot be laid beside each other; NULL where they were
    facts TEXT NOT NULL,             -- JSON: counts of all differences by code, rows, dates
    rules INTEGER NOT NULL,
    PRIMARY KEY (kind, a, b)
) STRICT, WITHOUT ROWID;

CREATE TABLE difference (            -- the first places of each code of difference; all are counted in comparison.facts
    kind TEXT NOT NULL,
    a TEXT NOT NULL,
    b TEXT NOT NULL,
    number INTEGER NOT NULL,         -- 1-based
    code TEXT NOT NULL,
    column_a TEXT, column_b TEXT,    -- labels, or a dictionary's field
    row_a INTEGER, row_b INTEGER,    -- rows of the file, 1-based; records of a JSON list
    value_a TEXT, value_b TEXT,
    PRIMARY KEY (kind, a, b, number),
    FOREIGN KEY (kind, a, b) REFERENCES comparison(kind, a, b)
) STRICT, WITHOUT ROWID;
