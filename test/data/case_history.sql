-- Some hundreds of cases in every state, under every setting of what an
-- expired deadline does, several to an order, as one script of timed commands
-- that can be played again and again.  Deterministic: what looks random comes
-- from md5().
CREATE SCHEMA history;

-- Mondays at nine; the script's last third meets deadlines long passed.
CREATE FUNCTION history.at(days numeric)
RETURNS timestamptz
LANGUAGE sql IMMUTABLE
AS $$ SELECT timestamptz '2026-01-05 09:00:00+00' + days * interval '24 hours' $$;

CREATE FUNCTION history.pick(seed text, count integer)
RETURNS integer
LANGUAGE sql IMMUTABLE
AS $$ SELECT (('x' || left(md5(seed), 7))::bit(28)::integer) % count $$;

CREATE TABLE history.script (
    step_number integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    command text NOT NULL
);
CREATE TABLE history.outcome (step_number integer PRIMARY KEY, outcome text NOT NULL);

INSERT INTO history.script (at, command)
SELECT history.at(-100), format('SELECT support_case.register_seller(%s)', s) FROM generate_series(1, 3) AS s;

-- Every setting of what deadlines do; a case keeps the one it opened under.
INSERT INTO history.script (at, command)
SELECT history.at(p.days), format('SELECT support_case.create_policy(%L)',
    '{"case_max_open_per_line": 2, "filing_after_purchase": "99 days", "return_auto_cancel": true,
        "return_charge_unscanned_label": false, "replacement_auto_authorise_return": false,
        "escalation_auto_on_overdue": false, "ledger_partial_components": "none",
        "replacement_require_consent": false}'::jsonb || p.settings::jsonb)
FROM (VALUES
    (0, '{"partial_offer_on_expiry": "keep_open"}'),
    (2, '{"partial_offer_on_expiry": "treat_as_accepted", "ledger_partial_components": "pro_rata"}'),
    (4, '{"partial_offer_on_expiry": "treat_as_declined", "partial_offer_decline_without_item": "escalate",
        "return_auto_cancel": false}'),
    (6, '{"partial_offer_on_expiry": "close", "escalation_auto_on_overdue": true}'),
    (8, '{"partial_offer_on_expiry": "treat_as_declined", "partial_offer_decline_without_item": "refund_no_return",
        "return_charge_unscanned_label": true, "replacement_auto_authorise_return": true}'),
    (10, '{"partial_offer_on_expiry": "treat_as_declined", "partial_offer_decline_without_item": "reopen",
        "partial_offer_answer_rounding": "end_of_business_day"}')
) AS p (days, settings);

-- Deadlines that start after the tenth day see holidays and office hours.
INSERT INTO history.script (at, command)
VALUES (history.at(10.5), $$SELECT support_case.create_calendar('platform',
    'America/New_York; Mo-Fr 08:00-20:00; 2026-01-19 off; 2026-02-16 off')$$);

-- 20 orders a policy, of three lines; the second line is two units.
INSERT INTO history.script (at, command)
SELECT history.at(-20), format('SELECT support_case.register_order(%s, %s, %s, %L, %s, 6.00, 3.00, %L, '
    'return_shipping => 7, purchased_at => %L)',
    o % 3 + 1, o, o % 7 + 50, CASE o % 4 WHEN 0 THEN 'JPY' WHEN 1 THEN 'EUR' ELSE 'USD' END,
    181,
    format('[{"unit_price": 70}, {"unit_price": 40, "quantity": 2}, {"unit_price": 40%s}]',
        CASE WHEN o % 2 = 0 THEN ', "product_kind": "standard"' END),
    history.at(-20))
FROM generate_series(1, 120) AS o;

CREATE FUNCTION history.case_of(order_id bigint, nth integer)
RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT c.case_id FROM support_case.support_case AS c
    WHERE c.order_id = case_of.order_id ORDER BY c.case_id OFFSET nth - 1 LIMIT 1
$$;

-- Up to four cases an order: the first two may be about the same line, so
-- that refunds meet an exhausted cap.
CREATE TABLE history.plan AS
SELECT o AS order_id, n AS nth, o % 3 + 1 AS seller_id,
    history.at((o - 1) / 20 * 2 + 0.1 + history.pick('open' || o || '.' || n, 1500) / 1000.0) AS opened_at,
    CASE WHEN o IN (85, 95) AND n = 1 THEN 7 ELSE history.pick('path' || o || '.' || n, 16) END AS path,
    CASE WHEN o IN (85, 95) THEN 'damaged_in_transit'
        ELSE (ARRAY['damaged_in_transit', 'missing_item', 'late_not_shipped', 'damaged_in_transit',
            'damaged_in_transit', 'returned_to_sender'])[history.pick('reason' || o || '.' || n, 6) + 1]
        END AS reason,
    CASE WHEN n <= 2 THEN o % 3 + 1 WHEN n = 3 THEN (o + 1) % 3 + 1 ELSE (o + 2) % 3 + 1 END AS line_number
FROM generate_series(1, 120) AS o, generate_series(1, 4) AS n
WHERE n <= 1 + history.pick('cases' || o, 4);

INSERT INTO history.script (at, command)
SELECT p.opened_at, format('SELECT support_case.open_case(%s, %s, %L, %L, %L)', p.seller_id, p.order_id, p.reason,
    'case ' || p.nth, format('[{"line_number": %s, "quantity": %s}]', p.line_number,
        CASE WHEN p.line_number = 2 AND p.nth <> 2 THEN 2 ELSE 1 END))
FROM history.plan AS p;

-- What happens on each path, so many days after opening: some of it too late.
CREATE TABLE history.act (path integer, days numeric, command text);
INSERT INTO history.act VALUES
    (1, 1, 'explain_no_refund(%1$s, %2$s, ''no'')'),
    (2, 1, 'request_information(%1$s, %2$s, ''which one?'')'),
    (2, 5, 'provide_information(%1$s, %2$s, ''the blue one'')'),
    (3, 1, 'offer_partial_refund(%1$s, %2$s, 17)'),
    (4, 1, 'offer_full_refund(%1$s, %2$s, true)'),
    (5, 1, 'offer_full_refund(%1$s, %2$s, true)'),
    (5, 2, 'record_return_label(%1$s, %2$s, 9)'),
    (5, 3, 'record_return_dropped_off(%1$s, %2$s, %3$L)'),
    (6, 1, 'offer_full_refund(%1$s, %2$s, true)'),
    (6, 3, 'record_return_dropped_off(%1$s, %2$s, %3$L)'),
    (6, 5, 'record_return_delivered(%1$s, %2$s, %3$L)'),
    (7, 1, 'send_replacement(%1$s, %2$s, ''mail'', ''R1'')'),
    (8, 1, 'send_replacement(%1$s, %2$s, ''mail'', ''R1'')'),
    (8, 2, 'record_replacement_shipped(%1$s, %2$s, %3$L)'),
    (9, 1, 'explain_no_refund(%1$s, %2$s, ''no'')'),
    (9, 2, 'escalate(%1$s, %2$s)'),
    (10, 1, 'post_message(%1$s, %2$s, ''seller'', ''hello'')'),
    (10, 1.3, 'post_message(%1$s, %2$s, ''buyer'', ''well?'')'),
    (11, 1.5, 'offer_full_refund(%1$s, %2$s)'),
    (12, 1, 'offer_partial_refund(%1$s, %2$s, 12)'),
    (12, 2.5, 'accept_offer(%1$s, %2$s)'),
    (13, 1, 'withdraw_case(%1$s, %2$s)'),
    (13, 4, 'reopen_case(%1$s, %2$s)'),
    (14, 1, 'offer_partial_refund(%1$s, %2$s, 33)'),
    (14, 4, 'record_external_refund(%1$s, %4$s, 45)'),
    (15, 1, 'offer_full_refund(%1$s, %2$s, true)'),
    (15, 2, 'record_return_dropped_off(%1$s, %2$s, %3$L)'),
    (15, 2.5, 'record_return_delivered(%1$s, %2$s, %3$L)'),
    (15, 9, 'record_chargeback(%1$s, %4$s, 25)');

INSERT INTO history.script (at, command)
SELECT t.at, format('SELECT support_case.' || a.command, p.seller_id,
    format('history.case_of(%s, %s)', p.order_id, p.nth), t.at - interval '20 minutes', p.order_id)
FROM history.plan AS p
JOIN history.act AS a USING (path)
CROSS JOIN LATERAL (SELECT p.opened_at
    + a.days * (0.6 + history.pick('act' || p.order_id || '.' || p.nth || a.days, 500) / 1000.0) * interval '24 hours'
    AS at) AS t;

-- Guarantee claims: nobody answers the offer, until somebody does.
INSERT INTO history.script (at, command)
SELECT history.at(-20), format('SELECT support_case.register_order(%s, %s, 57, ''USD'', 181, 6.00, 3.00, %L, purchased_at => %L)',
    o % 3 + 1, o, '[{"unit_price": 190}]', history.at(-40))
FROM generate_series(121, 126) AS o;
INSERT INTO history.script (at, command)
SELECT history.at(a.days + o / 1000.0), format('SELECT support_case.' || a.command, o % 3 + 1,
    format('history.case_of(%s, 1)', o), o, history.at(a.days - 0.5))
FROM generate_series(121, 126) AS o
CROSS JOIN (VALUES
    (0, 11, 'file_guarantee_claim(%1$s, %3$s, ''nothing came'')'),
    (0, 12, 'offer_partial_refund(%1$s, %2$s, 17)'),
    (0, 13, 'start_carrier_enquiry(%1$s, %2$s, ''mail'')'),
    (1, 20, 'offer_partial_refund(%1$s, %2$s, 27)'),
    (1, 30, 'offer_full_refund(%1$s, %2$s)'),
    (1, 31, 'consent_to_recharge(%1$s, %2$s)'),
    (1, 32, 'record_parcel_found(%1$s, %2$s, %4$L)'),
    (1, 33, 'recharge_buyer(%1$s, %2$s, 33, actor_id => ''agent'')')
) AS a (is_odd, days, command)
WHERE a.is_odd = 0 OR o % 2 = 1;

-- A month later somebody tries this or that in every second case.
INSERT INTO history.script (at, command)
SELECT history.at(35 + p.order_id / 40.0), format('SELECT support_case.' || l.command, p.seller_id,
    format('history.case_of(%s, %s)', p.order_id, p.nth), history.at(17))
FROM history.plan AS p
JOIN (VALUES
    (0, 'reopen_case(%1$s, %2$s)'),
    (1, 'escalate(%1$s, %2$s)'),
    (2, 'offer_full_refund(%1$s, %2$s)'),
    (3, 'accept_offer(%1$s, %2$s)'),
    (4, 'record_return_dropped_off(%1$s, %2$s, %3$L)'),
    (5, 'confirm_return(%1$s, %2$s)'),
    (6, 'decide(%1$s, %2$s, ''refund'', ''platform'', actor_id => ''agent'')'),
    (7, 'leave_feedback(%1$s, %2$s, true)'),
    (8, 'reinstate_return(%1$s, %2$s, ''agent'')')
) AS l (choice, command) ON l.choice = history.pick('late' || p.order_id || '.' || p.nth, 18);

CREATE FUNCTION history.move_clock(at timestamptz)
RETURNS void
LANGUAGE sql
AS $$ SELECT set_config('support_case.now', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || 'Z', true) $$;

-- Sweeps at every instant at which something falls due.
CREATE FUNCTION history.sweep_on_time(until timestamptz)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    next_due timestamptz;
    last_due timestamptz;
BEGIN
    LOOP
        SELECT min(c.due_at) INTO next_due FROM support_case.support_case AS c
        WHERE c.due_at <= until AND c.stalled_code IS NULL;
        EXIT WHEN next_due IS NULL;
        IF next_due = last_due THEN
            RAISE EXCEPTION 'a sweep left what is due at %', next_due;
        END IF;
        last_due := next_due;
        PERFORM history.move_clock(next_due);
        PERFORM support_case.sweep();
    END LOOP;
    PERFORM history.move_clock(until);
END
$$;

-- Plays the script from after one instant to another.
CREATE FUNCTION history.play(is_swept_on_time boolean, after timestamptz, until timestamptz)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    step record;
    outcome text;
BEGIN
    FOR step IN
        SELECT s.* FROM history.script AS s
        WHERE s.at > play.after AND s.at <= play.until
        ORDER BY s.at, s.step_number
    LOOP
        IF is_swept_on_time THEN
            PERFORM history.sweep_on_time(step.at);
        END IF;
        PERFORM history.move_clock(step.at);
        BEGIN
            EXECUTE step.command;
            outcome := 'done';
        EXCEPTION WHEN OTHERS THEN
            outcome := SQLSTATE || ' ' || SQLERRM;
        END;
        INSERT INTO history.outcome VALUES (step.step_number, outcome);
    END LOOP;
    IF is_swept_on_time THEN
        PERFORM history.sweep_on_time(until);
    END IF;
    PERFORM history.move_clock(until);
END
$$;

-- What anybody can see, and what is stored, but for when it was written.
CREATE FUNCTION history.look(relations text[])
RETURNS TABLE (relation text, content jsonb)
LANGUAGE plpgsql
AS $$
BEGIN
    FOREACH relation IN ARRAY relations LOOP
        EXECUTE format('SELECT coalesce(jsonb_agg(r ORDER BY r::text), ''[]'') '
            'FROM (SELECT to_jsonb(t) - ''recorded_at'' AS r FROM %s AS t) AS k', relation)
        INTO content;
        RETURN NEXT;
    END LOOP;
END
$$;

CREATE VIEW history.next_step AS
SELECT c.seller_id, c.case_id, n.*
FROM support_case.support_case AS c, support_case.what_happens_next(c.seller_id, c.case_id) AS n;

CREATE FUNCTION history.views()
RETURNS text[]
LANGUAGE sql
AS $$
    SELECT ARRAY['support_case.case_current', 'support_case.case_timeline', 'support_case.seller_ledger',
        'support_case.seller_balance', 'support_case.due_queue', 'support_case.platform_queue', 'history.next_step',
        'support_case.conversation_history', 'history.outcome']
$$;

CREATE FUNCTION history.tables()
RETURNS text[]
LANGUAGE sql
AS $$
    SELECT ARRAY['support_case.support_case', 'support_case.case_event', 'support_case.ledger_journal',
        'support_case.ledger_entry', 'support_case.sales_order_line', 'support_case.refund_instruction',
        'support_case.outbox', 'support_case.parcel', 'support_case.external_refund']
$$;
