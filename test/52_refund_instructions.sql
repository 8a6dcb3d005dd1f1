-- What the host has to pay shows from its due instant on, swept or not, and
-- a settled one is settled either way (AMB-40, AMB-128, W-30).
BEGIN;
SELECT plan(10);
SET LOCAL support_case.now = '2026-01-05T09:00:00Z';
SET LOCAL timezone = 'UTC';
SELECT support_case.register_seller(1);
SELECT support_case.register_order(1, 100, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]');
SELECT case_id FROM support_case.open_case(1, 100, 'damaged_in_transit', 'broken') \gset
SELECT support_case.offer_full_refund(1, :case_id, return_required => true);
SELECT support_case.record_return_delivered(1, :case_id, '2026-01-05T09:00:00Z');

SELECT is_empty('SELECT * FROM support_case.refund_instructions', 'AMB-40: nothing to pay before the deadline');
SET LOCAL support_case.now = '2026-01-07T09:00:00Z';
PREPARE unswept AS SELECT case_id, instruction_number, buyer_id, amount, currency, status, instructed_at, visible_from,
    visible_until, is_recorded FROM support_case.refund_instructions;
SELECT row_eq('unswept', ROW(:case_id::bigint, 1, 7::bigint, 105.00, 'USD'::text, 'instructed'::text, '2026-01-07T09:00:00Z'::timestamptz,
    '2026-01-12T09:00:00Z'::timestamptz, '2026-01-14T09:00:00Z'::timestamptz, false),
    'W-43, AMB-39, AMB-40: at the due instant the refund is instructed, without a sweep');
SELECT is(support_case.sweep(), 1, 'a sweep writes it');
SELECT row_eq('unswept', ROW(:case_id::bigint, 1, 7::bigint, 105.00, 'USD'::text, 'instructed'::text, '2026-01-07T09:00:00Z'::timestamptz,
    '2026-01-12T09:00:00Z'::timestamptz, '2026-01-14T09:00:00Z'::timestamptz, true),
    'and changes nothing else');

-- Paid before it was written.
SELECT support_case.register_order(1, 101, 7, 'USD', 88.80, 5.00, 3.20, '[{"unit_price": 100.00}]');
SELECT case_id FROM support_case.open_case(1, 101, 'damaged_in_transit', 'broken') \gset
SELECT support_case.offer_full_refund(1, :case_id, return_required => true);
SELECT support_case.record_return_delivered(1, :case_id, '2026-01-07T09:00:00Z');
SET LOCAL support_case.now = '2026-01-12T09:00:00Z';
SELECT is((SELECT status FROM support_case.record_refund_settled(1, :case_id)), 'closed',
    'AMB-128: a refund can be settled before a sweep has written it');
SELECT is((SELECT string_agg(status, ',' ORDER BY case_id) FROM support_case.refund_instructions), 'instructed,settled',
    'AMB-128: and is settled then');

-- What the tables accept is what the C core knows.
SELECT set_eq('SELECT account FROM support_case.ledger_account', 'SELECT support_case._ledger_accounts()',
    'an order opens every kind of account');
SELECT set_eq('SELECT a FROM support_case._ledger_accounts() AS a WHERE support_case._bears_charge(a)',
    ARRAY['seller_payable', 'carrier_claim', 'platform_absorbed'], 'AMB-34: who can bear a charge');
SELECT throws_ok($$INSERT INTO support_case.ledger_account VALUES (1, 'petty_cash', 'USD')$$, '23514',
    'new row for relation "ledger_account" violates check constraint "ledger_account_kind"', 'and no other kind exists');
SELECT throws_ok($$INSERT INTO support_case.refund_instruction (seller_id, case_id, instruction_number, event_number, amount,
        currency, status, instructed_at, status_since)
    SELECT seller_id, case_id, 9, event_number, amount, currency, 'closed', instructed_at, status_since
    FROM support_case.refund_instruction LIMIT 1$$, '23514',
    'new row for relation "refund_instruction" violates check constraint "refund_instruction_status"',
    'AMB-128: a refund instruction has a status of its own machine');
SELECT * FROM finish();
ROLLBACK;
