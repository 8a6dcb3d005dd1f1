-- The outbox: handing out notices and events, acknowledging, retrying, giving up.

-- What a publisher takes rests until its lease ends: then it is handed out
-- again, so that nothing is lost with a publisher.  A later notice of the same
-- stream (subject, recipient, channel) waits for the earlier ones.
CREATE OR REPLACE FUNCTION support_case.claim_notices(
    channel text,
    batch integer DEFAULT 100,
    lease interval DEFAULT '5 minutes'
)
RETURNS SETOF support_case.outbox
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz;
    p support_case.policy;
    o support_case.outbox;
    is_some_given_up boolean;
    is_some_claimed boolean := false;
BEGIN
    PERFORM support_case._authorise('host', NULL);
    PERFORM support_case._require(claim_notices.channel, 'channel');
    PERFORM support_case._require(batch, 'batch');
    PERFORM support_case._require(lease, 'lease');
    PERFORM support_case._check_choice(claim_notices.channel, 'channel', 'in_app', 'email', 'event');
    IF batch < 1 THEN
        PERFORM support_case._raise('invalid_parameter_value', 'argument "batch" must be at least 1',
            format('It is %s.', batch), 'Pass how many notices one call may hand out, such as 100.');
    END IF;
    IF lease <= interval '0' OR lease > interval '365 days' THEN
        PERFORM support_case._raise('invalid_parameter_value', 'argument "lease" must be positive, and a year at most',
            format('It is %s.', lease), 'Pass how long the publisher may take, such as 5 minutes.');
    END IF;
    at := support_case._instant();
    p := support_case._policy_in_force(at);
    LOOP
        is_some_given_up := false;
        FOR o IN
            WITH due AS MATERIALIZED (
                SELECT k.seller_id, k.subject, k.subject_id, k.event_number, k.recipient, k.recipient_id
                FROM support_case.outbox AS k
                WHERE k.channel = claim_notices.channel AND k.acknowledged_at IS NULL AND k.dead_at IS NULL
                    AND k.available_at <= at
                    -- In words that fit no partial index: without statistics
                    -- the planner would look through all that waits.
                    AND NOT EXISTS (
                        SELECT FROM support_case.outbox AS e
                        WHERE e.seller_id = k.seller_id AND e.subject = k.subject AND e.subject_id = k.subject_id
                            AND e.event_number < k.event_number AND e.recipient = k.recipient
                            AND e.recipient_id = k.recipient_id AND e.channel = k.channel
                            AND num_nonnulls(e.acknowledged_at, e.dead_at) = 0)
                ORDER BY k.available_at
                LIMIT batch
                FOR NO KEY UPDATE SKIP LOCKED
            ), taken AS (
                UPDATE support_case.outbox AS k
                SET dead_at = CASE WHEN k.attempts >= p.notice_attempts THEN at END,
                    last_error = CASE WHEN k.attempts >= p.notice_attempts
                        THEN coalesce(k.last_error, 'the last lease expired') ELSE k.last_error END,
                    claimed_at = CASE WHEN k.attempts >= p.notice_attempts THEN k.claimed_at ELSE at END,
                    attempts = least(k.attempts + 1, greatest(k.attempts, p.notice_attempts)),
                    available_at = at + lease
                FROM due AS d
                WHERE k.seller_id = d.seller_id AND k.subject = d.subject AND k.subject_id = d.subject_id
                    AND k.event_number = d.event_number AND k.recipient = d.recipient
                    AND k.recipient_id = d.recipient_id AND k.channel = claim_notices.channel
                RETURNING k.*
            )
            SELECT t.* FROM taken AS t ORDER BY t.occurred_at, t.seller_id, t.subject, t.subject_id, t.event_number
        LOOP
            IF o.dead_at IS NULL THEN
                is_some_claimed := true;
                RETURN NEXT o;
            ELSE
                is_some_given_up := true;
            END IF;
        END LOOP;
        -- No row says that nothing waits.
        EXIT WHEN is_some_claimed OR NOT is_some_given_up;
    END LOOP;
END
$$;

COMMENT ON FUNCTION support_case.claim_notices(text, integer, interval) IS
'Hands out up to batch notices of a channel (in_app, email or event), in the order in which they became available, and returns them; no row when none waits that nobody else holds. Each belongs to the caller for lease, then it is handed out again unless it was acknowledged; after the last attempt of the policy it is given up (dead_notices). A later notice of the same subject, recipient and channel is kept back until the earlier ones are acknowledged or given up. Safe to run many at once. Errors: 22004, 22023, SC004 (acting for a party).';

CREATE OR REPLACE FUNCTION support_case._lock_notice(
    seller_id bigint,
    subject text,
    subject_id bigint,
    event_number integer,
    recipient text,
    recipient_id bigint,
    channel text
)
RETURNS support_case.outbox
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    o support_case.outbox;
BEGIN
    PERFORM support_case._authorise('host', _lock_notice.seller_id);
    PERFORM support_case._require(_lock_notice.seller_id, 'seller_id');
    PERFORM support_case._require(_lock_notice.subject, 'subject');
    PERFORM support_case._require(_lock_notice.subject_id, 'subject_id');
    PERFORM support_case._require(_lock_notice.event_number, 'event_number');
    PERFORM support_case._require(_lock_notice.recipient, 'recipient');
    PERFORM support_case._require(_lock_notice.recipient_id, 'recipient_id');
    PERFORM support_case._require(_lock_notice.channel, 'channel');
    SELECT k.* INTO o
    FROM support_case.outbox AS k
    WHERE k.seller_id = _lock_notice.seller_id AND k.subject = _lock_notice.subject
        AND k.subject_id = _lock_notice.subject_id AND k.event_number = _lock_notice.event_number
        AND k.recipient = _lock_notice.recipient AND k.recipient_id = _lock_notice.recipient_id
        AND k.channel = _lock_notice.channel
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM support_case._raise('no_data_found', 'the notice does not exist',
            format('Seller %s, subject %s %s, event %s, recipient %s %s, channel %s.', _lock_notice.seller_id,
                left(_lock_notice.subject, 64), _lock_notice.subject_id, _lock_notice.event_number,
                left(_lock_notice.recipient, 64), _lock_notice.recipient_id, left(_lock_notice.channel, 64)),
            'Pass the key columns of a row that claim_notices() returned.', 'support_case', 'outbox');
    END IF;
    RETURN o;
END
$$;

COMMENT ON FUNCTION support_case._lock_notice(bigint, text, bigint, integer, text, bigint, text) IS
'Locks a row of the outbox by its key and returns it. Errors: P0002, 22004, SC004.';

CREATE OR REPLACE FUNCTION support_case.acknowledge_notice(
    seller_id bigint,
    subject text,
    subject_id bigint,
    event_number integer,
    recipient text,
    recipient_id bigint,
    channel text
)
RETURNS SETOF support_case.outbox
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    o support_case.outbox;
BEGIN
    o := support_case._lock_notice(acknowledge_notice.seller_id, acknowledge_notice.subject,
        acknowledge_notice.subject_id, acknowledge_notice.event_number, acknowledge_notice.recipient,
        acknowledge_notice.recipient_id, acknowledge_notice.channel);
    IF o.claimed_at IS NULL THEN
        PERFORM support_case._raise('invalid_parameter_value', 'the notice has not been handed out',
            'Nobody can have published it.', 'Take notices with claim_notices().', 'support_case', 'outbox');
    END IF;
    -- What was published late, after it had been given up, is published.
    IF o.acknowledged_at IS NULL THEN
        UPDATE support_case.outbox AS k
        SET acknowledged_at = support_case._instant(), dead_at = NULL
        WHERE k.seller_id = o.seller_id AND k.subject = o.subject AND k.subject_id = o.subject_id
            AND k.event_number = o.event_number AND k.recipient = o.recipient AND k.recipient_id = o.recipient_id
            AND k.channel = o.channel
        RETURNING k.* INTO o;
    END IF;
    RETURN NEXT o;
END
$$;

COMMENT ON FUNCTION support_case.acknowledge_notice(bigint, text, bigint, integer, text, bigint, text) IS
'Says that a notice that claim_notices() handed out is published, by its key columns, and returns it. Harmless when it is acknowledged already. Errors: P0002, 22004, 22023 (never handed out), SC004 (acting for another party).';

CREATE OR REPLACE FUNCTION support_case.fail_notice(
    seller_id bigint,
    subject text,
    subject_id bigint,
    event_number integer,
    recipient text,
    recipient_id bigint,
    channel text,
    error text,
    attempt integer DEFAULT NULL
)
RETURNS SETOF support_case.outbox
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    o support_case.outbox;
    p support_case.policy;
    at timestamptz;
    next_at timestamptz;
BEGIN
    PERFORM support_case._require(fail_notice.error, 'error');
    o := support_case._lock_notice(fail_notice.seller_id, fail_notice.subject, fail_notice.subject_id,
        fail_notice.event_number, fail_notice.recipient, fail_notice.recipient_id, fail_notice.channel);
    IF o.claimed_at IS NULL THEN
        PERFORM support_case._raise('invalid_parameter_value', 'the notice has not been handed out',
            'Nobody can have tried to publish it.', 'Take notices with claim_notices().', 'support_case', 'outbox');
    END IF;
    -- A publisher whose lease ended has no say in what the next one does.
    IF o.acknowledged_at IS NULL AND o.dead_at IS NULL AND coalesce(fail_notice.attempt, o.attempts) = o.attempts THEN
        at := support_case._instant();
        p := support_case._policy_in_force(at);
        next_at := at + make_interval(secs => least(extract(epoch FROM p.notice_maximum_delay)::double precision,
            extract(epoch FROM p.notice_first_delay)::double precision
                * power(p.notice_delay_factor::double precision, least(o.attempts - 1, 100))));
        UPDATE support_case.outbox AS k
        SET last_error = left(fail_notice.error, 2000),
            dead_at = CASE WHEN o.attempts >= p.notice_attempts THEN at END,
            available_at = next_at
        WHERE k.seller_id = o.seller_id AND k.subject = o.subject AND k.subject_id = o.subject_id
            AND k.event_number = o.event_number AND k.recipient = o.recipient AND k.recipient_id = o.recipient_id
            AND k.channel = o.channel
        RETURNING k.* INTO o;
        -- What waits behind it rests, too: claims would look at it in vain.
        IF o.dead_at IS NULL THEN
            UPDATE support_case.outbox AS k
            SET available_at = next_at
            WHERE k.seller_id = o.seller_id AND k.subject = o.subject AND k.subject_id = o.subject_id
                AND k.event_number > o.event_number AND k.recipient = o.recipient
                AND k.recipient_id = o.recipient_id AND k.channel = o.channel
                AND k.acknowledged_at IS NULL AND k.dead_at IS NULL AND k.available_at < next_at;
        END IF;
    END IF;
    RETURN NEXT o;
END
$$;

COMMENT ON FUNCTION support_case.fail_notice(bigint, text, bigint, integer, text, bigint, text, text, integer) IS
'Says why a notice that claim_notices() handed out could not be published, by its key columns, and returns it: it rests (notice_first_delay, longer after every failure by notice_delay_factor up to notice_maximum_delay) and is handed out again, or is given up after notice_attempts (dead_notices). attempt is the column attempts of the row that was handed out: the failure does not count when the notice has been handed out again since. Errors: P0002, 22004, 22023 (never handed out), SC004 (acting for another party).';

CREATE OR REPLACE FUNCTION support_case.retry_notice(
    seller_id bigint,
    subject text,
    subject_id bigint,
    event_number integer,
    recipient text,
    recipient_id bigint,
    channel text
)
RETURNS SETOF support_case.outbox
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    o support_case.outbox;
BEGIN
    o := support_case._lock_notice(retry_notice.seller_id, retry_notice.subject, retry_notice.subject_id,
        retry_notice.event_number, retry_notice.recipient, retry_notice.recipient_id, retry_notice.channel);
    IF o.dead_at IS NOT NULL THEN
        UPDATE support_case.outbox AS k
        SET dead_at = NULL, attempts = 0, available_at = support_case._instant()
        WHERE k.seller_id = o.seller_id AND k.subject = o.subject AND k.subject_id = o.subject_id
            AND k.event_number = o.event_number AND k.recipient = o.recipient AND k.recipient_id = o.recipient_id
            AND k.channel = o.channel
        RETURNING k.* INTO o;
        IF support_case._notifies_outbox() THEN
            NOTIFY support_case_outbox;
        END IF;
    END IF;
    RETURN NEXT o;
END
$$;

COMMENT ON FUNCTION support_case.retry_notice(bigint, text, bigint, integer, text, bigint, text) IS
'Lets a notice that was given up be handed out again, by its key columns, with all its attempts, and returns it. Later ones of its subject may have gone before. Harmless when it was not given up. Errors: P0002, 22004, SC004 (acting for another party).';

CREATE OR REPLACE VIEW support_case.dead_notices WITH (security_invoker = true) AS
SELECT o.seller_id, o.subject, o.subject_id, o.event_number, o.recipient, o.recipient_id, o.channel, o.template, o.data,
    o.occurred_at, o.attempts, o.dead_at, o.last_error
FROM support_case.outbox AS o
WHERE o.dead_at IS NOT NULL;

COMMENT ON VIEW support_case.dead_notices IS 'Notices that were given up after their last attempt: retry_notice() hands them out again.';
COMMENT ON COLUMN support_case.dead_notices.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.dead_notices.subject IS 'What it is about.';
COMMENT ON COLUMN support_case.dead_notices.subject_id IS 'Number of the subject.';
COMMENT ON COLUMN support_case.dead_notices.event_number IS 'The event of the subject.';
COMMENT ON COLUMN support_case.dead_notices.recipient IS 'Who was to be told.';
COMMENT ON COLUMN support_case.dead_notices.recipient_id IS 'The buyer, seller or member; 0 for platform and host.';
COMMENT ON COLUMN support_case.dead_notices.channel IS 'in_app, email or event.';
COMMENT ON COLUMN support_case.dead_notices.template IS 'Key of the notice.';
COMMENT ON COLUMN support_case.dead_notices.data IS 'What its text needs.';
COMMENT ON COLUMN support_case.dead_notices.occurred_at IS 'When the event took effect.';
COMMENT ON COLUMN support_case.dead_notices.attempts IS 'How many times it was handed out.';
COMMENT ON COLUMN support_case.dead_notices.dead_at IS 'When it was given up.';
COMMENT ON COLUMN support_case.dead_notices.last_error IS 'What the publisher said last.';

CREATE OR REPLACE VIEW support_case.notices WITH (security_invoker = true) AS
SELECT o.seller_id, o.subject, o.subject_id, o.event_number, o.recipient, o.recipient_id, o.template, o.data,
    o.occurred_at
FROM support_case.outbox AS o
WHERE o.channel = 'in_app';

COMMENT ON VIEW support_case.notices IS 'What was announced in the app: a party sees its own, until purge() removes what was published. ORDER BY occurred_at DESC shows the recent ones.';
COMMENT ON COLUMN support_case.notices.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.notices.subject IS 'What it is about.';
COMMENT ON COLUMN support_case.notices.subject_id IS 'Number of the subject.';
COMMENT ON COLUMN support_case.notices.event_number IS 'The event of the subject.';
COMMENT ON COLUMN support_case.notices.recipient IS 'Who is told: buyer, seller, platform or member.';
COMMENT ON COLUMN support_case.notices.recipient_id IS 'The buyer, seller or member; 0 for the platform.';
COMMENT ON COLUMN support_case.notices.template IS 'Key of the notice.';
COMMENT ON COLUMN support_case.notices.data IS 'What its text needs.';
COMMENT ON COLUMN support_case.notices.occurred_at IS 'When the event took effect.';
