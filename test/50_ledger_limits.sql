-- What limits and corrects charges: the cap of each order line, refunds
-- outside the cases, chargebacks, reversals, stalled deadlines, and the guards
-- of the ledger against hand-written SQL (AMB-23, AMB-37, AMB-38, AMB-41,
-- AMB-65, AMB-122, AMB-124, W-117).
BEGIN;
SELECT plan(110);

SET LOCAL timezone = 'UTC';

CREATE FUNCTION pg_temp.at(instant text)
RETURNS void
LANGUAGE sql
AS $$ SELECT set_config('support_case.now', instant, true) $$;

CREATE FUNCTION pg_temp.entries(case_id bigint, from_journal integer DEFAULT 1)
RETURNS text
LANGUAGE sql
AS $$
    SELECT coalesce(string_agg(format('%s.%s %s', account, component, amount), ', '
        ORDER BY journal_number, entry_number), 'none')
    FROM support_case.seller_ledger AS l
    WHERE l.case_id = entries.case_id AND journal_number >= from_journal
$$;

CREATE FUNCTION pg_temp.open(order_id bigint, reason text DEFAULT 'damaged_in_transit')
RETURNS bigint
LANGUAGE sql
AS $$
    SELECT support_case.register_order(1, order_id, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
        commission => 8.00, tax => 0, return_shipping => 6.50);
    SELECT case_id FROM support_case.open_case(1, order_id, reason, 'it does not work')
$$;

CREATE FUNCTION pg_temp.sums(order_id bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT format('refunded %s of %s, units %s of %s, seller money %s of %s', sum(refunded), sum(refundable),
        sum(refunded_quantity), sum(quantity), sum(consumed_payout + consumed_shipping + consumed_fee),
        sum(payout + shipping + fee))
    FROM support_case.sales_order_line AS l
    WHERE l.seller_id = 1 AND l.order_id = sums.order_id
$$;

SELECT pg_temp.at('2026-01-05T09:00:00Z');
SELECT support_case.register_seller(1);

-- AMB-124: three units of one line and one of another, refunded one by one.
SELECT support_case.register_order(1, 1, 7, 'USD', 88.81, 5.00, 3.19,
    '[{"line_number": 1, "quantity": 3, "unit_price": 10.00}, {"line_number": 5, "unit_price": 70.00}]',
    commission => 7.99, tax => 0.01);
SELECT is((SELECT array_agg(ARRAY[payout, shipping, fee, commission, tax, refundable] ORDER BY line_number)
        FROM support_case.sales_order_line WHERE order_id = 1),
    '{{2664,150,96,240,0,3150},{6217,350,223,559,1,7350}}'::bigint[], 'AMB-124: the order''s amounts go to its lines by price');
SELECT support_case.open_case(1, 1, 'missing_item', 'one is missing', '[{"line_number": 1, "quantity": 1}]');
SELECT support_case.offer_full_refund(1, 1);
SELECT is(pg_temp.entries(1),
    'seller_payable.payout 8.88, seller_payable.shipping 0.50, seller_payable.fee 0.32, '
    'commission_reversal.commission 0.80, buyer_refund.refund -10.50', 'AMB-124: one of three units');
SELECT throws_ok($$SELECT support_case.open_case(1, 1, 'missing_item', 'more', '[{"line_number": 1, "quantity": 3}]')$$,
    '22023', 'quantity 3 of line 1 is not possible', 'AMB-124: two units are left');
SELECT support_case.open_case(1, 1, 'missing_item', 'two more', '[{"line_number": 1, "quantity": 2}]');
SELECT support_case.open_case(1, 1, 'missing_item', 'the other, too', '[{"line_number": 5}]');
SELECT support_case.offer_full_refund(1, 3);
SELECT support_case.offer_full_refund(1, 2);
SELECT is(pg_temp.sums(1), 'refunded 10500 of 10500, units 4 of 4, seller money 9700 of 9700',
    'AMB-124: the cases of an order together refund and charge exactly its money');
SELECT is((SELECT sum(amount) FILTER (WHERE account = 'seller_payable') FROM support_case.seller_ledger WHERE order_id = 1),
    97.00, 'AMB-124: the last one clears the seller''s 97.00');
SELECT results_eq($$SELECT account, sum(amount) FROM support_case.seller_ledger WHERE order_id = 1
        AND account LIKE '%reversal' GROUP BY 1 ORDER BY 1$$,
    $$VALUES ('commission_reversal', 7.99), ('tax_reversal', 0.01)$$, 'AMB-124: and commission and tax');
SELECT throws_ok($$SELECT support_case.open_case(1, 1, 'missing_item', 'more')$$, 'SC007', NULL,
    'nothing is left to ask about');

-- AMB-122: a partial refund, then a full one gets the rest.
SELECT pg_temp.open(4);
SELECT support_case.offer_partial_refund(1, 4, 30.00);
SELECT support_case.accept_offer(1, 4);
SELECT support_case.open_case(1, 4, 'damaged_in_transit', 'still');
SELECT support_case.offer_full_refund(1, 5);
SELECT is(pg_temp.entries(5),
    'seller_payable.payout 61.34, seller_payable.shipping 3.45, seller_payable.fee 2.21, '
    'commission_reversal.commission 8.00, buyer_refund.refund -75.00', 'AMB-122: a full refund after a partial one is the rest');
SELECT results_eq('SELECT action, actor, details, effective_at FROM support_case.case_timeline WHERE case_id = 5 AND event_number = 3',
    $$VALUES ('refund_clamped', 'system', '{"currency": "USD", "entitled": 105.00, "refunded": 75.00}'::jsonb,
        '2026-01-05T09:00:00Z'::timestamptz)$$, 'AMB-122: event refund_clamped says so');
SELECT results_eq($$SELECT recipient, data -> 'amount', data -> 'entitled', data -> 'currency' FROM support_case.outbox
        WHERE subject_id = 5 AND subject = 'case' AND template = 'refund_clamped' AND channel = 'in_app' ORDER BY recipient$$,
    $$VALUES ('buyer', '7500'::jsonb, '10500'::jsonb, '"USD"'::jsonb), ('seller', '7500', '10500', '"USD"')$$,
    'AMB-122: buyer and seller are told what it came to, and what it would have been');
SELECT is(pg_temp.sums(4), 'refunded 10500 of 10500, units 1 of 1, seller money 9700 of 9700', 'both refund all');

-- AMB-65: a refund outside the case shrinks the cap, and debits nobody.
SELECT pg_temp.open(6);
SELECT support_case.offer_partial_refund(1, 6, 60.00);
SELECT results_eq('SELECT case_id, status FROM support_case.record_external_refund(1, 6, 50.00)',
    $$VALUES (6::bigint, 'partial_offered')$$, 'AMB-65: the case goes on while something is left');
SELECT is(pg_temp.entries(6), 'none', 'AMB-65: nothing is posted');
SELECT support_case.accept_offer(1, 6);
SELECT is(pg_temp.entries(6), 'seller_payable.partial 55.00, buyer_refund.refund -55.00',
    'AMB-122: an accepted offer is clamped to what is left');
SELECT is((SELECT details ->> 'refunded' FROM support_case.case_timeline WHERE case_id = 6 AND action = 'refund_clamped'),
    '55.00', 'and says so');
SELECT pg_temp.open(7);
SELECT results_eq('SELECT status, resolution FROM support_case.record_external_refund(1, 7, 200.00)',
    $$VALUES ('closed', 'full_refund')$$, 'AMB-65: a case for which nothing is left closes');
SELECT is(pg_temp.entries(7), 'none', 'without a charge');
SELECT results_eq('SELECT amount, counted_amount FROM support_case.external_refund WHERE order_id = 7',
    'VALUES (20000::bigint, 10500::bigint)', 'what is beyond the cap is recorded, but does not count');

-- AMB-122: two automatic refunds of one line; the second one finds nothing.
SELECT support_case.create_policy('{"case_max_open_per_line": 2}', '2026-01-05T09:00:01Z');
SELECT pg_temp.at('2026-01-05T10:00:00Z');
SELECT pg_temp.open(8);
SELECT support_case.open_case(1, 8, 'defective', 'and broken', evidence => '[{"uri": "s3://1"}]');
SELECT throws_ok($$SELECT support_case.open_case(1, 8, 'missing_item', 'and gone')$$, 'SC013', NULL,
    'AMB-46: as many open cases per line as the policy allows');
SELECT support_case.offer_full_refund(1, 8, true), support_case.offer_full_refund(1, 9, true);
SELECT support_case.record_return_delivered(1, 8, support_case.clock());
SELECT support_case.record_return_delivered(1, 9, support_case.clock());
SELECT pg_temp.at('2026-01-07T10:00:00Z');
SELECT is(pg_temp.entries(8),
    'seller_payable.payout 88.80, seller_payable.shipping 5.00, seller_payable.fee 3.20, seller_payable.return 6.50, '
    'commission_reversal.commission 8.00, buyer_refund.refund -105.00, return_label.return -6.50',
    'AMB-121: of two cases due at once the lower number comes first');
SELECT is(pg_temp.entries(9), 'seller_payable.return 6.50, return_label.return -6.50',
    'AMB-122: the second refund is clamped to zero; its label was used');
SELECT is((SELECT details ->> 'refunded' FROM support_case.case_timeline WHERE case_id = 9 AND action = 'refund_clamped'),
    '0.00', 'and shown so before any sweep');
CREATE TEMPORARY TABLE shown AS
SELECT case_id, event_number, transition, action, actor, status, resolution, deadline, due_at, details, effective_at
FROM support_case.case_timeline WHERE case_id IN (8, 9);
SELECT is(support_case.sweep(), 2, 'the sweep writes both');
SELECT results_eq('SELECT case_id, event_number, transition, action, actor, status, resolution, deadline, due_at,
        details, effective_at FROM support_case.case_event WHERE case_id IN (8, 9) ORDER BY 1, 2',
    'SELECT * FROM shown ORDER BY 1, 2', 'as it was shown');
SELECT results_eq('SELECT case_id, amount FROM support_case.refund_instruction WHERE case_id IN (8, 9)',
    'VALUES (8::bigint, 10500::bigint)', 'the provider gets one instruction');

-- W-117, T-29, AMB-41: a chargeback closes the open case and debits nobody.
SELECT pg_temp.open(10);
SELECT results_eq('SELECT status, resolution FROM support_case.record_chargeback(1, 10, 40.00, reference => ''cb-1'')',
    $$VALUES ('closed', 'superseded_by_chargeback')$$, 'AMB-41, T-29: a chargeback closes the case');
SELECT is(pg_temp.entries(10), 'none', 'W-117, AMB-41: no debit');
SELECT is(pg_temp.sums(10), 'refunded 4000 of 10500, units 0 of 1, seller money 3695 of 9700',
    'AMB-41, AMB-124: the cap shrinks, and with it what is left to charge');
SELECT support_case.open_case(1, 10, 'damaged_in_transit', 'there is more');
SELECT throws_ok('SELECT support_case.offer_partial_refund(1, 11, 65.00)', 'SC007',
    'a partial refund must be less than what remains refundable', 'AMB-41: 65.00 remain');
SELECT support_case.offer_full_refund(1, 11);
SELECT is(pg_temp.entries(11),
    'seller_payable.payout 54.97, seller_payable.shipping 3.10, seller_payable.fee 1.98, '
    'commission_reversal.commission 4.95, buyer_refund.refund -65.00',
    'AMB-41, W-83, W-117: no money is paid twice; of what is left the seller bears his part, the commission goes back');
SELECT is(pg_temp.sums(10), 'refunded 10500 of 10500, units 1 of 1, seller money 9700 of 9700', 'AMB-124: both clear the line');
-- After a case: the debit stays until the platform reassigns it.
SELECT pg_temp.open(12);
SELECT support_case.offer_full_refund(1, 12);
SELECT results_eq('SELECT status, resolution FROM support_case.record_chargeback(1, 12, 105.00)',
    $$VALUES ('closed', 'full_refund')$$, 'AMB-41: a closed case stays as it is');
SELECT is(pg_temp.sums(12), 'refunded 10500 of 10500, units 1 of 1, seller money 9700 of 9700', 'the cap is used up');
SELECT results_eq('SELECT counted_amount FROM support_case.external_refund WHERE order_id = 12', 'VALUES (0::bigint)',
    'and the chargeback does not count again');
SELECT pg_temp.at('2026-01-08T10:00:00Z');
SELECT support_case.reassign_liability(1, 12, 'platform', actor_id => 'agent');
SELECT is(pg_temp.entries(12, 2),
    'seller_payable.payout -88.80, seller_payable.shipping -5.00, seller_payable.fee -3.20, '
    'commission_reversal.commission -8.00, buyer_refund.refund 105.00, '
    'platform_absorbed.fee 3.20, platform_absorbed.payout 88.80, platform_absorbed.shipping 5.00, '
    'buyer_refund.refund -105.00, commission_reversal.commission 8.00',
    'AMB-38, AMB-41: a reversal, then the charge anew with the platform''s liability');
SELECT results_eq('SELECT DISTINCT journal_number, kind, response, revision, effective_at FROM support_case.seller_ledger
        WHERE case_id = 12 ORDER BY 1',
    $$VALUES (1, 'charge', 'full_refund', 0, '2026-01-07T10:00:00Z'::timestamptz),
        (2, 'reversal', 'full_refund', 0, '2026-01-08T10:00:00Z'),
        (3, 'charge', 'full_refund', 1, '2026-01-08T10:00:00Z')$$, 'AMB-38: journals are only added');
SELECT support_case.reassign_liability(1, 12, 'split', 33.33, 33.33, actor_id => 'agent');
SELECT results_eq($$SELECT event_number, data -> 'charged_to_seller', data -> 'currency' FROM support_case.outbox
        WHERE subject_id = 12 AND subject = 'case' AND template = 'liability_reassigned' AND channel = 'in_app' ORDER BY 1$$,
    $$VALUES (3, '0'::jsonb, '"USD"'::jsonb), (4, '3333', '"USD"')$$, 'AMB-38: the seller is told what he bears now');
SELECT is((SELECT count(*)::integer FROM support_case.outbox
    WHERE subject_id = 12 AND subject = 'case' AND recipient = 'buyer' AND data ? 'charged_to_seller'), 0, 'AMB-38: the buyer is not');
SELECT results_eq($$SELECT account, sum(amount) FROM support_case.seller_ledger WHERE case_id = 12
        AND account IN ('seller_payable', 'carrier_claim', 'platform_absorbed') GROUP BY 1 ORDER BY 1$$,
    $$VALUES ('carrier_claim', 33.33), ('platform_absorbed', 30.34), ('seller_payable', 33.33)$$,
    'AMB-38: again and again, each after a reversal');
SELECT is((SELECT count(*)::integer FROM support_case.refund_instruction WHERE case_id = 12), 1, 'the buyer is refunded once');
SELECT throws_ok($$SELECT support_case.reassign_liability(1, 10, 'platform', actor_id => 'agent')$$, 'SC001', NULL,
    'where nothing was charged there is nothing to reassign');
SELECT throws_ok($$SELECT support_case.reassign_liability(1, 12, 'split', 97.01, actor_id => 'agent')$$, '22023', NULL,
    'nor more than was charged');
-- AMB-41: a policy may hand it to the platform instead.
SELECT support_case.create_policy('{"chargeback_on_open": "escalate"}', '2026-01-08T10:00:01Z');
SELECT pg_temp.at('2026-01-08T11:00:00Z');
SELECT pg_temp.open(13);
SELECT results_eq('SELECT status, escalation_reason FROM support_case.record_chargeback(1, 13, 105.00)',
    $$VALUES ('escalated', 'chargeback')$$, 'AMB-41: chargeback_on_open = escalate');
SELECT throws_ok($$SELECT support_case.decide(1, 13, 'refund', actor_id => 'agent')$$, 'SC007', 'nothing is left to refund',
    'and then nothing is left');
SELECT throws_ok($$SELECT support_case.decide(1, 13, 'refund', 'split', seller_amount => 0, actor_id => 'agent')$$, 'SC007',
    'nothing is left to refund', 'nor to share');
SELECT support_case.decide(1, 13, 'uphold_seller', actor_id => 'agent');

-- AMB-63: a case that opens again is charged once.
SELECT pg_temp.open(14);
SELECT pg_temp.at('2026-02-20T11:00:00Z');
SELECT results_eq('SELECT status, resolution FROM support_case.case_current WHERE case_id = 14',
    $$VALUES ('closed', 'no_seller_response')$$, 'T-43: the seller never answered');
SELECT support_case.reopen_case(1, 14);
SELECT support_case.offer_full_refund(1, 14);
SELECT is(pg_temp.sums(14), 'refunded 10500 of 10500, units 1 of 1, seller money 9700 of 9700',
    'AMB-63: a reopened case is charged once');
SELECT throws_ok('SELECT support_case.reopen_case(1, 14)', 'SC001', NULL, 'AMB-63: and not opened again after money moved');

-- AMB-23: by policy an unscanned label is charged, but once.
SELECT support_case.create_policy('{"return_charge_unscanned_label": true}');
SELECT pg_temp.at('2026-02-20T12:00:00Z');
SELECT pg_temp.open(15);
SELECT support_case.offer_full_refund(1, 15, return_required => true);
SELECT support_case.record_return_label(1, 15, 7.00);
SELECT pg_temp.at('2026-02-27T12:00:00Z');
SELECT is(pg_temp.entries(15), 'seller_payable.return 7.00, return_label.return -7.00',
    'AMB-23: return_charge_unscanned_label');
SELECT support_case.reinstate_return(1, 15, actor_id => 'agent');
SELECT support_case.record_return_label(1, 15, 7.50);
SELECT pg_temp.at('2026-03-06T12:00:00Z');
SELECT is(pg_temp.entries(15), 'seller_payable.return 7.00, return_label.return -7.00',
    'AMB-23, AMB-122: the return expires again and its label is charged no second time');
SELECT lives_ok('SELECT support_case.sweep()', 'nor does the sweep fail');
SELECT is(pg_temp.entries(15), 'seller_payable.return 7.00, return_label.return -7.00', 'nor charge it');
SELECT support_case.reinstate_return(1, 15, actor_id => 'agent');
SELECT support_case.record_return_delivered(1, 15, support_case.clock());
SELECT support_case.confirm_return(1, 15);
SELECT is((SELECT sum(amount) FROM support_case.seller_ledger WHERE case_id = 15 AND account = 'seller_payable'), 104.50,
    'AMB-23: a return that arrives after all costs W-84 in sum');
-- The default: only labels that were scanned.
SELECT support_case.create_policy('{"return_charge_unscanned_label": false}', '2026-03-06T12:00:01Z');
SELECT pg_temp.at('2026-03-09T12:00:00Z');
SELECT pg_temp.open(16);
SELECT support_case.offer_full_refund(1, 16, return_required => true);
SELECT support_case.record_return_label(1, 16, 7.00);
SELECT support_case.withdraw_case(1, 16);
SELECT is(pg_temp.entries(16), 'none', 'AMB-23, W-88: a label that was never scanned costs nothing');

-- AMB-122: a deadline that cannot be computed stalls its case, nothing else.
SELECT support_case.create_policy('{"chargeback_on_open": "close"}', '2026-03-09T12:00:01Z');
SELECT pg_temp.at('2026-03-09T13:00:00Z');
SELECT pg_temp.open(17), pg_temp.open(18), pg_temp.open(19);
SELECT support_case.offer_partial_refund(1, 17, 30.00);
SELECT support_case.offer_full_refund(1, 18, true);
SELECT support_case.record_return_delivered(1, 18, support_case.clock());
SELECT support_case.create_calendar('platform', 'UTC; off', '2026-03-10T00:00:00Z');
SELECT pg_temp.at('2026-03-11T13:00:00Z');
SELECT results_eq('SELECT status, waiting_on, next_step, due_at, stalled_code FROM support_case.case_current WHERE case_id = 17',
    $$VALUES ('partial_offered', 'platform', 'resume_case', NULL::timestamptz, 'SC017')$$,
    'AMB-122: the case stalls where it is, and waits on the platform');
SELECT results_eq('SELECT task, stalled_code, target_at FROM support_case.platform_queue WHERE case_id = 17',
    $$VALUES ('stalled', 'SC017', '2026-03-16T13:00:00Z'::timestamptz)$$, 'AMB-122: the platform''s queue shows it, unswept');
SELECT is_empty('SELECT 1 FROM support_case.due_queue WHERE case_id = 17', 'nothing of it is due');
SELECT is(support_case.sweep(), 3, 'AMB-122: the sweep goes on');
SELECT is(support_case.sweep(), 0, 'and does not come back to it');
SELECT results_eq('SELECT case_id, status, deadline, stalled_code FROM support_case.support_case WHERE case_id IN (17, 18, 19) ORDER BY 1',
    $$VALUES (17::bigint, 'partial_offered', 'partial_offer_answer', 'SC017'), (18, 'closed', NULL, NULL),
        (19, 'awaiting_seller', 'escalation_window', NULL)$$, 'the others are where they belong');
SELECT results_eq('SELECT amount, visible_from FROM support_case.refund_instruction WHERE case_id = 18',
    $$VALUES (10500::bigint, NULL::timestamptz)$$, 'AMB-122: a refund does not fail for a date that informs');
SELECT results_eq('SELECT action, actor, transition, details FROM support_case.case_timeline WHERE case_id = 17 AND event_number = 3',
    $$VALUES ('stall', 'system', NULL::text, '{"ended_deadline": "partial_offer_answer", "sqlstate": "SC017"}'::jsonb)$$,
    'AMB-122: an event says what stalled and why');
SELECT pg_temp.at('2026-03-11T14:00:00Z');
SELECT support_case.post_message(1, 17, 'buyer', 'what now?');
SELECT is((SELECT stalled_code FROM support_case.case_current WHERE case_id = 17), 'SC017', 'a message does not mend it');
SELECT throws_ok($$SELECT support_case.request_information(1, 19, 'which one?')$$, 'SC017', 'deadline cannot be computed',
    'a command that starts such a deadline is refused');
SELECT support_case.escalate(1, 19);
SELECT results_eq('SELECT task, target_at FROM support_case.platform_queue WHERE case_id = 19',
    $$VALUES ('buyer_escalated', NULL::timestamptz)$$, 'nor does the queue fail for a target without open time');
SELECT is((SELECT stalled_code FROM support_case.resume_case(1, 17, actor_id => 'agent')), 'SC017',
    'AMB-122: resumed too early it stalls again');
SELECT support_case.create_calendar('platform', 'UTC; Mo-Fr', '2026-03-12T00:00:00Z');
SELECT pg_temp.at('2026-03-12T09:00:00Z');
SELECT results_eq($$SELECT status, deadline, due_at, stalled_code FROM support_case.resume_case(1, 17, actor_id => 'agent')$$,
    $$VALUES ('awaiting_buyer', 'information_request', '2026-03-19T09:00:00Z'::timestamptz, NULL::text)$$,
    'AMB-122: once the calendar is mended, the deadline takes effect when the case resumes');
SELECT throws_ok($$SELECT support_case.resume_case(1, 17, actor_id => 'agent')$$, 'SC001', NULL, 'what is not stalled cannot resume');
SELECT is((SELECT array_agg(action ORDER BY event_number) FROM support_case.case_event WHERE case_id = 17 AND event_number > 2),
    '{stall,post_message,resume_case,stall,resume_case,expire_deadline}', 'its events tell the story');

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing in all this');

-- The guards hold against the owner of the tables, with SQL of his own.
CREATE FUNCTION pg_temp.journal(kind text, response text, revision integer)
RETURNS text
LANGUAGE sql
AS $$
    SELECT format('INSERT INTO support_case.ledger_journal (seller_id, case_id, journal_number, order_id, event_number,
            kind, response, revision, currency, effective_at, recorded_at)
        VALUES (1, 14, 9, 14, 1, %L, %L, %s, ''USD'', now(), now())', kind, response, revision)
$$;
CREATE FUNCTION pg_temp.as_owner(command text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    constraint_name text;
BEGIN
    SET LOCAL ROLE support_case_owner;
    EXECUTE command;
    RESET ROLE;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS constraint_name = CONSTRAINT_NAME;
    RETURN concat_ws(' ', SQLSTATE, NULLIF(constraint_name, ''));
END
$$;
SELECT is(pg_temp.as_owner(command), expected, title)
FROM (VALUES
    ('one charge per response', pg_temp.journal('charge', 'full_refund', 0), '23505 ledger_journal_one_per_response'),
    ('a second charge needs the reversal of the first', pg_temp.journal('charge', 'full_refund', 1),
        '23503 ledger_journal_corrects'),
    ('a reversal needs its charge', pg_temp.journal('reversal', 'partial_refund', 0), '23503 ledger_journal_corrects'),
    ('a charge is not reversed twice', replace(pg_temp.journal('reversal', 'full_refund', 0), '14', '12'),
        '23505 ledger_journal_one_per_response'),
    ('no other kind', pg_temp.journal('credit', 'full_refund', 0), '23514 ledger_journal_kind'),
    ('no other liability', 'UPDATE support_case.support_case SET liability = ''nobody'' WHERE case_id = 14', '23514 support_case_codes'),
    ('no other route', 'UPDATE support_case.support_case SET routed_because = ''seller_'' WHERE case_id = 14', '23514 support_case_codes'),
    ('no other destination', 'UPDATE support_case.support_case SET return_destination = ''buyer'' WHERE case_id = 14', '23514 support_case_codes'),
    ('no other stage', 'UPDATE support_case.support_case SET escalated_after = ''offer'' WHERE case_id = 14', '23514 support_case_codes'),
    ('no other ruling', 'UPDATE support_case.support_case SET platform_ruling = ''uphold'' WHERE case_id = 14', '23514 support_case_codes'),
    ('shares of a split are not all zero', 'UPDATE support_case.support_case SET liability = ''split'', liability_seller = 0,
        liability_carrier = 0, liability_platform = 0 WHERE case_id = 14', '23514 support_case_split'),
    ('events are for the host', 'UPDATE support_case.outbox SET channel = ''event'' WHERE subject_id = 14 AND recipient = ''buyer''',
        '23514 outbox_address'),
    ('and nothing else', 'UPDATE support_case.outbox SET channel = ''email'' WHERE subject_id = 14 AND recipient = ''host''',
        '23514 outbox_address'),
    ('who has no number', 'UPDATE support_case.outbox SET recipient_id = 1 WHERE subject_id = 14 AND recipient = ''host''',
        '23514 outbox_address'),
    ('no other subject', 'UPDATE support_case.outbox SET subject = ''parcel'' WHERE subject_id = 14', '23514 outbox_address'),
    ('no other recipient', 'UPDATE support_case.outbox SET recipient = ''carrier'' WHERE subject_id = 14 AND recipient = ''buyer''',
        '23514 outbox_address'),
    ('no other conversation', 'UPDATE support_case.conversation SET kind = ''chat'' WHERE case_id = 14', '23514 conversation_kind'),
    ('no other status of a claim', 'INSERT INTO support_case.carrier_claim (seller_id, case_id, claim_number, claim_id, order_id,
        shipment_number, status, currency, requested_at, status_since) VALUES (1, 14, 1, 1, 14, 1, ''lost'', ''USD'', now(), now())',
        '23514 carrier_claim_status'),
    ('no other status of a rating', 'INSERT INTO support_case.public_rating (seller_id, rating_id, order_id, buyer_id, mark, rated_at,
        status, status_since) VALUES (1, 1, 14, 7, 5, now(), ''hidden'', now())', '23514 public_rating_status'),
    ('no other status of an offer', 'INSERT INTO support_case.price_offer (seller_id, offer_id, listing_id, buyer_id, offered_by,
        currency, price, list_price, offered_at, status, status_since) VALUES (1, 1, 1, 7, ''buyer'', ''USD'', 1, 2, now(), ''open'', now())',
        '23514 price_offer_status'),
    ('no negative revision', pg_temp.journal('charge', 'full_refund', -1), '23514 ledger_journal_revision_is_not_negative'),
    ('journals stay', 'DELETE FROM support_case.ledger_journal WHERE case_id = 14', 'SC002'),
    ('as they are', 'UPDATE support_case.ledger_journal SET currency = ''EUR'' WHERE case_id = 14', 'SC002'),
    ('entries stay', 'DELETE FROM support_case.ledger_entry WHERE case_id = 14', 'SC002'),
    ('as they are, too', 'UPDATE support_case.ledger_entry SET amount = -amount WHERE case_id = 14', 'SC002'),
    ('nobody empties the ledger', 'TRUNCATE support_case.ledger_entry', 'SC002'),
    ('nor the refunds outside', 'TRUNCATE support_case.external_refund', 'SC002'),
    ('a journal balances', 'INSERT INTO support_case.ledger_entry VALUES (1, 14, 9, 1, ''seller_payable'', ''fee'', ''USD'', 1)', 'SC006'),
    ('in every currency', 'INSERT INTO support_case.ledger_entry VALUES (1, 14, 9, 1, ''seller_payable'', ''fee'', ''USD'', 1),
        (1, 14, 9, 2, ''buyer_refund'', ''refund'', ''EUR'', -1)', 'SC006'),
    ('without zeros', 'INSERT INTO support_case.ledger_entry VALUES (1, 14, 9, 1, ''seller_payable'', ''fee'', ''USD'', 0)', 'SC006'),
    ('a line refunds what the buyer paid at most', 'UPDATE support_case.sales_order_line SET refunded = refunded + 1 WHERE order_id = 14',
        '23514 sales_order_line_refund_cap'),
    ('no more units than ordered', 'UPDATE support_case.sales_order_line SET refunded_quantity = 2 WHERE order_id = 14',
        '23514 sales_order_line_quantity_cap'),
    ('no more payout than there was', 'UPDATE support_case.sales_order_line SET consumed_payout = payout + 1 WHERE order_id = 14',
        '23514 sales_order_line_component_caps'),
    ('no more shipping than there was', 'UPDATE support_case.sales_order_line SET consumed_shipping = shipping + 1 WHERE order_id = 14',
        '23514 sales_order_line_component_caps'),
    ('no more fee than there was', 'UPDATE support_case.sales_order_line SET consumed_fee = fee + 1 WHERE order_id = 14',
        '23514 sales_order_line_component_caps'),
    ('no more commission than there was', 'UPDATE support_case.sales_order_line SET consumed_commission = commission + 1 WHERE order_id = 14',
        '23514 sales_order_line_component_caps'),
    ('no more tax than there was', 'UPDATE support_case.sales_order_line SET consumed_tax = tax + 1 WHERE order_id = 14',
        '23514 sales_order_line_component_caps'),
    ('no more counts than was refunded', 'INSERT INTO support_case.external_refund VALUES
        (1, 14, 1, ''chargeback'', 1, 2, 0, 0, 0, NULL, now(), now())', '23514 external_refund_counts_at_most_amount'),
    ('a case follows its machine', 'UPDATE support_case.support_case SET status = ''partial_offered'', resolution = NULL,
        deadline = ''partial_offer_answer'', due_at = now() WHERE case_id = 14', 'SC005'),
    ('a settled refund stays settled', 'UPDATE support_case.refund_instruction SET status = ''settled'' WHERE case_id = 14;
        UPDATE support_case.refund_instruction SET status = ''failed'' WHERE case_id = 14', 'SC005'))
    AS v (title, command, expected);

SELECT * FROM finish();
ROLLBACK;
