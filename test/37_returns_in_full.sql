-- Returns and replacements in full: where the parcel goes, what is told to the
-- buyer, scans as rows, refunds by line (W-32 to W-61, W-74, W-75, AMB-16 to
-- AMB-30, beside what 23, 24 and 25 prove).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-07T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

CREATE FUNCTION pg_temp.instructs(of_case bigint, expected jsonb, name text)
RETURNS text
LANGUAGE sql
AS $$
    SELECT is((SELECT jsonb_object_agg(w.key, to_jsonb(i) -> w.key) FROM jsonb_each(expected) AS w), expected, name)
    FROM (SELECT 1) AS one
    LEFT JOIN support_case.return_instructions AS i ON i.seller_id = 1 AND i.case_id = of_case
$$;
CREATE FUNCTION pg_temp.scans(of_case bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT string_agg(concat_ws(' ', parcel_number, kind, reported_by), ', ' ORDER BY parcel_number, scan_number)
    FROM support_case.parcel_scan WHERE seller_id = 1 AND case_id = of_case
$$;
-- An order of three lines of 20.00 each with 6.00 shipping; the second line is
-- four units of 5.00.
CREATE FUNCTION pg_temp.case_of_lines()
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    new_id bigint := nextval('pg_temp.order_id_seq');
BEGIN
    PERFORM support_case.register_seller(1);
    PERFORM support_case.register_order(1, new_id, 7, 'USD', 54, 6, 3,
        '[{"unit_price": 20}, {"unit_price": 5, "quantity": 4}, {"unit_price": 20}]', commission => 3, tax => 0,
        return_shipping => 4);
    RETURN (SELECT case_id FROM support_case.open_case(1, new_id, 'damaged_in_transit', 'some are broken'));
END
$$;

---------- W-32: whether the item must come back ----------

SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.refuses(:id, 'offer_full_refund(1, $1, NULL)', '22004', 'W-32: the seller says whether the item comes back');
SAVEPOINT offered;
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1, false)', '{"status": "closed", "details": {"return_required": false},
    "refund": 105}', 'W-32: it need not');
SELECT pg_temp.instructs(:id, '{"case_id": null}', 'W-32: then there is nothing to instruct');
ROLLBACK TO offered;

---------- W-33, W-35 to W-37, W-39: what the buyer is told ----------

SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1, true)', '{"status": "return_pending",
    "details": {"return_required": true}, "refund": 0}', 'W-32: it must');
SELECT pg_temp.instructs(:id, '{"status": "return_pending", "destination": "seller", "recipient": null,
    "drop_off_by": "2026-01-14T09:00:00-05:00", "parcel_number": null, "label_uri": null,
    "condition_guidance": "same_condition_as_received", "packaging_guidance": "protect_against_transit_damage"}',
    'W-33, W-36, W-37, D-04: until when, in which condition, packed how; no address is known yet');
SELECT pg_temp.at('2026-01-08T09:00:00-05:00');
SELECT is(ROW(address_number, city, set_at), ROW(1, 'Boston'::text, support_case.clock()), 'W-39: the seller sets the return address')
FROM support_case.set_return_address(1, 'Cards and More', '1 Main Street', 'Boston', 'US', 'Suite 2', 'MA', '02108', 'me');
SELECT pg_temp.instructs(:id, '{"recipient": "Cards and More", "address_line_1": "1 Main Street",
    "address_line_2": "Suite 2", "city": "Boston", "region": "MA", "postal_code": "02108", "country": "US"}',
    'W-39: the first address serves a return that waited for one');
SELECT pg_temp.new_case() AS other \gset
SELECT pg_temp.run(:other, 'offer_full_refund(1, $1, true)');
SELECT pg_temp.at('2026-01-09T09:00:00-05:00');
SELECT is(address_number, 2, 'W-39: and changes it')
FROM support_case.set_return_address(1, 'Cards and More', '2 New Road', 'Salem', 'US');
SELECT pg_temp.instructs(:id, '{"city": "Boston"}', 'W-39: a return that has started keeps its address');
SELECT pg_temp.instructs(:other, '{"city": "Boston"}', 'W-39: in force when it started');
SELECT pg_temp.new_case() AS third \gset
SELECT pg_temp.run(:third, 'offer_full_refund(1, $1, true)');
SELECT pg_temp.instructs(:third, '{"city": "Salem", "region": null}', 'W-39: a later return has the later one');
SELECT pg_temp.takes(:id, 'record_return_label(1, $1, 6.50, ''USPS'', ''94'', ''https://labels.example/94.pdf'')',
    '{"action": "record_return_label", "details": {"cost": 6.50, "carrier": "USPS", "tracking_number": "94",
    "label_uri": "https://labels.example/94.pdf"}}', 'W-35: the event carries the label for the email');
SELECT pg_temp.instructs(:id, '{"parcel_number": 1, "carrier": "USPS", "tracking_number": "94", "city": "Boston",
    "label_uri": "https://labels.example/94.pdf"}', 'W-35: and the order details show it');
SELECT is(return_address ->> 'city', 'Boston', 'W-39: the parcel keeps the address')
FROM support_case.parcel WHERE case_id = :id;
SELECT pg_temp.refuses(:id, 'record_return_label(1, $1, 6.50, label_uri => '''')', '22023', 'W-35: a label is somewhere');
SELECT pg_temp.refuses(NULL, format('set_return_address(%s)', arguments), sqlstate, 'W-39: ' || arguments)
FROM (VALUES ('1, NULL, ''1 Main Street'', ''Boston'', ''US''', '22004'), ('1, ''x'', '' '', ''Boston'', ''US''', '22023'),
    ('1, ''x'', ''1 Main Street'', NULL, ''US''', '22004'), ('1, ''x'', ''1 Main Street'', ''Boston'', ''Usa''', '22023'),
    ('1, ''x'', ''1 Main Street'', ''Boston'', NULL', '22004'), ('1, ''x'', ''y'', ''z'', ''US'', ''''', '22023'),
    ('99, ''x'', ''1 Main Street'', ''Boston'', ''US''', 'P0002'), ('NULL, ''x'', ''y'', ''z'', ''US''', '22004'))
    AS v (arguments, sqlstate);
SELECT throws_ok('UPDATE support_case.return_address SET city = ''Lynn''', 'SC002', NULL, 'W-39: addresses are append-only');
SELECT is((SELECT string_agg(n::text, ',') FROM (SELECT (support_case.set_return_address(1, 'x', 'y', 'z', 'US',
    idempotency_key => 'a')).address_number AS n FROM generate_series(1, 2)) AS k), '3,3', 'W-39: once under a key');

-- A return that a deadline starts has the address of that instant, swept or not.
SELECT pg_temp.at('2026-04-06T09:00:00-04:00');
SELECT pg_temp.policy('{"partial_offer_on_expiry": "treat_as_declined"}') > 1 AS made;
SELECT pg_temp.case_after('damaged_in_transit', 'offer_partial_refund(1, $1, 5)') AS id \gset
SELECT pg_temp.at('2026-04-09T09:00:00-04:00');
SELECT support_case.set_return_address(1, 'x', 'y', 'Lowell', 'US') IS NOT NULL AS made;
SELECT pg_temp.at('2026-04-10T09:00:00-04:00');
SELECT pg_temp.instructs(:id, '{"status": "return_pending", "city": "z", "drop_off_by": "2026-04-15T09:00:00-04:00"}',
    'W-55, W-39: a return that a deadline starts has the address of its instant, before a sweep');
SELECT support_case.sweep() > 0 AS swept;
SELECT pg_temp.run(:id, 'record_return_dropped_off(1, $1, support_case.clock())');
SELECT pg_temp.instructs(:id, '{"status": "return_in_transit", "city": "z", "drop_off_by": null}', 'W-39: and after it');

-- What happens while a return waits does not start it again.
SELECT pg_temp.case_after('damaged_in_transit', 'offer_full_refund(1, $1, true)') AS id \gset
SELECT pg_temp.at('2026-04-11T09:00:00-04:00');
SELECT support_case.set_return_address(1, 'x', 'y', 'Lynn', 'US') IS NOT NULL AS made;
SELECT pg_temp.run(:id, 'post_message(1, $1, ''buyer'', ''which box?'')');
SELECT pg_temp.at('2026-04-20T09:00:00-04:00');
SELECT pg_temp.run(:id, 'record_return_dropped_off(1, $1, ''2026-04-11T10:00:00-04:00'')');
SELECT pg_temp.instructs(:id, '{"status": "return_in_transit", "city": "Lowell"}',
    'W-39, T-41: nor for a drop-off that is reported after the deadline');
SELECT pg_temp.at('2026-04-12T09:00:00-04:00');
SELECT support_case.set_return_address(1, 'x', 'y', 'Lowell', 'US') IS NOT NULL AS made;

---------- W-74, AMB-22: to the platform ----------

SELECT pg_temp.policy(jsonb_build_object('platform_return_address', '{"recipient": "Returns", "address_line_1": "9 Dock",
    "city": "Reno", "region": "NV", "postal_code": "89501", "country": "US"}'::jsonb)) > 1 AS made;
SELECT pg_temp.refuses(NULL, format('create_policy(%L)', jsonb_build_object('platform_return_address', a)), '23514',
    'AMB-22: the platform''s address is one: ' || a::text)
FROM unnest(ARRAY['[]', '{"recipient": "Returns"}', '"Reno"']::jsonb[]) AS a;
SELECT pg_temp.at('2026-04-13T09:00:00-04:00');
SELECT pg_temp.case_after('damaged_in_transit', 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)') AS id \gset
SAVEPOINT escalated;
SELECT pg_temp.run(:id, 'decide(1, $1, ''refund'', return_required => true, actor_id => ''a'')');
SELECT pg_temp.instructs(:id, '{"destination": "seller", "city": "Lowell"}', 'W-74, AMB-22: to the seller by default');
ROLLBACK TO escalated;
SELECT pg_temp.run(:id, 'decide(1, $1, ''refund'', return_required => true, return_destination => ''platform'', actor_id => ''a'')');
SELECT pg_temp.instructs(:id, '{"destination": "platform", "recipient": "Returns", "city": "Reno", "postal_code": "89501"}',
    'W-74, AMB-22: or to the platform, where the decision says so');
SELECT pg_temp.run(:id, 'record_return_label(1, $1, 5)');
SELECT is(ROW(destination, return_address ->> 'city'), ROW('platform'::text, 'Reno'::text), 'AMB-22: the parcel keeps that too')
FROM support_case.parcel WHERE case_id = :id;
SAVEPOINT labelled;
SELECT pg_temp.run(:id, 'withdraw_case(1, $1)', 'reopen_case(1, $1)', 'offer_full_refund(1, $1, true)');
SELECT pg_temp.instructs(:id, '{"destination": "seller", "city": "Lowell", "parcel_number": null}',
    'AMB-22: a later return of the seller''s does not use a label to the platform');
SELECT pg_temp.run(:id, 'record_return_dropped_off(1, $1, support_case.clock())');
SELECT is((SELECT string_agg(parcel_number || ' ' || destination, ',' ORDER BY parcel_number) FROM support_case.parcel
    WHERE case_id = :id), '1 platform,2 seller', 'AMB-22: but is a parcel of its own');
ROLLBACK TO labelled;
SELECT pg_temp.run(:id, '@2026-04-15T09:00:00-04:00', 'record_parcel_scan(1, $1, 1, ''accepted'', support_case.clock())',
    '@2026-04-17T09:00:00-04:00');
SELECT pg_temp.takes(:id, 'record_parcel_scan(1, $1, 1, ''delivered'', support_case.clock())', '{"status": "return_inspection",
    "action": "record_return_delivered", "is_conversation_closed": true, "waiting_on": "seller"}',
    'W-75: delivered, it is the seller''s to confirm or dispute');
SELECT is(o.data ->> 'status', 'return_inspection', 'W-75, W-100: and the seller gets an email')
FROM support_case.outbox AS o
WHERE o.template = 'return_delivered' AND o.channel = 'email' AND o.recipient = 'seller' AND o.subject = 'case' AND o.subject_id = :id;
SAVEPOINT delivered;
SELECT pg_temp.takes(:id, 'confirm_return(1, $1)', '{"resolution": "full_refund_after_return", "charged": 102}', 'W-75: confirm');
ROLLBACK TO delivered;
SELECT pg_temp.takes(:id, 'dispute_return(1, $1, ''incorrect'', ''another card'')', '{"status": "escalated",
    "escalation_reason": "return_disputed", "charged": 0}', 'W-75, W-47, W-38: or dispute, an incorrect return may be refused');

---------- scans as rows: W-38, W-40, W-41, AMB-17 to AMB-20 ----------

SELECT pg_temp.policy() > 1 AS made;
SELECT pg_temp.at('2026-05-04T09:00:00-04:00');
SELECT pg_temp.case_after('damaged_in_transit', 'offer_full_refund(1, $1, true)', 'record_return_label(1, $1, 6.50)') AS id \gset
SELECT pg_temp.refuses(:id, format('record_parcel_scan(1, $1, %s)', arguments), sqlstate, 'record_parcel_scan: ' || arguments)
FROM (VALUES ('2, ''accepted'', support_case.clock()', 'P0002'), ('NULL, ''accepted'', support_case.clock()', '22004'),
    ('1, ''seen'', support_case.clock()', '22023'), ('1, ''lost'', NULL', '22004'),
    ('1, ''lost'', support_case.clock() + interval ''1 second''', '22023'),
    ('1, ''lost'', ''2026-05-04T08:59:59-04:00''', '22023')) AS v (arguments, sqlstate);
SELECT pg_temp.at('2026-05-05T09:00:00-04:00');
SELECT pg_temp.takes(:id, 'record_parcel_scan(1, $1, 1, ''in_transit'', support_case.clock())', '{"status": "return_in_transit",
    "transition": "T-13"}', 'AMB-17: the first scan is the drop-off');
SELECT pg_temp.at('2026-05-06T09:00:00-04:00');
SELECT pg_temp.takes(:id, 'record_parcel_scan(1, $1, 1, ''in_transit'', support_case.clock())',
    '{"status": "return_in_transit", "events": 4, "due_at": "2026-05-20T09:00:00-04:00"}', 'AMB-20: further scans move no deadline');
SELECT pg_temp.takes(:id, 'record_parcel_scan(1, $1, 1, ''in_transit'', support_case.clock())', '{"events": 4}', 'a scan is recorded once');
SELECT is(pg_temp.scans(:id), '1 accepted carrier, 1 in_transit carrier, 1 in_transit carrier', 'scans are rows');
SAVEPOINT in_transit;
SELECT pg_temp.takes(:id, 'record_parcel_scan(1, $1, 1, ''refused'', support_case.clock())', '{"status": "return_inspection",
    "transition": "T-15", "due_at": "2026-05-08T09:00:00-04:00"}', 'W-38, W-40, AMB-19: a parcel that is refused counts as delivered');
SELECT ok(is_refused, 'AMB-19: and as refused') FROM support_case.parcel WHERE case_id = :id;
SELECT pg_temp.at('2026-05-08T09:00:00-04:00');
SELECT pg_temp.shows(:id, '{"resolution": "full_refund_after_return", "charged": 103.5}',
    'W-40, W-43: not accepting the parcel does not prevent the charge');
ROLLBACK TO in_transit;
SELECT pg_temp.takes(:id, 'record_parcel_scan(1, $1, 1, ''lost'', support_case.clock())', '{"status": "return_in_transit", "events": 4}',
    'AMB-20: the carrier says that it is lost');
SELECT pg_temp.at('2026-05-20T09:00:00-04:00');
SELECT pg_temp.shows(:id, '{"status": "escalated", "escalation_reason": "return_lost", "waiting_on": "platform"}',
    'AMB-20: after 15 days it is the platform''s task');
ROLLBACK TO in_transit;
SELECT pg_temp.run(:id, 'record_return_delivered(1, $1, support_case.clock(), reported_by => ''seller'')');
SELECT is(pg_temp.scans(:id), '1 accepted carrier, 1 in_transit carrier, 1 in_transit carrier, 1 delivered seller',
    'AMB-18: what the seller received is recorded as the seller''s word');
SELECT pg_temp.takes(:id, 'record_parcel_scan(1, $1, 1, ''delivered'', support_case.clock())', '{"status": "return_inspection",
    "due_at": "2026-05-08T09:00:00-04:00", "events": 5}', 'W-41: the carrier''s scan after it starts nothing anew');
SELECT is(pg_temp.scans(:id), '1 accepted carrier, 1 in_transit carrier, 1 in_transit carrier, 1 delivered seller, '
    '1 delivered carrier', 'AMB-18: and is a word of its own, though of the same instant');
SELECT throws_ok('DELETE FROM support_case.parcel_scan', 'SC002', NULL, 'scans are append-only');
SELECT pg_temp.case_after('damaged_in_transit', 'offer_full_refund(1, $1, true)',
    'submit_dropoff_proof(1, $1, support_case.clock(), ''[{"uri": "x"}]'')') AS id \gset
SELECT is(pg_temp.scans(:id), '1 accepted buyer', 'AMB-17: so is the buyer''s proof');

---------- W-50, W-57, W-58, W-61, AMB-25, AMB-28: replacement ----------

SELECT pg_temp.case_after('damaged_in_transit',
    'post_message(1, $1, ''seller'', ''would 30 do, or another one?'')') AS id \gset
SELECT pg_temp.shows(:id, '{"messages": 1, "status": "awaiting_seller"}', 'W-50, W-57: discussed before it is offered');
SELECT pg_temp.run(:id, 'post_message(1, $1, ''seller'', ''this one'', ''[{"uri": "s3://photos/1.jpg"}]'')');
SELECT is((SELECT a.uri FROM support_case.attachment AS a JOIN support_case.conversation AS k USING (seller_id, conversation_id)
        WHERE k.case_id = :id AND k.kind = 'case' AND a.uploaded_by = 'seller'),
    's3://photos/1.jpg', 'W-57: with photos');
SELECT pg_temp.refuses(:id, 'send_replacement(1, $1, ''UPS'', ''1Z'')', 'SC014', 'W-57, AMB-28: not without consent');
SELECT pg_temp.run(:id, 'consent_to_replacement(1, $1)');
SELECT is(replacement_consent_at, support_case.clock(), 'W-57: the consent is recorded')
FROM support_case.support_case WHERE case_id = :id;
SELECT pg_temp.refuses(:id, format('send_replacement(1, $1, %s)', arguments), sqlstate, 'W-58: the label comes with the response: ' || arguments)
FROM (VALUES ('NULL, ''1Z''', '22004'), ('''UPS''', '22004'), ('''UPS'', '' ''', '22023')) AS v (arguments, sqlstate);
SELECT pg_temp.takes(:id, 'send_replacement(1, $1, ''UPS'', ''1Z'')', '{"status": "replacement_pending", "charged": 0}',
    'W-57, W-58, W-59: then it is sent');
SELECT pg_temp.takes(:id, 'record_parcel_scan(1, $1, 1, ''accepted'', support_case.clock())', '{"status": "replacement_in_transit",
    "transition": "T-19"}', 'W-60, AMB-26: the acceptance scan ships it');
SELECT pg_temp.takes(:id, 'record_parcel_scan(1, $1, 1, ''refused'', support_case.clock())', '{"status": "replacement_in_transit"}',
    'AMB-29: a replacement that the buyer refuses is not delivered');
SELECT pg_temp.takes(:id, 'record_parcel_scan(1, $1, 1, ''delivered'', support_case.clock())', '{"resolution": "replacement",
    "charged": 0}', 'W-59, AMB-29: the delivery closes the case');
SELECT is(pg_temp.scans(:id), '1 accepted carrier, 1 refused carrier, 1 delivered carrier', 'scans of replacements are rows too');
SELECT pg_temp.new_case('returned_to_sender') AS id \gset
SELECT pg_temp.refuses(:id, 'send_replacement(1, $1)', '22004', 'W-61: re-shipping needs the tracking number before submitting');
SELECT pg_temp.refuses(:id, 'send_replacement(1, $1, ''DHL'')', '22004', 'W-61: of any carrier');
SELECT pg_temp.takes(:id, 'send_replacement(1, $1, ''DHL'', ''JD1'')', '{"status": "replacement_pending", "charged": 0}',
    'W-61, AMB-28: and no consent');

---------- AMB-21: part of the items comes back ----------

SELECT pg_temp.case_of_lines() AS id \gset
SELECT pg_temp.run(:id, 'offer_full_refund(1, $1, true)', 'record_return_delivered(1, $1, support_case.clock())');
SELECT pg_temp.refuses(:id, 'dispute_return(1, $1, ''missing'', ''gone'', ''[{"line_number": 1, "quantity": 0}, {"line_number": 1, "quantity": 1}]'')',
    '22023', 'AMB-21: every line once');
SELECT pg_temp.run(:id, 'dispute_return(1, $1, ''missing'', ''one line and a unit'', ''[{"line_number": 2, "quantity": 3}, {"line_number": 3, "quantity": 0}]'')');
SELECT pg_temp.refuses(:id, format('decide(1, $1, %s, actor_id => ''a'')', arguments), '22023', 'AMB-21: decide ' || arguments)
FROM unnest(ARRAY['''refund'', lines => ''[{"line_number": 4, "quantity": 1}]''',
    '''refund'', lines => ''[{"line_number": 2, "quantity": 5}]''', '''refund'', lines => ''[{"line_number": 1}]''',
    '''refund'', lines => ''[{"line_number": 1, "quantity": 0}]''', '''refund'', lines => ''[]''', '''refund'', lines => ''{}''',
    '''refund'', lines => ''[{"line_number": 1, "quantity": 1}, {"line_number": 1, "quantity": 1}]''',
    '''uphold_seller'', lines => ''[{"line_number": 1, "quantity": 1}]''',
    '''partial_refund'', amount => 5, lines => ''[{"line_number": 1, "quantity": 1}]''']) AS arguments;
SAVEPOINT disputed;
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', lines => ''[{"line_number": 1, "quantity": 1}, {"line_number": 2, "quantity": 3}]'', actor_id => ''a'')',
    '{"status": "closed", "resolution": "platform_refund", "refund": 38.5, "charged": 40.75,
    "details": {"outcome": "refund", "liability": "seller", "lines": [{"line_number": 1, "quantity": 1},
    {"line_number": 2, "quantity": 3}]}}', 'AMB-21, W-89: refunded is what came back, with its share of the shipping');
SELECT is((SELECT string_agg(support_case._to_major(refunded, 'USD') || ' ' || refunded_quantity, ', ' ORDER BY line_number)
    FROM support_case.sales_order_line AS l JOIN support_case.support_case AS c USING (seller_id, order_id) WHERE c.case_id = :id),
    '22.00 1, 16.50 3, 0.00 0', 'AMB-21: of each line its share');
SELECT is((SELECT count(*) FROM support_case.case_line WHERE case_id = :id AND quantity = decided_quantity), 1::bigint,
    'AMB-21: what the case was about stays as it was');
ROLLBACK TO disputed;
SELECT pg_temp.takes(:id, 'decide(1, $1, ''refund'', actor_id => ''a'')', '{"refund": 66}', 'AMB-21: without lines all is refunded');
ROLLBACK TO disputed;
SELECT pg_temp.run(:id, 'decide(1, $1, ''refund'', return_required => true, lines => ''[{"line_number": 3, "quantity": 1}]'', actor_id => ''a'')');
SAVEPOINT ordered;
SELECT pg_temp.run(:id, 'record_return_delivered(1, $1, support_case.clock())');
SELECT pg_temp.takes(:id, 'confirm_return(1, $1)', '{"resolution": "full_refund_after_return", "refund": 22}',
    'AMB-21, W-74: so after a return that the platform orders');
ROLLBACK TO ordered;
SELECT pg_temp.run(:id, 'record_return_delivered(1, $1, support_case.clock())', 'dispute_return(1, $1, ''missing'', ''empty'')',
    'return_to_seller(1, $1, ''a'')', 'offer_partial_refund(1, $1, 60)');
SELECT pg_temp.takes(:id, 'accept_offer(1, $1)', '{"refund": 60, "charged": 60}', 'AMB-21: a decision ends when the seller is asked again');
ROLLBACK TO ordered;
SELECT pg_temp.run(:id, 'withdraw_case(1, $1)', 'reopen_case(1, $1)');
SELECT pg_temp.takes(:id, 'offer_full_refund(1, $1)', '{"refund": 66}', 'AMB-21: or when the case is reopened');
ROLLBACK TO disputed;
SELECT pg_temp.run(:id, 'decide(1, $1, ''refund'', ''platform'', return_required => true, actor_id => ''a'')', 'withdraw_case(1, $1)',
    'reopen_case(1, $1)', 'offer_partial_refund(1, $1, 10)');
SELECT pg_temp.takes(:id, 'accept_offer(1, $1)', '{"charged": 10}', 'AMB-34: then the seller bears what the seller offers');

---------- who ----------

CREATE ROLE tap_seller LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_other LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_buyer LOGIN IN ROLE support_case_buyer;
CREATE ROLE tap_stranger LOGIN IN ROLE support_case_buyer;
CREATE ROLE tap_agent LOGIN IN ROLE support_case_platform;
SELECT support_case.map_login('tap_seller', 1), support_case.map_login('tap_other', 2),
    support_case.map_login('tap_buyer', buyer_id => 7), support_case.map_login('tap_stranger', buyer_id => 8);
CREATE FUNCTION pg_temp.as_role(role_name text, query text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role_name);
    BEGIN
        EXECUTE query INTO result;
    EXCEPTION WHEN OTHERS THEN
        result := SQLSTATE;
    END;
    RESET ROLE;
    RETURN result;
END
$$;
SELECT pg_temp.case_after('damaged_in_transit', 'offer_full_refund(1, $1, true)') AS id \gset
SELECT pg_temp.new_case() AS other \gset
SELECT is(pg_temp.as_role(role_name, format(query, :id, :other)), expected, role_name || ': ' || query)
FROM (VALUES
    ('tap_buyer', 'SELECT city FROM support_case.return_instructions WHERE case_id = %s', 'Lowell'),
    ('tap_seller', 'SELECT city FROM support_case.return_instructions WHERE case_id = %s', 'Lowell'),
    ('tap_agent', 'SELECT city FROM support_case.return_instructions WHERE case_id = %s', 'Lowell'),
    ('tap_stranger', 'SELECT city FROM support_case.return_instructions WHERE case_id = %s', NULL),
    ('tap_other', 'SELECT city FROM support_case.return_instructions WHERE case_id = %s', NULL),
    ('tap_stranger', 'SELECT support_case._address_of_return(1, %s)', NULL),
    ('tap_buyer', 'SELECT support_case._address_of_return(1, %2$s)', NULL),
    ('tap_buyer', 'SELECT city FROM support_case.return_address', '42501'),
    ('tap_other', 'SELECT count(*) FROM support_case.return_address', '0'),
    ('tap_other', 'SELECT city FROM support_case.set_return_address(1, ''x'', ''y'', ''z'', ''US'')', 'SC004'),
    ('tap_seller', 'SELECT set_by FROM support_case.set_return_address(1, ''x'', ''y'', ''z'', ''US'', actor_id => ''boss'')', 'tap_seller'),
    ('tap_buyer', 'SELECT city FROM support_case.set_return_address(1, ''x'', ''y'', ''z'', ''US'')', '42501'))
    AS v (role_name, query, expected);

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify(): all is well');
SET LOCAL session_replication_role = replica;
UPDATE support_case.parcel SET delivered_at = NULL WHERE is_refused OR delivered_at IS NOT NULL;
SELECT ok(count(*) > 0 AND bool_and(check_name = 'parcel_scans'), 'verify(): parcels that are not where their scans say')
FROM support_case.verify();

SELECT * FROM finish();
ROLLBACK;
