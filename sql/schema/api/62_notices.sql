-- Notices: what the parties are told, on which channel, and how an application
-- takes the rows of the outbox and says that they are published.

-- Which notice an event causes follows from its action, its actor and where it
-- leads.  The first line that fits decides for a recipient; a line without a
-- template says that nobody is told.
DELETE FROM support_case.notice_rule;
WITH line (rank, action, actor, outcome, recipient, template) AS (
    VALUES
        -- A case that goes to the platform is none of the seller's business.
        (1, 'open_case', NULL, 'awaiting_seller', 'seller', 'new_request'),
        (1, 'open_case', NULL, 'escalated', 'seller', NULL),
        (1, 'decide', NULL, NULL, 'buyer', 'escalation_result'),
        (1, 'decide', NULL, NULL, 'seller', 'escalation_result'),
        (1, 'return_to_seller', NULL, NULL, 'seller', 'case_returned'),
        (1, 'reopen_case', NULL, 'awaiting_seller', 'seller', 'case_reopened'),
        (1, 'reopen_case', NULL, 'escalated', 'seller', 'guarantee_claimed'),
        (1, 'offer_partial_refund', NULL, NULL, 'buyer', 'partial_offer_made'),
        (1, 'explain_no_refund', NULL, NULL, 'buyer', 'refusal_explained'),
        (1, 'request_information', NULL, NULL, 'buyer', 'information_requested'),
        (1, 'record_return_label', NULL, NULL, 'buyer', 'return_label'),
        (1, 'record_return_delivered', NULL, 'return_inspection', 'seller', 'return_delivered'),
        (1, 'consent_to_replacement', NULL, NULL, 'seller', 'replacement_consented'),
        (1, 'send_replacement', NULL, 'replacement_in_transit', 'buyer', 'replacement_shipped'),
        (1, 'record_replacement_shipped', NULL, 'replacement_in_transit', 'buyer', 'replacement_shipped'),
        (1, 'record_external_refund', NULL, 'full_refund', 'buyer', 'status_changed'),
        (1, 'record_chargeback', NULL, NULL, 'seller', 'chargeback_recorded'),
        (1, 'reassign_liability', NULL, NULL, 'seller', 'liability_reassigned'),
        (1, 'post_message', 'buyer', NULL, 'seller', 'message_posted'),
        (1, 'post_message', 'seller', NULL, 'buyer', 'message_posted'),
        (1, 'post_message', NULL, NULL, 'buyer', NULL),
        (1, 'post_message', NULL, NULL, 'seller', NULL),
        (1, 'file_guarantee_claim', NULL, NULL, 'buyer', 'guarantee_claimed'),
        (1, 'file_guarantee_claim', NULL, NULL, 'seller', 'guarantee_claimed'),
        (1, 'admit_guarantee_claim', NULL, NULL, 'buyer', 'guarantee_claimed'),
        (1, 'admit_guarantee_claim', NULL, NULL, 'seller', 'guarantee_claimed'),
        (1, 'start_carrier_enquiry', NULL, NULL, 'buyer', 'carrier_enquiry'),
        (1, 'record_parcel_found', NULL, NULL, 'buyer', 'parcel_found'),
        (1, 'record_parcel_found', NULL, NULL, 'seller', 'parcel_found'),
        (1, 'record_parcel_found', NULL, NULL, 'platform', 'parcel_found'),
        (1, 'consent_to_recharge', NULL, NULL, 'platform', 'recharge_consented'),
        (1, 'recharge_buyer', NULL, NULL, 'buyer', 'buyer_recharged'),
        (1, 'recharge_buyer', NULL, NULL, 'seller', 'buyer_recharged'),
        (1, 'leave_feedback', NULL, NULL, 'platform', NULL),
        (1, 'refund_clamped', 'system', NULL, 'buyer', 'refund_clamped'),
        (1, 'refund_clamped', 'system', NULL, 'seller', 'refund_clamped'),
        (1, 'record_refund_settled', 'host', NULL, 'buyer', 'refund_settled'),
        (1, 'record_refund_failed', 'host', NULL, 'platform', 'refund_failed'),
        (1, 'stall', 'system', NULL, 'platform', 'case_stalled'),
        -- What an event leads to says more than that a deadline passed.
        (2, NULL, NULL, 'full_refund', 'buyer', 'refund_instructed'),
        (2, NULL, NULL, 'full_refund_after_return', 'buyer', 'refund_instructed'),
        (2, NULL, NULL, 'partial_refund', 'buyer', 'refund_instructed'),
        (2, NULL, NULL, 'return_pending', 'buyer', 'return_approved'),
        (2, NULL, NULL, 'escalated', 'platform', 'decision_needed'),
        (2, 'expire_deadline', NULL, NULL, 'seller', 'deadline_passed'),
        (2, 'expire_deadline', NULL, NULL, 'buyer', 'deadline_passed'),
        (3, NULL, NULL, 'escalated', 'seller', 'case_escalated'),
        (4, NULL, NULL, NULL, 'seller', 'status_changed'),
        (4, NULL, NULL, NULL, 'buyer', 'status_changed')
), arc AS (
    SELECT m.action, m.actor, m.from_status, m.to_status, m.resolution,
        m.from_status IS DISTINCT FROM m.to_status OR m.deadline IS DISTINCT FROM 'unchanged' AS is_change
    FROM support_case.state_machine() AS m
    WHERE m.machine = 'case'
), outcome AS (
    SELECT DISTINCT coalesce(a.resolution, a.to_status) AS outcome, a.to_status
    FROM arc AS a
    WHERE a.to_status <> 'closed' OR a.resolution IS NOT NULL
), event AS (
    SELECT a.action, a.actor, o.outcome, bool_or(a.is_change) AS is_change
    FROM arc AS a
    JOIN outcome AS o ON o.to_status = a.to_status AND (a.resolution IS NULL OR o.outcome = a.resolution)
    GROUP BY a.action, a.actor, o.outcome
    UNION ALL
    -- Notes on a case, which change nothing.
    SELECT l.action, l.actor, o.outcome, false
    FROM outcome AS o
    CROSS JOIN (SELECT DISTINCT k.action, k.actor FROM line AS k
        WHERE k.action IN ('refund_clamped', 'record_refund_settled', 'record_refund_failed', 'stall')) AS l
)
INSERT INTO support_case.notice_rule (action, actor, outcome, recipient, template)
SELECT r.action, r.actor, r.outcome, r.recipient, r.template
FROM (
    SELECT DISTINCT ON (e.action, e.actor, e.outcome, l.recipient)
        e.action, e.actor, e.outcome, l.recipient, l.template
    FROM event AS e
    JOIN line AS l ON (l.action = e.action OR (l.action IS NULL AND e.is_change))
        AND (l.actor IS NULL OR l.actor = e.actor) AND (l.outcome IS NULL OR l.outcome = e.outcome)
    ORDER BY e.action, e.actor, e.outcome, l.recipient, l.rank, l.actor NULLS LAST, l.outcome NULLS LAST
) AS r
WHERE r.template IS NOT NULL;

-- What a party may know of an event: never the words, the evidence or who
-- bears what.  Inlined into the statements that write steps and charges.
CREATE OR REPLACE FUNCTION support_case._notices_of_step(
    c support_case.support_case,
    w support_case._case_write,
    refund jsonb,
    seller_charge bigint
)
RETURNS TABLE (seller_id bigint, subject text, subject_id bigint, event_number integer, recipient text,
    recipient_id bigint, channel text, template text, data jsonb, occurred_at timestamptz, available_at timestamptz)
LANGUAGE sql STABLE
AS $$
    SELECT c.seller_id, 'case', c.case_id, w.event_number, 'host', 0, 'event', (w.step).action,
        jsonb_build_object('version', 1, 'actor', w.actor, 'status', (w.step).status,
            'resolution', (w.step).resolution, 'due_at', support_case._iso_instant((w.step).due_at),
            'details', w.details),
        (w.step).effective_at, (w.step).effective_at
    UNION ALL
    SELECT c.seller_id, 'case', c.case_id, w.event_number, t.recipient,
        CASE t.recipient WHEN 'buyer' THEN c.buyer_id WHEN 'seller' THEN c.seller_id ELSE 0 END,
        t.channel, t.template,
        CASE
            WHEN t.recipient = 'seller' AND seller_charge IS NOT NULL
                THEN d.data || jsonb_build_object('charged_to_seller', seller_charge)
            WHEN t.recipient = 'buyer' AND d.invitation IS NOT NULL THEN d.data || d.invitation
            ELSE d.data
        END,
        (w.step).effective_at, (w.step).effective_at
    FROM (
        -- Once, whatever the number of notices: the rules are looked up with it.
        SELECT (w.step).action, w.actor, coalesce((w.step).resolution, (w.step).status) AS outcome,
            jsonb_strip_nulls(jsonb_build_object('version', 1, 'order_id', c.order_id, 'reason', c.reason,
                'action', (w.step).action, 'actor', w.actor, 'status', (w.step).status,
                'resolution', (w.step).resolution, 'deadline', (w.step).deadline,
                'due_at', support_case._iso_instant((w.step).due_at)))
            || CASE WHEN w.details ?| ARRAY['ended_deadline', 'carrier', 'tracking_number', 'label_uri', 'amount'] THEN
                jsonb_strip_nulls(jsonb_build_object('ended_deadline', w.details -> 'ended_deadline',
                    'carrier', w.details -> 'carrier', 'tracking_number', w.details -> 'tracking_number',
                    'label_uri', w.details -> 'label_uri',
                    'amount', support_case._to_minor((w.details ->> 'amount')::numeric, c.currency, 'amount'),
                    'currency', CASE WHEN w.details ? 'amount' THEN c.currency END))
                ELSE '{}' END
            || coalesce(refund, '{}') AS data,
            CASE WHEN (w.step).status = 'closed' AND (w.step).status_since = (w.step).effective_at
                THEN support_case._feedback_invitation(c, (w.step).resolution, (w.step).is_responded,
                    (w.step).is_conversation_closed, (w.step).effective_at)
            END AS invitation
        OFFSET 0
    ) AS d
    JOIN support_case.notice_rule AS r ON r.action = d.action AND r.actor = d.actor AND r.outcome = d.outcome
    JOIN support_case.notice_template AS t ON t.template = r.template AND t.recipient = r.recipient AND t.is_sent
    -- A claim may be with the platform alone.
    WHERE NOT (r.recipient = 'seller' AND r.template = 'guarantee_claimed' AND c.routed_because <> 'guarantee_claim')
$$;

COMMENT ON FUNCTION support_case._notices_of_step(support_case.support_case, support_case._case_write, jsonb, bigint) IS
'What the outbox says of a step of a case, as its rows: the event for the host and the notices that it causes; refund describes what is refunded with it, seller_charge is what the seller is charged, minor units.';

-- The state machine says which cases can be rated, as for feedback_survey.
CREATE OR REPLACE FUNCTION support_case._feedback_invitation(
    c support_case.support_case,
    resolution text,
    is_responded boolean,
    is_conversation_closed boolean,
    at timestamptz
)
RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    p support_case.policy;
    h support_case._calendar_history;
BEGIN
    c.status := 'closed';
    c.resolution := _feedback_invitation.resolution;
    c.status_since := at;
    c.deadline := NULL;
    c.due_at := NULL;
    c.escalation_reason := NULL;
    c.is_responded := _feedback_invitation.is_responded;
    c.is_conversation_closed := _feedback_invitation.is_conversation_closed;
    SELECT k.* INTO STRICT p FROM support_case.policy AS k WHERE k.policy_version = c.policy_version;
    SELECT k.* INTO STRICT h FROM support_case._calendar_history AS k WHERE k.calendar_code = c.calendar_code;
    IF NOT support_case._is_action_possible(c, p.rules, h.calendars, h.calendars_from, 'leave_feedback', 'buyer', at) THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_strip_nulls(jsonb_build_object('feedback_until', support_case._iso_instant(
        support_case._business_add_or_null(at, p.feedback_window::support_case.term,
            support_case._calendar_in_force(c.calendar_code, at)))));
END
$$;

COMMENT ON FUNCTION support_case._feedback_invitation(support_case.support_case, text, boolean, boolean, timestamptz) IS
'Invites the buyer of a case that closed at an instant with a resolution to rate the service, until feedback_until; null or empty where feedback_survey is not open (W-110, AMB-52).';

CREATE OR REPLACE FUNCTION support_case._notify(
    seller_id bigint,
    subject text,
    subject_id bigint,
    event_number integer,
    recipient text,
    recipient_id bigint,
    template text,
    data jsonb,
    occurred_at timestamptz
)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id, channel,
        template, data, occurred_at, available_at)
    SELECT _notify.seller_id, _notify.subject, _notify.subject_id,
        coalesce(_notify.event_number, (
            SELECT coalesce(max(o.event_number), 0) + 1 FROM support_case.outbox AS o
            WHERE o.seller_id = _notify.seller_id AND o.subject = _notify.subject
                AND o.subject_id = _notify.subject_id)),
        _notify.recipient, _notify.recipient_id, k.channel, _notify.template, _notify.data, _notify.occurred_at, _notify.occurred_at
    FROM (
        SELECT 'event' AS channel WHERE _notify.recipient = 'host'
        UNION ALL
        SELECT t.channel FROM support_case.notice_template AS t
        WHERE t.template = _notify.template AND t.recipient = _notify.recipient AND t.is_sent
    ) AS k;
    IF NOT FOUND AND NOT EXISTS (SELECT FROM support_case.notice_template AS t
            WHERE t.template = _notify.template AND t.recipient = _notify.recipient)
    THEN
        PERFORM support_case._raise('invalid_parameter_value',
            format('unknown notice "%s" for recipient "%s"', left(_notify.template, 64), left(_notify.recipient, 64)),
            NULL, 'Table support_case.notice_template lists the notices.', 'support_case', 'notice_template');
    END IF;
    IF support_case._notifies_outbox() THEN
        NOTIFY support_case_outbox;
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._notify(bigint, text, bigint, integer, text, bigint, text, jsonb, timestamptz) IS
'Puts a notice into the outbox, once per channel of its template; for recipient host into the feed of events. event_number null stands for the next of a subject that numbers no events; the caller holds its lock. recipient_id is 0 for platform and host; data has ids, codes, amounts in minor units with their currency, and instants by _iso_instant(). Errors: 22023 (no such notice for this recipient).';

-- One statement for both parties, because every order pays for it.
CREATE OR REPLACE FUNCTION support_case._notify_order_created(o support_case.sales_order, conversation_id bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id, channel,
        template, data, occurred_at, available_at)
    SELECT o.seller_id, 'order', o.order_id, 1, t.recipient,
        CASE t.recipient WHEN 'buyer' THEN o.buyer_id ELSE o.seller_id END, t.channel, t.template,
        jsonb_build_object('version', 1, 'order_id', o.order_id, 'conversation_id', _notify_order_created.conversation_id)
            || CASE t.recipient
                WHEN 'seller' THEN jsonb_build_object('buyer_id', o.buyer_id, 'contact_mode', p.contact_mode,
                    'relay_address', support_case._relay_address(o.seller_id, o.order_id, 'seller', p.contact_mode,
                        p.relay_domain))
                ELSE '{}' END,
        o.registered_at, o.registered_at
    FROM support_case.notice_template AS t
    CROSS JOIN (
        SELECT k.contact_mode, k.relay_domain
        FROM support_case.policy AS k
        WHERE k.effective_from <= o.registered_at
        ORDER BY k.effective_from DESC
        LIMIT 1
    ) AS p
    WHERE t.template = 'order_created' AND t.recipient IN ('buyer', 'seller') AND t.is_sent;
    IF support_case._notifies_outbox() THEN
        PERFORM pg_notify('support_case_outbox', '');
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._notify_order_created(support_case.sales_order, bigint) IS
'Tells buyer and seller of an order that has just been registered: the number of its conversation, for the button of V-23; the seller also contact_mode and the address that reaches the buyer, null where contact_mode is direct (A-02, AMB-80).';

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
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
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
    IF lease <= interval '0' THEN
        PERFORM support_case._raise('invalid_parameter_value', 'argument "lease" must be positive',
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
SET enable_seqscan = off
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
SET enable_seqscan = off
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
SET enable_seqscan = off
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
SET enable_seqscan = off
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

-- A stranger sees no row, as in the views; a party sees its own.
CREATE OR REPLACE FUNCTION support_case.what_happens_next(seller_id bigint, case_id bigint)
RETURNS TABLE (party text, status text, resolution text, waiting_on text, next_step text, is_next boolean,
    deadline text, due_at timestamptz, then_transition text, then_status text, then_resolution text,
    then_escalation_reason text, then_charge text, then_deadline text, then_due_at timestamptz, possible_actions jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 3
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz := support_case.clock();
    own_seller_id bigint := support_case._own_seller_id();
    own_buyer_id bigint := support_case._own_buyer_id();
    sees_all boolean := num_nonnulls(own_seller_id, own_buyer_id) = 0 AND (support_case._is_trusted()
        OR (to_regrole('support_case_platform') IS NOT NULL
            AND pg_has_role(support_case._caller(), to_regrole('support_case_platform'), 'member')));
    c support_case.support_case;
    h support_case._calendar_history;
    rules bytea;
    last_step support_case._case_step;
    next support_case._case_step;
BEGIN
    SELECT k.* INTO c FROM support_case.support_case AS k
    WHERE k.seller_id = what_happens_next.seller_id AND k.case_id = what_happens_next.case_id
        AND (sees_all OR k.seller_id = own_seller_id OR k.buyer_id = own_buyer_id);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT p.rules INTO STRICT rules FROM support_case.policy AS p WHERE p.policy_version = c.policy_version;
    SELECT k.* INTO STRICT h FROM support_case._calendar_history AS k WHERE k.calendar_code = c.calendar_code;
    IF c.stalled_code IS NULL THEN
        last_step := support_case._effective_state(c, rules, h.calendars, h.calendars_from, at);
        IF last_step.status IS NOT NULL THEN
            c.status := last_step.status;
            c.resolution := last_step.resolution;
            c.status_since := last_step.status_since;
            c.deadline := last_step.deadline;
            c.due_at := last_step.due_at;
            c.escalation_reason := last_step.escalation_reason;
            c.is_responded := last_step.is_responded;
            c.is_conversation_closed := last_step.is_conversation_closed;
            c.stalled_code := last_step.stalled_code;
        END IF;
    END IF;
    IF c.stalled_code IS NULL AND c.due_at IS NOT NULL THEN
        next := support_case._expire_deadline(c, rules, h.calendars, h.calendars_from, c.due_at);
    END IF;

    RETURN QUERY
    SELECT n.party, c.status, c.resolution, n.waiting_on,
        CASE WHEN c.stalled_code IS NOT NULL THEN 'resume_case' ELSE support_case._next_step(c.status, c.deadline) END,
        n.party = n.waiting_on IS TRUE,
        CASE WHEN c.stalled_code IS NULL THEN c.deadline END, CASE WHEN c.stalled_code IS NULL THEN c.due_at END,
        next.transition, next.status, next.resolution, next.escalation_reason, next.charge, next.deadline, next.due_at,
        (SELECT coalesce(jsonb_agg(a.action ORDER BY a.action), '[]')
            FROM support_case._possible_actions(c, rules, h.calendars, h.calendars_from,
                support_case._facts_of_case(c), at) AS a
            WHERE a.actor = n.party)
    FROM (
        SELECT k.party, k.is_seen, CASE WHEN c.stalled_code IS NOT NULL THEN 'platform'
            ELSE support_case._waiting_on(c.status, c.deadline) END AS waiting_on
        FROM (VALUES ('buyer', sees_all OR c.buyer_id = own_buyer_id),
            ('seller', sees_all OR c.seller_id = own_seller_id), ('platform', sees_all)) AS k (party, is_seen)
    ) AS n
    WHERE n.is_seen;
END
$$;

COMMENT ON FUNCTION support_case.what_happens_next(bigint, bigint) IS
'What happens next in a case, one row per party that the caller may see (buyer, seller, platform; parties see their own row; none for strangers or a case that does not exist): the effective status at clock(), who has the next move (waiting_on), its code (next_step) and whether it is this party''s (is_next), the deadline that runs and when it ends (due_at); what takes effect if nobody acts until then (then_transition, then_status, then_resolution, then_escalation_reason, then_charge: which response is charged, then_deadline and then_due_at: what runs after it; null where nothing does); possible_actions: the actions that this party could take now, a JSON list. Codes are those of state_machine(). (W-08)';
