-- What analysts read: facts of cases, responses and refunds, with pseudonyms
-- for buyers, and nothing else (security model, W-25, W-82 to W-89).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

CREATE ROLE tap_analyst LOGIN IN ROLE support_case_analyst;
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

---------- responses ----------

-- Friday, 9 January 2026, 16:00.
SELECT pg_temp.at('2026-01-09T16:00:00-05:00');
SELECT pg_temp.new_case() AS timely, pg_temp.new_case() AS late, pg_temp.new_case() AS silent, pg_temp.new_case() AS withdrawn,
    pg_temp.new_case('other') AS routed, pg_temp.new_case('other') AS handed_over \gset
SELECT support_case.withdraw_case(1, :withdrawn) IS NOT NULL AS done;
SELECT pg_temp.at('2026-01-12T09:30:00-05:00');
SELECT support_case.post_message(1, :timely, 'seller', 'looking into it') IS NOT NULL AS done;
SELECT support_case.return_to_seller(1, :handed_over, 'agent') IS NOT NULL AS done;
SELECT pg_temp.at('2026-01-13T15:59:59.999999-05:00');
SELECT is((SELECT is_breached FROM support_case.analysis_responses WHERE case_id = :silent), false, 'W-25, D-01: not yet');
SELECT pg_temp.at('2026-01-13T16:00:00-05:00');
SELECT is((SELECT is_breached FROM support_case.analysis_responses WHERE case_id = :silent), true, 'W-25, D-01: missed at its end');
SELECT pg_temp.at('2026-01-13T18:00:00-05:00');
SELECT support_case.explain_no_refund(1, :late, 'no') IS NOT NULL AS done;
SELECT support_case.offer_full_refund(1, :timely) IS NOT NULL AS done;
SELECT support_case.offer_full_refund(1, :handed_over) IS NOT NULL AS done;
SELECT results_eq(format($$SELECT case_id, response_time, is_breached FROM support_case.analysis_responses
    WHERE case_id IN (%s, %s, %s, %s, %s, %s) ORDER BY case_id$$, :timely, :late, :silent, :withdrawn, :routed, :handed_over),
    format($$VALUES (%s::bigint, interval '17:30:00', false), (%s, '50:00:00', true), (%s, NULL, true), (%s, NULL, false),
        (%s, '32:30:00', false)$$, :timely, :late, :silent, :withdrawn, :handed_over),
    'W-25, D-01: first response in business time, a message counts (AMB-07); what the seller never received is not there');
SELECT is((SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY response_time) FROM support_case.analysis_responses
    WHERE case_id IN (:timely, :late, :handed_over)), interval '32:30:00', 'percentiles are the server''s own');

-- What ends before the deadline is not missed, however much later it is read.
SELECT pg_temp.new_case() AS taken, pg_temp.new_case() AS handed_back, pg_temp.new_case() AS charged_back,
    pg_temp.new_case() AS unanswered \gset
SELECT pg_temp.at('2026-01-14T18:00:00-05:00');
SELECT support_case.take_over_case(1, k, actor_id => 'agent') IS NOT NULL AS done FROM unnest(ARRAY[:taken, :handed_back]) AS k;
SELECT support_case.record_chargeback(1, order_id, 105) IS NOT NULL AS done FROM support_case.support_case WHERE case_id = :charged_back;
SELECT pg_temp.at('2026-01-16T18:00:00-05:00');
SELECT support_case.return_to_seller(1, :handed_back, 'agent') IS NOT NULL AS done;
SELECT support_case.explain_no_refund(1, :handed_back, 'no') IS NOT NULL AS done;
SELECT results_eq(format('SELECT case_id, is_breached FROM support_case.analysis_responses WHERE case_id IN (%s, %s, %s, %s) ORDER BY 1',
        :taken, :handed_back, :charged_back, :unanswered),
    format('VALUES (%s::bigint, false), (%s, false), (%s, false), (%s, true)', :taken, :handed_back, :charged_back, :unanswered),
    'W-25, AMB-54: no response is missed that the platform or the bank forestalled');
SELECT is((SELECT missed_responses FROM support_case.account_status WHERE seller_id = 1),
    (SELECT count(*) FROM support_case.analysis_responses WHERE is_breached), 'W-25: the account status counts the same');

---------- refund costs ----------

CREATE TEMPORARY VIEW cost AS
SELECT case_id, kind, refunded, borne_by_seller, borne_by_platform, borne_by_carrier, commission, tax, return_label
FROM support_case.analysis_refund_costs;
SELECT results_eq(format('SELECT * FROM cost WHERE case_id = %s', :timely),
    format($$VALUES (%s::bigint, 'charge', 105.00, 97.00, 0.00, 0.00, 8.00, 0.00, 0.00)$$, :timely),
    'W-83: a full refund in major units: what the buyer gets, and who bears it');
SELECT pg_temp.case_after('damaged_in_transit', '@2026-02-02T10:00:00-05:00', 'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)',
    'decide(1, $1, ''refund'', ''split'', seller_amount => 50, carrier_amount => 7, actor_id => ''a'')') AS id \gset
SELECT results_eq(format('SELECT * FROM cost WHERE case_id = %s', :id),
    format($$VALUES (%s::bigint, 'charge', 105.00, 50.00, 40.00, 7.00, 8.00, 0.00, 0.00)$$, :id), 'AMB-34: a split');
SELECT support_case.reassign_liability(1, :id, 'carrier', actor_id => 'a') IS NOT NULL AS done;
SELECT results_eq(format('SELECT sum(refunded), sum(borne_by_seller), sum(borne_by_platform), sum(borne_by_carrier), count(*)
    FROM cost WHERE case_id = %s', :id), $$VALUES (105.00, 0.00, 0.00, 97.00, 3::bigint)$$, 'AMB-38: reversals count back');
SELECT support_case.record_refund_settled(1, :id) IS NOT NULL AS done;
SELECT is((SELECT count(*) FROM cost WHERE case_id = :id), 3::bigint, 'a settlement costs nothing');
SELECT pg_temp.case_after('damaged_in_transit', '@2026-02-02T10:00:00-05:00', 'offer_full_refund(1, $1, true)',
    'record_return_delivered(1, $1, support_case.clock())', 'confirm_return(1, $1)') AS id \gset
SELECT is((SELECT return_label FROM cost WHERE case_id = :id), 6.50, 'W-84: the return label');
SELECT support_case.register_order(1, 902, 7, 'USD', 88.80, 5, 3.20, '[{"unit_price": 85}]') IS NOT NULL AS done;
SELECT case_id AS id FROM support_case.open_case(1, 902, 'missing_item', 'help') \gset
SELECT support_case.offer_full_refund(1, :id) IS NOT NULL AS done;
SELECT results_eq(format('SELECT * FROM cost WHERE case_id = %s', :id),
    format($$VALUES (%s::bigint, 'charge', 90.00, 97.00, -7.00, 0.00, 0.00, 0.00, 0.00)$$, :id),
    'AMB-126: a subsidy that comes back is the platform''s');
SELECT is_empty('SELECT * FROM cost WHERE refunded + return_label <> borne_by_seller + borne_by_platform + borne_by_carrier + commission + tax',
    'what is paid is what is borne');
SELECT support_case.register_seller(3) IS NOT NULL AS done;
SELECT support_case.register_order(3, 900, 7, 'JPY', 88, 5, 3, '[{"unit_price": 96}]') IS NOT NULL AS done;
SELECT support_case.offer_full_refund(3, (SELECT case_id FROM support_case.open_case(3, 900, 'missing_item', 'help'))) IS NOT NULL AS done;
SELECT results_eq($$SELECT month::text, reason, currency, sum(refunded), sum(borne_by_seller)
    FROM support_case.analysis_refund_costs WHERE seller_id IN (1, 3) AND effective_at >= '2026-01-01Z' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3$$,
    $$VALUES ('2026-01-01', 'damaged_in_transit', 'USD', 105.00, 97.00), ('2026-01-01', 'other', 'USD', 105.00, 97.00),
        ('2026-02-01', 'damaged_in_transit', 'USD', 210.00, 103.50), ('2026-02-01', 'missing_item', 'JPY', 101, 96),
        ('2026-02-01', 'missing_item', 'USD', 90.00, 97.00)$$,
    'W-82 to W-89, AMB-61: cost by reason and month, each currency by itself');

---------- cases, and whose they are ----------

SELECT is((SELECT count(*) FROM support_case.analysis_cases), (SELECT count(*) FROM support_case.support_case),
    'every case is there');
SELECT results_eq(format('SELECT status, resolution, closed_at, is_thumbs_up FROM support_case.analysis_cases WHERE case_id = %s', :timely),
    $$VALUES ('closed', 'full_refund', timestamptz '2026-01-13T18:00:00-05:00', NULL::boolean)$$, 'with its end');
SELECT support_case.register_order(3, 901, 8, 'USD', 8, 1, 1, '[{"unit_price": 9}]') IS NOT NULL AS done;
SELECT support_case.open_case(3, 901, 'missing_item', 'help') IS NOT NULL AS done;
SELECT is((SELECT count(DISTINCT buyer_pseudonym) FROM support_case.analysis_cases), 2::bigint, 'a buyer has one pseudonym');
SELECT is((SELECT count(*) FROM support_case.analysis_cases WHERE buyer_pseudonym !~ '^[0-9a-f]{32}$'), 0::bigint, 'which says nothing');
SELECT is((SELECT count(*) FROM support_case.analysis_cases WHERE buyer_pseudonym IN
        (SELECT left(encode(h, 'hex'), 32) FROM generate_series(1, 1000) AS k,
            LATERAL (VALUES (sha256(int8send(k))), (sha256(k::text::bytea)), (decode(md5(k::text), 'hex'))) AS v (h))),
    0::bigint, 'and cannot be found by trying numbers');
SELECT is((SELECT length(secret) FROM support_case.analysis_secret), 32, 'for the secret behind it is long');
SELECT throws_ok('INSERT INTO support_case.analysis_secret (secret) SELECT secret FROM support_case.analysis_secret', '23505', NULL,
    'and there is one');
CREATE TEMPORARY TABLE pseudonym ON COMMIT DROP AS SELECT DISTINCT buyer_pseudonym FROM support_case.analysis_cases;
SAVEPOINT other_installation;
UPDATE support_case.analysis_secret SET secret = sha256(secret);
SELECT is_empty('SELECT buyer_pseudonym FROM support_case.analysis_cases INTERSECT TABLE pseudonym', 'another one gives others');
ROLLBACK TO other_installation;

GRANT SELECT ON pseudonym TO tap_analyst;
SELECT is(pg_temp.as_role('tap_analyst', format('SELECT (count(*) > 0)::text FROM support_case.%I', relation)), expected,
    format('an analyst and %s: %s', relation, expected))
FROM (VALUES ('analysis_cases', 'true'), ('analysis_responses', 'true'), ('analysis_refund_costs', 'true'), ('support_rating', 'true'),
    ('policy_versions', 'true'), ('calendar_versions', 'true'), ('reason', 'true'),
    ('analysis_secret', '42501'), ('support_case', '42501'), ('case_current', '42501'), ('case_event', '42501'),
    ('message', '42501'), ('case_feedback', '42501'), ('sales_order', '42501'), ('ledger_entry', '42501'),
    ('rating_explanation', '42501'), ('satisfaction_score', '42501'), ('_rated_case', '42501'), ('_publicly_rated_case', '42501'),
    ('party_login', '42501')) AS v (relation, expected);
SELECT is(pg_temp.as_role('tap_analyst', 'SELECT left(buyer_pseudonym, 0) FROM support_case.analysis_cases LIMIT 1'), '',
    'an analyst reads pseudonyms without the secret');
SELECT is_empty($$SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'support_case' AND table_name LIKE 'analysis\_%' AND table_name <> 'analysis_secret'
        AND column_name IN ('buyer_id', 'order_id', 'description', 'actor_id', 'body', 'details')$$,
    'no analysts'' view tells who a buyer is, or what was said');
SELECT is_empty($$SELECT r.rolname, c.relname FROM pg_class AS c, pg_roles AS r
    WHERE c.relname = 'analysis_secret' AND r.rolname LIKE 'support\_case\_%' AND r.oid <> c.relowner
        AND has_table_privilege(r.oid, c.oid, 'SELECT')$$, 'nobody but the owner reads the secret');
-- A security barrier: a function that leaks sees no row that the view hides.
SELECT is((SELECT count(*) FROM pg_class WHERE relnamespace = 'support_case'::regnamespace AND relkind = 'v'
        AND relname IN ('support_rating', 'analysis_cases', 'analysis_responses', 'analysis_refund_costs')
        AND reloptions @> '{security_barrier=true}' AND NOT reloptions && '{security_invoker=true}'), 4::bigint,
    'they are security barriers with the owner''s rights');

-- As written: an unswept deadline shows in the rating, not here.
SELECT pg_temp.at('2026-06-02T10:00:00-04:00');
SELECT is((SELECT status FROM support_case.analysis_cases WHERE case_id = :silent), 'awaiting_seller', 'analysts read what is written');
SELECT support_case.sweep() > 0 AS swept;
SELECT is((SELECT resolution FROM support_case.analysis_cases WHERE case_id = :silent), 'no_seller_response', 'and the sweep writes it');

SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() finds nothing');
SELECT * FROM finish();
ROLLBACK;
