-- What each response costs whom, to the minor unit, through real commands:
-- W-82 to W-89, X-14, X-15, AMB-34 to AMB-38, AMB-61, AMB-125, AMB-126.
BEGIN;
SELECT plan(59);

SET LOCAL timezone = 'UTC';

CREATE FUNCTION pg_temp.at(instant text)
RETURNS void
LANGUAGE sql
AS $$ SELECT set_config('support_case.now', instant, true) $$;

-- The entries of a case (of its journals from a number on), debit positive.
CREATE FUNCTION pg_temp.entries(case_id bigint, from_journal integer DEFAULT 1)
RETURNS text
LANGUAGE sql
AS $$
    SELECT coalesce(string_agg(format('%s.%s %s', account, component, amount), ', '
        ORDER BY journal_number, entry_number), 'none')
    FROM support_case.seller_ledger AS l
    WHERE l.case_id = entries.case_id AND journal_number >= from_journal
$$;

-- What seller, carrier and platform bear of a case.
CREATE FUNCTION pg_temp.borne(case_id bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT format('seller %s, carrier %s, platform %s',
        coalesce(sum(amount) FILTER (WHERE account = 'seller_payable'), 0),
        coalesce(sum(amount) FILTER (WHERE account = 'carrier_claim'), 0),
        coalesce(sum(amount) FILTER (WHERE account = 'platform_absorbed'), 0))
    FROM support_case.seller_ledger AS l
    WHERE l.case_id = borne.case_id
$$;

-- Every order is X-14's with X-15's price and commission, unless said; cases
-- are opened in the order of their orders, so they share their numbers.
CREATE FUNCTION pg_temp.open(order_id bigint, reason text DEFAULT 'damaged_in_transit', currency text DEFAULT 'USD')
RETURNS bigint
LANGUAGE sql
AS $$
    SELECT support_case.register_order(1, order_id, 7, currency, 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
        commission => 8.00, tax => 0, return_shipping => 6.50);
    SELECT case_id FROM support_case.open_case(1, order_id, reason, 'it does not work')
$$;

-- A return that arrives at once.
CREATE FUNCTION pg_temp.return(case_id bigint)
RETURNS text
LANGUAGE sql
AS $$ SELECT status FROM support_case.record_return_delivered(1, case_id, support_case.clock()) $$;

CREATE FUNCTION pg_temp.escalated(order_id bigint, reason text DEFAULT 'damaged_in_transit')
RETURNS bigint
LANGUAGE sql
AS $$
    SELECT pg_temp.open(order_id, reason);
    SELECT support_case.explain_no_refund(1, order_id, 'it was whole when it left');
    SELECT case_id FROM support_case.escalate(1, order_id)
$$;

SELECT pg_temp.at('2026-01-05T09:00:00-05:00');
SELECT support_case.register_seller(1);
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr');

-- W-83, W-31, T-03: a full refund is charged when it is offered.
SELECT pg_temp.open(1);
SELECT is(pg_temp.entries(1), 'none', 'nothing is charged for an open case');
SELECT support_case.offer_full_refund(1, 1);
SELECT is(pg_temp.entries(1),
    'seller_payable.payout 88.80, seller_payable.shipping 5.00, seller_payable.fee 3.20, '
    'commission_reversal.commission 8.00, buyer_refund.refund -105.00',
    'W-83, X-14, X-15, T-03: the seller pays 97.00, the buyer gets 105.00');
SELECT is((SELECT balance FROM support_case.seller_balance WHERE seller_id = 1 AND currency = 'USD'), -97.00,
    'the balance is positive where the platform owes the seller');
SELECT results_eq('SELECT kind, response, revision, effective_at, recorded_at FROM support_case.seller_ledger
        WHERE case_id = 1 LIMIT 1',
    $$VALUES ('charge', 'full_refund', 0, '2026-01-05T14:00:00Z'::timestamptz, '2026-01-05T14:00:00Z'::timestamptz)$$,
    'W-82: the response is charged at the instant it was given');
SELECT results_eq('SELECT amount, currency, status, instructed_at, visible_from, visible_until
        FROM support_case.refund_instruction WHERE case_id = 1',
    $$VALUES (10500::bigint, 'USD', 'instructed', '2026-01-05T14:00:00Z'::timestamptz,
        '2026-01-08T14:00:00Z'::timestamptz, '2026-01-12T14:00:00Z'::timestamptz)$$,
    'W-29, W-30, W-78, AMB-39, AMB-40: instructed at once, visible in 3 to 5 business days');

-- W-84, T-16: with a return, once it is confirmed; the label comes on top.
SELECT pg_temp.open(2);
SELECT support_case.offer_full_refund(1, 2, return_required => true);
SELECT is(pg_temp.entries(2), 'none', 'W-49: nothing is charged until the return');
SELECT pg_temp.return(2);
SELECT is(pg_temp.entries(2), 'none', 'W-49: nor when it is delivered');
SELECT support_case.confirm_return(1, 2);
SELECT is(pg_temp.entries(2),
    'seller_payable.payout 88.80, seller_payable.shipping 5.00, seller_payable.fee 3.20, seller_payable.return 6.50, '
    'commission_reversal.commission 8.00, buyer_refund.refund -105.00, return_label.return -6.50',
    'W-84, X-14, T-16: the seller pays 103.50');

-- T-17: the same by the deadline, shown from the due instant on, swept or not.
SELECT pg_temp.open(3);
SELECT support_case.offer_full_refund(1, 3, return_required => true);
SELECT support_case.record_return_label(1, 3, 7.25);
SELECT pg_temp.at('2026-01-15T11:30:00-05:00');
SELECT is((SELECT status FROM support_case.case_current WHERE case_id = 3), 'closed',
    'W-34, W-88: a return that is not dropped off expires');
SELECT is(pg_temp.entries(3), 'none', 'W-88, AMB-23: the label of an expired return is not charged');
SELECT pg_temp.at('2026-01-05T09:00:00-05:00');
SELECT support_case.record_return_dropped_off(1, 3, '2026-01-05T09:00:00-05:00');
SELECT pg_temp.at('2026-01-15T11:30:00-05:00');
SELECT pg_temp.return(3);
SELECT pg_temp.at('2026-01-19T11:29:59.999999-05:00');
SELECT is(pg_temp.entries(3), 'none', 'X-04: nothing is charged before the inspection deadline');
CREATE TEMPORARY TABLE balance AS SELECT balance FROM support_case.seller_balance WHERE seller_id = 1;
SELECT pg_temp.at('2026-01-19T11:30:00-05:00');
SELECT is(pg_temp.entries(3),
    'seller_payable.payout 88.80, seller_payable.shipping 5.00, seller_payable.fee 3.20, seller_payable.return 7.25, '
    'commission_reversal.commission 8.00, buyer_refund.refund -105.00, return_label.return -7.25',
    'W-43, W-84, X-04, T-17: charged from the due instant on, with the recorded label');
SELECT is((SELECT b.balance - a.balance FROM support_case.seller_balance AS b, balance AS a WHERE b.seller_id = 1),
    -104.25, 'and so says the balance, without a sweep');
SELECT results_eq('SELECT DISTINCT effective_at, recorded_at, event_number FROM support_case.seller_ledger WHERE case_id = 3',
    $$VALUES ('2026-01-19T16:30:00Z'::timestamptz, NULL::timestamptz, 6)$$, 'not recorded yet');
CREATE TEMPORARY TABLE shown AS
SELECT journal_number, entry_number, event_number, kind, response, revision, account, component, currency, amount,
    effective_at
FROM support_case.seller_ledger;
SELECT pg_temp.at('2026-01-23T11:30:00-05:00');
SELECT is(support_case.sweep(), 1, 'the sweep writes it, late');
SELECT results_eq('SELECT journal_number, entry_number, event_number, kind, response, revision, account, component,
        currency, amount, effective_at FROM support_case.seller_ledger ORDER BY 11, 3, 1, 2',
    'SELECT * FROM shown ORDER BY 11, 3, 1, 2', 'the same rows as were shown before the sweep');
SELECT is_empty('SELECT 1 FROM support_case.seller_ledger WHERE recorded_at IS NULL', 'now all is recorded');
SELECT results_eq('SELECT instructed_at, visible_from FROM support_case.refund_instruction WHERE case_id = 3',
    $$VALUES ('2026-01-19T16:30:00Z'::timestamptz, '2026-01-22T16:30:00Z'::timestamptz)$$,
    'AMB-40: the refund counts from the due instant, not from the sweep');

-- W-86, T-10: the partial amount, once the buyer accepts.
SELECT pg_temp.open(4);
SELECT support_case.offer_partial_refund(1, 4, 30.00);
SELECT is(pg_temp.entries(4), 'none', 'W-54: an offer charges nothing');
SELECT support_case.accept_offer(1, 4);
SELECT is(pg_temp.entries(4), 'seller_payable.partial 30.00, buyer_refund.refund -30.00',
    'W-86, X-14, AMB-37, T-10: the partial amount only');

-- W-85, W-87: nothing.
SELECT pg_temp.open(5);
SELECT support_case.consent_to_replacement(1, 5);
SELECT support_case.send_replacement(1, 5, 'USPS', '9400');
SELECT support_case.record_replacement_shipped(1, 5, support_case.clock());
SELECT support_case.record_replacement_delivered(1, 5, support_case.clock());
SELECT is(pg_temp.entries(5), 'none', 'W-59, W-85, X-14: a replacement charges nothing');
SELECT is((SELECT resolution FROM support_case.case_current WHERE case_id = 5), 'replacement', 'and is the end of it');
SELECT pg_temp.escalated(6);
SELECT is(pg_temp.entries(6), 'none', 'W-64, W-87: a refusal charges nothing');
SELECT support_case.decide(1, 6, 'uphold_seller', actor_id => 'agent');
SELECT is(pg_temp.entries(6), 'none', 'T-24: nor does a decision for the seller');

-- W-65, W-89, T-25: the decision names who bears it.
SELECT pg_temp.escalated(7);
SELECT support_case.decide(1, 7, 'refund', actor_id => 'agent');
SELECT is(pg_temp.entries(7),
    'seller_payable.payout 88.80, seller_payable.shipping 5.00, seller_payable.fee 3.20, '
    'commission_reversal.commission 8.00, buyer_refund.refund -105.00',
    'W-65, T-25, AMB-34: the seller, by default');
SELECT pg_temp.escalated(8);
SELECT support_case.decide(1, 8, 'refund', 'carrier', actor_id => 'agent');
SELECT is(pg_temp.entries(8),
    'carrier_claim.payout 88.80, carrier_claim.shipping 5.00, carrier_claim.fee 3.20, '
    'commission_reversal.commission 8.00, buyer_refund.refund -105.00', 'AMB-34: the carrier');
SELECT pg_temp.escalated(9);
SELECT support_case.decide(1, 9, 'refund', 'platform', actor_id => 'agent');
SELECT is(pg_temp.entries(9),
    'platform_absorbed.payout 88.80, platform_absorbed.shipping 5.00, platform_absorbed.fee 3.20, '
    'commission_reversal.commission 8.00, buyer_refund.refund -105.00', 'T-27: the platform, the seller nothing');
SELECT pg_temp.escalated(10);
SELECT support_case.decide(1, 10, 'refund', 'split', seller_amount => 40.01, carrier_amount => 20.50, actor_id => 'agent');
SELECT is(pg_temp.borne(10), 'seller 40.01, carrier 20.50, platform 36.49', 'AMB-34: split, to the cent');
SELECT is((SELECT sum(amount) FROM support_case.seller_ledger WHERE case_id = 10), 0.00, 'and in balance');
SELECT pg_temp.escalated(11);
SELECT throws_ok($$SELECT support_case.decide(1, 11, 'refund', 'split', seller_amount => 97.01, actor_id => 'agent')$$,
    '22023', 'the parts of seller and carrier must lie between zero and the charge',
    'AMB-34: a split shares out the charge, no more');
SELECT lives_ok($$SELECT support_case.decide(1, 11, 'refund', 'split', seller_amount => 97.00, actor_id => 'agent')$$,
    'all of it is possible');
SELECT is(pg_temp.borne(11), 'seller 97.00, carrier 0, platform 0', 'and then the platform bears nothing');

-- T-37, AMB-35: a partial refund of the platform.
SELECT pg_temp.escalated(12);
SELECT support_case.decide(1, 12, 'partial_refund', 'split', 30.00, seller_amount => 20.00, actor_id => 'agent');
SELECT is(pg_temp.entries(12),
    'seller_payable.partial 20.00, platform_absorbed.partial 10.00, buyer_refund.refund -30.00',
    'T-37, AMB-35: amount times the seller''s share');

-- T-26, AMB-125: a return that the platform orders is shared by its decision.
SELECT pg_temp.escalated(13);
SELECT support_case.decide(1, 13, 'refund', 'split', return_required => true, seller_amount => 48.50, actor_id => 'agent');
SELECT is(pg_temp.entries(13), 'none', 'T-26: nothing is charged before the return');
SELECT pg_temp.return(13);
SELECT support_case.confirm_return(1, 13);
SELECT is(pg_temp.borne(13), 'seller 51.75, carrier 0, platform 51.75', 'AMB-125, T-16: 103.50, half and half');
SELECT pg_temp.escalated(14);
SELECT support_case.decide(1, 14, 'refund', 'platform', return_required => true, actor_id => 'agent');
SELECT pg_temp.return(14);
SELECT pg_temp.at('2026-01-28T00:00:00-05:00');
SELECT is(pg_temp.borne(14), 'seller 0, carrier 0, platform 103.50', 'AMB-125, T-17: the platform bears the label too');

-- W-44, W-45, W-89, T-18: a dispute holds the charge.
SELECT pg_temp.open(15);
SELECT support_case.offer_full_refund(1, 15, return_required => true);
SELECT pg_temp.return(15);
SELECT support_case.dispute_return(1, 15, 'damaged_in_transit', 'the lid is broken');
SELECT pg_temp.at('2026-02-28T00:00:00-05:00');
SELECT is(pg_temp.entries(15), 'none', 'W-44, W-45: while the return is disputed nothing is charged, however long');
SELECT support_case.decide(1, 15, 'refund', 'split', seller_amount => 97.00, actor_id => 'agent');
SELECT is(pg_temp.borne(15), 'seller 103.50, carrier 0, platform 0', 'W-89: the decision releases it, with the label');
SELECT pg_temp.open(16);
SELECT support_case.offer_full_refund(1, 16, return_required => true);
SELECT pg_temp.return(16);
SELECT support_case.dispute_return(1, 16, 'incorrect', 'not ours');
SELECT support_case.decide(1, 16, 'uphold_seller', actor_id => 'agent');
SELECT is(pg_temp.entries(16), 'none', 'W-89: or drops it');

-- T-38, AMB-66: the seller concedes, and takes over what the platform shared.
SELECT pg_temp.escalated(17);
SELECT support_case.offer_full_refund(1, 17);
SELECT is(pg_temp.borne(17), 'seller 97.00, carrier 0, platform 0', 'T-38: a concession charges W-83');
SELECT pg_temp.escalated(18);
SELECT support_case.decide(1, 18, 'refund', 'platform', return_required => true, actor_id => 'agent');
SELECT pg_temp.return(18);
SELECT support_case.dispute_return(1, 18, 'missing', 'the box was empty');
SELECT support_case.offer_full_refund(1, 18);
SELECT is(pg_temp.borne(18), 'seller 97.00, carrier 0, platform 0', 'also after the platform had decided to pay');

-- T-12: an offer that counts as accepted by itself.
SELECT support_case.create_policy('{"partial_offer_on_expiry": "treat_as_accepted", "ledger_partial_components": "pro_rata"}');
SELECT pg_temp.open(19);
SELECT support_case.offer_partial_refund(1, 19, 30.00);
SELECT pg_temp.at('2026-03-05T00:00:00-05:00');
SELECT is(pg_temp.entries(19),
    'seller_payable.payout 25.37, seller_payable.shipping 1.43, seller_payable.fee 0.91, '
    'commission_reversal.commission 2.29, buyer_refund.refund -30.00',
    'AMB-12, AMB-37: pro rata, shown by the deadline');
SELECT support_case.sweep();
SELECT pg_temp.escalated(20);
SELECT throws_ok($$SELECT support_case.decide(1, 20, 'partial_refund', 'split', 30.00, seller_amount => 27.72, actor_id => 'a')$$,
    '22023', 'the parts of seller and carrier must lie between zero and the charge',
    'AMB-37: pro rata, a split shares 27.71, not 30.00');
SELECT support_case.decide(1, 20, 'partial_refund', 'split', 30.00, seller_amount => 27.00, actor_id => 'agent');
SELECT is(pg_temp.borne(20), 'seller 27.00, carrier 0, platform 0.71', 'AMB-35, AMB-37: and it does');

-- AMB-61: the decimals of the currency.
SELECT support_case.register_order(1, 21, 7, 'JPY', 888, 50, 32, '[{"unit_price": 1000}]', commission => 80, tax => 0);
SELECT support_case.open_case(1, 21, 'missing_item', 'gone');
SELECT support_case.offer_full_refund(1, 21);
SELECT is(pg_temp.entries(21),
    'seller_payable.payout 888, seller_payable.shipping 50, seller_payable.fee 32, '
    'commission_reversal.commission 80, buyer_refund.refund -1050', 'AMB-61: yen have no decimals');
SELECT support_case.register_order(1, 22, 7, 'KWD', 8.888, 0.500, 0.312, '[{"unit_price": 10.000}]',
    commission => 0.700, tax => 0.100);
SELECT support_case.open_case(1, 22, 'missing_item', 'gone');
SELECT support_case.offer_full_refund(1, 22);
SELECT is(pg_temp.entries(22),
    'seller_payable.payout 8.888, seller_payable.shipping 0.500, seller_payable.fee 0.312, '
    'commission_reversal.commission 0.700, tax_reversal.tax 0.100, buyer_refund.refund -10.500',
    'AMB-61, AMB-36: dinars have three, and tax comes back');
SELECT results_eq('SELECT currency, balance FROM support_case.seller_balance WHERE currency <> ''USD'' ORDER BY 1',
    $$VALUES ('JPY', -970::numeric), ('KWD', -9.700)$$, 'AMB-61: a balance for each currency');

-- AMB-126: the platform had paid for a discount.
SELECT support_case.register_order(1, 23, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 85.00}]');
SELECT support_case.open_case(1, 23, 'missing_item', 'gone');
SELECT support_case.offer_full_refund(1, 23);
SELECT is(pg_temp.entries(23),
    'seller_payable.payout 88.80, seller_payable.shipping 5.00, seller_payable.fee 3.20, '
    'platform_subsidy.subsidy -7.00, buyer_refund.refund -90.00', 'AMB-126: it gets its subsidy back');

-- AMB-36: registration checks the sums.
SELECT throws_ok($$SELECT support_case.register_order(1, 24, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
        commission => 7.99, tax => 0)$$, '23514', 'the amounts of the order do not add up', 'X-15, AMB-36: W-83 = refund - commission - tax');
SAVEPOINT unreconciled;
SELECT support_case.create_policy('{"ledger_reconcile": false}');
SELECT lives_ok($$SELECT support_case.register_order(1, 24, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]',
        commission => 7.99, tax => 0)$$, 'AMB-36 ledger_reconcile = false: the host''s sums are taken as they are');
ROLLBACK TO unreconciled;

-- AMB-128: the payment provider.
SELECT support_case.record_refund_failed(1, 23, 'card closed');
SELECT is(pg_temp.entries(23, 2), 'none', 'AMB-128: a failed refund posts nothing');
SELECT results_eq('SELECT task, waiting_since, target_at FROM support_case.platform_queue WHERE case_id = 23',
    $$VALUES ('refund_failed', '2026-03-05T05:00:00Z'::timestamptz, NULL::timestamptz)$$, 'AMB-128: the platform has a task');
SELECT throws_ok($$SELECT support_case.record_refund_failed(1, 23, 'again')$$, 'SC001', NULL, 'it failed already');
SELECT support_case.record_refund_settled(1, 23);
SELECT is(pg_temp.entries(23, 2), 'buyer_refund.refund 90.00, cash_clearing.refund -90.00',
    'AMB-128: a settled one clears the buyer''s claim');
SELECT is_empty('SELECT 1 FROM support_case.platform_queue WHERE case_id = 23', 'and the task is done');
SELECT throws_ok($$SELECT support_case.record_refund_settled(1, 23)$$, 'SC001', NULL, 'once');
SELECT throws_ok($$SELECT support_case.record_refund_settled(1, 6)$$, 'P0002', NULL, 'nothing to settle in a case without a refund');

SELECT is((SELECT sum(amount) FROM support_case.seller_ledger), 0.000, 'all entries add up to zero');
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
