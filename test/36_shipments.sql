-- Shipments of orders, their scans and their cover (W-121, W-123 to W-125,
-- AMB-42, AMB-45, AMB-57).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;
SELECT pg_temp.new_order() AS o \gset

-- The shipment shows what is expected, key by key.
CREATE FUNCTION pg_temp.shipment_shows(of_order bigint, number integer, expected jsonb, name text)
RETURNS text
LANGUAGE sql
AS $$
    SELECT is((SELECT jsonb_object_agg(w.key, to_jsonb(s) -> w.key) FROM jsonb_each(expected) AS w), expected, name)
    FROM (SELECT 1) AS one
    LEFT JOIN support_case.shipments AS s ON s.seller_id = 1 AND s.order_id = of_order AND s.shipment_number = number
$$;
CREATE FUNCTION pg_temp.delivered_at(of_order bigint)
RETURNS timestamptz
LANGUAGE sql
AS $$ SELECT delivered_at FROM support_case.sales_order WHERE seller_id = 1 AND order_id = of_order $$;

---------- registered ----------

SELECT is(shipment_number, 1, 'AMB-45: a shipment is known before there is a label')
FROM support_case.record_shipment(1, :o);
SELECT pg_temp.shipment_shows(:o, 1, '{"carrier": null,
    "is_insurance_included": false, "included_cover": 0.00, "has_automatic_claims": false, "currency": "USD"}',
    'W-125: without a known service nothing is insured');
SELECT is(shipment_number, 1, 'the label adds to the shipment that is named')
FROM support_case.record_shipment(1, :o, 'USPS', 'ground_advantage', '9400', max_estimated_delivery_on => '2026-01-12',
    ship_to_country => 'US', declared_value => 120.50, shipment_number => 1);
SELECT pg_temp.shipment_shows(:o, 1, '{"carrier": "USPS", "service": "ground_advantage", "tracking_number": "9400",
    "max_estimated_delivery_on": "2026-01-12", "ship_to_country": "US",
    "declared_value": 120.50, "is_insurance_included": true, "included_cover": 100.00, "has_automatic_claims": true,
    "insured_value": null, "insurer": null}', 'W-123: Ground Advantage includes 100 USD; what was known stays');
SELECT set_eq($$SELECT carrier, service, currency, included_cover, has_automatic_claims FROM support_case.carrier_service$$,
    $$VALUES ('USPS', 'priority_mail', 'USD', 10000::bigint, true), ('USPS', 'ground_advantage', 'USD', 10000, true)$$,
    'W-123: Priority Mail and Ground Advantage include 100 USD and take automatic claims');
SELECT pg_temp.new_order() AS p \gset
SELECT is(ROW(s.is_insurance_included, s.has_automatic_claims), ROW(c.included, c.automatic),
    format('W-123, W-125: %s %s', c.carrier, c.service))
FROM (VALUES ('USPS', 'priority_mail', true, true), ('USPS', 'media_mail', false, false), ('UPS', 'ground', false, false))
    AS c (carrier, service, included, automatic),
    support_case.record_shipment(1, :p, c.carrier, c.service) AS s;
SELECT is(ROW(s.shipment_number, s.insured_value, s.insurer), ROW(4, 250.00, 'xcover'::text), 'W-124: cover from an insurer')
FROM support_case.record_shipment(1, :p, 'USPS', 'priority_mail', insured_value => 250, insurer => 'xcover') AS s;
SELECT support_case.register_order(1, 900, 7, 'EUR', 8, 1, 1, '[{"unit_price": 9}]', purchased_at => support_case.clock()) IS NOT NULL AS made;
SELECT is(s.is_insurance_included, false, 'W-123, AMB-59: cover in dollars does not count for an order in euros')
FROM support_case.record_shipment(1, 900, 'USPS', 'priority_mail') AS s;
INSERT INTO support_case.carrier_service VALUES ('DHL', 'parcel', 'EUR', 50000, true);
SELECT is(ROW(s.included_cover, s.has_automatic_claims), ROW(500.00, true), 'the marketplace may add services of other carriers')
FROM support_case.record_shipment(1, 900, 'DHL', 'parcel') AS s;

SELECT pg_temp.refuses(:o, format('record_shipment(1, $1, %s)', arguments), sqlstate, 'record_shipment: ' || arguments)
FROM (VALUES ('declared_value => -1', '22023'), ('declared_value => 1.001', '22023'),
    ('insured_value => ''NaN''', '22023'), ('insurer => ''xcover''', '22004'), ('ship_to_country => ''usa''', '22023'),
    ('max_estimated_delivery_on => ''infinity''', '22008'), ('max_estimated_delivery_on => ''1899-12-31''', '22008'),
    ('max_estimated_delivery_on => ''2201-01-01''', '22008'),
    ('shipment_number => 2', 'P0002')) AS v (arguments, sqlstate);
SELECT pg_temp.refuses(999, 'record_shipment(1, $1)', 'P0002', 'record_shipment: an order that exists');
SELECT pg_temp.refuses(NULL, 'record_shipment(1, $1)', '22004', 'record_shipment: an order');

---------- scanned ----------

SELECT ok(NOT support_case._has_acceptance_scan(1, :o), 'AMB-45: a label alone is no acceptance');
SELECT pg_temp.refuses(:o, format('record_shipment_scan(1, $1, %s)', arguments), sqlstate, 'record_shipment_scan: ' || arguments)
FROM (VALUES ('1, ''seen'', support_case.clock()', '22023'), ('1, NULL, support_case.clock()', '22004'),
    ('1, ''accepted'', NULL', '22004'), ('1, ''accepted'', support_case.clock() + interval ''1 second''', '22023'),
    ('1, ''accepted'', ''2026-01-02T08:59:59-05:00''', '22023'), ('1, ''accepted'', ''-infinity''', '22008'),
    ('NULL, ''accepted'', support_case.clock()', '22004'), ('2, ''accepted'', support_case.clock()', 'P0002'))
    AS v (arguments, sqlstate);
SELECT pg_temp.at('2026-01-07T12:00:00-05:00');
SELECT support_case.record_shipment_scan(1, :o, 1, 'lost', '2026-01-05T09:00:00-05:00') IS NOT NULL AS made;
SELECT pg_temp.shipment_shows(:o, 1, '{"handed_over_at": null, "last_scan_kind": "lost"}',
    'a parcel that is reported lost may never have been accepted');
SELECT support_case.record_shipment_scan(1, :o, 1, 'in_transit', '2026-01-07T10:00:00-05:00') IS NOT NULL AS made;
SELECT pg_temp.shipment_shows(:o, 1, '{"handed_over_at": "2026-01-07T10:00:00-05:00", "last_scan_kind": "in_transit",
    "delivered_at": null, "last_scan_at": "2026-01-07T10:00:00-05:00"}', 'AMB-57: whoever moves it has accepted it');
SELECT support_case.record_shipment_scan(1, :o, 1, 'accepted', '2026-01-06T16:00:00-05:00') IS NOT NULL AS made;
SELECT pg_temp.shipment_shows(:o, 1, '{"handed_over_at": "2026-01-06T16:00:00-05:00", "last_scan_kind": "in_transit"}',
    'AMB-57: the acceptance scan, though it is reported later, is the ship date');
SELECT is((SELECT count(*) FROM support_case.record_shipment_scan(1, :o, 1, 'accepted', '2026-01-06T16:00:00-05:00')), 1::bigint,
    'the same scan again is answered');
SELECT is((SELECT string_agg(kind, ',' ORDER BY scan_number) FROM support_case.shipment_scan WHERE order_id = :o),
    'lost,in_transit,accepted', 'and recorded once');
SELECT ok(support_case._has_acceptance_scan(1, :o), 'AMB-45: accepted');
SELECT ok(NOT support_case._has_acceptance_scan(1, :o, '2026-01-06T16:00:00-05:00')
    AND support_case._has_acceptance_scan(1, :o, '2026-01-06T16:00:00.000001-05:00'), 'AMB-45: but not before the scan');
SELECT pg_temp.refuses(:o, 'record_shipment(1, $1, ''UPS'', shipment_number => 1)', 'SC001',
    'what was agreed with the carrier stands once it has the parcel');
SELECT throws_ok($$UPDATE support_case.shipment_scan SET kind = 'delivered'$$, 'SC002', NULL, 'scans are append-only');
SELECT throws_ok($$TRUNCATE support_case.shipment_scan$$, 'SC002', NULL, 'and not truncated');

---------- delivered ----------

SELECT support_case.record_shipment(1, :o, 'UPS', 'ground', '1Z') IS NOT NULL AS made;
SELECT ok(NOT support_case._has_acceptance_scan(1, :o), 'AMB-45: one of two parcels is still with the seller');
SELECT pg_temp.at('2026-01-10T12:00:00-05:00');
SELECT support_case.record_shipment_scan(1, :o, 1, 'delivered', '2026-01-09T10:00:00-05:00') IS NOT NULL AS made;
SELECT is(pg_temp.delivered_at(:o), NULL, 'AMB-42: an order is not delivered while a parcel is missing');
SELECT support_case.record_shipment_scan(1, :o, 2, 'delivered', '2026-01-08T10:00:00-05:00') IS NOT NULL AS made;
SELECT is(pg_temp.delivered_at(:o), '2026-01-09T10:00:00-05:00', 'AMB-42: it is with the last parcel');
SELECT ok(support_case._has_acceptance_scan(1, :o), 'a delivery without a scan before it is an acceptance too');
SELECT is((SELECT delivered_at FROM support_case.record_order_delivered(1, :o, '2026-01-09T11:00:00-05:00')),
    '2026-01-09T11:00:00-05:00', 'AMB-42: the host may say so itself');
SELECT pg_temp.new_order() AS q \gset
SELECT support_case.record_order_delivered(1, :q, support_case.clock()) IS NOT NULL AS made;
SELECT ok(NOT support_case._has_acceptance_scan(1, :q, support_case.clock())
    AND support_case._has_acceptance_scan(1, :q), 'AMB-45: an order without shipments was accepted if it was delivered');
SELECT pg_temp.at('2026-01-24T10:00:00-05:00');
SELECT support_case.record_order_delivered(1, :o, '2026-01-09T10:00:00-05:00') IS NOT NULL AS made;
SELECT is(is_discretionary, true, 'AMB-42: the filing window runs from the last delivery')
FROM support_case.open_case(1, :o, 'damaged_in_transit', 'late');

---------- once ----------

SELECT pg_temp.new_order() AS r \gset
SELECT is((SELECT max(s.shipment_number) FROM (SELECT 1 FROM support_case.record_shipment(1, :r, 'UPS', idempotency_key => 'k')) AS a,
        LATERAL (SELECT * FROM support_case.record_shipment(1, :r, 'UPS', idempotency_key => 'k')) AS s), 1,
    'a key makes one shipment');
SELECT is((SELECT count(*) FROM support_case.shipment WHERE order_id = :r), 1::bigint, 'one');
SELECT pg_temp.refuses(:r, 'record_shipment(1, $1, ''DHL'', idempotency_key => ''k'')', 'SC009', 'and belongs to its arguments');
SELECT support_case.record_shipment_scan(1, :r, 1, 'accepted', support_case.clock(), idempotency_key => 's') IS NOT NULL AS made;
SELECT pg_temp.refuses(:r, 'record_shipment_scan(1, $1, 1, ''lost'', support_case.clock(), idempotency_key => ''s'')', 'SC009',
    'so does that of a scan');

---------- who ----------

CREATE ROLE tap_carrier LOGIN IN ROLE support_case_carrier;
CREATE ROLE tap_seller LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_other LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_buyer LOGIN IN ROLE support_case_buyer;
SELECT support_case.map_login('tap_seller', 1), support_case.map_login('tap_other', 2), support_case.map_login('tap_buyer', buyer_id => 7);
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
SELECT is(pg_temp.as_role(role_name, format(query, :r)), expected, role_name || ': ' || query)
FROM (VALUES
    ('tap_carrier', 'SELECT last_scan_kind FROM support_case.record_shipment_scan(1, %s, 1, ''in_transit'', support_case.clock())', 'in_transit'),
    ('tap_seller', 'SELECT last_scan_kind FROM support_case.record_shipment_scan(1, %s, 1, ''lost'', support_case.clock())', '42501'),
    ('tap_seller', 'SELECT carrier FROM support_case.shipments WHERE order_id = %s', 'UPS'),
    ('tap_other', 'SELECT carrier FROM support_case.shipments WHERE order_id = %s', NULL),
    ('tap_buyer', 'SELECT carrier FROM support_case.shipments WHERE order_id = %s', '42501')) AS v (role_name, query, expected);

---------- verified ----------

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify(): all is well');
SET LOCAL session_replication_role = replica;
UPDATE support_case.shipment SET handed_over_at = handed_over_at - interval '1 day' WHERE order_id = :r;
INSERT INTO support_case.shipment_scan VALUES (1, :q, 7, 1, 'lost', support_case.clock(), support_case.clock());
SELECT set_eq('SELECT check_name, seller_id FROM support_case.verify()', $$VALUES ('shipment_scans', 1::bigint)$$,
    'verify(): a shipment that is not where its scans say');
SELECT is((SELECT count(*) FROM support_case.verify()), 2::bigint, 'verify(): and scans of no shipment');

SELECT * FROM finish();
ROLLBACK;
