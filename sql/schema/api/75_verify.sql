-- verify() looks behind the guards: what no key, check or trigger can see, or
-- what somebody wrote while they were off.  Each check is one set-based query
-- that returns the damage; nothing is repaired.

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
    SELECT 'case_policy', c.seller_id, c.case_id,
        format('The case of %s keeps policy version %s, which takes effect at %s.', c.opened_at, c.policy_version,
            coalesce(p.effective_from::text, '(unknown)'))
    FROM support_case.support_case AS c
    LEFT JOIN support_case.policy AS p ON p.policy_version = c.policy_version
    WHERE (p.effective_from <= c.opened_at) IS NOT TRUE
    UNION ALL
    SELECT 'case_line', c.seller_id, c.case_id,
        CASE WHEN l.case_id IS NULL THEN 'The case is about no order line.'
            ELSE format('Line %s belongs to order %s, the case to order %s.', l.line_number, l.order_id, c.order_id)
        END
    FROM support_case.support_case AS c
    LEFT JOIN support_case.case_line AS l ON l.seller_id = c.seller_id AND l.case_id = c.case_id
    WHERE l.order_id IS DISTINCT FROM c.order_id
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
            ELSE format('Offer %s is %s minor units, its event %s says %s.', f.offer_number, f.amount,
                e.event_number, e.details ->> 'amount') END
    FROM support_case.partial_offer AS f
    FULL JOIN (SELECT k.* FROM support_case.case_event AS k WHERE k.action = 'offer_partial_refund') AS e
        ON e.seller_id = f.seller_id AND e.case_id = f.case_id AND e.event_number = f.event_number
    WHERE e.case_id IS NULL OR f.case_id IS NULL
        OR support_case._to_major(f.amount, e.details ->> 'currency') <> (e.details ->> 'amount')::numeric
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

CREATE OR REPLACE FUNCTION support_case._verify_journals()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    WITH total AS MATERIALIZED (
        SELECT e.seller_id, e.case_id, e.journal_number, e.currency, sum(e.amount) AS amount,
            bool_or(e.amount = 0) AS has_zero, min(e.entry_number) AS entry_number
        FROM support_case.ledger_entry AS e
        GROUP BY e.seller_id, e.case_id, e.journal_number, e.currency
    )
    SELECT 'journal_balance', t.seller_id, t.case_id,
        format('Journal %s adds up to %s minor units of %s.', t.journal_number, t.amount, t.currency)
    FROM total AS t
    WHERE t.amount <> 0 OR t.has_zero
    UNION ALL
    SELECT 'journal_entries', coalesce(j.seller_id, t.seller_id), coalesce(j.case_id, t.case_id),
        CASE WHEN t.case_id IS NULL THEN format('Journal %s has no entries.', j.journal_number)
            ELSE format('The entries of journal %s have no journal.', t.journal_number) END
    FROM support_case.ledger_journal AS j
    FULL JOIN total AS t
        ON t.seller_id = j.seller_id AND t.case_id = j.case_id AND t.journal_number = j.journal_number
    WHERE j.case_id IS NULL OR t.case_id IS NULL
    UNION ALL
    SELECT 'entry_account', e.seller_id, e.case_id,
        format('Account %s in %s is not open; %s entries use it.', e.account, e.currency, e.uses)
    FROM (SELECT k.seller_id, k.account, k.currency, min(k.case_id) AS case_id, count(*) AS uses
        FROM support_case.ledger_entry AS k
        GROUP BY k.seller_id, k.account, k.currency) AS e
    LEFT JOIN support_case.ledger_account AS a
        ON a.seller_id = e.seller_id AND a.account = e.account AND a.currency = e.currency
    WHERE a.account IS NULL
    UNION ALL
    SELECT 'entry_currency', t.seller_id, t.case_id,
        format('Entry %s of journal %s is in %s, the journal in %s.', t.entry_number, t.journal_number, t.currency,
            j.currency)
    FROM total AS t
    JOIN support_case.ledger_journal AS j
        ON j.seller_id = t.seller_id AND j.case_id = t.case_id AND j.journal_number = t.journal_number
    WHERE t.currency <> j.currency
    UNION ALL
    SELECT 'journal_order', j.seller_id, j.case_id,
        format('Journal %s is about order %s in %s, the case about order %s in %s.', j.journal_number, j.order_id,
            j.currency, coalesce(c.order_id::text, '(none)'), coalesce(c.currency, '(none)'))
    FROM support_case.ledger_journal AS j
    LEFT JOIN support_case.support_case AS c ON c.seller_id = j.seller_id AND c.case_id = j.case_id
    WHERE (c.order_id, c.currency) IS DISTINCT FROM (j.order_id, j.currency)
    UNION ALL
    SELECT 'journal_event', j.seller_id, j.case_id,
        CASE WHEN e.case_id IS NULL THEN format('Event %s of journal %s does not exist.', j.event_number,
                j.journal_number)
            ELSE format('Journal %s took effect at %s, its event %s at %s.', j.journal_number, j.effective_at,
                j.event_number, e.effective_at) END
    FROM support_case.ledger_journal AS j
    LEFT JOIN support_case.case_event AS e
        ON e.seller_id = j.seller_id AND e.case_id = j.case_id AND e.event_number = j.event_number
    WHERE e.effective_at IS DISTINCT FROM j.effective_at
    UNION ALL
    -- A charge without its reversal blocks the next one; so does the key.
    SELECT 'journal_revision', j.seller_id, j.case_id,
        format('Response %s has %s charges and %s reversals.', j.response,
            count(*) FILTER (WHERE j.kind = 'charge'), count(*) FILTER (WHERE j.kind = 'reversal'))
    FROM support_case.ledger_journal AS j
    WHERE j.kind IN ('charge', 'reversal')
    GROUP BY j.seller_id, j.case_id, j.response
    HAVING count(*) FILTER (WHERE j.kind = 'charge') - count(*) FILTER (WHERE j.kind = 'reversal') NOT IN (0, 1)
        OR max(j.revision) FILTER (WHERE j.kind = 'charge') <> count(*) FILTER (WHERE j.kind = 'charge') - 1
    UNION ALL
    SELECT 'journal_reversal', r.seller_id, r.case_id,
        format('Journal %s does not mirror the charge that it reverses.', r.journal_number)
    FROM support_case.ledger_journal AS r
    LEFT JOIN support_case.ledger_journal AS j
        ON j.seller_id = r.seller_id AND j.case_id = r.case_id AND j.response = r.response AND j.kind = 'charge'
            AND j.revision = r.revision
    WHERE r.kind = 'reversal'
        AND EXISTS (
            SELECT FROM support_case.ledger_entry AS e
            WHERE e.seller_id = r.seller_id AND e.case_id = r.case_id
                AND e.journal_number IN (r.journal_number, j.journal_number)
            GROUP BY e.account, e.component, e.currency
            HAVING sum(e.amount) <> 0)
$$;

COMMENT ON FUNCTION support_case._verify_journals() IS
'verify(): journals and entries by themselves.';

CREATE OR REPLACE FUNCTION support_case._verify_money()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    WITH posted AS MATERIALIZED (
        SELECT j.seller_id, j.case_id, j.journal_number, j.order_id, j.event_number, j.kind, j.response, j.revision,
            coalesce(-sum(e.amount) FILTER (WHERE e.account = 'buyer_refund'), 0) AS refunded,
            coalesce(sum(e.amount) FILTER (WHERE e.component <> 'return'
                AND support_case._bears_charge(e.account)), 0) AS borne,
            coalesce(-sum(e.amount) FILTER (WHERE e.account = 'cash_clearing'), 0) AS cash,
            coalesce(sum(e.amount) FILTER (WHERE e.account = 'commission_reversal'), 0) AS commission,
            coalesce(sum(e.amount) FILTER (WHERE e.account = 'tax_reversal'), 0) AS tax
        FROM support_case.ledger_journal AS j
        JOIN support_case.ledger_entry AS e
            ON e.seller_id = j.seller_id AND e.case_id = j.case_id AND e.journal_number = j.journal_number
        GROUP BY j.seller_id, j.case_id, j.journal_number
    ), due AS MATERIALIZED (
        SELECT e.seller_id, e.case_id, e.event_number, e.transition, m.charge
        FROM support_case.state_machine() AS m
        JOIN support_case.case_event AS e
            ON e.transition = m.transition AND e.action = m.action AND e.actor = m.actor AND e.status = m.to_status
                AND e.resolution = m.resolution
        JOIN support_case.case_event AS b
            ON b.seller_id = e.seller_id AND b.case_id = e.case_id AND b.event_number = e.event_number - 1
                AND b.status = m.from_status
        WHERE m.machine = 'case' AND m.charge IS NOT NULL
    ), order_total AS MATERIALIZED (
        SELECT l.seller_id, l.order_id, l.refunded, l.seller_money, l.commission, l.tax, l.is_income_spent,
            coalesce(p.refunded, 0) AS posted_refunded, coalesce(p.borne, 0) AS posted_borne,
            coalesce(p.commission, 0) AS posted_commission, coalesce(p.tax, 0) AS posted_tax,
            coalesce(x.counted, 0) AS counted
        FROM (SELECT o.seller_id, o.order_id, sum(o.refunded) AS refunded,
                sum(o.consumed_payout + o.consumed_shipping + o.consumed_fee) AS seller_money,
                sum(o.consumed_commission) AS commission, sum(o.consumed_tax) AS tax,
                bool_or(o.consumed_commission = o.commission AND o.consumed_tax = o.tax) AS is_income_spent
            FROM support_case.sales_order_line AS o
            GROUP BY o.seller_id, o.order_id) AS l
        LEFT JOIN (SELECT q.seller_id, q.order_id, sum(q.refunded) AS refunded, sum(q.borne) AS borne,
                sum(q.commission) AS commission, sum(q.tax) AS tax
            FROM posted AS q
            WHERE q.kind IN ('charge', 'reversal')
            GROUP BY q.seller_id, q.order_id) AS p ON p.seller_id = l.seller_id AND p.order_id = l.order_id
        LEFT JOIN (SELECT r.seller_id, r.order_id, sum(r.counted_amount) AS counted
            FROM support_case.external_refund AS r
            GROUP BY r.seller_id, r.order_id) AS x ON x.seller_id = l.seller_id AND x.order_id = l.order_id
    )
    SELECT 'journal_ground', p.seller_id, p.case_id,
        format('Journal %s charges %s, which event %s (%s, %s) does not charge.', p.journal_number, p.response,
            p.event_number, coalesce(s.transition, '(none)'), coalesce(s.action, '(none)'))
    FROM posted AS p
    LEFT JOIN support_case.case_event AS s
        ON s.seller_id = p.seller_id AND s.case_id = p.case_id AND s.event_number = p.event_number
    LEFT JOIN due AS d ON d.seller_id = p.seller_id AND d.case_id = p.case_id AND d.event_number = p.event_number
        AND d.charge = p.response
    WHERE CASE
        WHEN p.kind = 'settlement' THEN s.action IS DISTINCT FROM 'record_refund_settled'
        WHEN p.kind = 'recharge' THEN s.action IS DISTINCT FROM 'recharge_buyer'
        WHEN p.kind = 'claim_payment' THEN s.action IS DISTINCT FROM 'record_carrier_claim_paid'
        WHEN p.kind = 'reversal' OR p.revision > 0 THEN s.action IS DISTINCT FROM 'reassign_liability'
        ELSE d.charge IS NULL
    END
    UNION ALL
    SELECT 'journal_missing', d.seller_id, d.case_id,
        format('Event %s (%s) charges %s, and there is no journal.', d.event_number, d.transition, d.charge)
    FROM due AS d
    LEFT JOIN posted AS p ON p.seller_id = d.seller_id AND p.case_id = d.case_id AND p.event_number = d.event_number
    WHERE p.case_id IS NULL AND d.charge <> 'return_label'
        AND NOT EXISTS (
            SELECT FROM support_case.case_event AS n
            WHERE n.seller_id = d.seller_id AND n.case_id = d.case_id AND n.event_number = d.event_number + 1
                AND n.action = 'refund_clamped')
        AND EXISTS (
            SELECT FROM support_case.case_line AS l
            JOIN support_case.sales_order_line AS o
                ON o.seller_id = l.seller_id AND o.order_id = l.order_id AND o.line_number = l.line_number
            WHERE l.seller_id = d.seller_id AND l.case_id = d.case_id
                AND o.refundable::numeric * coalesce(l.decided_quantity, l.quantity) >= o.quantity)
    UNION ALL
    SELECT 'refunded_amount', o.seller_id, NULL,
        format('The lines of order %s count %s refunded minor units; journals have %s, refunds outside the cases %s.',
            o.order_id, o.refunded, o.posted_refunded, o.counted)
    FROM order_total AS o
    WHERE o.refunded <> o.posted_refunded + o.counted
    UNION ALL
    -- A partial refund may cost more than the seller money left, never less.
    SELECT 'seller_money', o.seller_id, NULL,
        format('The lines of order %s count %s minor units of seller money as charged; the journals charge %s.',
            o.order_id, o.seller_money, o.posted_borne)
    FROM order_total AS o
    WHERE o.seller_money > o.posted_borne
    UNION ALL
    -- What exceeds the income left of a line is commission of unknown amount.
    SELECT 'platform_income', o.seller_id, NULL,
        format('The lines of order %s count %s minor units of commission and %s of tax as reversed; the journals '
            'reverse %s and %s.', o.order_id, o.commission, o.tax, o.posted_commission, o.posted_tax)
    FROM order_total AS o
    WHERE o.tax <> o.posted_tax OR o.commission > o.posted_commission
        OR (o.commission < o.posted_commission AND NOT o.is_income_spent)
    UNION ALL
    SELECT 'refund_instruction', coalesce(i.seller_id, p.seller_id), coalesce(i.case_id, p.case_id),
        CASE WHEN p.case_id IS NULL THEN format('Refund instruction %s has no charge.', i.instruction_number)
            WHEN i.case_id IS NULL THEN format('Journal %s refunds %s minor units without an instruction.',
                p.journal_number, p.refunded)
            ELSE format('Refund instruction %s is %s minor units, journal %s refunds %s.', i.instruction_number,
                i.amount, p.journal_number, p.refunded) END
    FROM support_case.refund_instruction AS i
    FULL JOIN (SELECT q.* FROM posted AS q WHERE q.kind = 'charge' AND q.revision = 0 AND q.refunded > 0) AS p
        ON p.seller_id = i.seller_id AND p.case_id = i.case_id AND p.event_number = i.event_number
    WHERE i.amount IS DISTINCT FROM p.refunded
    UNION ALL
    SELECT 'refund_settlement', coalesce(i.seller_id, p.seller_id), coalesce(i.case_id, p.case_id),
        CASE WHEN i.case_id IS NULL THEN format('Journal %s settles refund instruction %s, which is not settled.',
                p.journal_number, p.revision)
            ELSE format('Refund instruction %s is settled with %s minor units; the ledger has %s.',
                i.instruction_number, i.amount, coalesce(p.cash::text, 'nothing')) END
    FROM (SELECT k.* FROM support_case.refund_instruction AS k WHERE k.status = 'settled') AS i
    FULL JOIN (SELECT q.* FROM posted AS q WHERE q.kind = 'settlement') AS p
        ON p.seller_id = i.seller_id AND p.case_id = i.case_id AND p.revision = i.instruction_number
    WHERE i.amount IS DISTINCT FROM p.cash
    UNION ALL
    SELECT 'recharge', coalesce(r.seller_id, p.seller_id), coalesce(r.case_id, p.case_id),
        CASE WHEN r.case_id IS NULL THEN format('Journal %s re-charges the buyer, which is not recorded.',
                p.journal_number)
            ELSE format('Re-charge %s is %s minor units; the ledger has %s.', r.recharge_number, r.amount,
                coalesce((-p.cash)::text, 'nothing')) END
    FROM support_case.recharge AS r
    FULL JOIN (SELECT q.* FROM posted AS q WHERE q.kind = 'recharge') AS p
        ON p.seller_id = r.seller_id AND p.case_id = r.case_id AND p.event_number = r.event_number
    WHERE r.amount IS DISTINCT FROM -p.cash
    UNION ALL
    SELECT 'recharge_limit', r.seller_id, r.case_id,
        format('With re-charge %s the buyer pays back %s minor units; %s were refunded, and the consent is to %s.',
            r.recharge_number, r.total, coalesce(i.refunded, 0), coalesce(c.amount::text, '(none)'))
    FROM (SELECT k.*, sum(k.amount) OVER (PARTITION BY k.seller_id, k.case_id ORDER BY k.recharge_number) AS total
        FROM support_case.recharge AS k) AS r
    LEFT JOIN support_case.recharge_consent AS c
        ON c.seller_id = r.seller_id AND c.case_id = r.case_id AND c.consent_number = r.consent_number
    LEFT JOIN (SELECT k.seller_id, k.case_id, sum(k.amount) AS refunded
        FROM support_case.refund_instruction AS k
        GROUP BY k.seller_id, k.case_id) AS i ON i.seller_id = r.seller_id AND i.case_id = r.case_id
    WHERE c.case_id IS NULL OR r.total > c.amount OR r.total > coalesce(i.refunded, 0)
$$;

COMMENT ON FUNCTION support_case._verify_money() IS
'verify(): the ledger against events, order lines, refund instructions, refunds outside the cases and re-charges.';

CREATE OR REPLACE FUNCTION support_case._verify_shipping()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE
AS $$
    WITH event AS MATERIALIZED (
        SELECT e.seller_id, e.case_id, e.claim_number, e.event_number, e.action, e.actor, e.status, e.effective_at,
            e.recorded_at,
            lag(e.event_number, 1, 0) OVER in_claim AS previous_number,
            lag(e.status) OVER in_claim AS previous_status,
            lag(e.effective_at) OVER in_claim AS previous_effective_at,
            lead(e.event_number) OVER in_claim IS NULL AS is_last
        FROM support_case.carrier_claim_event AS e
        WINDOW in_claim AS (PARTITION BY e.seller_id, e.case_id, e.claim_number ORDER BY e.event_number)
    ), paid AS MATERIALIZED (
        SELECT j.seller_id, j.case_id, j.revision AS claim_number, j.currency,
            coalesce(sum(e.amount) FILTER (WHERE e.account = 'cash_clearing'), 0) AS cash
        FROM support_case.ledger_journal AS j
        JOIN support_case.ledger_entry AS e
            ON e.seller_id = j.seller_id AND e.case_id = j.case_id AND e.journal_number = j.journal_number
        WHERE j.kind = 'claim_payment'
        GROUP BY j.seller_id, j.case_id, j.journal_number
    )
    SELECT 'shipment_scans', coalesce(s.seller_id, p.seller_id), NULL::bigint,
        CASE WHEN s.order_id IS NULL THEN format('Shipment %s of order %s has scans and does not exist.',
                p.shipment_number, p.order_id)
            ELSE format('Shipment %s of order %s is not where its scans say.', s.shipment_number, s.order_id) END
    FROM support_case.shipment AS s
    FULL JOIN support_case._shipment_progress AS p
        ON p.seller_id = s.seller_id AND p.order_id = s.order_id AND p.shipment_number = s.shipment_number
    WHERE s.order_id IS NULL OR (s.handed_over_at, s.delivered_at, s.last_scan_at, s.last_scan_kind)
        IS DISTINCT FROM (p.handed_over_at, p.delivered_at, p.last_scan_at, p.last_scan_kind)
    UNION ALL
    SELECT 'parcel_scans', coalesce(l.seller_id, n.seller_id), coalesce(l.case_id, n.case_id),
        CASE WHEN l.case_id IS NULL THEN format('Parcel %s has scans and does not exist.', n.parcel_number)
            ELSE format('Parcel %s was handed over at %s and delivered at %s; its scans say %s and %s.', l.parcel_number,
                coalesce(l.handed_over_at::text, '(never)'), coalesce(l.delivered_at::text, '(never)'),
                coalesce(n.handed_over_at::text, '(never)'), coalesce(n.delivered_at::text, '(never)')) END
    FROM support_case.parcel AS l
    FULL JOIN (
        SELECT k.seller_id, k.case_id, k.parcel_number,
            min(k.scanned_at) FILTER (WHERE k.kind IN ('accepted', 'delivered', 'refused')) AS handed_over_at,
            max(k.scanned_at) FILTER (WHERE k.kind IN ('delivered', 'refused')) AS delivered_at
        FROM support_case.parcel_scan AS k
        GROUP BY k.seller_id, k.case_id, k.parcel_number) AS n
        ON n.seller_id = l.seller_id AND n.case_id = l.case_id AND n.parcel_number = l.parcel_number
    WHERE l.case_id IS NULL OR (l.handed_over_at IS NULL) <> (n.handed_over_at IS NULL)
        OR (l.delivered_at IS NULL) <> (n.delivered_at IS NULL)
    UNION ALL
    SELECT 'claim_event', e.seller_id, e.case_id,
        format('Event %s of claim %s (%s by %s) leads from %s to %s after event %s: it cannot.', e.event_number,
            e.claim_number, e.action, e.actor, coalesce(e.previous_status, '(none)'), e.status, e.previous_number)
    FROM event AS e
    WHERE e.event_number <> e.previous_number + 1 OR e.effective_at < e.previous_effective_at
        OR e.recorded_at < e.effective_at
        OR NOT EXISTS (SELECT FROM support_case.state_machine() AS m
            WHERE m.machine = 'carrier_claim' AND m.from_status IS NOT DISTINCT FROM e.previous_status
                AND m.action = e.action AND m.actor = e.actor AND m.to_status = e.status)
    UNION ALL
    SELECT 'claim_state', coalesce(e.seller_id, k.seller_id), coalesce(e.case_id, k.case_id),
        CASE WHEN k.case_id IS NULL THEN format('Claim %s of these events does not exist.', e.claim_number)
            ELSE format('Claim %s is %s since %s; its last event, %s, says %s since %s.', k.claim_number, k.status,
                k.status_since, coalesce(e.event_number::text, '(none)'), coalesce(e.status, '(nothing)'),
                coalesce(e.effective_at::text, '(never)')) END
    FROM (SELECT * FROM event WHERE is_last) AS e
    FULL JOIN support_case.carrier_claim AS k
        ON k.seller_id = e.seller_id AND k.case_id = e.case_id AND k.claim_number = e.claim_number
    WHERE (e.event_number, e.status, e.effective_at) IS DISTINCT FROM (k.last_event_number, k.status, k.status_since)
    UNION ALL
    SELECT 'claim_order', k.seller_id, k.case_id,
        format('Claim %s is about order %s in %s, its case about order %s in %s.', k.claim_number, k.order_id,
            k.currency, c.order_id, c.currency)
    FROM support_case.carrier_claim AS k
    JOIN support_case.support_case AS c ON c.seller_id = k.seller_id AND c.case_id = k.case_id
    WHERE (c.order_id, c.currency) <> (k.order_id, k.currency)
    UNION ALL
    SELECT 'claim_amount', k.seller_id, max(k.case_id),
        format('Carriers were claimed %s minor units for order %s, of which %s were refunded.', sum(k.claimed), k.order_id,
            coalesce(max(r.refunded), 0))
    FROM (SELECT n.seller_id, n.case_id, n.order_id, coalesce(n.paid_amount, n.claimed_amount) AS claimed
        FROM support_case.carrier_claim AS n WHERE n.status IN ('filed', 'paid')) AS k
    LEFT JOIN (
        SELECT f.seller_id, f.order_id, sum(f.amount) AS refunded
        FROM (
            SELECT c.seller_id, c.order_id, i.amount
            FROM support_case.refund_instruction AS i
            JOIN support_case.support_case AS c ON c.seller_id = i.seller_id AND c.case_id = i.case_id
            UNION ALL
            SELECT x.seller_id, x.order_id, x.amount
            FROM support_case.external_refund AS x WHERE x.kind = 'external_refund'
        ) AS f
        GROUP BY f.seller_id, f.order_id) AS r ON r.seller_id = k.seller_id AND r.order_id = k.order_id
    GROUP BY k.seller_id, k.order_id
    HAVING sum(k.claimed) > coalesce(max(r.refunded), 0)
    UNION ALL
    SELECT 'claim_payment', coalesce(k.seller_id, p.seller_id), coalesce(k.case_id, p.case_id),
        format('Claim %s was paid with %s minor units; the ledger has %s.',
            coalesce(k.claim_number, p.claim_number), coalesce(k.paid_amount::text, 'nothing'),
            coalesce(p.cash::text, 'nothing'))
    FROM (SELECT n.* FROM support_case.carrier_claim AS n WHERE n.status = 'paid') AS k
    FULL JOIN paid AS p
        ON p.seller_id = k.seller_id AND p.case_id = k.case_id AND p.claim_number = k.claim_number
    WHERE (k.paid_amount, k.currency) IS DISTINCT FROM (p.cash::bigint, p.currency)
$$;

COMMENT ON FUNCTION support_case._verify_shipping() IS
'verify(): shipments and parcels against their scans, claims against their events and the ledger.';

-- Everything is read, and estimates of what is wrong are wrong: no nested loops.
-- Compiling these queries to machine code takes longer than running them.
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
    WHERE f.is_thumbs_up IS DISTINCT FROM (
        SELECT (e.details ->> 'thumbs_up')::boolean FROM support_case.case_event AS e
        WHERE e.seller_id = f.seller_id AND e.case_id = f.case_id AND e.action = 'leave_feedback'
            AND e.effective_at = f.given_at
        ORDER BY e.event_number DESC
        LIMIT 1)
$$;

COMMENT ON FUNCTION support_case._verify_rating_facts() IS
'verify(): what the rating reads from the rows of cases and of feedback, against their events.';

CREATE OR REPLACE FUNCTION support_case.verify()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off SET jit = off SET work_mem = '64MB'
AS $$
    SELECT * FROM support_case._verify_events()
    UNION ALL
    SELECT * FROM support_case._verify_cases()
    UNION ALL
    SELECT * FROM support_case._verify_conversations()
    UNION ALL
    SELECT * FROM support_case._verify_journals()
    UNION ALL
    SELECT * FROM support_case._verify_money()
    UNION ALL
    SELECT * FROM support_case._verify_parties()
    UNION ALL
    SELECT * FROM support_case._verify_life_cycles()
    UNION ALL
    SELECT * FROM support_case._verify_fraud()
    UNION ALL
    SELECT * FROM support_case._verify_rating_facts()
    UNION ALL
    SELECT * FROM support_case._verify_shipping()
$$;

COMMENT ON FUNCTION support_case.verify() IS
'Checks what guards and keys cannot see, and returns one row per damage: the check, the seller and case (null where none is to blame), and what is wrong; no row when all invariants hold. Every case is replayed from its events; the messages of every conversation are counted; journals must balance and match events, order lines, refund instructions and claims; shipments, parcels and claims must be where their scans and events say. It reads everything and changes nothing: after a restore, a data-only load or a repair by hand, and now and then. (W-82 to W-89, AMB-38, AMB-120 to AMB-122)';

REVOKE ALL ON FUNCTION support_case.verify(), support_case._verify_events(), support_case._verify_cases(),
    support_case._verify_conversations(), support_case._verify_journals(), support_case._verify_money(), support_case._verify_parties(), support_case._verify_life_cycles(),
    support_case._verify_rating_facts(), support_case._verify_fraud(), support_case._verify_shipping() FROM PUBLIC;
