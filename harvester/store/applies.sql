-- Whether a question arises at all is kept with its answer (0: it does not), so that a history scored anew needs no list
-- of reasons. For answers of before this column, these are the reasons by which, until then, no question arose.

ALTER TABLE answer ADD COLUMN applies INTEGER NOT NULL DEFAULT 1;

UPDATE answer SET applies = 0 WHERE reason = 'not-a-table' OR (criterion, reason) IN (VALUES
    ('encoding', 'not-text'), ('secure', 'template'), ('secure', 'bad-address'), ('dates', 'no-dates'),
    ('machine_readable', 'page-beside-data'), ('plausible', 'no-such-columns'),
    ('format', 'undeclared'), ('format', 'unfamiliar'));
