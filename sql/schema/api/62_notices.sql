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
        (1, 'reopen_case', NULL, 'escalated', 'seller', NULL),
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
    of_seller_id bigint,
    of_case_id bigint,
    of_event_number integer,
    action text,
    actor text,
    status text,
    resolution text,
    deadline text,
    due_at timestamptz,
    status_since timestamptz,
    details jsonb,
    effective_at timestamptz,
    refund jsonb,
    seller_charge bigint
)
RETURNS TABLE (seller_id bigint, subject text, subject_id bigint, event_number integer, recipient text,
    recipient_id bigint, channel text, template text, data jsonb, occurred_at timestamptz, available_at timestamptz)
LANGUAGE sql STABLE
AS $$
    SELECT c.seller_id, 'case', c.case_id, _notices_of_step.of_event_number, t.recipient,
        CASE t.recipient WHEN 'buyer' THEN c.buyer_id WHEN 'seller' THEN c.seller_id ELSE 0 END,
        t.channel, t.template,
        CASE
            WHEN t.recipient = 'seller' AND _notices_of_step.seller_charge IS NOT NULL
                THEN d.data || jsonb_build_object('charged_to_seller', _notices_of_step.seller_charge)
            WHEN t.recipient = 'buyer' AND _notices_of_step.status = 'closed'
                AND _notices_of_step.status_since = _notices_of_step.effective_at
                THEN d.data || support_case._feedback_invitation(c.policy_version, c.calendar_code,
                    _notices_of_step.effective_at)
            ELSE d.data
        END,
        _notices_of_step.effective_at, _notices_of_step.effective_at
    FROM support_case.support_case AS c
    CROSS JOIN LATERAL (
        SELECT jsonb_strip_nulls(jsonb_build_object('version', 1, 'order_id', c.order_id, 'reason', c.reason,
                'action', _notices_of_step.action, 'actor', _notices_of_step.actor,
                'status', _notices_of_step.status, 'resolution', _notices_of_step.resolution,
                'deadline', _notices_of_step.deadline, 'due_at', support_case._iso_instant(_notices_of_step.due_at),
                'ended_deadline', _notices_of_step.details -> 'ended_deadline',
                'carrier', _notices_of_step.details -> 'carrier',
                'tracking_number', _notices_of_step.details -> 'tracking_number',
                'amount', CASE WHEN _notices_of_step.details ? 'amount' THEN
                    support_case._to_minor((_notices_of_step.details ->> 'amount')::numeric, c.currency, 'amount') END,
                'currency', CASE WHEN _notices_of_step.details ? 'amount' THEN c.currency END))
            || coalesce(_notices_of_step.refund, '{}') AS data
        OFFSET 0
    ) AS d
    JOIN support_case.notice_rule AS r ON r.action = _notices_of_step.action AND r.actor = _notices_of_step.actor
        AND r.outcome = coalesce(_notices_of_step.resolution, _notices_of_step.status)
    JOIN support_case.notice_template AS t ON t.template = r.template AND t.recipient = r.recipient AND t.is_sent
    WHERE c.seller_id = _notices_of_step.of_seller_id AND c.case_id = _notices_of_step.of_case_id
$$;

COMMENT ON FUNCTION support_case._notices_of_step(bigint, bigint, integer, text, text, text, text, text, timestamptz, timestamptz, jsonb, timestamptz, jsonb, bigint) IS
'The notices that a step of a case causes, as rows of the outbox; refund describes what is refunded with it, seller_charge is what the seller is charged, minor units.';

CREATE OR REPLACE FUNCTION support_case._feedback_invitation(policy_version integer, calendar_code text, at timestamptz)
RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN (
        SELECT jsonb_strip_nulls(jsonb_build_object('feedback_until', support_case._iso_instant(
            support_case._business_add_or_null(_feedback_invitation.at, p.feedback_window::support_case.term,
                k.compiled))))
        FROM support_case.policy AS p, support_case.calendar AS k
        WHERE p.policy_version = _feedback_invitation.policy_version
            AND k.calendar_code = _feedback_invitation.calendar_code
            AND k.effective_from <= _feedback_invitation.at
        ORDER BY k.effective_from DESC
        LIMIT 1);
END
$$;

COMMENT ON FUNCTION support_case._feedback_invitation(integer, text, timestamptz) IS
'Invites the buyer of a case that closed at an instant to rate the service, until feedback_until; empty where the policy does not ask (W-110, AMB-52).';

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
    SELECT _notify.seller_id, _notify.subject, _notify.subject_id, _notify.event_number, _notify.recipient,
        _notify.recipient_id, k.channel, _notify.template, _notify.data, _notify.occurred_at, _notify.occurred_at
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
END
$$;

COMMENT ON FUNCTION support_case._notify(bigint, text, bigint, integer, text, bigint, text, jsonb, timestamptz) IS
'Puts a notice into the outbox, once per channel of its template; for recipient host into the feed of events. recipient_id is 0 for platform and host; data has ids, codes, amounts in minor units with their currency, and instants by _iso_instant(). Errors: 22023 (no such notice for this recipient).';
