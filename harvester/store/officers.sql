-- What officers answer to a flag. It stands in a file of its own beside the workshop (officers.db, WAL): the desk writes
-- it while a scan reads it. Whoever writes, the checks and triggers here hold; their names are what a refusal is told by.

CREATE TABLE officer (               -- who may answer for whom, as officers.yml says; provider '*' is every one
    id TEXT NOT NULL,
    provider TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('officer', 'editor')),
    PRIMARY KEY (id, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE finding (               -- the open tasks of the catalogue, made anew with each new one
    task TEXT PRIMARY KEY,
    dataset TEXT NOT NULL,
    resource TEXT NOT NULL,
    criterion TEXT NOT NULL,
    provider TEXT NOT NULL,
    finding TEXT NOT NULL            -- what was found, in short: another where the evidence is another
) STRICT, WITHOUT ROWID;

CREATE TABLE reply (
    id INTEGER PRIMARY KEY,
    form TEXT NOT NULL,              -- the form it was written on; a form is good for one
    task TEXT NOT NULL,
    dataset TEXT NOT NULL,
    resource TEXT NOT NULL,
    criterion TEXT NOT NULL,
    provider TEXT NOT NULL,
    finding TEXT NOT NULL,           -- as it was when the officer read it
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    expires TEXT NOT NULL,           -- the last day in Hong Kong on which it stands
    officer TEXT NOT NULL,           -- never published
    role TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT form CHECK (length(form) = 32 AND form NOT GLOB '*[^0-9a-f]*'),
    CONSTRAINT kind CHECK (kind IN ('mended', 'cannot', 'wrong')),
    CONSTRAINT reason_missing CHECK (kind = 'mended' OR length(trim(reason)) >= 10),
    CONSTRAINT reason_long CHECK (length(reason) <= 1000 AND length(CAST(reason AS BLOB)) <= 4000 AND instr(reason, char(0)) = 0),
    CONSTRAINT at CHECK (strftime('%Y-%m-%dT%H:%M:%SZ', at) IS at),
    CONSTRAINT expires CHECK (date(expires) IS expires AND expires >= date(at, '+8 hours')
                              AND expires <= date(at, '+8 hours', '+180 days')),
    UNIQUE (form)
) STRICT;
CREATE INDEX reply_task ON reply(task);
CREATE INDEX reply_dataset ON reply(dataset, kind);
CREATE INDEX reply_officer ON reply(officer, at);

CREATE TABLE recheck (               -- the queue: at most one that waits for each dataset
    id INTEGER PRIMARY KEY,
    dataset TEXT NOT NULL,
    asked TEXT NOT NULL,
    officer TEXT NOT NULL,
    settled TEXT,                    -- when it was done; NULL while it waits
    upto INTEGER,                    -- the last reply that had been given when it was begun
    told TEXT CHECK (told IS NULL OR json_valid(told)),
    CHECK ((settled IS NULL) = (upto IS NULL) AND (settled IS NULL) = (told IS NULL))
) STRICT;
CREATE UNIQUE INDEX recheck_waiting ON recheck(dataset) WHERE settled IS NULL;
CREATE INDEX recheck_dataset ON recheck(dataset, upto);

CREATE TABLE log (                   -- every write, by whom and when; nothing here is ever changed
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    officer TEXT NOT NULL,           -- '' where it was the scan
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX log_at ON log(at);

CREATE TRIGGER reply_allowed BEFORE INSERT ON reply BEGIN
    SELECT RAISE(ABORT, 'form') WHERE EXISTS (SELECT 1 FROM reply WHERE form = NEW.form OR id = NEW.id);
    SELECT RAISE(ABORT, 'task') WHERE NOT EXISTS (
        SELECT 1 FROM finding WHERE task = NEW.task AND dataset IS NEW.dataset AND resource IS NEW.resource
        AND criterion IS NEW.criterion AND provider IS NEW.provider);
    SELECT RAISE(ABORT, 'provider') WHERE NOT EXISTS (
        SELECT 1 FROM officer WHERE id = NEW.officer AND provider IN ('*', NEW.provider) AND role IS NEW.role);
    SELECT RAISE(ABORT, 'finding') WHERE NOT EXISTS (
        SELECT 1 FROM finding WHERE task = NEW.task AND finding = NEW.finding);
    SELECT RAISE(ABORT, 'often') WHERE (
        SELECT count(*) FROM reply WHERE officer = NEW.officer AND at > strftime('%Y-%m-%dT%H:%M:%SZ', NEW.at, '-1 hour')
    ) >= 60;
    SELECT RAISE(ABORT, 'queue') WHERE NEW.kind = 'mended' AND (
        SELECT count(*) FROM recheck
        WHERE officer = NEW.officer AND asked > strftime('%Y-%m-%dT%H:%M:%SZ', NEW.at, '-1 hour')
    ) >= 10 AND NOT EXISTS (SELECT 1 FROM recheck WHERE dataset = NEW.dataset AND settled IS NULL);
END;

CREATE TRIGGER reply_taken AFTER INSERT ON reply BEGIN
    INSERT INTO log (at, officer, what, subject, detail)
    VALUES (NEW.at, NEW.officer, 'reply', NEW.task,
            json_object('reply', NEW.id, 'kind', NEW.kind, 'reason', NEW.reason, 'expires', NEW.expires));
    INSERT INTO recheck (dataset, asked, officer) SELECT NEW.dataset, NEW.at, NEW.officer
    WHERE NEW.kind = 'mended' AND NOT EXISTS (SELECT 1 FROM recheck WHERE dataset = NEW.dataset AND settled IS NULL);
END;

CREATE TRIGGER recheck_asked AFTER INSERT ON recheck BEGIN
    INSERT INTO log (at, officer, what, subject, detail)
    VALUES (NEW.asked, NEW.officer, 'recheck asked', NEW.dataset, json_object('recheck', NEW.id));
END;

CREATE TRIGGER recheck_settled AFTER UPDATE ON recheck BEGIN
    INSERT INTO log (at, officer, what, subject, detail)
    VALUES (NEW.settled, '', 'recheck settled', NEW.dataset, json_object('recheck', NEW.id, 'told', json(NEW.told)));
END;

CREATE TRIGGER recheck_settles_once BEFORE UPDATE ON recheck
WHEN OLD.settled IS NOT NULL OR NEW.settled IS NULL OR NEW.id IS NOT OLD.id OR NEW.dataset IS NOT OLD.dataset
     OR NEW.asked IS NOT OLD.asked OR NEW.officer IS NOT OLD.officer
BEGIN SELECT RAISE(ABORT, 'append only'); END;

CREATE TRIGGER reply_stays BEFORE UPDATE ON reply BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER reply_kept BEFORE DELETE ON reply BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER recheck_kept BEFORE DELETE ON recheck BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER log_stays BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER log_kept BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'append only'); END;
CREATE TRIGGER log_once BEFORE INSERT ON log WHEN EXISTS (SELECT 1 FROM log WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'append only'); END;
