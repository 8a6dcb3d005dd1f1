-- verify(): cases, replayed from their events, what the rating reads from them,
-- their parties and conversations.

CREATE OR REPLACE FUNCTION support_case._verify_events()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    WITH event AS MATERIALIZED (
        SELECT e.seller_id, e.case_id, e.event_number, e.transition, e.action, e.actor, e.status, e.resolution,
            e.deadline, e.due_at, e.effective_at, e.recorded_at,
            lag(e.event_number, 1, 0) OVER in_case AS previous_number,
            lag(e.status) OVER in_case AS previous_status,
            lag(e.resolution) OVER in_case AS previous_resolution,
            lag(e.deadline) OVER in_case AS previous_deadline,
            lag(e.due_at) OVER in_case AS previous_due_at,
            lag(e.effective_at) OVER in_case AS previous_effective_at,
            lead(e.event_number) OVER in_case IS NULL AS is_last,
            count(*) FILTER (WHERE e.action = 'stall') OVER in_case > 0 AS has_stalled
        FROM support_case.case_event AS e
        WINDOW in_case AS (PARTITION BY e.seller_id, e.case_id ORDER BY e.event_number)
    ), arc AS MATERIALIZED (
        SELECT DISTINCT m.transition, coalesce(m.from_status, '') AS from_status, m.action, m.actor, m.to_status,
            m.resolution, coalesce(m.deadline, '') AS deadline
        FROM support_case.state_machine() AS m
        WHERE m.machine = 'case'
    )
    SELECT 'event_number', e.seller_id, e.case_id,
        format('Event %s follows event %s: the numbers have a gap.', e.event_number, e.previous_number)
    FROM event AS e
    WHERE e.event_number <> e.previous_number + 1
    UNION ALL
    SELECT 'event_time', e.seller_id, e.case_id,
        format('Event %s took effect at %s, before event %s at %s.', e.event_number, e.effective_at,
            e.previous_number, e.previous_effective_at)
    FROM event AS e
    WHERE e.effective_at < e.previous_effective_at
    UNION ALL
    SELECT 'event_time', e.seller_id, e.case_id,
        format('Event %s was recorded at %s, before it took effect at %s.', e.event_number, e.recorded_at,
            e.effective_at)
    FROM event AS e
    WHERE e.recorded_at < e.effective_at
    UNION ALL
    SELECT 'event_deadline', e.seller_id, e.case_id,
        format('Event %s (%s) took effect at %s, and the deadline before it ended at %s.', e.event_number, e.action,
            e.effective_at, coalesce(e.previous_due_at::text, '(none)'))
    FROM event AS e
    WHERE CASE
        WHEN e.action IN ('expire_deadline', 'stall') THEN e.effective_at IS DISTINCT FROM e.previous_due_at
        WHEN e.has_stalled THEN false
        ELSE e.effective_at >= e.previous_due_at
    END
    UNION ALL
    SELECT 'event_deadline', e.seller_id, e.case_id,
        format('Event %s starts deadline %s, which ends at %s.', e.event_number, coalesce(e.deadline, '(none)'),
            coalesce(e.due_at::text, '(never)'))
    FROM event AS e
    WHERE (e.deadline IS NULL) <> (e.due_at IS NULL)
    UNION ALL
    SELECT 'event_transition', e.seller_id, e.case_id,
        format('Event %s (%s, %s by %s) leads from %s to %s: no such transition exists.', e.event_number,
            coalesce(e.transition, '(none)'), e.action, e.actor, coalesce(e.previous_status, '(none)'),
            concat_ws(' ', e.status, e.resolution, e.deadline))
    FROM event AS e
    WHERE e.transition IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM arc AS a
            WHERE a.transition = e.transition AND a.action = e.action AND a.actor = e.actor
                AND a.from_status = coalesce(e.previous_status, '') AND a.to_status = e.status
                AND CASE WHEN e.status = 'closed' THEN coalesce(a.resolution, e.previous_resolution) END
                    IS NOT DISTINCT FROM e.resolution
                AND CASE a.deadline
                    WHEN 'unchanged' THEN e.deadline IS NOT DISTINCT FROM e.previous_deadline
                        AND (e.due_at IS NOT DISTINCT FROM e.previous_due_at OR e.action = 'resume_case')
                    ELSE a.deadline = coalesce(e.deadline, '')
                END)
    UNION ALL
    SELECT 'event_transition', e.seller_id, e.case_id,
        format('Event %s (%s by %s) changes the state of the case without a transition.', e.event_number, e.action,
            e.actor)
    FROM event AS e
    WHERE e.transition IS NULL
        AND ((e.action, e.actor) NOT IN (('record_refund_settled', 'host'), ('record_refund_failed', 'host'),
                ('record_carrier_claim_paid', 'host'), ('refund_clamped', 'system'), ('stall', 'system'))
            OR (e.status, e.resolution, e.deadline, e.due_at) IS DISTINCT FROM
                (e.previous_status, e.previous_resolution, e.previous_deadline, e.previous_due_at))
    UNION ALL
    SELECT 'case_state', coalesce(e.seller_id, c.seller_id), coalesce(e.case_id, c.case_id),
        CASE
            WHEN c.case_id IS NULL THEN 'The case of these events does not exist.'
            WHEN e.case_id IS NULL THEN 'The case has no events.'
            ELSE format('Event %s leads to %s until %s; the case has event %s, %s until %s.', e.event_number,
                concat_ws(' ', e.status, e.resolution, e.deadline), coalesce(e.due_at::text, '(no end)'),
                c.last_event_number, concat_ws(' ', c.status, c.resolution, c.deadline),
                coalesce(c.due_at::text, '(no end)'))
        END
    FROM (SELECT * FROM event WHERE is_last) AS e
    FULL JOIN support_case.support_case AS c ON c.seller_id = e.seller_id AND c.case_id = e.case_id
    WHERE (e.event_number, e.status, e.resolution, e.deadline, e.due_at, e.effective_at) IS DISTINCT FROM
        (c.last_event_number, c.status, c.resolution, c.deadline, c.due_at, c.last_effective_at)
    UNION ALL
    SELECT 'case_state', c.seller_id, c.case_id,
        format('The case was opened at %s and is %s since %s (%s, conversation %s); by its events it was opened at %s and '
            'is so since %s (%s).', c.opened_at, c.status, c.status_since, coalesce(c.escalation_reason, 'no reason'),
            CASE WHEN c.is_conversation_closed THEN 'closed' ELSE 'open' END, h.opened_at, n.effective_at,
            array_to_string(r.reasons, ' or '))
    FROM (SELECT e.seller_id, e.case_id, min(e.effective_at) FILTER (WHERE e.event_number = 1) AS opened_at,
            max(e.event_number) FILTER (WHERE e.status IS DISTINCT FROM e.previous_status) AS event_number
        FROM event AS e
        GROUP BY e.seller_id, e.case_id) AS h
    JOIN support_case.support_case AS c ON c.seller_id = h.seller_id AND c.case_id = h.case_id
    JOIN event AS n ON n.seller_id = h.seller_id AND n.case_id = h.case_id AND n.event_number = h.event_number
    LEFT JOIN (SELECT m.transition, coalesce(m.from_status, '') AS from_status, m.action, m.actor,
            m.to_status, array_agg(DISTINCT coalesce(m.escalation_reason, 'no reason')) AS reasons
        FROM support_case.state_machine() AS m
        WHERE m.machine = 'case'
        GROUP BY 1, 2, 3, 4, 5) AS r
        ON r.transition = n.transition AND r.from_status = coalesce(n.previous_status, '') AND r.action = n.action
            AND r.actor = n.actor AND r.to_status = n.status
    -- What leads to the status that it came from begins it anew.
    LEFT JOIN (SELECT e.seller_id, e.case_id, e.effective_at, max(e.event_number) AS event_number
        FROM event AS e
        WHERE e.transition IS NOT NULL
        GROUP BY e.seller_id, e.case_id, e.effective_at) AS a
        ON a.seller_id = c.seller_id AND a.case_id = c.case_id AND a.effective_at = c.status_since
    WHERE c.opened_at <> h.opened_at OR (a.event_number >= h.event_number) IS NOT TRUE
        OR coalesce(c.escalation_reason, 'no reason') <> ALL (r.reasons)
        OR CASE c.status WHEN 'awaiting_seller' THEN c.is_conversation_closed
            WHEN 'escalated' THEN c.is_conversation_closed = (c.escalation_reason = 'guarantee_claimed') END
    UNION ALL
    SELECT 'outbox', e.seller_id, e.case_id, format('Event %s has no row in the outbox.', e.event_number)
    FROM event AS e
    LEFT JOIN support_case.outbox AS o
        ON o.seller_id = e.seller_id AND o.subject = 'case' AND o.subject_id = e.case_id
            AND o.event_number = e.event_number AND o.recipient = 'host'
    -- What purge() may have removed cannot be missed.
    WHERE o.subject_id IS NULL
        AND e.recorded_at >= coalesce((SELECT g.acknowledged_before FROM support_case.outbox_purge AS g), '-infinity')
    UNION ALL
    SELECT 'outbox', o.seller_id, o.subject_id,
        CASE WHEN e.case_id IS NULL THEN format('The outbox announces event %s, which does not exist.', o.event_number)
            ELSE format('A notice of event %s is for %s %s, which the case does not belong to.', o.event_number,
                o.recipient, o.recipient_id) END
    FROM support_case.outbox AS o
    LEFT JOIN event AS e
        ON e.seller_id = o.seller_id AND e.case_id = o.subject_id AND e.event_number = o.event_number
    LEFT JOIN support_case.support_case AS c ON c.seller_id = o.seller_id AND c.case_id = o.subject_id
    WHERE o.subject = 'case'
        AND (e.case_id IS NULL
            OR o.recipient_id <> CASE o.recipient WHEN 'buyer' THEN c.buyer_id WHEN 'seller' THEN o.seller_id ELSE 0 END)
$$;

COMMENT ON FUNCTION support_case._verify_events() IS
'verify(): every case replayed from its events along state_machine(), and the outbox.';

CREATE OR REPLACE FUNCTION support_case._verify_cases()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    SELECT 'case_timer', c.seller_id, c.case_id,
        CASE WHEN c.status = 'closed' THEN format('The case is closed, and its deadline %s runs.', c.deadline)
            WHEN c.deadline IS NULL THEN format('The case is %s without a deadline, and the platform has no task.',
                c.status)
            ELSE format('Deadline %s and its end %s belong together.', coalesce(c.deadline, '(none)'),
                coalesce(c.due_at::text, '(none)')) END
    FROM support_case.support_case AS c
    WHERE CASE
        WHEN c.status IN ('closed', 'escalated') THEN c.deadline IS NOT NULL
        WHEN c.status = 'replacement_pending' THEN false
        ELSE c.deadline IS NULL
    END OR (c.deadline IS NULL) <> (c.due_at IS NULL)
    UNION ALL
    SELECT 'case_resolution', c.seller_id, c.case_id,
        format('The case is %s with resolution %s.', c.status, coalesce(c.resolution, '(none)'))
    FROM support_case.support_case AS c
    WHERE (c.status = 'closed') <> (c.resolution IS NOT NULL)
    UNION ALL
    SELECT 'case_party', c.seller_id, c.case_id,
        CASE WHEN o.order_id IS NULL THEN format('Order %s of the case does not exist.', c.order_id)
            ELSE format('The case is about buyer %s in %s, its order about buyer %s in %s.', c.buyer_id, c.currency,
                o.buyer_id, o.currency) END
    FROM support_case.support_case AS c
    LEFT JOIN support_case.sales_order AS o ON o.seller_id = c.seller_id AND o.order_id = c.order_id
    WHERE (o.buyer_id, o.currency) IS DISTINCT FROM (c.buyer_id, c.currency)
    UNION ALL
    SELECT 'case_request', c.seller_id, c.case_id,
        format('The case is about %s (discretionary: %s); its first event says %s (%s).', c.reason, c.is_discretionary,
            coalesce(e.details ->> 'reason', '(nothing)'), coalesce(e.details ->> 'is_discretionary', 'false'))
    FROM support_case.support_case AS c
    JOIN support_case.case_event AS e
        ON e.seller_id = c.seller_id AND e.case_id = c.case_id AND e.event_number = 1
    WHERE (e.details ->> 'reason', coalesce(e.details -> 'is_discretionary', 'false')) IS DISTINCT FROM
        (c.reason, to_jsonb(c.is_discretionary))
    UNION ALL
    SELECT 'case_count', coalesce(o.seller_id, c.seller_id), NULL,
        format('Order %s counts %s cases; there are %s.', coalesce(o.order_id, c.order_id), o.case_count,
            coalesce(c.cases, 0))
    FROM support_case.sales_order AS o
    FULL JOIN (SELECT k.seller_id, k.order_id, count(*) AS cases
        FROM support_case.support_case AS k
        GROUP BY k.seller_id, k.order_id) AS c ON c.seller_id = o.seller_id AND c.order_id = o.order_id
    WHERE o.case_count <> coalesce(c.cases, 0)
    UNION ALL
    SELECT 'case_policy', c.seller_id, c.case_id,
        format('The case of %s keeps policy version %s, which takes effect at %s.', c.opened_at, c.policy_version,
            coalesce(p.effective_from::text, '(unknown)'))
    FROM support_case.support_case AS c
    LEFT JOIN support_case.policy AS p ON p.policy_version = c.policy_version
    WHERE (p.effective_from <= c.opened_at) IS NOT TRUE
    UNION ALL
    SELECT 'case_calendar', c.seller_id, c.case_id, format('Calendar %s of the case does not exist.', c.calendar_code)
    FROM support_case.support_case AS c
    WHERE NOT EXISTS (SELECT FROM support_case.calendar AS k WHERE k.calendar_code = c.calendar_code)
    UNION ALL
    SELECT 'case_line', c.seller_id, c.case_id,
        CASE WHEN l.case_id IS NULL THEN 'The case is about no order line.'
            WHEN l.order_id <> c.order_id
                THEN format('Line %s belongs to order %s, the case to order %s.', l.line_number, l.order_id, c.order_id)
            ELSE format('The case is about %s of line %s of order %s, which has %s.', l.quantity, l.line_number, l.order_id,
                coalesce(o.quantity, 0))
        END
    FROM support_case.support_case AS c
    LEFT JOIN support_case.case_line AS l ON l.seller_id = c.seller_id AND l.case_id = c.case_id
    LEFT JOIN support_case.sales_order_line AS o
        ON o.seller_id = l.seller_id AND o.order_id = l.order_id AND o.line_number = l.line_number
    WHERE l.order_id IS DISTINCT FROM c.order_id OR (l.quantity <= o.quantity) IS NOT TRUE
    UNION ALL
    SELECT 'open_cases', l.seller_id, max(l.case_id),
        format('Line %s of order %s is in %s open cases, and the policy allows %s.', l.line_number, l.order_id,
            count(*), max(p.case_max_open_per_line))
    FROM support_case.support_case AS c
    JOIN support_case.case_line AS l ON l.seller_id = c.seller_id AND l.case_id = c.case_id
    JOIN support_case.policy AS p ON p.policy_version = c.policy_version
    WHERE c.status <> 'closed'
        -- A guarantee claim may stand beside a case that is overdue (AMB-111).
        AND NOT EXISTS (SELECT FROM support_case.guarantee_claim AS g
            WHERE g.seller_id = c.seller_id AND g.case_id = c.case_id)
    GROUP BY l.seller_id, l.order_id, l.line_number
    HAVING count(*) > max(p.case_max_open_per_line)
    UNION ALL
    SELECT 'partial_offer', coalesce(f.seller_id, e.seller_id), coalesce(f.case_id, e.case_id),
        CASE WHEN e.case_id IS NULL THEN format('Offer %s belongs to no event %s that makes an offer.',
                f.offer_number, f.event_number)
            WHEN f.case_id IS NULL THEN format('Event %s makes an offer that is not recorded.', e.event_number)
            ELSE format('Offer %s is %s minor units, made at %s; its event %s says %s at %s.', f.offer_number, f.amount,
                f.offered_at, e.event_number, e.details ->> 'amount', e.effective_at) END
    FROM support_case.partial_offer AS f
    FULL JOIN (SELECT k.* FROM support_case.case_event AS k WHERE k.action = 'offer_partial_refund') AS e
        ON e.seller_id = f.seller_id AND e.case_id = f.case_id AND e.event_number = f.event_number
    LEFT JOIN support_case.support_case AS c ON c.seller_id = f.seller_id AND c.case_id = f.case_id
    LEFT JOIN support_case.sales_order AS o ON o.seller_id = c.seller_id AND o.order_id = c.order_id
    WHERE e.case_id IS NULL OR f.case_id IS NULL OR f.offered_at <> e.effective_at
        -- Never a cast: what the event says may be no number.
        OR (e.details -> 'amount', e.details ->> 'currency') IS DISTINCT FROM
            (to_jsonb(support_case._to_major(f.amount, o.currency)), o.currency)
    UNION ALL
    SELECT 'partial_offer', c.seller_id, c.case_id,
        format('The pending offer is %s minor units, and the case says %s.',
            coalesce(f.amount::text, '(none)'), coalesce(c.agreed_amount::text, '(none)'))
    FROM support_case.support_case AS c
    LEFT JOIN LATERAL (SELECT k.amount FROM support_case.partial_offer AS k
        WHERE k.seller_id = c.seller_id AND k.case_id = c.case_id
        ORDER BY k.offer_number DESC LIMIT 1) AS f ON true
    WHERE c.status = 'partial_offered' AND f.amount IS DISTINCT FROM c.agreed_amount
    UNION ALL
    SELECT 'case_stalled', c.seller_id, c.case_id,
        format('The case is stalled (%s), and no event says that its deadline %s stalled.', c.stalled_code,
            coalesce(c.deadline, '(none)'))
    FROM support_case.support_case AS c
    WHERE c.stalled_code IS NOT NULL
        AND NOT EXISTS (SELECT FROM support_case.case_event AS e
            WHERE e.seller_id = c.seller_id AND e.case_id = c.case_id AND e.action = 'stall'
                AND e.deadline = c.deadline AND e.due_at = c.due_at)
    UNION ALL
    SELECT 'guarantee_claim', coalesce(g.seller_id, e.seller_id), coalesce(g.case_id, e.case_id),
        CASE WHEN g.case_id IS NULL THEN 'The case began as a guarantee claim, which is not recorded.'
            ELSE 'The case of the guarantee claim did not begin as one.' END
    FROM support_case.guarantee_claim AS g
    FULL JOIN (SELECT k.seller_id, k.case_id FROM support_case.case_event AS k
        WHERE k.action IN ('file_guarantee_claim', 'admit_guarantee_claim') AND k.event_number = 1) AS e
        ON e.seller_id = g.seller_id AND e.case_id = g.case_id
    WHERE g.case_id IS NULL OR e.case_id IS NULL
    UNION ALL
    SELECT 'case_number', NULL, max(c.case_id),
        'The sequence of case numbers is behind the cases: set it with setval().'
    FROM support_case.support_case AS c
    HAVING max(c.case_id) > (SELECT s.last_value FROM support_case.case_id_seq AS s)
$$;

COMMENT ON FUNCTION support_case._verify_cases() IS
'verify(): the cases themselves, their lines, offers, parties and timers.';

CREATE OR REPLACE FUNCTION support_case._verify_parties()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    SELECT 'seller_buyer', min(s.seller_id), NULL::bigint,
        format('%s sellers are the same person as buyer %s.', count(*), s.buyer_id)
    FROM support_case.seller AS s
    WHERE s.buyer_id IS NOT NULL
    GROUP BY s.buyer_id
    HAVING count(*) > 1
$$;

COMMENT ON FUNCTION support_case._verify_parties() IS
'verify(): a buyer is one seller at most (W-92).';

CREATE OR REPLACE FUNCTION support_case._verify_rating_facts()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    WITH reached AS (
        SELECT e.seller_id, e.case_id, max(e.event_number) AS event_number
        FROM support_case.case_event AS e
        WHERE e.action IN ('reopen_case', 'return_to_seller') AND e.status = 'awaiting_seller'
        GROUP BY e.seller_id, e.case_id
    ), fact AS (
        SELECT e.seller_id, e.case_id, bool_or(e.action <> 'decide') AS is_escalated,
            (array_agg(e.details ->> 'outcome' ORDER BY e.event_number DESC) FILTER (WHERE e.action = 'decide'))[1]
                AS outcome
        FROM support_case.case_event AS e
        LEFT JOIN reached AS r ON r.seller_id = e.seller_id AND r.case_id = e.case_id
        WHERE e.event_number > coalesce(r.event_number, 0)
            AND (e.action = 'decide'
                OR (e.action IN ('escalate', 'decline_offer') AND e.actor = 'buyer' AND e.status = 'escalated'))
        GROUP BY e.seller_id, e.case_id
    )
    SELECT 'rating_fact', c.seller_id, c.case_id,
        format('The case reached the seller anew with event %s, was escalated after %s and ruled %s; by its events: %s, %s and %s.',
            coalesce(c.reached_seller_event::text, '(none)'), coalesce(c.escalated_after, '(nothing)'),
            coalesce(c.platform_ruling, '(nothing)'), coalesce(r.event_number::text, '(none)'),
            CASE WHEN f.is_escalated THEN 'escalated' ELSE 'not escalated' END, coalesce(f.outcome, '(nothing)'))
    FROM support_case.support_case AS c
    LEFT JOIN reached AS r ON r.seller_id = c.seller_id AND r.case_id = c.case_id
    LEFT JOIN fact AS f ON f.seller_id = c.seller_id AND f.case_id = c.case_id
    WHERE c.reached_seller_event IS DISTINCT FROM r.event_number
        OR (c.escalated_after IS NOT NULL) <> coalesce(f.is_escalated, false)
        OR (c.platform_ruling IS DISTINCT FROM f.outcome
            AND (c.platform_ruling, f.outcome) IS DISTINCT FROM ('uphold_seller', 'partial_refund'))
    UNION ALL
    SELECT 'rating_fact', f.seller_id, f.case_id, 'The thumb of the case is not that of its latest event of feedback.'
    FROM support_case.case_feedback AS f
    WHERE to_jsonb(f.is_thumbs_up) IS DISTINCT FROM (
        SELECT e.details -> 'thumbs_up' FROM support_case.case_event AS e
        WHERE e.seller_id = f.seller_id AND e.case_id = f.case_id AND e.action = 'leave_feedback'
            AND e.effective_at = f.given_at
        ORDER BY e.event_number DESC
        LIMIT 1)
$$;

COMMENT ON FUNCTION support_case._verify_rating_facts() IS
'verify(): what the rating reads from the rows of cases and of feedback, against their events.';

CREATE OR REPLACE FUNCTION support_case._verify_conversations()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    WITH posted AS MATERIALIZED (
        SELECT m.seller_id, m.conversation_id, m.message_number, m.event_number, m.author, m.posted_at,
            lag(m.message_number, 1, 0) OVER in_conversation AS previous_number,
            lag(m.posted_at) OVER in_conversation AS previous_posted_at,
            lead(m.message_number) OVER in_conversation IS NULL AS is_last
        FROM support_case.message AS m
        WINDOW in_conversation AS (PARTITION BY m.seller_id, m.conversation_id ORDER BY m.message_number)
    )
    SELECT 'message_number', m.seller_id, k.case_id,
        CASE WHEN k.conversation_id IS NULL THEN format('Conversation %s of message %s does not exist.',
                m.conversation_id, m.message_number)
            ELSE format('Message %s of conversation %s follows message %s.', m.message_number, m.conversation_id,
                m.previous_number) END
    FROM posted AS m
    LEFT JOIN support_case.conversation AS k ON k.seller_id = m.seller_id AND k.conversation_id = m.conversation_id
    WHERE k.conversation_id IS NULL OR m.message_number <> m.previous_number + 1 OR m.posted_at < m.previous_posted_at
    UNION ALL
    SELECT 'message_event', m.seller_id, k.case_id,
        format('Message %s of conversation %s was posted at %s, and event %s does not say so.', m.message_number,
            m.conversation_id, m.posted_at, coalesce(m.event_number::text, '(none)'))
    FROM posted AS m
    JOIN support_case.conversation AS k ON k.seller_id = m.seller_id AND k.conversation_id = m.conversation_id
    LEFT JOIN support_case.case_event AS e
        ON e.seller_id = k.seller_id AND e.case_id = k.case_id AND e.event_number = m.event_number
    WHERE CASE WHEN m.event_number IS NULL THEN k.kind = 'case'
        -- Of a claim that it admits the platform tells what the buyer says.
        ELSE (e.effective_at, CASE e.action WHEN 'admit_guarantee_claim' THEN 'buyer' ELSE e.actor END)
            IS DISTINCT FROM (m.posted_at, m.author) END
    UNION ALL
    SELECT 'message_count', k.seller_id, k.case_id,
        format('Conversation %s counts %s messages, the last one by %s at %s; it has %s, the last one by %s at %s.',
            k.conversation_id, k.message_count, coalesce(k.last_message_by, '(nobody)'), k.last_message_at,
            coalesce(m.message_number, 0), coalesce(m.author, '(nobody)'), coalesce(m.posted_at, k.opened_at))
    FROM support_case.conversation AS k
    LEFT JOIN (SELECT p.* FROM posted AS p WHERE p.is_last) AS m
        ON m.seller_id = k.seller_id AND m.conversation_id = k.conversation_id
    WHERE (k.message_count, k.last_message_by, k.last_message_at) IS DISTINCT FROM
            (coalesce(m.message_number, 0), m.author, coalesce(m.posted_at, k.opened_at))
    UNION ALL
    SELECT 'attachment', a.seller_id, k.case_id,
        CASE WHEN m.message_number IS NULL THEN format('Message %s of attachment %s of conversation %s does not exist.',
                a.message_number, a.attachment_number, a.conversation_id)
            ELSE format('Attachment %s of message %s of conversation %s follows attachment %s, or is not the message''s.',
                a.attachment_number, a.message_number, a.conversation_id, a.previous_number) END
    FROM (
        SELECT t.*, lag(t.attachment_number, 1, 0) OVER (PARTITION BY t.seller_id, t.conversation_id, t.message_number
            ORDER BY t.attachment_number) AS previous_number
        FROM support_case.attachment AS t
    ) AS a
    LEFT JOIN support_case.conversation AS k ON k.seller_id = a.seller_id AND k.conversation_id = a.conversation_id
    LEFT JOIN posted AS m
        ON m.seller_id = a.seller_id AND m.conversation_id = a.conversation_id AND m.message_number = a.message_number
    WHERE a.attachment_number <> a.previous_number + 1
        OR (m.author, m.posted_at) IS DISTINCT FROM (a.uploaded_by, a.uploaded_at)
    UNION ALL
    SELECT 'conversation_party', k.seller_id, k.case_id,
        format('Conversation %s is about order %s of buyer %s; the order is buyer %s''s, the case about order %s.',
            k.conversation_id, k.order_id, k.buyer_id, coalesce(o.buyer_id::text, '(none)'),
            coalesce(c.order_id::text, '(none)'))
    FROM support_case.conversation AS k
    LEFT JOIN support_case.sales_order AS o ON o.seller_id = k.seller_id AND o.order_id = k.order_id
    LEFT JOIN support_case.support_case AS c ON c.seller_id = k.seller_id AND c.case_id = k.case_id
    WHERE o.buyer_id IS DISTINCT FROM k.buyer_id OR (k.kind <> 'order' AND c.order_id IS DISTINCT FROM k.order_id)
    UNION ALL
    SELECT 'conversation_missing', o.seller_id, NULL, format('Order %s has no conversation.', o.order_id)
    FROM support_case.sales_order AS o
    LEFT JOIN (SELECT n.* FROM support_case.conversation AS n WHERE n.kind = 'order') AS k
        ON k.seller_id = o.seller_id AND k.order_id = o.order_id
    WHERE k.conversation_id IS NULL
    UNION ALL
    SELECT 'conversation_missing', c.seller_id, c.case_id, 'The case has no conversation that its description begins.'
    FROM support_case.support_case AS c
    LEFT JOIN (
        SELECT k.seller_id, k.case_id, m.body
        FROM support_case.conversation AS k
        JOIN support_case.message AS m
            ON m.seller_id = k.seller_id AND m.conversation_id = k.conversation_id AND m.message_number = 1
        WHERE k.kind IN ('case', 'buyer_platform')
    ) AS d ON d.seller_id = c.seller_id AND d.case_id = c.case_id AND d.body = c.description
    WHERE d.case_id IS NULL
    UNION ALL
    SELECT 'conversation_number', NULL, NULL,
        'The sequence of conversation numbers is behind the conversations: set it with setval().'
    FROM support_case.conversation AS k
    HAVING max(k.conversation_id) > (SELECT s.last_value FROM support_case.conversation_id_seq AS s)
$$;

COMMENT ON FUNCTION support_case._verify_conversations() IS
'verify(): conversations, their messages and attachments.';
