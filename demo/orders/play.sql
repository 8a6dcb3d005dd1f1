-- Plays the complaints of load.sql day by day with the clock injected: orders
-- are registered when they were bought, every party looks at a case once in a
-- while and acts as its dice say, a sweep runs every night.
\set ON_ERROR_STOP on

SET support_case.now = '2016-01-01T00:00:00-02:00';
CREATE EXTENSION support_case;
DO $$ BEGIN PERFORM support_case.install(); END $$;
\echo
\echo 'The calendar of every deadline:'
\echo
SELECT calendar_code, definition
FROM support_case.create_calendar('platform', 'America/Sao_Paulo; Mo-Fr; 2016-12-25 off; 2017-12-25 off; 2018-01-01 off');
-- The data has no deadline for handing a parcel over, so that none that arrived
-- was shipped late; this marketplace lets buyers ask when one came late.
DO $$ BEGIN PERFORM support_case.define_reason('late_delivery', 'It came after the promised date.', true, false); END $$;
SELECT count(*) AS sellers_registered
FROM (SELECT DISTINCT seller_id FROM demo.sale) AS s, support_case.register_seller(s.seller_id);

-- Acts on one case as somebody would who sees case_current, and returns how
-- many commands that took and when to look again.
CREATE FUNCTION demo.visit(v demo.agenda, OUT commands integer, OUT look_again_at timestamptz)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    s demo.sale;
    c support_case.case_current;
    chance numeric;
    part numeric;
    outcome text;
    liability text;
    visible_from timestamptz;
    refund_status text;
BEGIN
    commands := 1;
    SELECT k.* INTO STRICT s FROM demo.sale AS k WHERE k.seller_id = v.seller_id AND k.order_id = v.order_id;
    SELECT k.* INTO STRICT c FROM support_case.case_current AS k
    WHERE k.seller_id = v.seller_id AND k.case_id = v.case_id;
    chance := demo.dice(s.key, c.status || v.turn);
    -- A part of the order's value, for partial refunds and shared costs.
    part := greatest(round((s.price + s.freight) * (0.1 + 0.4 * demo.dice(s.key, 'part' || v.turn)), 2), 0.01);

    -- Some never move; then the deadline does.
    IF c.due_at IS NOT NULL AND demo.dice(s.key, 'silent' || v.turn) < (CASE c.status
        WHEN 'awaiting_seller' THEN 0.15 WHEN 'awaiting_buyer' THEN 0.30 WHEN 'partial_offered' THEN 0.25
        WHEN 'return_pending' THEN 0.15 WHEN 'return_in_transit' THEN 0.02 WHEN 'return_inspection' THEN 0.35
        WHEN 'replacement_pending' THEN 0.12 WHEN 'replacement_in_transit' THEN 0.02
        WHEN 'refusal_explained' THEN 0.65 END)
    THEN
        commands := 0;
        look_again_at := c.due_at + interval '1 hour' * (1 + 20 * chance);
        RETURN;
    END IF;

    CASE c.status
    WHEN 'awaiting_seller' THEN
        IF c.is_overdue AND NOT c.is_discretionary AND chance < 0.7 THEN
            c := support_case.escalate(v.seller_id, v.case_id, 'Nobody answers.');
        ELSIF chance < 0.03 THEN
            c := support_case.withdraw_case(v.seller_id, v.case_id);
        ELSIF chance < 0.25 OR (chance < 0.45 AND NOT c.is_returnable) THEN
            c := support_case.offer_full_refund(v.seller_id, v.case_id);
        ELSIF chance < 0.45 THEN
            c := support_case.offer_full_refund(v.seller_id, v.case_id, return_required => true);
        ELSIF chance < 0.65 THEN
            c := support_case.offer_partial_refund(v.seller_id, v.case_id, part);
        ELSIF chance < 0.75 THEN
            commands := 2;
            c := support_case.consent_to_replacement(v.seller_id, v.case_id);
            c := support_case.send_replacement(v.seller_id, v.case_id, 'Correios', 'BR' || v.case_id);
        ELSIF chance < 0.90 THEN
            c := support_case.explain_no_refund(v.seller_id, v.case_id, 'The order was sent as described.');
        ELSE
            c := support_case.request_information(v.seller_id, v.case_id, 'Please send a photo.');
        END IF;
    WHEN 'awaiting_buyer' THEN
        c := support_case.provide_information(v.seller_id, v.case_id, 'Here it is.');
    WHEN 'partial_offered' THEN
        IF chance < 0.7 THEN
            c := support_case.accept_offer(v.seller_id, v.case_id);
        ELSE
            c := support_case.decline_offer(v.seller_id, v.case_id);
        END IF;
    WHEN 'return_pending' THEN
        commands := 2;
        c := support_case.record_return_label(v.seller_id, v.case_id, s.freight, 'Correios', 'RT' || v.case_id);
        c := support_case.record_return_dropped_off(v.seller_id, v.case_id, v.at);
    WHEN 'return_in_transit' THEN
        c := support_case.record_return_delivered(v.seller_id, v.case_id, v.at);
    WHEN 'return_inspection' THEN
        IF chance < 0.85 THEN
            c := support_case.confirm_return(v.seller_id, v.case_id);
        ELSE
            c := support_case.dispute_return(v.seller_id, v.case_id, 'incorrect', 'This is not what I sent.');
        END IF;
    WHEN 'replacement_pending' THEN
        IF c.is_overdue AND c.is_returnable THEN
            c := support_case.authorise_return(v.seller_id, v.case_id, actor_id => 'agent-1');
        ELSE
            c := support_case.record_replacement_shipped(v.seller_id, v.case_id, v.at);
        END IF;
    WHEN 'replacement_in_transit' THEN
        c := support_case.record_replacement_delivered(v.seller_id, v.case_id, v.at);
    WHEN 'refusal_explained' THEN
        IF c.is_discretionary THEN
            commands := 0;
            look_again_at := c.due_at + interval '1 hour';
            RETURN;
        END IF;
        c := support_case.escalate(v.seller_id, v.case_id, 'I do not agree.');
    WHEN 'escalated' THEN
        IF chance >= 0.90 THEN
            c := support_case.offer_full_refund(v.seller_id, v.case_id);
        ELSE
            outcome := CASE WHEN chance < 0.35 THEN 'uphold_seller' WHEN chance < 0.80 THEN 'refund'
                ELSE 'partial_refund' END;
            liability := CASE WHEN chance >= 0.50 AND chance < 0.60 THEN 'platform'
                WHEN chance >= 0.60 AND chance < 0.65 THEN 'carrier'
                WHEN chance >= 0.65 AND chance < 0.70 THEN 'split' END;
            c := support_case.decide(v.seller_id, v.case_id, outcome, liability,
                amount => CASE outcome WHEN 'partial_refund' THEN part END,
                return_required => c.is_returnable AND chance >= 0.70 AND chance < 0.80,
                seller_amount => CASE liability WHEN 'split' THEN round(s.payout / 2, 2) END,
                actor_id => 'agent-1');
        END IF;
    ELSE
        -- Closed: the provider settles the refund, the buyer may say thank you.
        commands := 0;
        SELECT i.visible_from, i.status INTO visible_from, refund_status
        FROM support_case.refund_instruction AS i
        WHERE i.seller_id = v.seller_id AND i.case_id = v.case_id;
        IF visible_from IS NULL AND c.resolution IN ('full_refund', 'full_refund_after_return', 'partial_refund') THEN
            -- The deadline has refunded, and no sweep has written it yet.
            look_again_at := v.at + interval '4 days';
            RETURN;
        ELSIF visible_from > v.at THEN
            look_again_at := visible_from + interval '1 hour';
            RETURN;
        ELSIF refund_status = 'instructed' THEN
            commands := commands + 1;
            c := support_case.record_refund_settled(v.seller_id, v.case_id);
        END IF;
        IF chance < 0.4 AND c.status_since > v.at - interval '13 days' AND (SELECT q.is_open
            FROM support_case.feedback_survey AS q WHERE q.seller_id = v.seller_id AND q.case_id = v.case_id)
        THEN
            commands := commands + 1;
            c := support_case.leave_feedback(v.seller_id, v.case_id, chance < 0.25);
        END IF;
        RETURN;
    END CASE;
    -- The next one looks on one of the next days, between 8 and 20 o'clock; a
    -- refund is settled within a week.
    look_again_at := date_trunc('day', v.at)
        + interval '1 day' * CASE WHEN c.status = 'closed' THEN 8 ELSE 1 + floor(3 * chance) END
        + interval '1 minute' * (480 + floor(720 * demo.dice(s.key, 'hour' || v.turn)));
END
$$;

CREATE TABLE demo.tally (what text PRIMARY KEY, calls bigint NOT NULL, milliseconds numeric NOT NULL);

CREATE PROCEDURE demo.count_calls(what text, calls bigint, since timestamptz)
LANGUAGE sql AS $$
    INSERT INTO demo.tally AS t VALUES (what, calls, 1000 * extract(epoch FROM clock_timestamp() - since))
    ON CONFLICT (what) DO UPDATE SET calls = t.calls + excluded.calls,
        milliseconds = t.milliseconds + excluded.milliseconds
$$;

CREATE PROCEDURE demo.turn_clock(at timestamptz)
LANGUAGE sql AS $$ SELECT set_config('support_case.now', at::text, false) $$;

-- Some buyers write long after the parcel came: then it is too late.
CREATE TABLE demo.late_review (seller_id bigint, order_id bigint, PRIMARY KEY (seller_id, order_id));

CREATE PROCEDURE demo.rate(a demo.agenda)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM support_case.rate_order(r.seller_id, r.order_id, r.mark, r.comment)
    FROM demo.review AS r
    WHERE r.seller_id = a.seller_id AND r.order_id = a.order_id;
EXCEPTION WHEN SQLSTATE 'SC003' THEN
    INSERT INTO demo.late_review VALUES (a.seller_id, a.order_id);
END
$$;

-- Whatever is due at this instant becomes rows.
CREATE PROCEDURE demo.sweep_at(at timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    since timestamptz := clock_timestamp();
    written bigint := 0;
    step_count integer;
BEGIN
    CALL demo.turn_clock(at);
    LOOP
        step_count := support_case.sweep();
        EXIT WHEN step_count = 0;
        written := written + step_count;
    END LOOP;
    CALL demo.count_calls('deadlines swept', written, since);
END
$$;

-- One day: the nightly sweep, then everything on the agenda, kind by kind, so
-- that each kind can be timed.
CREATE PROCEDURE demo.play_day(day date)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    a demo.agenda;
    s demo.sale;
    p demo.complaint;
    c support_case.case_current;
    commands integer;
    look_again_at timestamptz;
    midnight timestamptz := day;
    next_midnight timestamptz := day + 1;
    since timestamptz;
    done bigint;
BEGIN
    CALL demo.sweep_at(midnight + interval '3 hours');

    since := clock_timestamp();
    done := 0;
    FOR a IN SELECT k.* FROM demo.agenda AS k
        WHERE k.at >= midnight AND k.at < next_midnight AND k.kind = 'register'
        ORDER BY k.at, k.seller_id, k.order_id
    LOOP
        CALL demo.turn_clock(a.at);
        SELECT k.* INTO STRICT s FROM demo.sale AS k WHERE k.seller_id = a.seller_id AND k.order_id = a.order_id;
        PERFORM support_case.register_order(s.seller_id, s.order_id, s.buyer_id, 'BRL', s.payout, s.freight, s.fee,
            s.lines, commission => s.commission, tax => 0, return_shipping => s.freight);
        done := done + 1;
    END LOOP;
    CALL demo.count_calls('orders registered', done, since);

    since := clock_timestamp();
    done := 0;
    FOR a IN SELECT k.* FROM demo.agenda AS k
        WHERE k.at >= midnight AND k.at < next_midnight AND k.kind <> 'register'
        ORDER BY k.at, k.seller_id, k.order_id, k.kind
    LOOP
        CALL demo.turn_clock(a.at);
        look_again_at := NULL;
        commands := 1;
        IF a.kind = 'deliver' THEN
            PERFORM support_case.record_order_delivered(a.seller_id, a.order_id, a.at);
        ELSIF a.kind = 'open' THEN
            SELECT k.* INTO STRICT p FROM demo.complaint AS k
            WHERE k.seller_id = a.seller_id AND k.order_id = a.order_id;
            c := support_case.open_case(a.seller_id, a.order_id, p.reason, p.description,
                evidence => '[{"uri": "s3://evidence/1.jpg"}]');
            a.case_id := c.case_id;
            look_again_at := date_trunc('day', a.at) + interval '1 day 9 hours'
                + interval '1 hour' * floor(40 * demo.dice(a.seller_id || '/' || a.order_id, 'first look'));
        ELSIF a.kind = 'rate' THEN
            CALL demo.rate(a);
        ELSE
            SELECT k.* INTO STRICT commands, look_again_at FROM demo.visit(a) AS k;
        END IF;
        done := done + commands;
        IF look_again_at IS NOT NULL THEN
            INSERT INTO demo.agenda (at, kind, seller_id, order_id, case_id, turn)
            VALUES (greatest(look_again_at, next_midnight + interval '8 hours'), 'visit', a.seller_id, a.order_id, a.case_id, a.turn + 1);
        END IF;
    END LOOP;
    CALL demo.count_calls('commands', done, since);
END
$$;

CREATE PROCEDURE demo.play()
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    day date := (SELECT min(a.at) FROM demo.agenda AS a);
BEGIN
    WHILE day <= (SELECT max(a.at) FROM demo.agenda AS a) LOOP
        CALL demo.play_day(day);
        COMMIT;
        day := day + 1;
    END LOOP;
    -- The last deadlines end by themselves.
    CALL demo.sweep_at(day + 60);
    COMMIT;
END
$$;

CALL demo.play();
