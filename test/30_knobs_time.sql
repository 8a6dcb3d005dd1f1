-- Time and versions: AMB-01 to AMB-06, AMB-39, AMB-120, AMB-127, and what
-- create_calendar() and create_policy() refuse (8.1, 8.13).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;
SELECT support_case.create_calendar('office', 'America/New_York; Mo-Fr 09:00-17:00') IS NOT NULL AS made;
SELECT support_case.create_calendar('paris', 'Europe/Paris; Mo-Fr') IS NOT NULL AS made;
SELECT support_case.create_calendar('tokyo', 'Asia/Tokyo; Mo-Sa') IS NOT NULL AS made;

-- When a case of Friday, 9 January 2026, 16:00 is due under these settings.
CREATE FUNCTION pg_temp.due_with(settings jsonb)
RETURNS timestamptz
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint;
    due timestamptz;
BEGIN
    PERFORM pg_temp.at('2026-01-09T16:00:00-05:00');
    BEGIN
        PERFORM pg_temp.policy(settings);
        of_case := pg_temp.new_case();
        due := (SELECT due_at FROM support_case.case_current WHERE case_id = of_case);
        RAISE SQLSTATE 'ZZ000';
    EXCEPTION WHEN SQLSTATE 'ZZ000' THEN
        RETURN due;
    END;
END
$$;

---------- AMB-01 to AMB-05: what time is business time ----------

SELECT is(pg_temp.due_with('{}'), '2026-01-13T16:00-05:00', 'X-01, AMB-01: by default every hour of a weekday');
SELECT is(pg_temp.due_with('{"calendar_code": "office"}'), '2026-01-19T16:00-05:00',
    'X-05, AMB-01 weekly windows: Monday to Friday, nine to five');
SELECT is(pg_temp.due_with('{"seller_response": "2 business days"}'), '2026-01-13T16:00-05:00',
    'AMB-02: two business days are 48 business hours');
SELECT is(pg_temp.due_with('{"seller_response": "2 business days", "calendar_code": "office"}'),
    '2026-01-13T16:00-05:00', 'AMB-02 unit: but not where the day has fewer hours');
SELECT is(pg_temp.due_with('{"seller_response": "48 hours"}'), '2026-01-11T16:00-05:00', 'AMB-02, AMB-110 unit: elapsed hours');
SELECT is(pg_temp.due_with('{"seller_response": "60 days"}'), '2026-03-10T16:00-04:00',
    'AMB-02, AMB-05 unit: calendar days keep the wall clock');
SELECT is(pg_temp.due_with('{"seller_response_rounding": "end_of_business_day"}'), '2026-01-14T00:00-05:00',
    'AMB-02 rounding = end_of_business_day');
SELECT is(pg_temp.due_with('{"seller_response_rounding": "end_of_business_day", "calendar_code": "office"}'),
    '2026-01-19T17:00-05:00', 'AMB-02 rounding = end_of_business_day, nine to five');

SELECT is(pg_temp.due_with('{"calendar_scope": "seller"}'), '2026-01-13T16:00-05:00',
    'AMB-03 scope = seller: a seller without a calendar has the platform''s');
CREATE FUNCTION pg_temp.due_of(settings jsonb, seller_calendar text, buyer_calendar text)
RETURNS timestamptz
LANGUAGE plpgsql
AS $$
DECLARE
    due timestamptz;
BEGIN
    PERFORM pg_temp.at('2026-01-09T16:00:00-05:00');
    BEGIN
        PERFORM pg_temp.policy(settings);
        PERFORM support_case.register_seller(2, calendar_code => seller_calendar);
        PERFORM support_case.register_order(2, 1, 8, 'USD', 9, 0, 1, '[{"unit_price": 10}]',
            buyer_calendar_code => buyer_calendar);
        due := (SELECT due_at FROM support_case.open_case(2, 1, 'damaged_in_transit', 'broken'));
        RAISE SQLSTATE 'ZZ000';
    EXCEPTION WHEN SQLSTATE 'ZZ000' THEN
        RETURN due;
    END;
END
$$;
-- Friday 16:00 in New York is 22:00 in Paris and Saturday 06:00 in Tokyo.
SELECT is(pg_temp.due_of('{"calendar_scope": "seller"}', 'tokyo', 'paris'), '2026-01-13T06:00+09:00', 'AMB-03 scope = seller');
SELECT is(pg_temp.due_of('{"calendar_scope": "buyer"}', 'tokyo', 'paris'), '2026-01-13T22:00+01:00', 'AMB-03 scope = buyer');
SELECT is(pg_temp.due_of('{}', 'tokyo', 'paris'), '2026-01-13T16:00-05:00', 'AMB-03 scope = platform');

SAVEPOINT no_holiday;
SELECT pg_temp.at('2026-01-05T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr; 2026-01-12 off') IS NOT NULL AS made;
SELECT is(pg_temp.due_with('{}'), '2026-01-14T16:00-05:00', 'AMB-04: an attached holiday is no business time');
ROLLBACK TO no_holiday;

SELECT pg_temp.at('2026-01-09T16:00:00-05:00');
SELECT pg_temp.policy('{"refund_visible_min": "1 business day", "refund_visible_max": "10 days"}') > 0 AS made;
SELECT pg_temp.case_after('damaged_in_transit', 'offer_full_refund(1, $1)') AS id \gset
SELECT is(ROW(i.visible_from, i.visible_until),
    ROW('2026-01-12T16:00-05:00'::timestamptz, '2026-01-19T16:00-05:00'::timestamptz), 'AMB-39: refund_visible_min, _max')
FROM support_case.refund_instruction AS i WHERE i.case_id = :id;
ROLLBACK TO no_holiday;

---------- AMB-120: the instant of a command ----------

SELECT pg_temp.at('2026-01-12T10:00:00-05:00');
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.run(:id, '@2026-01-12T12:00:00-05:00', 'post_message(1, $1, ''buyer'', ''hello'')',
    '@2026-01-12T11:00:00-05:00');
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''seller'', ''hello'')', '{"effective_at": "2026-01-12T12:00:00-05:00",
    "due_at": "2026-01-14T12:00:00-05:00"}', 'AMB-120: never before the last event of the order');
SELECT pg_temp.run(:id, '@2026-01-14T11:59:59-05:00', '@2026-01-14T12:00:00-05:00');
SELECT pg_temp.takes(:id, 'post_message(1, $1, ''buyer'', ''hello'')', '{"transition": "W-01", "is_overdue": true,
    "events": 5}', 'AMB-120: a transaction that began before the deadline does not carry an act past it');
SELECT isnt(pg_temp.state(:id) ->> 'opened_at', pg_temp.state(:id) ->> 'effective_at', 'AMB-120: though all is one transaction');

---------- AMB-127: pinned versions ----------

SELECT pg_temp.at('2026-01-16T10:00:00-05:00');
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.at('2026-01-16T11:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr; 2026-01-19 off') IS NOT NULL AS made;
SELECT pg_temp.policy('{"next_response": "1 hour", "seller_response": "1 hour"}') > 1 AS made;
SELECT pg_temp.shows(:id, '{"due_at": "2026-01-20T10:00:00-05:00", "policy_version": 1}',
    'AMB-127: a holiday announced while the deadline runs does not move it');
SELECT pg_temp.takes(:id, 'offer_partial_refund(1, $1, 5)', '{"due_at": "2026-01-21T11:00:00-05:00", "policy_version": 1}',
    'AMB-127: the next deadline uses the new calendar, and still the policy of the opening');
SELECT pg_temp.turns(:id, '2026-01-21T11:00:00-05:00', '{"status": "partial_offered"}',
    '{"status": "awaiting_buyer", "due_at": "2026-01-28T11:00:00-05:00"}', 'AMB-127, T-12: also in a roll-forward');
SELECT pg_temp.at('2026-01-16T11:00:00-05:00');
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.shows(:id, '{"due_at": "2026-01-16T12:00:00-05:00", "policy_version": 2}', 'W-18, AMB-127: requests are handled by the policy in force when they are made');

SELECT pg_temp.at('2026-02-02T10:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr; 2026-02-17 off', '2026-02-16T10:00:00-05:00')
    IS NOT NULL AS made;
SELECT support_case.create_policy('{"seller_response": "24 business hours"}', '2026-02-16T10:00:00-05:00') IS NOT NULL AS made;
SELECT pg_temp.at('2026-02-16T09:59:59.999999-05:00');
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.shows(:id, '{"due_at": "2026-02-16T10:59:59.999999-05:00", "policy_version": 2}',
    'AMB-127: a version to come is not in force one microsecond before');
SELECT pg_temp.at('2026-02-16T10:00:00-05:00');
SELECT pg_temp.new_case() AS id \gset
SELECT pg_temp.shows(:id, '{"due_at": "2026-02-18T10:00:00-05:00", "policy_version": 3}',
    'AMB-127: and is at its instant, over its holiday');

---------- versions: what is refused ----------

SELECT pg_temp.at('2026-03-02T10:00:00-05:00');
SELECT pg_temp.refuses(NULL, format('create_calendar(%s)', arguments), sqlstate, 'create_calendar: ' || arguments)
FROM (VALUES ('NULL, ''UTC; Mo-Fr''', '22004'), ('''x'', NULL', '22004'), ('''X'', ''UTC; Mo-Fr''', '22023'),
    ('''a b'', ''UTC; Mo-Fr''', '22023'), (''''', ''UTC; Mo-Fr''', '22023'), ('repeat(''x'', 64), ''UTC; Mo-Fr''', '22023'),
    ('''x'', ''UTC; Mo-Fry''', '22P02'), ('''x'', ''''', '22P02'), ('''x'', ''Nowhere/Town; Mo-Fr''', '22023'),
    ('''platform'', ''UTC; Mo-Fr'', ''2026-03-02T09:59:59-05:00''', '22023'),
    ('''platform'', ''UTC; Mo-Fr'', ''-infinity''', '22023'),
    ('''x'', ''UTC; Mo-Fr'', ''2026-04-01''', '22023')) AS v (arguments, sqlstate);
SELECT is(ROW(version, definition, effective_from, created_at, created_by),
    ROW(5, 'UTC; Mo-Fr 00:00-24:00'::text, support_case.clock(), support_case.clock(), 'me'::text), 'create_calendar: by default from now on')
FROM support_case.create_calendar('platform', 'UTC; Mo-Fr', actor_id => 'me');
SELECT pg_temp.refuses(NULL, 'create_calendar(''platform'', ''UTC; Mo-Fr'', support_case.clock())', '22023',
    'create_calendar: not at the instant of the latest version', '%the latest version does at%');
SELECT is(effective_from, support_case.clock() + interval '1 microsecond', 'create_calendar: twice at an instant')
FROM support_case.create_calendar('platform', 'America/New_York; Mo-Fr');

SELECT pg_temp.refuses(NULL, format('create_policy(%s)', arguments), sqlstate, 'create_policy: ' || arguments)
FROM (VALUES ('NULL', '22004'), ('''[]''', '22023'), ('''1''', '22023'), ('''{"no_such": 1}''', '22023'),
    ('''{"policy_version": 9}''', '22023'), ('''{"effective_from": "2030-01-01"}''', '22023'),
    ('''{"rules": "x"}''', '22023'), ('''{"created_by": "x"}''', '22023'),
    ('''{"seller_response": "soon"}''', '22P02'), ('''{"seller_response": null}''', '23502'),
    ('''{"reopen_window": "x"}''', '22P02'), ('''{"platform_target": "x"}''', '22P02'),
    ('''{"withdraw_allowed": "perhaps"}''', '22P02'), ('''{"seller_response_rounding": "up"}''', '23514'),
    ('''{"partial_offer_minimum": 0.6, "partial_offer_maximum": 0.5}''', '23514'),
    ('''{"partial_offer_maximum": 1.01}''', '23514'), ('''{"case_max_open_per_line": 0}''', '23514'),
    ('''{"calendar_code": "nowhere"}''', '22023'),
    ('''{}'', ''2026-03-02T09:59:59-05:00''', '22023')) AS v (arguments, sqlstate);
SELECT pg_temp.refuses(NULL, format('create_policy(%L)', jsonb_build_object(setting, 'no_such_choice')), '23514',
    'create_policy: a choice of ' || setting)
FROM unnest(ARRAY['calendar_scope', 'response_counts', 'partial_offer_on_expiry', 'partial_offer_decline_without_item',
    'return_dropoff_evidence', 'return_delivery_evidence', 'return_destination', 'replacement_mode',
    'replacement_sent_evidence', 'decision_default_liability', 'ledger_partial_components', 'chargeback_on_open',
    'filing_late_mode']) AS setting;
SELECT pg_temp.refuses(NULL, format('create_policy(%L)', jsonb_build_object(setting, '-1 hour')), '22023',
    'create_policy: a negative ' || setting)
FROM unnest(ARRAY['seller_response', 'next_response', 'escalation_window', 'information_request',
    'partial_offer_answer', 'return_drop_off', 'return_inspection', 'return_transit', 'replacement_shipment',
    'replacement_transit', 'escalation_min_wait', 'reopen_window', 'replacement_confirm_window', 'return_grace',
    'feedback_window', 'appeal_window', 'fact_minimum_notice']) AS setting;
SELECT is(ROW(policy_version, effective_from, created_by), ROW(4, support_case.clock(), 'me'::text),
    'create_policy: by default from now on')
FROM support_case.create_policy(actor_id => 'me');
SELECT is(p.settings ->> 'seller_response', '24 business hours', 'create_policy: what is not named stays as it was')
FROM support_case.create_policy('{"next_response": "5 business hours"}') AS p;
SELECT pg_temp.refuses(NULL, 'create_policy(''{}'', support_case.clock())', '22023',
    'create_policy: not at the instant of the latest version');

-- refuses() puts support_case. before a command; a statement needs its own.
CREATE FUNCTION pg_temp.refuses_statement(statement text, expected_sqlstate text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    before text := pg_temp.contents();
    found_sqlstate text := 'none';
BEGIN
    BEGIN
        EXECUTE statement;
    EXCEPTION WHEN OTHERS THEN
        found_sqlstate := SQLSTATE;
    END;
    RETURN is(found_sqlstate || CASE WHEN pg_temp.contents() <> before THEN ' but wrote' ELSE '' END, expected_sqlstate,
        statement);
END
$$;
SELECT pg_temp.refuses_statement(statement, 'SC015')
FROM unnest(ARRAY['UPDATE support_case.policy SET seller_response = ''1 hour'' WHERE policy_version = 1',
    'UPDATE support_case.policy SET created_by = created_by', 'DELETE FROM support_case.policy WHERE policy_version = 3',
    'TRUNCATE support_case.policy CASCADE', 'UPDATE support_case.calendar SET definition = ''UTC; Mo-Su''',
    'DELETE FROM support_case.calendar WHERE calendar_code = ''tokyo''', 'TRUNCATE support_case.calendar']) AS statement;

SELECT * FROM finish();
ROLLBACK;
