-- What somebody would write who knows which three expiries there are: the same
-- rows as run_sweep() writes for the cases of load.sql, and the same commit
-- after every batch, without state machine, policy, calendar and stalling.
CREATE SCHEMA bench;

-- Set-based: the form id = ANY (ARRAY(...)), with the row's address for the
-- id, as the key has two columns.
CREATE PROCEDURE bench.sweep_by_array(batch integer)
LANGUAGE plpgsql
AS $$
DECLARE
    moved_count integer;
BEGIN
    LOOP
        WITH due AS MATERIALIZED (
            SELECT c.ctid AS row_id
            FROM support_case.support_case AS c
            WHERE c.due_at <= now() AND c.stalled_code IS NULL
            ORDER BY c.due_at
            LIMIT batch
            FOR NO KEY UPDATE SKIP LOCKED
        ), moved AS (
            UPDATE support_case.support_case AS c
            SET status = CASE c.status WHEN 'awaiting_seller' THEN c.status ELSE 'closed' END,
                resolution = CASE c.status WHEN 'awaiting_buyer' THEN 'no_buyer_response'
                    WHEN 'refusal_explained' THEN 'no_refund' END,
                status_since = CASE c.status WHEN 'awaiting_seller' THEN c.status_since ELSE c.due_at END,
                deadline = CASE c.status WHEN 'awaiting_seller' THEN 'escalation_window' END,
                due_at = CASE c.status WHEN 'awaiting_seller' THEN c.due_at + interval '30 days' END,
                last_event_number = c.last_event_number + 1,
                last_effective_at = c.due_at
            WHERE c.ctid = ANY (ARRAY(SELECT row_id FROM due))
            RETURNING c.seller_id, c.case_id, c.order_id, c.buyer_id, c.reason, c.last_event_number, c.status,
                c.resolution, c.deadline, c.due_at, c.last_effective_at,
                CASE c.resolution WHEN 'no_buyer_response' THEN 'T-35' WHEN 'no_refund' THEN 'T-34' ELSE 'T-42' END
                    AS transition,
                jsonb_build_object('ended_deadline', CASE c.resolution WHEN 'no_buyer_response' THEN
                    'information_request' WHEN 'no_refund' THEN 'escalation_window' ELSE 'seller_response' END)
                    AS details
        ), event AS (
            INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status,
                resolution, deadline, due_at, details, effective_at, recorded_at)
            SELECT seller_id, case_id, last_event_number, transition, 'expire_deadline', 'system', status,
                resolution, deadline, due_at, details, last_effective_at, now()
            FROM moved
        ), published AS (
            INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id,
                channel, template, data, occurred_at, available_at)
            SELECT m.seller_id, 'case', m.case_id, m.last_event_number, n.recipient, n.recipient_id, n.channel,
                n.template, n.data, m.last_effective_at, m.last_effective_at
            FROM moved AS m
            CROSS JOIN LATERAL (SELECT jsonb_strip_nulls(jsonb_build_object('version', 1, 'order_id', m.order_id,
                'reason', m.reason, 'action', 'expire_deadline', 'actor', 'system', 'status', m.status,
                'resolution', m.resolution, 'deadline', m.deadline,
                'due_at', support_case._iso_instant(m.due_at), 'ended_deadline', m.details -> 'ended_deadline'))
                AS notice OFFSET 0) AS d
            CROSS JOIN LATERAL (VALUES
                ('host', 0, 'event', 'expire_deadline', jsonb_build_object('version', 1, 'actor', 'system',
                    'status', m.status, 'resolution', m.resolution, 'due_at', support_case._iso_instant(m.due_at),
                    'details', m.details)),
                ('seller', m.seller_id, 'email', 'deadline_passed', d.notice),
                ('seller', m.seller_id, 'in_app', 'deadline_passed', d.notice),
                ('buyer', m.buyer_id, 'in_app', 'deadline_passed', d.notice
                    || CASE m.resolution WHEN 'no_refund' THEN jsonb_build_object('feedback_until',
                        support_case._iso_instant(m.last_effective_at + interval '14 days')) ELSE '{}' END)
            ) AS n (recipient, recipient_id, channel, template, data)
        )
        SELECT count(*) INTO moved_count FROM moved;
        COMMIT;
        EXIT WHEN moved_count = 0;
    END LOOP;
END
$$;

CREATE PROCEDURE bench.sweep_by_row(batch integer)
LANGUAGE plpgsql
AS $$
DECLARE
    due record;
    moved support_case.support_case;
    is_found boolean;
    transition text;
    details jsonb;
BEGIN
    LOOP
        is_found := false;
        FOR due IN
            SELECT c.seller_id, c.case_id, c.status, c.deadline
            FROM support_case.support_case AS c
            WHERE c.due_at <= now() AND c.stalled_code IS NULL
            ORDER BY c.due_at
            LIMIT batch
            FOR NO KEY UPDATE SKIP LOCKED
        LOOP
            is_found := true;
            details := jsonb_build_object('ended_deadline', due.deadline);
            IF due.status = 'awaiting_seller' THEN
                transition := 'T-42';
                UPDATE support_case.support_case AS c
                SET deadline = 'escalation_window', due_at = c.due_at + interval '30 days',
                    last_event_number = c.last_event_number + 1, last_effective_at = c.due_at
                WHERE c.seller_id = due.seller_id AND c.case_id = due.case_id
                RETURNING c.* INTO moved;
            ELSE
                transition := CASE due.status WHEN 'awaiting_buyer' THEN 'T-35' ELSE 'T-34' END;
                UPDATE support_case.support_case AS c
                SET status = 'closed',
                    resolution = CASE due.status WHEN 'awaiting_buyer' THEN 'no_buyer_response' ELSE 'no_refund' END,
                    status_since = c.due_at, deadline = NULL, due_at = NULL,
                    last_event_number = c.last_event_number + 1, last_effective_at = c.due_at
                WHERE c.seller_id = due.seller_id AND c.case_id = due.case_id
                RETURNING c.* INTO moved;
            END IF;
            INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status,
                resolution, deadline, due_at, details, effective_at, recorded_at)
            VALUES (moved.seller_id, moved.case_id, moved.last_event_number, transition, 'expire_deadline', 'system',
                moved.status, moved.resolution, moved.deadline, moved.due_at, details, moved.last_effective_at, now());
            INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id,
                channel, template, data, occurred_at, available_at)
            SELECT moved.seller_id, 'case', moved.case_id, moved.last_event_number, n.recipient, n.recipient_id,
                n.channel, n.template, n.data, moved.last_effective_at, moved.last_effective_at
            FROM (SELECT jsonb_strip_nulls(jsonb_build_object('version', 1, 'order_id', moved.order_id,
                'reason', moved.reason, 'action', 'expire_deadline', 'actor', 'system', 'status', moved.status,
                'resolution', moved.resolution, 'deadline', moved.deadline,
                'due_at', support_case._iso_instant(moved.due_at), 'ended_deadline', details -> 'ended_deadline'))
                AS notice OFFSET 0) AS d
            CROSS JOIN LATERAL (VALUES
                ('host', 0, 'event', 'expire_deadline', jsonb_build_object('version', 1, 'actor', 'system',
                    'status', moved.status, 'resolution', moved.resolution,
                    'due_at', support_case._iso_instant(moved.due_at), 'details', details)),
                ('seller', moved.seller_id, 'email', 'deadline_passed', d.notice),
                ('seller', moved.seller_id, 'in_app', 'deadline_passed', d.notice),
                ('buyer', moved.buyer_id, 'in_app', 'deadline_passed', d.notice
                    || CASE moved.resolution WHEN 'no_refund' THEN jsonb_build_object('feedback_until',
                        support_case._iso_instant(moved.last_effective_at + interval '14 days')) ELSE '{}' END)
            ) AS n (recipient, recipient_id, channel, template, data);
        END LOOP;
        COMMIT;
        EXIT WHEN NOT is_found;
    END LOOP;
END
$$;

-- Returns that nobody inspected: each order locked, each refund posted.
CREATE PROCEDURE bench.sweep_returns(batch integer)
LANGUAGE plpgsql
AS $$
DECLARE
    moved_count integer;
BEGIN
    LOOP
        WITH due AS MATERIALIZED (
            SELECT c.ctid AS row_id, c.seller_id, c.order_id
            FROM support_case.support_case AS c
            WHERE c.due_at <= now() AND c.stalled_code IS NULL
            ORDER BY c.due_at
            LIMIT batch
            FOR NO KEY UPDATE SKIP LOCKED
        ), locked_order AS MATERIALIZED (
            SELECT d.row_id
            FROM due AS d
            JOIN support_case.sales_order AS o ON o.seller_id = d.seller_id AND o.order_id = d.order_id
            FOR NO KEY UPDATE OF o SKIP LOCKED
        ), moved AS (
            UPDATE support_case.support_case AS c
            SET status = 'closed', resolution = 'full_refund_after_return', status_since = c.due_at, deadline = NULL,
                due_at = NULL, last_event_number = c.last_event_number + 1, last_effective_at = c.due_at
            WHERE c.ctid = ANY (ARRAY(SELECT row_id FROM locked_order))
            RETURNING c.seller_id, c.case_id, c.order_id, c.buyer_id, c.reason, c.currency, c.last_event_number,
                c.last_effective_at
        ), event AS (
            INSERT INTO support_case.case_event (seller_id, case_id, event_number, transition, action, actor, status,
                resolution, details, effective_at, recorded_at)
            SELECT seller_id, case_id, last_event_number, 'T-17', 'expire_deadline', 'system', 'closed',
                'full_refund_after_return', '{"ended_deadline": "return_inspection"}', last_effective_at, now()
            FROM moved
        ), published AS (
            INSERT INTO support_case.outbox (seller_id, subject, subject_id, event_number, recipient, recipient_id,
                channel, template, data, occurred_at, available_at)
            SELECT m.seller_id, 'case', m.case_id, m.last_event_number, n.recipient, n.recipient_id, n.channel,
                n.template, n.data, m.last_effective_at, m.last_effective_at
            FROM moved AS m
            CROSS JOIN LATERAL (
                SELECT o.notice || '{"charged_to_seller": 10350}' AS to_seller,
                    o.notice || jsonb_build_object('feedback_until',
                        support_case._iso_instant(m.last_effective_at + interval '14 days')) AS to_buyer
                FROM (SELECT jsonb_build_object('version', 1, 'order_id', m.order_id, 'reason', m.reason,
                    'action', 'expire_deadline', 'actor', 'system', 'status', 'closed',
                    'resolution', 'full_refund_after_return', 'ended_deadline', 'return_inspection',
                    'amount', 10500, 'currency', m.currency,
                    'visible_from', support_case._iso_instant(m.last_effective_at + interval '5 days'),
                    'visible_until', support_case._iso_instant(m.last_effective_at + interval '7 days')) AS notice
                    OFFSET 0) AS o
                OFFSET 0
            ) AS d
            CROSS JOIN LATERAL (VALUES
                ('host', 0, 'event', 'expire_deadline', jsonb_build_object('version', 1, 'actor', 'system',
                    'status', 'closed', 'resolution', 'full_refund_after_return', 'due_at', NULL,
                    'details', '{"ended_deadline": "return_inspection"}'::jsonb)),
                ('seller', m.seller_id, 'email', 'deadline_passed', d.to_seller),
                ('seller', m.seller_id, 'in_app', 'deadline_passed', d.to_seller),
                ('buyer', m.buyer_id, 'email', 'refund_instructed', d.to_buyer),
                ('buyer', m.buyer_id, 'in_app', 'refund_instructed', d.to_buyer)
            ) AS n (recipient, recipient_id, channel, template, data)
        ), line AS (
            UPDATE support_case.sales_order_line AS l
            SET refunded = l.refundable, refunded_quantity = l.quantity,
                consumed_payout = l.payout, consumed_shipping = l.shipping, consumed_fee = l.fee,
                consumed_commission = l.commission, consumed_tax = l.tax
            FROM moved AS m
            WHERE l.seller_id = m.seller_id AND l.order_id = m.order_id
            RETURNING m.seller_id, m.case_id, m.order_id, m.currency, m.last_event_number, m.last_effective_at,
                l.refundable, l.payout, l.shipping, l.fee, l.commission,
                (SELECT p.label_cost FROM support_case.parcel AS p
                    WHERE p.seller_id = m.seller_id AND p.case_id = m.case_id AND p.direction = 'return')
                    AS label_cost
        ), journal AS (
            INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number, kind,
                response, revision, currency, effective_at, recorded_at)
            SELECT seller_id, case_id, 1, order_id, last_event_number, 'charge', 'full_refund_after_return', 0,
                currency, last_effective_at, now()
            FROM line
        ), entry AS (
            INSERT INTO support_case.ledger_entry (seller_id, case_id, journal_number, entry_number, account,
                component, currency, amount)
            SELECT l.seller_id, l.case_id, 1, e.entry_number, e.account, e.component, l.currency, e.amount
            FROM line AS l
            CROSS JOIN LATERAL (VALUES
                (1, 'seller_payable', 'payout', l.payout),
                (2, 'seller_payable', 'shipping', l.shipping),
                (3, 'seller_payable', 'fee', l.fee),
                (4, 'seller_payable', 'return', l.label_cost),
                (5, 'commission_reversal', 'commission', l.commission),
                (6, 'buyer_refund', 'refund', -l.refundable),
                (7, 'return_label', 'return', -l.label_cost)) AS e (entry_number, account, component, amount)
        ), instruction AS (
            INSERT INTO support_case.refund_instruction (seller_id, case_id, instruction_number, event_number, amount,
                currency, status, instructed_at, visible_from, visible_until, status_since)
            SELECT seller_id, case_id, 1, last_event_number, refundable, currency, 'instructed', last_effective_at,
                last_effective_at + interval '5 days', last_effective_at + interval '7 days', last_effective_at
            FROM line
        )
        SELECT count(*) INTO moved_count FROM moved;
        COMMIT;
        EXIT WHEN moved_count = 0;
    END LOOP;
END
$$;
