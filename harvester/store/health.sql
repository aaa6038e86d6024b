-- Availability over time. Evidence is in table visit; a spell is what its visits together amount to (harvester/health.py).
-- All of it can be made anew from the visits.

-- How it was asked: whole, changed (only if it did), part (its start).
ALTER TABLE visit ADD COLUMN asked TEXT NOT NULL DEFAULT 'whole';
-- What the bytes that came are meant as: data, page, login, challenge, error, shell, empty.
ALTER TABLE visit ADD COLUMN nature TEXT;
-- A template's call, filled in from what its own dataset says.
ALTER TABLE resource ADD COLUMN example INTEGER REFERENCES url(id);

CREATE TABLE spell (                 -- how long an address was in one state
    url INTEGER NOT NULL REFERENCES url(id),
    since TEXT NOT NULL,             -- the first visit that showed it
    state TEXT NOT NULL,             -- up, degraded, down, blocked, needs-parameters, not-asked, unknown
    reason TEXT NOT NULL,            -- a stable code
    until TEXT,                      -- the first visit that showed another; NULL while it lasts
    visits INTEGER NOT NULL,
    proof TEXT NOT NULL,             -- JSON list of the visits that prove it
    PRIMARY KEY (url, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE request (               -- what we asked of each host, day by day: redirects, robots.txt and retries too
    day TEXT NOT NULL,               -- in Hong Kong
    host TEXT NOT NULL,
    purpose TEXT NOT NULL,           -- portal (its API, lists and feeds), robots, visit
    requests INTEGER NOT NULL,
    bytes INTEGER NOT NULL,          -- of bodies, as they came over the wire
    refused INTEGER NOT NULL,        -- answers 429 and 503
    PRIMARY KEY (day, host, purpose)
) STRICT, WITHOUT ROWID;
