-- Times are milliseconds since the Unix epoch, UTC. Hashes are SHA-256.

CREATE TABLE session (
    hash       BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    org        TEXT    NOT NULL,
    sub        TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX session_by_expiry ON session (expires_at);

-- Assertions that were exchanged; kept until the assertion would be refused as expired anyway.
CREATE TABLE used_jti (
    iss        TEXT    NOT NULL,
    jti        TEXT    NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (iss, jti)
) STRICT;

CREATE TABLE call (
    id            TEXT    PRIMARY KEY,
    org           TEXT    NOT NULL,
    sub           TEXT    NOT NULL,
    account       TEXT    NOT NULL,
    provider      TEXT    NOT NULL,
    agent         TEXT    NOT NULL,
    number        TEXT    NOT NULL,
    provider_call TEXT,
    outcome       TEXT    CHECK (outcome IN ('accepted', 'refused', 'unknown')),
    state         TEXT    NOT NULL,
    code          TEXT,
    message       TEXT,
    notice        TEXT,
    reason        TEXT,
    duration      INTEGER,
    created_at    INTEGER NOT NULL,
    -- The newest event of this call.
    event         INTEGER NOT NULL,
    -- Nothing is known about a call until its outcome is.
    CHECK (outcome IS NOT NULL OR state = 'requested')
) STRICT;

CREATE INDEX call_by_agent_and_number ON call (org, sub, number, created_at);
CREATE INDEX call_in_flight ON call (created_at) WHERE outcome IS NULL;
CREATE INDEX call_under_way ON call (created_at) WHERE outcome = 'accepted' AND provider_call IS NOT NULL AND state <> 'ended';

CREATE TABLE callback (
    id            TEXT    PRIMARY KEY,
    reference     TEXT    NOT NULL,
    site_key      TEXT    NOT NULL,
    topic         TEXT    NOT NULL,
    number        TEXT    NOT NULL,
    at            INTEGER,
    -- As it was sent; fields and page are added to it when it travels.
    payload       TEXT    NOT NULL,
    fields        TEXT    NOT NULL,
    -- The version of the text that was agreed to.
    consent       TEXT,
    page          TEXT,
    state         TEXT    NOT NULL CHECK (state IN
        ('queued', 'due', 'dispatching', 'handed_over', 'refused', 'unknown', 'cancelled', 'expired')),
    -- When the worker takes it up: now, the wished time, or the next try.
    dispatch_at   INTEGER NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    code          TEXT,
    message       TEXT,
    manage_hash   BLOB    NOT NULL CHECK (length(manage_hash) = 32),
    created_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX callback_waiting ON callback (dispatch_at) WHERE state IN ('queued', 'due');
CREATE INDEX callback_in_flight ON callback (id) WHERE state = 'dispatching';

-- One row for each idempotency key; `status` and `reply` are null while the first request is at work.
CREATE TABLE idempotency (
    scope      TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    body_hash  BLOB    NOT NULL CHECK (length(body_hash) = 32),
    call       TEXT,
    status     INTEGER,
    reply      TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (scope, key),
    CHECK ((status IS NULL) = (reply IS NULL))
) STRICT;

CREATE INDEX idempotency_by_age ON idempotency (created_at);
CREATE INDEX idempotency_by_call ON idempotency (call) WHERE call IS NOT NULL;

-- AUTOINCREMENT: an id must never be given out again, streams resume by it.
CREATE TABLE event (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    org        TEXT    NOT NULL,
    sub        TEXT    NOT NULL,
    call       TEXT    NOT NULL,
    data       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX event_by_agent ON event (org, sub, id);

-- The refresh token that replaced the configured one, for each account.
CREATE TABLE token (
    account       TEXT    PRIMARY KEY,
    refresh_token TEXT    NOT NULL,
    -- Of the configured token that this one descends from: a newly configured token wins.
    origin_hash   BLOB    NOT NULL CHECK (length(origin_hash) = 32),
    stored_at     INTEGER NOT NULL
) STRICT;
