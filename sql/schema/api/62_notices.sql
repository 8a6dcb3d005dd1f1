-- Notices: what the parties are told, on which channel, and how an application
-- takes the rows of the outbox and says that they are published.

-- Rule and template in one row, because every step asks.
CREATE OR REPLACE TRIGGER refresh_sent_notices AFTER INSERT OR UPDATE OR DELETE ON support_case.notice_template
    FOR EACH STATEMENT EXECUTE FUNCTION support_case._refresh_sent_notices();

CREATE OR REPLACE TRIGGER refresh_sent_notices AFTER INSERT OR UPDATE OR DELETE ON support_case.notice_rule
    FOR EACH STATEMENT EXECUTE FUNCTION support_case._refresh_sent_notices();

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
        (1, 'withdraw_recharge_consent', NULL, NULL, 'platform', 'recharge_consent_withdrawn'),
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

-- Inlined into the statements that write steps and charges.
CREATE OR REPLACE FUNCTION support_case._notices_of_step(
    buyer_id bigint,
    reason text,
    currency text,
    routed_because text,
    w support_case._case_write,
    refunded bigint,
    seller_charge bigint
)
RETURNS SETOF support_case._outbox_row
LANGUAGE sql STABLE
AS $$
    SELECT n.*
    FROM support_case._outbox_rows(buyer_id, reason, currency, routed_because, w, refunded, seller_charge,
        (SELECT t.notices FROM support_case.sent_notice AS t
            WHERE t.action = (w.step).action AND t.actor = w.actor
                AND t.outcome = coalesce((w.step).resolution, (w.step).status))) AS n
$$;

COMMENT ON FUNCTION support_case._notices_of_step(bigint, text, text, text, support_case._case_write, bigint, bigint) IS
'What the outbox says of a step of a case, as its rows: the event for the host and the notices that it causes; refunded is what is refunded with it, seller_charge what the seller is charged, minor units. The notice of a case that closes tells the buyer until when he can rate the service, feedback_until (W-110, AMB-52).';

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
        _notify.recipient, _notify.recipient_id, k.channel, _notify.template,
        jsonb_build_object('version', support_case._notice_version()) || _notify.data, _notify.occurred_at,
        _notify.occurred_at
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
'Puts a notice into the outbox, once per channel of its template; for recipient host into the feed of events. event_number null stands for the next of a subject that numbers no events; the caller holds its lock. recipient_id is 0 for platform and host; data has ids, codes, amounts in minor units with their currency, and instants by _iso_instant(); _notice_version() is added. Errors: 22023 (no such notice for this recipient).';

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
        jsonb_build_object('version', support_case._notice_version(), 'order_id', o.order_id, 'conversation_id',
            _notify_order_created.conversation_id)
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
