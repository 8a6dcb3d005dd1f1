-- Commands reach their rows through indexes also while the tables are small
-- and have no statistics: the plans that a session keeps from then would read
-- whole tables later (principle: a case costs the same whatever there is).
BEGIN;
\ir helpers/cases.sql
SELECT plan(3);

-- How often this transaction has read a table from end to end.
CREATE FUNCTION pg_temp.scans(of_table text)
RETURNS bigint
LANGUAGE sql
AS $$ SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = of_table::regclass $$;

SELECT pg_temp.at('2026-01-09T16:00:00-05:00');
CREATE TEMPORARY TABLE kase AS SELECT pg_temp.new_case() AS case_id FROM generate_series(1, 20);
CREATE TEMPORARY TABLE before AS
SELECT pg_temp.scans('support_case.support_case') AS cases, pg_temp.scans('support_case.sales_order_line') AS lines;

SELECT pg_temp.at('2026-01-12T10:00:00-05:00');
SELECT is((SELECT count(*) FROM kase AS k, support_case.offer_full_refund(1, k.case_id) AS c
        WHERE c.status = 'closed'),
    20::bigint, 'twenty refunds');
SELECT is(pg_temp.scans('support_case.support_case'), (SELECT cases FROM before), 'read no case but their own');
SELECT is(pg_temp.scans('support_case.sales_order_line'), (SELECT lines FROM before), 'and no line but their own');

SELECT * FROM finish();
ROLLBACK;
