-- What a case is now.  A stored status whose deadline has passed is rolled
-- forward while it is read, so that nothing depends on the sweep (principle:
-- on time, late or never, the same rows).

CREATE OR REPLACE VIEW support_case._calendar_history WITH (security_invoker = true) AS
SELECT calendar_code, array_agg(compiled) AS calendars, array_agg(effective_from) AS calendars_from
FROM (
    -- Sorted here, where the unique index sorts for nothing.
    SELECT calendar_code, compiled, effective_from
    FROM support_case.calendar
    ORDER BY calendar_code, effective_from
) AS version
GROUP BY calendar_code;

COMMENT ON VIEW support_case._calendar_history IS 'The versions of each calendar, oldest first, as arguments of the roll-forward.';
COMMENT ON COLUMN support_case._calendar_history.calendar_code IS 'The calendar.';
COMMENT ON COLUMN support_case._calendar_history.calendars IS 'Its versions, oldest first.';
COMMENT ON COLUMN support_case._calendar_history.calendars_from IS 'When each takes effect.';

-- The two halves of case_current show the same columns, from the state of a
-- case as stored and as rolled forward.  They are two so that a reader of one
-- case, or of a million with nothing due, pays for no roll-forward, and so that
-- conditions on the status of a settled case can use an index.  A command shows
-- the same columns, from the state after the step that it has taken.
DO $case_views$
DECLARE
    -- %1$s is where the state of the case stands.
    shown constant text := $shown$
        c.seller_id, c.case_id, c.order_id, c.buyer_id, c.reason, %1$s.status, %1$s.resolution,
        CASE WHEN %1$s.stalled_code IS NOT NULL THEN 'platform'
            ELSE support_case._waiting_on(%1$s.status, %1$s.deadline) END,
        CASE WHEN %1$s.stalled_code IS NOT NULL THEN 'resume_case'
            ELSE support_case._next_step(%1$s.status, %1$s.deadline, c.is_discretionary) END,
        CASE WHEN %1$s.stalled_code IS NULL THEN %1$s.deadline END,
        CASE WHEN %1$s.stalled_code IS NULL THEN %1$s.due_at END,
        (%1$s.status = 'awaiting_seller' AND %1$s.deadline = 'escalation_window')
            OR (%1$s.status = 'replacement_pending' AND %1$s.deadline IS NULL),
        %1$s.status_since, %1$s.escalation_reason, c.is_discretionary, c.is_returnable,
        c.currency, support_case._to_major(c.agreed_amount, c.currency),
        c.description, c.policy_version, c.opened_at, %1$s.stalled_code$shown$;
    -- What is rolled forward.  Not the whole row: a buyer may not read all of it.
    state constant text := $state$c.status, c.resolution, c.deadline, c.escalation_reason, c.is_responded,
        c.is_discretionary, c.is_returnable, c.is_conversation_closed, c.due_at, c.status_since, c.opened_at,
        c.stalled_code$state$;
    half record;
BEGIN
    FOR half IN
        VALUES
            ('_settled_case', 'c', '',
                'c.stalled_code IS NOT NULL OR c.due_at IS NULL OR c.due_at > support_case.clock()'),
            ('_rolled_case', '(e.step)', $from$
                JOIN support_case.policy AS p ON p.policy_version = c.policy_version
                JOIN support_case._calendar_history AS h ON h.calendar_code = c.calendar_code
                CROSS JOIN LATERAL (
                    SELECT support_case._effective_state(k, p.rules, h.calendars, h.calendars_from,
                        support_case.clock()) AS step
                    FROM (SELECT $from$ || state || $from$) AS k
                    OFFSET 0
                ) AS e$from$,
                'c.stalled_code IS NULL AND c.due_at <= support_case.clock()')
    LOOP
        EXECUTE format($view$
            CREATE OR REPLACE VIEW support_case.%I (seller_id, case_id, order_id, buyer_id, reason, status, resolution,
                waiting_on, next_step, deadline, due_at, is_overdue, status_since, escalation_reason, is_discretionary,
                is_returnable, currency, partial_amount, description, policy_version, opened_at, stalled_code)
            WITH (security_invoker = true) AS
            SELECT %s FROM support_case.support_case AS c%s WHERE %s
            $view$,
            half.column1, format(shown, half.column2), half.column3, half.column4);
    END LOOP;

    CREATE OR REPLACE VIEW support_case.case_current WITH (security_invoker = true) AS
    SELECT s.* FROM support_case._settled_case AS s
    UNION ALL
    SELECT r.* FROM support_case._rolled_case AS r;

    -- The steps of cases whose deadline has passed and which nobody has swept.
    EXECUTE format($view$
        CREATE OR REPLACE VIEW support_case._due_step WITH (security_invoker = true) AS
        SELECT c.seller_id, c.case_id, c.order_id, c.buyer_id, c.currency,
            c.last_event_number + s.step_number::integer AS event_number,
            -- By order, too, so that conditions on it reach the cases.
            coalesce(lag(s.deadline) OVER (PARTITION BY c.seller_id, c.order_id, c.case_id ORDER BY s.step_number), c.deadline)
                AS ended_deadline,
            s.transition, s.action, s.status, s.resolution, s.deadline, s.due_at, s.charge, s.effective_at, s.stalled_code,
            s.refund_visible_from, s.refund_visible_until
        FROM support_case.support_case AS c
        JOIN support_case.policy AS p ON p.policy_version = c.policy_version
        JOIN support_case._calendar_history AS h ON h.calendar_code = c.calendar_code
        CROSS JOIN LATERAL (SELECT %s) AS k
        CROSS JOIN LATERAL support_case._roll_forward(k, p.rules, h.calendars, h.calendars_from, support_case.clock())
            WITH ORDINALITY AS s (transition, action, status, resolution, deadline, due_at, status_since, escalation_reason,
                is_responded, is_conversation_closed, charge, effective_at, stalled_code, feedback_until, refund_visible_from,
                refund_visible_until, refunded, step_number)
        WHERE c.due_at <= support_case.clock() AND c.stalled_code IS NULL
        $view$,
        state);

    EXECUTE format($function$
        CREATE OR REPLACE FUNCTION support_case._case_after(c support_case.support_case, step support_case._case_step)
        RETURNS support_case.case_current
        LANGUAGE plpgsql STABLE
        AS $body$
        #variable_conflict use_column
        BEGIN
            RETURN ROW(%s)::support_case.case_current;
        END
        $body$
        $function$,
        format(shown, 'step'));
END
$case_views$;

COMMENT ON FUNCTION support_case._case_after(support_case.support_case, support_case._case_step) IS
'The row of case_current that a case has after a step, as long as the deadline that runs then has not passed.';

COMMENT ON VIEW support_case._settled_case IS 'The cases of case_current of which no deadline has passed unswept: they are as stored.';
COMMENT ON VIEW support_case._rolled_case IS 'The cases of case_current of which a deadline has passed unswept, rolled forward to clock().';

COMMENT ON VIEW support_case.case_current IS 'Every case as it is at clock(): deadlines that have passed have taken effect, swept or not. Commands return rows of this view.';
COMMENT ON COLUMN support_case.case_current.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case.case_current.case_id IS 'The case.';
COMMENT ON COLUMN support_case.case_current.order_id IS 'The order.';
COMMENT ON COLUMN support_case.case_current.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case.case_current.reason IS 'Why the buyer asks for help (W-17).';
COMMENT ON COLUMN support_case.case_current.status IS 'Status, a code of state_machine().';
COMMENT ON COLUMN support_case.case_current.resolution IS 'How a closed case ended.';
COMMENT ON COLUMN support_case.case_current.waiting_on IS 'Who has the next move; null when nobody has.';
COMMENT ON COLUMN support_case.case_current.next_step IS 'A code for that move.';
COMMENT ON COLUMN support_case.case_current.deadline IS 'The deadline that runs, a term of the policy.';
COMMENT ON COLUMN support_case.case_current.due_at IS 'When it ends: an act at this instant or later comes too late.';
COMMENT ON COLUMN support_case.case_current.is_overdue IS 'Whether the seller has missed the deadline to respond, or to ship a replacement.';
COMMENT ON COLUMN support_case.case_current.status_since IS 'When the status was reached.';
COMMENT ON COLUMN support_case.case_current.escalation_reason IS 'Why the case is with the platform.';
COMMENT ON COLUMN support_case.case_current.is_discretionary IS 'Filed late: the seller alone decides (AMB-43).';
COMMENT ON COLUMN support_case.case_current.is_returnable IS 'Whether the reason leaves an item to return.';
COMMENT ON COLUMN support_case.case_current.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case.case_current.partial_amount IS 'The partial refund offered or decided, in major units.';
COMMENT ON COLUMN support_case.case_current.description IS 'The buyer''s words.';
COMMENT ON COLUMN support_case.case_current.policy_version IS 'The policy that the case keeps.';
COMMENT ON COLUMN support_case.case_current.opened_at IS 'When it was opened.';
COMMENT ON COLUMN support_case.case_current.stalled_code IS 'SQLSTATE of what keeps a deadline from taking effect (AMB-122).';

DO $comment_halves$
DECLARE
    comment_on record;
BEGIN
    FOR comment_on IN
        SELECT h.half, a.attname, col_description(a.attrelid, a.attnum) AS comment
        FROM pg_attribute AS a, unnest(ARRAY['_settled_case', '_rolled_case']) AS h (half)
        WHERE a.attrelid = 'support_case.case_current'::regclass
    LOOP
        EXECUTE format('COMMENT ON COLUMN support_case.%I.%I IS %L',
            comment_on.half, comment_on.attname, comment_on.comment);
    END LOOP;
END
$comment_halves$;

COMMENT ON VIEW support_case._due_step IS 'The transitions that deadlines have brought about and no sweep has written yet.';
COMMENT ON COLUMN support_case._due_step.seller_id IS 'The seller.';
COMMENT ON COLUMN support_case._due_step.case_id IS 'The case.';
COMMENT ON COLUMN support_case._due_step.order_id IS 'The order.';
COMMENT ON COLUMN support_case._due_step.buyer_id IS 'The buyer.';
COMMENT ON COLUMN support_case._due_step.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN support_case._due_step.event_number IS 'The number that its event will have.';
COMMENT ON COLUMN support_case._due_step.ended_deadline IS 'The deadline that ended.';
COMMENT ON COLUMN support_case._due_step.transition IS 'The transition.';
COMMENT ON COLUMN support_case._due_step.action IS 'expire_deadline, or stall.';
COMMENT ON COLUMN support_case._due_step.status IS 'The status afterwards.';
COMMENT ON COLUMN support_case._due_step.resolution IS 'The resolution afterwards.';
COMMENT ON COLUMN support_case._due_step.deadline IS 'The deadline that runs afterwards.';
COMMENT ON COLUMN support_case._due_step.due_at IS 'When that one ends.';
COMMENT ON COLUMN support_case._due_step.charge IS 'What is charged.';
COMMENT ON COLUMN support_case._due_step.effective_at IS 'When it took effect.';
COMMENT ON COLUMN support_case._due_step.stalled_code IS 'SQLSTATE of what keeps it from taking effect.';
COMMENT ON COLUMN support_case._due_step.refund_visible_from IS 'When a refund that it charges appears on the payment method at the earliest.';
COMMENT ON COLUMN support_case._due_step.refund_visible_until IS 'When it appears there at the latest.';
