-- The injectable clock: clock() is the statement's, _instant() the wall's,
-- and support_case.now stands in for both (AMB-120).
BEGIN;
SELECT plan(7);

SELECT is(support_case.clock(), statement_timestamp(),
    'clock() is the start of the statement');
SELECT cmp_ok(support_case._instant(), '>=', statement_timestamp(),
    '_instant() is not before the statement');

SET LOCAL support_case.now = '2026-01-09T16:00:00-05:00';
SELECT is(support_case.clock(), '2026-01-09 21:00:00+00'::timestamptz,
    'support_case.now replaces clock()');
SELECT is(support_case._instant(), '2026-01-09 21:00:00+00'::timestamptz,
    'support_case.now replaces _instant()');

-- A worker receives its settings before the tables that names of zones are in.
SET LOCAL support_case.now = '2026-01-09T21:00:00Z';
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SELECT is((SELECT count(*) FROM pg_catalog.pg_class WHERE support_case.clock() <> '2026-01-09 21:00:00+00'::timestamptz), 0::bigint,
    'support_case.now replaces clock() in parallel workers');

SELECT volatility_is('support_case', 'clock', ARRAY[]::name[], 'stable',
    'clock() is STABLE: a view sees one instant');
SELECT volatility_is('support_case', '_instant', ARRAY[]::name[], 'volatile',
    '_instant() is VOLATILE: it is asked once locks are held');

SELECT * FROM finish();
ROLLBACK;
