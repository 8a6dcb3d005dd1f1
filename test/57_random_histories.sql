-- Random histories of many cases: whatever commands come in whatever order at
-- whatever instants, the invariants of requirements 6 hold, no command fails
-- in a way that it does not document, and a refused command changes nothing.
-- Seeded: every run is the same.
BEGIN;
SET LOCAL timezone = 'UTC';

CREATE TEMPORARY TABLE setting AS SELECT 0.2026 AS seed, 12 AS batches, 130 AS commands_per_batch;
SELECT setseed(seed) FROM setting \g /dev/null

-- pick returns one of the values, at random.
CREATE FUNCTION pg_temp.pick(VARIADIC choices text[])
RETURNS text
LANGUAGE sql VOLATILE
AS $$ SELECT choices[1 + floor(random() * cardinality(choices))::integer] $$;

CREATE FUNCTION pg_temp.up_to(most integer)
RETURNS integer
LANGUAGE sql VOLATILE
AS $$ SELECT floor(random() * (most + 1))::integer $$;

CREATE FUNCTION pg_temp.advance(by interval)
RETURNS void
LANGUAGE sql
AS $$ SELECT set_config('support_case.now', (support_case.clock() + by)::text, true) $$;

-- An amount of some hundred units in any currency.
CREATE FUNCTION pg_temp.amount(currency text)
RETURNS numeric
LANGUAGE sql VOLATILE
AS $$ SELECT round((random() * 60)::numeric, CASE currency WHEN 'JPY' THEN 0 WHEN 'KWD' THEN 3 ELSE 2 END) $$;

CREATE FUNCTION pg_temp.new_order(order_id bigint)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    currency text := pg_temp.pick('USD', 'JPY', 'KWD');
    lines jsonb;
    paid numeric;
    shipping numeric := pg_temp.amount(currency);
    payout numeric;
    fee numeric := 0;
    kept numeric;
    tax numeric;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('line_number', n * 2, 'quantity', q, 'unit_price', p)), sum(q * p)
    INTO lines, paid
    FROM (SELECT n, 1 + pg_temp.up_to(2) AS q, pg_temp.amount(currency) AS p
        FROM generate_series(1, 1 + pg_temp.up_to(2)) AS n) AS line;
    -- One order in eight was discounted at the platform's cost (AMB-126).
    kept := CASE WHEN random() < 0.125 THEN -pg_temp.amount(currency) ELSE least(paid, pg_temp.amount(currency)) END;
    payout := paid - kept;
    IF payout > 1 AND random() < 0.5 THEN
        fee := 1;
        payout := payout - 1;
    END IF;
    tax := CASE WHEN kept > 1 THEN 1 ELSE 0 END;
    PERFORM support_case.register_order(1 + order_id % 3, order_id, 70, currency, payout, shipping, fee, lines,
        commission => CASE WHEN kept >= 0 THEN kept - tax END, tax => CASE WHEN kept >= 0 THEN tax END,
        return_shipping => CASE WHEN random() < 0.5 THEN pg_temp.amount(currency) END);
END
$$;

-- act takes one action on a case, with arguments that are mostly sensible.
CREATE FUNCTION pg_temp.act(k support_case.case_current, action text, actor text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    s constant bigint := k.seller_id;
    c constant bigint := k.case_id;
    a constant numeric := pg_temp.amount(k.currency);
    fact constant timestamptz := greatest(k.opened_at, support_case.clock() - pg_temp.up_to(100) * interval '1 hour');
    liability constant text := pg_temp.pick('seller', 'platform', 'carrier', 'split', NULL);
BEGIN
    CASE action
        WHEN 'offer_full_refund' THEN PERFORM support_case.offer_full_refund(s, c, random() < 0.6);
        WHEN 'offer_partial_refund' THEN PERFORM support_case.offer_partial_refund(s, c, a);
        WHEN 'send_replacement' THEN PERFORM support_case.send_replacement(s, c, 'USPS', '9400');
        WHEN 'explain_no_refund' THEN PERFORM support_case.explain_no_refund(s, c, 'it was whole');
        WHEN 'request_information' THEN PERFORM support_case.request_information(s, c, 'which one?');
        WHEN 'confirm_return' THEN PERFORM support_case.confirm_return(s, c);
        WHEN 'dispute_return' THEN PERFORM support_case.dispute_return(s, c, 'missing', 'the box was empty');
        WHEN 'accept_offer' THEN PERFORM support_case.accept_offer(s, c);
        WHEN 'decline_offer' THEN PERFORM support_case.decline_offer(s, c);
        WHEN 'provide_information' THEN PERFORM support_case.provide_information(s, c, 'this one');
        WHEN 'escalate' THEN PERFORM support_case.escalate(s, c);
        WHEN 'withdraw_case' THEN
            IF random() < 0.2 THEN PERFORM support_case.withdraw_case(s, c); END IF;
        WHEN 'reopen_case' THEN PERFORM support_case.reopen_case(s, c);
        WHEN 'consent_to_replacement' THEN PERFORM support_case.consent_to_replacement(s, c);
        WHEN 'submit_dropoff_proof' THEN PERFORM support_case.submit_dropoff_proof(s, c, fact, '[{"uri": "s3://1"}]');
        WHEN 'leave_feedback' THEN PERFORM support_case.leave_feedback(s, c, random() < 0.5);
        WHEN 'decide' THEN
            IF random() < 0.3 THEN
                PERFORM support_case.decide(s, c, 'uphold_seller', actor_id => 'agent');
            ELSIF random() < 0.5 THEN
                PERFORM support_case.decide(s, c, 'partial_refund', liability, a,
                    seller_amount => CASE liability WHEN 'split' THEN a / 2 END, actor_id => 'agent');
            ELSE
                PERFORM support_case.decide(s, c, 'refund', liability, return_required => random() < 0.5,
                    seller_amount => CASE liability WHEN 'split' THEN a END,
                    carrier_amount => CASE WHEN liability = 'split' AND random() < 0.5 THEN a END, actor_id => 'agent');
            END IF;
        WHEN 'authorise_return' THEN PERFORM support_case.authorise_return(s, c, 'agent');
        WHEN 'reinstate_return' THEN PERFORM support_case.reinstate_return(s, c, 'agent');
        WHEN 'return_to_seller' THEN PERFORM support_case.return_to_seller(s, c, 'agent');
        WHEN 'reassign_liability' THEN PERFORM support_case.reassign_liability(s, c, coalesce(liability, 'seller'),
                CASE liability WHEN 'split' THEN a END, actor_id => 'agent');
        WHEN 'take_over_case' THEN PERFORM support_case.take_over_case(s, c, actor_id => 'agent');
        WHEN 'resume_case' THEN PERFORM support_case.resume_case(s, c, 'agent');
        WHEN 'record_return_label' THEN PERFORM support_case.record_return_label(s, c, a);
        WHEN 'record_return_dropped_off' THEN PERFORM support_case.record_return_dropped_off(s, c, fact);
        WHEN 'record_return_delivered' THEN PERFORM support_case.record_return_delivered(s, c, fact,
                is_refused => actor = 'carrier' AND random() < 0.2, reported_by => actor);
        WHEN 'record_replacement_shipped' THEN PERFORM support_case.record_replacement_shipped(s, c, fact);
        WHEN 'record_replacement_delivered' THEN PERFORM support_case.record_replacement_delivered(s, c, fact);
        WHEN 'record_chargeback' THEN
            IF random() < 0.15 THEN PERFORM support_case.record_chargeback(s, k.order_id, a + 1); END IF;
        WHEN 'record_external_refund' THEN
            IF random() < 0.3 THEN PERFORM support_case.record_external_refund(s, k.order_id, a + 1); END IF;
        WHEN 'record_refund_settled' THEN PERFORM support_case.record_refund_settled(s, c);
        WHEN 'record_refund_failed' THEN PERFORM support_case.record_refund_failed(s, c, 'card closed');
        WHEN 'post_message' THEN PERFORM support_case.post_message(s, c, actor, 'hello');
        WHEN 'refund_and_ask_to_reorder' THEN PERFORM support_case.refund_and_ask_to_reorder(s, c);
        WHEN 'start_carrier_enquiry' THEN PERFORM support_case.start_carrier_enquiry(s, c, 'USPS');
        WHEN 'record_parcel_found' THEN PERFORM support_case.record_parcel_found(s, c, fact, actor);
        WHEN 'consent_to_recharge' THEN
            PERFORM support_case.consent_to_recharge(s, c, CASE WHEN random() < 0.3 THEN a END);
        WHEN 'withdraw_recharge_consent' THEN PERFORM support_case.withdraw_recharge_consent(s, c);
        WHEN 'recharge_buyer' THEN PERFORM support_case.recharge_buyer(s, c, a, actor_id => 'agent');
    END CASE;
END
$$;

CREATE TEMPORARY TABLE tally (batch integer, action text, sqlstate text, message text);
-- What a refused command must leave as it was.
CREATE FUNCTION pg_temp.digest()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    relation regclass;
    digest text;
    whole text := '';
BEGIN
    FOR relation IN
        SELECT oid FROM pg_class WHERE relnamespace = 'support_case'::regnamespace AND relkind = 'r' ORDER BY relname
    LOOP
        EXECUTE format('SELECT md5(string_agg(md5(t::text), '''' ORDER BY md5(t::text))) FROM %s AS t', relation)
        INTO digest;
        whole := md5(concat(whole, relation, digest));
    END LOOP;
    RETURN whole;
END
$$;

-- One random command; mostly one that the case's status knows.
CREATE FUNCTION pg_temp.command(batch integer, next_order bigint)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    k support_case.case_current;
    action text;
    actor text;
    before text;
BEGIN
    IF random() < 0.15 OR next_order < 20 THEN
        PERFORM pg_temp.new_order(next_order);
        IF random() < 0.1 THEN
            PERFORM support_case.file_guarantee_claim(1 + next_order % 3, next_order, 'nothing came');
            RETURN next_order + 1;
        END IF;
        PERFORM support_case.open_case(1 + next_order % 3, next_order,
            pg_temp.pick('late_not_shipped', 'missing_item', 'damaged_in_transit', 'returned_to_sender', 'damaged_in_transit'), 'help');
        RETURN next_order + 1;
    END IF;
    SELECT c.* INTO k
    FROM (SELECT t.seller_id, t.case_id FROM support_case.support_case AS t
        WHERE t.status <> 'closed' OR random() < 0.1
        ORDER BY random() LIMIT 1) AS t
    JOIN support_case.case_current AS c USING (seller_id, case_id);
    SELECT m.action, m.actor INTO action, actor
    FROM (SELECT DISTINCT s.action, s.actor FROM support_case.state_machine() AS s
        WHERE s.machine = 'case' AND s.actor <> 'system' AND s.from_status IS NOT NULL
            AND (s.from_status = k.status OR random() < 0.02)) AS m
    -- What ends a case early, or leads nowhere, comes seldom.
    ORDER BY random() * CASE WHEN m.action IN ('withdraw_case', 'record_chargeback', 'record_external_refund',
        'post_message', 'resume_case', 'escalate', 'return_to_seller', 'take_over_case', 'record_parcel_found',
        'start_carrier_enquiry', 'refund_and_ask_to_reorder', 'consent_to_recharge', 'withdraw_recharge_consent')
        THEN 5 ELSE 1 END
    LIMIT 1;
    IF k.status = 'closed' AND random() < 0.3 THEN
        action := pg_temp.pick('record_refund_settled', 'record_refund_failed');
    END IF;
    IF random() < 0.02 THEN
        before := pg_temp.digest();
    END IF;
    BEGIN
        IF random() < 0.05 THEN
            action := 'open_case';
            IF random() < 0.5 THEN
                action := 'file_guarantee_claim';
                PERFORM support_case.file_guarantee_claim(k.seller_id, k.order_id, 'again');
            ELSE
                PERFORM support_case.open_case(k.seller_id, k.order_id, 'damaged_in_transit', 'again',
                    CASE WHEN random() < 0.7 THEN '[{"line_number": 2, "quantity": 1}]'::jsonb END);
            END IF;
        ELSE
            PERFORM pg_temp.act(k, action, actor);
        END IF;
        INSERT INTO tally VALUES (batch, action, '00000');
    EXCEPTION WHEN OTHERS THEN
        INSERT INTO tally VALUES (batch, action, SQLSTATE, SQLERRM);
        IF before IS NOT NULL AND before <> pg_temp.digest() THEN
            INSERT INTO tally VALUES (batch, action, 'XXXXX', 'the refused command changed something');
        END IF;
    END;
    RETURN next_order;
END
$$;

CREATE TEMPORARY TABLE outcome (batch integer, title text, finding text);

SELECT set_config('support_case.now', '2026-01-05T09:00:00-05:00', true) \g /dev/null
DO $histories$
DECLARE
    run setting;
    next_order bigint := 1;
    shown text;
BEGIN
    SELECT * INTO STRICT run FROM setting;
    PERFORM support_case.register_seller(k) FROM generate_series(1, 3) AS k;
    PERFORM support_case.create_calendar('platform', 'America/New_York; Mo-Fr; 2026-01-19 off');
    FOR batch IN 1..run.batches LOOP
        -- The marketplace thinks again; open cases keep their policy.
        PERFORM pg_temp.advance('1 second');
        PERFORM support_case.create_policy(jsonb_build_object(
            'partial_offer_on_expiry', pg_temp.pick('keep_open', 'treat_as_declined', 'treat_as_accepted', 'close'),
            'partial_offer_decline_without_item', pg_temp.pick('escalate', 'refund_no_return', 'reopen'),
            'ledger_partial_components', pg_temp.pick('none', 'pro_rata'),
            'return_charge_unscanned_label', random() < 0.5,
            'return_auto_cancel', random() < 0.7,
            'return_refusal_counts_as_delivery', random() < 0.5,
            'replacement_mode', pg_temp.pick('seller_ships', 'seller_ships', 'refund_and_reorder'),
            'replacement_auto_authorise_return', random() < 0.5,
            'replacement_sent_evidence', pg_temp.pick('acceptance_scan', 'label'),
            'escalation_auto_on_overdue', random() < 0.3,
            'escalation_blocks_messages', random() < 0.5,
            'escalation_min_wait', pg_temp.pick('0 hours', NULL),
            'chargeback_on_open', pg_temp.pick('close', 'escalate'),
            'appeal_window', pg_temp.pick('10 days', NULL),
            'decision_default_liability', pg_temp.pick('seller', 'platform', 'carrier'),
            'guarantee_days_after_validation', 0,
            'case_max_open_per_line', 1 + pg_temp.up_to(1)));
        PERFORM pg_temp.advance('1 second');
        FOR i IN 1..run.commands_per_batch LOOP
            PERFORM pg_temp.advance(CASE WHEN random() < 0.03 THEN interval '50 hours'
                ELSE pg_temp.up_to(30) * interval '1 minute' END);
            next_order := pg_temp.command(batch, next_order);
        END LOOP;
        INSERT INTO outcome
        SELECT batch, 'verify() finds nothing', concat_ws(' ', check_name, seller_id, case_id, detail)
        FROM support_case.verify();
        -- Whatever is due now shows the same before and after the sweep.
        PERFORM pg_temp.advance(pg_temp.up_to(200) * interval '1 hour');
        SELECT md5(string_agg(l::text, '' ORDER BY l::text)) INTO shown
        FROM (SELECT seller_id, case_id, journal_number, entry_number, event_number, kind, response, account, component,
            currency, amount, effective_at FROM support_case.seller_ledger) AS l;
        CONTINUE WHEN random() < 0.3;
        LOOP
            EXIT WHEN support_case.sweep(10) = 0;
        END LOOP;
        INSERT INTO outcome
        SELECT batch, 'the ledger shows before a sweep what it writes', 'the views differ'
        WHERE shown <> (SELECT md5(string_agg(l::text, '' ORDER BY l::text))
            FROM (SELECT seller_id, case_id, journal_number, entry_number, event_number, kind, response, account, component,
                currency, amount, effective_at FROM support_case.seller_ledger) AS l);
    END LOOP;
END
$histories$;

SELECT plan(9);
SELECT is_empty($$SELECT batch, finding FROM outcome WHERE title = 'verify() finds nothing'$$,
    'verify() finds nothing after any batch');
SELECT is_empty($$SELECT batch FROM outcome WHERE title = 'the ledger shows before a sweep what it writes'$$,
    'the ledger shows before a sweep what the sweep writes');
SELECT is_empty('SELECT currency, sum(amount) FROM support_case.ledger_entry GROUP BY 1 HAVING sum(amount) <> 0',
    'the ledger adds up to zero in every currency');
SELECT is_empty('SELECT seller_id, order_id, line_number FROM support_case.sales_order_line WHERE refunded > refundable',
    'no line refunds more than the buyer paid');
SELECT is_empty($$SELECT DISTINCT sqlstate, action, message FROM tally WHERE sqlstate NOT IN ('00000', 'SC001', 'SC003',
        'SC007', 'SC008', 'SC013', 'SC014', '22023', 'P0002')
        AND NOT (sqlstate = '23505' AND action = 'record_parcel_found')$$,
    'commands are refused with the errors that they document, and change nothing');
SELECT is_empty('SELECT case_id, stalled_code FROM support_case.support_case WHERE stalled_code IS NOT NULL',
    'no case stalls');
-- The histories are worth something only if they go far and wide.
SELECT cmp_ok((SELECT count(*) FROM tally WHERE sqlstate = '00000'), '>', (SELECT count(*) / 3 FROM tally),
    'a good part of the commands is accepted');
SELECT cmp_ok((SELECT count(DISTINCT transition) FROM support_case.case_event), '>=', 40::bigint,
    'at least 40 transitions are taken');
SELECT cmp_ok((SELECT count(DISTINCT (response, currency)) FROM support_case.ledger_journal WHERE kind = 'charge'), '>=',
    12::bigint, 'responses are charged in all currencies');
SELECT * FROM finish();
ROLLBACK;
