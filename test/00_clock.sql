-- The injectable clock: clock() is the statement's, _instant() the wall's,
-- and support_case.now stands in for both (AMB-120).
BEGIN;
SELECT plan(6);

SELECT is(support_case.clock(), statement_timestamp(),
    'clock() is the start of the statement');
SELECT cmp_ok(support_case._instant(), '>=', statement_timestamp(),
    '_instant() is not before the statement');

SET LOCAL support_case.now = '2026-01-09T16:00:00-05:00';
SELECT is(support_case.clock(), '2026-01-09 21:00:00+00'::timestamptz,
    'support_case.now replaces clock()');
SELECT is(support_case._instant(), '2026-01-09 21:00:00+00'::timestamptz,
    'support_case.now replaces _instant()');

SELECT volatility_is('support_case', 'clock', ARRAY[]::name[], 'stable',
    'clock() is STABLE: a view sees one instant');
SELECT volatility_is('support_case', '_instant', ARRAY[]::name[], 'volatile',
    '_instant() is VOLATILE: it is asked once locks are held');

SELECT * FROM finish();
ROLLBACK;
