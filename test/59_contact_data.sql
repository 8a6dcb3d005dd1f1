-- What becomes of contact data in what people write, under every pii_mode and
-- contact_mode (V-06, V-21, AMB-80, AMB-99).  test/sql/contact_data.sql shows
-- what counts as contact data.
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-12T10:00:00-05:00');

-- A policy in force a minute later, which it is then.
CREATE FUNCTION pg_temp.rules(settings jsonb DEFAULT '{}')
RETURNS void
LANGUAGE sql
AS $$ SELECT pg_temp.policy(settings), pg_temp.at((support_case.clock() + interval '1 minute')::text) $$;

-- The last message about an order, and whether it is flagged.
CREATE FUNCTION pg_temp.last_said(of_order bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT format('%s %s', m.has_contact_data, m.body) FROM support_case.conversation_messages AS m
    WHERE m.seller_id = 1 AND m.order_id = of_order
    ORDER BY m.posted_at DESC, m.conversation_id DESC, m.message_number DESC
    LIMIT 1
$$;

-- Every way to write about order $1 and its case $2 after some steps.
CREATE TEMPORARY TABLE way (steps text, command text);
INSERT INTO way VALUES
    ('', $$post_order_message(1, $1, 'buyer', %L)$$), ('', $$post_message(1, $2, 'seller', %L)$$),
    ('', $$request_information(1, $2, %L)$$), ('', $$explain_no_refund(1, $2, %L)$$),
    ('', $$offer_full_refund(1, $2, message => %L)$$), ('', $$offer_partial_refund(1, $2, 30, %L)$$),
    ('consent_to_replacement(1, $1)', $$send_replacement(1, $2, 'UPS', '1Z', %L)$$),
    ($$request_information(1, $1, 'a')$$, $$provide_information(1, $2, %L)$$),
    ($$explain_no_refund(1, $1, 'a')$$, $$escalate(1, $2, %L)$$),
    ('offer_full_refund(1, $1, true)|record_return_delivered(1, $1, support_case.clock())',
        $$dispute_return(1, $2, 'missing', %L)$$),
    ('', $$post_platform_message(1, $2, 'seller', %L, actor_id => 'a')$$),
    ('', $$receive_relayed_message(support_case.relay_address(1, $1, 'buyer'), %L)$$);
CREATE FUNCTION pg_temp.kept(w way, body text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint := pg_temp.case_after('damaged_in_transit', VARIADIC array_remove(string_to_array(w.steps, '|'), ''));
    of_order bigint := (SELECT order_id FROM support_case.support_case WHERE seller_id = 1 AND case_id = of_case);
BEGIN
    PERFORM pg_temp.at((support_case.clock() + interval '1 second')::text);
    EXECUTE format('SELECT support_case.' || w.command, body) USING of_order, of_case;
    RETURN pg_temp.last_said(of_order);
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN SQLERRM;
END
$$;
SELECT is(pg_temp.kept(w, 'a@b.de or 555-123-4567, 12 Main Street'), 't *** or 555-123-4567, 12 Main Street',
    'AMB-80, AMB-99, pii_mode = flag, contact_mode = relay: ' || w.command) FROM way AS w;
SELECT pg_temp.rules('{"pii_mode": "mask"}');
SELECT is(pg_temp.kept(w, 'a@b.de or 555-123-4567, 12 Main Street'), 't *** or ***, 12 Main Street',
    'AMB-99, V-06, V-21, pii_mode = mask: ' || w.command) FROM way AS w;
SELECT pg_temp.rules('{"pii_mode": "reject"}');
SELECT is(pg_temp.kept(w, 'a@b.de or 555-123-4567, 12 Main Street'), 'the text contains contact data',
    'AMB-99, V-06, pii_mode = reject: ' || w.command) FROM way AS w;
SELECT is(pg_temp.kept(w, 'order 1234567890, 12 Main Street'), 'f order 1234567890, 12 Main Street',
    'V-21, pii_mode = reject: ' || w.command) FROM way AS w;
-- Addresses that were given out still work.
CREATE FUNCTION pg_temp.relay_of(of_order bigint)
RETURNS text
LANGUAGE sql
AS $$ SELECT support_case._relay_name(1, of_order, 'buyer') || '@relay.invalid' $$;
UPDATE way SET command = replace(command, $$support_case.relay_address(1, $1, 'buyer')$$, 'pg_temp.relay_of($1)');
SELECT pg_temp.rules('{"contact_mode": "direct"}');
SELECT is(pg_temp.kept(w, 'a@b.de or 555-123-4567, 12 Main Street'), 't a@b.de or 555-123-4567, 12 Main Street',
    'AMB-80, AMB-99, pii_mode = flag, contact_mode = direct: ' || w.command) FROM way AS w;
SELECT pg_temp.rules('{"contact_mode": "direct", "pii_mode": "allow"}');
SELECT is(pg_temp.kept(w, 'a@b.de or 555-123-4567, 12 Main Street'), 'f a@b.de or 555-123-4567, 12 Main Street',
    'AMB-80, AMB-99, pii_mode = allow, contact_mode = direct: ' || w.command) FROM way AS w;

SELECT pg_temp.rules(jsonb_build_object('pii_mode', 'mask'));
SELECT pg_temp.new_order() AS o \gset
SELECT is((SELECT ROW(body, has_contact_data)::text FROM support_case.post_order_message(1, :o, 'buyer',
    'Call 555-123-4567 or see www.x.de')), '("Call *** or see ***",t)', 'AMB-99, V-06, pii_mode = mask: masked for good');
SELECT case_id AS id FROM support_case.open_case(1, :o, 'damaged_in_transit', 'Call 555-123-4567') \gset
SELECT is((SELECT description FROM support_case.case_current WHERE case_id = :id), 'Call ***',
    'AMB-99, pii_mode = mask: the description, too');
SELECT pg_temp.rules(jsonb_build_object('pii_mode', 'reject'));
SELECT is((SELECT body FROM support_case.post_message(1, :id, 'buyer', 'Call 555-123-4567') AS c,
        LATERAL (SELECT m.body FROM support_case.conversation_messages AS m WHERE m.case_id = c.case_id
            ORDER BY m.message_number DESC LIMIT 1) AS m), 'Call ***', 'AMB-99: a case keeps the mode that it was opened under');
SELECT pg_temp.refuses(:o, 'post_order_message(1, $1, ''buyer'', ''Call 555-123-4567 or a@b.de'')', '22023',
    'AMB-99, pii_mode = reject: refused', 'Found: email, telephone.');
SELECT pg_temp.new_order() AS o \gset
SELECT throws_like(format($$SELECT support_case.open_case(1, %s, 'damaged_in_transit', 'a@b.de')$$, :o), '%contains contact data',
    'AMB-99, pii_mode = reject: a case, too');
SELECT is((SELECT body FROM support_case.post_order_message(1, :o, 'buyer', '12 Main Street, order 1234567890')),
    '12 Main Street, order 1234567890', 'V-21, pii_mode = reject: a postal address is none');
SELECT pg_temp.rules(jsonb_build_object('pii_mode', 'allow', 'contact_mode', 'direct'));
SELECT is((SELECT ROW(body, has_contact_data)::text FROM support_case.post_order_message(1, :o, 'buyer', 'a@b.de')), '(a@b.de,f)',
    'AMB-99, pii_mode = allow: nobody looks');
SELECT pg_temp.rules(jsonb_build_object('pii_mode', 'allow'));
SELECT is((SELECT ROW(body, has_contact_data)::text FROM support_case.post_order_message(1, :o, 'buyer', 'a@b.de')), '(***,t)',
    'AMB-80: but relay addresses keep real ones out');
SELECT throws_ok($$SELECT support_case.create_policy('{"pii_mode": "shred"}')$$, '23514', NULL, 'AMB-99: one of four modes');
SELECT pg_temp.rules();

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
