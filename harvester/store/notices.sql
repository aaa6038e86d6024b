-- What officers were told, so that nothing is told twice and nothing is lost. A recipient is named by a digest of its
-- address as the settings write it (secrets stand there as ${NAME}), never by the address. None of this is published.

CREATE TABLE notice (                -- one thing that one recipient was told last; rows of what was mended go after a while
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,           -- a task's key; for the keeper a run, or a recipient that was given up
    provider TEXT NOT NULL,
    state TEXT NOT NULL,             -- open, mended; for the keeper failed, given-up
    at TEXT NOT NULL,                -- when that began, as the page says it
    told TEXT NOT NULL,
    digest TEXT NOT NULL,            -- the message it was told in, as that message names itself
    PRIMARY KEY (recipient, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE notice_turn (           -- how far a recipient was told of one provider, and what came of the last attempt
    recipient TEXT NOT NULL,
    provider TEXT NOT NULL,          -- '' for the keeper's own messages
    name TEXT NOT NULL,              -- what the settings call the recipient, for the log
    turn TEXT,                       -- the last turn (a moment) that is done with; NULL before the first
    first TEXT,                      -- when the first message arrived; NULL before
    tried TEXT,                      -- the last attempt to send, written down before it is made
    failures INTEGER NOT NULL DEFAULT 0,
    error TEXT,                      -- why the last attempt failed; NULL where it went well
    given_up TEXT,
    seen TEXT NOT NULL,              -- when the settings last named this recipient
    PRIMARY KEY (recipient, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE notice_doubt (          -- tasks in a message that may have arrived and may not; gone once one surely did
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    tried TEXT NOT NULL,
    PRIMARY KEY (recipient, subject)
) STRICT, WITHOUT ROWID;
