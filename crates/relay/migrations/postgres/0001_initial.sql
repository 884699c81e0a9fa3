-- Times are milliseconds since the Unix epoch, UTC. Hashes are SHA-256. What is called `sealed` is encrypted.
-- The same tables as in ../sqlite; a test compares them.

-- The relays that run on this database.
CREATE TABLE run (
    id         TEXT    PRIMARY KEY,
    started_at BIGINT  NOT NULL,
    seen_at    BIGINT  NOT NULL
);

CREATE TABLE session (
    hash       BYTEA  PRIMARY KEY CHECK (octet_length(hash) = 32),
    org        TEXT    NOT NULL,
    sub        TEXT    NOT NULL,
    -- The same for a session and those that it was renewed to.
    lineage    TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL
);

CREATE INDEX session_by_expiry ON session (expires_at);
CREATE INDEX session_by_agent ON session (org, sub);
CREATE INDEX session_by_lineage ON session (lineage);

-- Assertions that were exchanged; kept until the assertion would be refused as expired anyway.
CREATE TABLE used_jti (
    iss        TEXT    NOT NULL,
    jti        TEXT    NOT NULL,
    expires_at BIGINT  NOT NULL,
    PRIMARY KEY (iss, jti)
);

CREATE INDEX used_jti_by_expiry ON used_jti (expires_at);

-- Who an agent is at a provider, imported; beside what the configuration says.
CREATE TABLE agent_mapping (
    org        TEXT    NOT NULL,
    sub        TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    agent      TEXT    NOT NULL,
    name       TEXT,
    source     TEXT    NOT NULL,
    updated_at BIGINT  NOT NULL,
    PRIMARY KEY (org, sub, account, agent)
);

-- People whom an identity provider provisions (SCIM).
CREATE TABLE person (
    id          TEXT    PRIMARY KEY,
    org         TEXT    NOT NULL,
    user_name   TEXT    NOT NULL,
    -- The same in lower case: a name is there once, however it is spelled.
    user_key    TEXT    NOT NULL,
    external_id TEXT,
    -- The CRM's id, whichever of the two that is.
    sub         TEXT,
    name        TEXT,
    given_name  TEXT,
    family_name TEXT,
    active      BIGINT  NOT NULL CHECK (active IN (0, 1)),
    -- The agent that the identity provider names, and the one that they are.
    told        TEXT,
    agent       TEXT,
    state       TEXT    NOT NULL CHECK (state IN
        ('ready', 'inactive', 'no_subject', 'no_agent', 'several_agents', 'not_asked')),
    -- When the platform was last asked who they are.
    asked_at    BIGINT  NOT NULL,
    -- Counts changes, so that nobody changes what they have not seen.
    version     BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL,
    UNIQUE (org, user_key),
    -- Who can sign in is somebody in the CRM and at the platform, and nobody else is.
    CHECK ((state = 'ready') = (agent IS NOT NULL)),
    CHECK (state <> 'ready' OR active = 1 AND sub IS NOT NULL)
);

CREATE UNIQUE INDEX person_by_sub ON person (org, sub);
CREATE INDEX person_by_age ON person (org, created_at, id);

-- Groups of theirs. What the members may do is in the configuration.
CREATE TABLE person_group (
    id          TEXT    PRIMARY KEY,
    org         TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    -- The same in lower case.
    name_key    TEXT    NOT NULL,
    external_id TEXT,
    version     BIGINT  NOT NULL,
    created_at  BIGINT  NOT NULL,
    updated_at  BIGINT  NOT NULL,
    UNIQUE (org, name_key)
);

CREATE TABLE person_in_group (
    person_group TEXT NOT NULL REFERENCES person_group (id) ON DELETE CASCADE,
    person       TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    PRIMARY KEY (person_group, person)
);

CREATE INDEX person_in_group_by_person ON person_in_group (person);

-- CRMs and pages that have the panel in a frame, made on the admin pages; beside those of the configuration.
CREATE TABLE host (
    name       TEXT    PRIMARY KEY,
    -- As [[host]] of the configuration, in JSON.
    settings   TEXT    NOT NULL,
    -- With which its records are read, sealed.
    secret     TEXT,
    -- Counts changes, so that nobody changes what they have not seen.
    version    BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    updated_by TEXT    NOT NULL
);

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
    duration      BIGINT,
    created_at    BIGINT  NOT NULL,
    -- The newest event of this call.
    event         BIGINT  NOT NULL,
    -- The relay that asks, or asked.
    run           TEXT    NOT NULL,
    -- Whose words the reply to whoever asked is in: this relay's, or those of the platform's Agent API.
    via           TEXT    NOT NULL CHECK (via IN ('calls', 'desk')),
    -- Nothing is known about a call until its outcome is.
    CHECK (outcome IS NOT NULL OR state = 'requested')
);

CREATE INDEX call_by_agent_and_number ON call (org, sub, number, created_at);
CREATE INDEX call_by_age ON call (created_at);
CREATE INDEX call_in_flight ON call (run) WHERE outcome IS NULL;
CREATE INDEX call_under_way ON call (created_at) WHERE outcome = 'accepted' AND provider_call IS NOT NULL AND state <> 'ended';

-- An outcome that is known stays; an unknown one may become known, when a late answer comes.
CREATE FUNCTION call_outcome_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the outcome of this call is known' USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER call_outcome_stays BEFORE UPDATE OF outcome ON call FOR EACH ROW
WHEN (OLD.outcome IN ('accepted', 'refused') AND NEW.outcome IS DISTINCT FROM OLD.outcome)
EXECUTE FUNCTION call_outcome_stays();

CREATE TABLE callback (
    id            TEXT    PRIMARY KEY,
    reference     TEXT    NOT NULL,
    site_key      TEXT    NOT NULL,
    topic         TEXT    NOT NULL,
    number        TEXT    NOT NULL,
    at            BIGINT,
    -- As it was sent; fields and page are added to it when it travels.
    payload       TEXT    NOT NULL,
    fields        TEXT    NOT NULL,
    -- The version of the text that was agreed to.
    consent       TEXT,
    page          TEXT,
    state         TEXT    NOT NULL CHECK (state IN
        ('queued', 'due', 'dispatching', 'handed_over', 'refused', 'unknown', 'cancelled', 'expired')),
    -- When the dispatcher takes it up: now, the wished time, the next opening, or the next try.
    dispatch_at   BIGINT  NOT NULL,
    attempts      BIGINT  NOT NULL DEFAULT 0,
    code          TEXT,
    message       TEXT,
    manage_hash   BYTEA   NOT NULL CHECK (octet_length(manage_hash) = 32),
    created_at    BIGINT  NOT NULL,
    -- The relay that asks, or asked last.
    run           TEXT,
    CHECK (state <> 'dispatching' OR run IS NOT NULL)
);

CREATE INDEX callback_waiting ON callback (dispatch_at) WHERE state IN ('queued', 'due');
CREATE INDEX callback_in_flight ON callback (run) WHERE state = 'dispatching';
CREATE INDEX callback_by_age ON callback (created_at);
CREATE INDEX callback_by_number ON callback (number);

-- Which state may follow which; `patchcord_core::callback::CallbackState::may_become` says the same.
CREATE TABLE callback_transition (
    before TEXT NOT NULL,
    after  TEXT NOT NULL,
    PRIMARY KEY (before, after)
);

INSERT INTO callback_transition (before, after) VALUES
    ('queued', 'due'), ('queued', 'cancelled'), ('queued', 'expired'),
    ('due', 'dispatching'), ('due', 'queued'), ('due', 'cancelled'), ('due', 'expired'), ('due', 'refused'),
    ('dispatching', 'handed_over'), ('dispatching', 'refused'), ('dispatching', 'unknown'), ('dispatching', 'due'),
    ('unknown', 'handed_over'), ('unknown', 'refused'), ('unknown', 'due'),
    ('refused', 'due'), ('expired', 'due');

CREATE FUNCTION callback_state_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM callback_transition WHERE before = OLD.state AND after = NEW.state) THEN
        RAISE EXCEPTION 'a callback cannot change its state like that' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER callback_state_follows BEFORE UPDATE OF state ON callback FOR EACH ROW
WHEN (NEW.state <> OLD.state)
EXECUTE FUNCTION callback_state_follows();

-- One row for each idempotency key; `status` and `reply` are null while the first request is at work.
CREATE TABLE idempotency (
    scope      TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    body_hash  BYTEA   NOT NULL CHECK (octet_length(body_hash) = 32),
    call       TEXT,
    status     BIGINT,
    reply      TEXT,
    created_at BIGINT  NOT NULL,
    PRIMARY KEY (scope, key),
    CHECK ((status IS NULL) = (reply IS NULL))
);

CREATE INDEX idempotency_by_age ON idempotency (created_at);
CREATE INDEX idempotency_by_call ON idempotency (call) WHERE call IS NOT NULL;

-- Numbered for each agent, so that numbers are visible in their order and a stream can resume by them.
CREATE TABLE event (
    org        TEXT    NOT NULL,
    sub        TEXT    NOT NULL,
    seq        BIGINT  NOT NULL,
    call       TEXT    NOT NULL,
    data       TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    PRIMARY KEY (org, sub, seq)
);

CREATE INDEX event_by_age ON event (created_at);

-- The newest number of each agent; never goes back, events do not have to be there any more.
CREATE TABLE event_seq (
    org TEXT    NOT NULL,
    sub TEXT    NOT NULL,
    seq BIGINT  NOT NULL,
    PRIMARY KEY (org, sub)
);

-- What a person has to look at and settle.
CREATE TABLE alert (
    id         TEXT    PRIMARY KEY,
    kind       TEXT    NOT NULL CHECK (kind IN
        ('callback_refused', 'callback_unknown', 'callback_overdue', 'call_unknown', 'token_rotation_refused',
         'token_rotation_unknown')),
    -- The id of the callback or call, or the name of the account.
    subject    TEXT    NOT NULL,
    code       TEXT,
    opened_at  BIGINT  NOT NULL,
    settled_at BIGINT,
    settled_by TEXT,
    decision   TEXT    CHECK (decision IN ('called', 'again', 'dropped', 'answered')),
    CHECK ((settled_at IS NULL) = (decision IS NULL) AND (settled_at IS NULL) = (settled_by IS NULL))
);

-- Of each thing there is one open alert at most.
CREATE UNIQUE INDEX alert_open ON alert (subject) WHERE settled_at IS NULL;
CREATE INDEX alert_by_age ON alert (opened_at);

-- Webhooks and e-mails to send.
CREATE TABLE delivery (
    -- What the receiver can tell repetitions by.
    id          TEXT    PRIMARY KEY,
    -- The name of the webhook, or `mail`.
    channel     TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
    due_at      BIGINT  NOT NULL,
    attempts    BIGINT  NOT NULL DEFAULT 0,
    lease_until BIGINT,
    error       TEXT,
    created_at  BIGINT  NOT NULL,
    -- The relay that sends, while it does.
    run         TEXT
);

CREATE INDEX delivery_waiting ON delivery (due_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX delivery_by_age ON delivery (created_at);
CREATE INDEX delivery_by_subject ON delivery (subject);
CREATE INDEX delivery_under_way ON delivery (run) WHERE state = 'sending';

-- What limits count: of something, in a stretch of time.
CREATE TABLE tally (
    scope      TEXT    NOT NULL,
    bucket     BIGINT  NOT NULL,
    count      BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL,
    PRIMARY KEY (scope, bucket)
);

CREATE INDEX tally_by_expiry ON tally (expires_at);

-- Proofs of work that were used; kept until their challenge is too old anyway.
CREATE TABLE used_proof (
    id         BYTEA  PRIMARY KEY CHECK (octet_length(id) = 32),
    expires_at BIGINT  NOT NULL
);

CREATE INDEX used_proof_by_expiry ON used_proof (expires_at);

-- Numbers that asked not to be called: a keyed hash of each.
CREATE TABLE do_not_call (
    hash     BYTEA  PRIMARY KEY CHECK (octet_length(hash) = 32),
    source   TEXT    NOT NULL,
    added_at BIGINT  NOT NULL
);

-- That somebody agreed to be called. Stays when the callback is erased; the number is a keyed hash.
CREATE TABLE consent_proof (
    callback    TEXT    PRIMARY KEY,
    site_key    TEXT    NOT NULL,
    number_hash BYTEA   NOT NULL CHECK (octet_length(number_hash) = 32),
    version     TEXT    NOT NULL,
    text_hash   BYTEA   NOT NULL CHECK (octet_length(text_hash) = 32),
    page        TEXT,
    given_at    BIGINT  NOT NULL
);

CREATE INDEX consent_proof_by_number ON consent_proof (number_hash);
CREATE INDEX consent_proof_by_age ON consent_proof (given_at);

-- What is switched off: `dialling` is the kill switch.
CREATE TABLE switch (
    name   TEXT    PRIMARY KEY,
    off_at BIGINT  NOT NULL,
    off_by TEXT    NOT NULL,
    reason TEXT
);

-- Opening hours as platforms told them last.
CREATE TABLE platform_hours (
    -- The account, the id of the business hours, and those of the calendars, as a JSON list.
    source  TEXT    PRIMARY KEY,
    told    TEXT    NOT NULL,
    read_at BIGINT  NOT NULL
);

-- How often what was refused, by the day in UTC.
CREATE TABLE refusal (
    day   TEXT    NOT NULL,
    code  TEXT    NOT NULL,
    count BIGINT  NOT NULL,
    PRIMARY KEY (day, code)
);

-- Secrets that the relays of this database made for themselves.
CREATE TABLE secret (
    name   TEXT PRIMARY KEY,
    sealed TEXT NOT NULL
);

-- The tokens of each account, and those of agents who have signed in there themselves.
CREATE TABLE token (
    account        TEXT    NOT NULL,
    -- The agent as a JSON list [org, sub]; nothing for the account's own.
    agent          TEXT    NOT NULL DEFAULT '',
    sealed_access  TEXT,
    expires_at     BIGINT,
    sealed_refresh TEXT,
    -- Of the configured token that these descend from: a newly configured token wins.
    origin_hash    BYTEA   CHECK (octet_length(origin_hash) = 32),
    -- Of those whose place others have taken, in a row: a relay that still has one of them takes nothing back.
    replaced_origins BYTEA CHECK (octet_length(replaced_origins) % 32 = 0),
    refreshed_at   BIGINT,
    -- A one-time token is being used since then: written before it is sent.
    rotating_since BIGINT,
    -- When a relay exchanges the account's own token by itself; nothing while a person has to look first.
    rotate_at      BIGINT,
    -- Who refreshes, and until when nobody else tries.
    lease_run      TEXT,
    lease_until    BIGINT,
    -- Counts changes, so that nobody overwrites what they have not seen.
    version        BIGINT  NOT NULL DEFAULT 0,
    PRIMARY KEY (account, agent)
);

-- Agents who are signing in at a provider: codes, and tickets to begin.
CREATE TABLE sign_in (
    state_hash BYTEA  PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    sealed     TEXT    NOT NULL,
    expires_at BIGINT  NOT NULL
);

CREATE INDEX sign_in_by_expiry ON sign_in (expires_at);

CREATE TABLE admin_session (
    hash       BYTEA  PRIMARY KEY CHECK (octet_length(hash) = 32),
    name       TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL
);

CREATE INDEX admin_session_by_expiry ON admin_session (expires_at);

-- Who did what. Nothing here is changed; what is older than a month may be deleted.
CREATE TABLE audit (
    id      BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      BIGINT  NOT NULL,
    actor   TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    detail  TEXT
);

CREATE INDEX audit_by_age ON audit (at);

CREATE FUNCTION audit_is_not_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is not changed' USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit FOR EACH ROW
EXECUTE FUNCTION audit_is_not_changed();

CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is kept for a month at least' USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit FOR EACH ROW
WHEN (OLD.at > (extract(epoch FROM clock_timestamp()) - 30 * 24 * 60 * 60) * 1000)
EXECUTE FUNCTION audit_is_kept();
