-- health(), purge() and schedule() where there is no pg_cron; the rest of
-- schedule() is tested on servers that have it (test/t).
BEGIN;
SET LOCAL client_min_messages = error;
SELECT plan(30);

SET LOCAL support_case.now = '2026-01-05T12:00:00Z';

CREATE FUNCTION pg_temp.health_of(text)
RETURNS text
LANGUAGE sql
AS 'SELECT status || '': '' || detail FROM support_case.health() WHERE component = $1';

SELECT results_eq('SELECT component FROM support_case.health()',
    ARRAY['version', 'roles', 'clock', 'sweep_schedule', 'sweep', 'stalled_cases', 'outbox', 'refund_instructions',
        'carrier_claims', 'command_keys'],
    'health() has one row per component');
SELECT is_empty($$SELECT * FROM support_case.health() WHERE (status = 'ok') <> (hint IS NULL)$$,
    'what is not well has a hint');
SELECT is_empty($$SELECT * FROM support_case.health() WHERE status <> 'ok' AND component NOT IN ('clock', 'sweep_schedule')$$,
    'a new database is well, but for its schedule and the clock of this test');
SELECT is(pg_temp.health_of('clock'), 'warning: support_case.now stands in for it: 2026-01-05T12:00:00Z',
    'a clock that was set by hand is noticed');
SELECT is(pg_temp.health_of('sweep_schedule'), 'warning: pg_cron is not installed in this database',
    'so is a missing scheduler');
SELECT is(pg_temp.health_of('sweep'), 'ok: no sweep has run yet; nothing is due', 'nothing has to be swept');

-- Where it is hardened.
SAVEPOINT hardened;
REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC;
SET LOCAL ROLE support_case_operator;
SELECT lives_ok('SELECT support_case.health()', 'an operator who may not know the cluster gets an answer');
ROLLBACK TO hardened;

-- Versions.
SAVEPOINT before;
UPDATE support_case.schema_migration SET extension_version = '0.9' WHERE script = 'api';
DELETE FROM support_case.schema_migration WHERE script LIKE '0006%';
SELECT is(pg_temp.health_of('version'),
    format('error: extension %s, schema 0.9, not run: 0006_authority', support_case._extension_version()),
    'a schema that is behind is an error');
ROLLBACK TO before;

-- Deadlines that wait.
SELECT support_case.register_seller(1);
SELECT support_case.register_order(1, 1, 7, 'USD', 93, 5, 2, '[{"unit_price": 50}, {"unit_price": 50}]');
SELECT support_case.open_case(1, 1, 'damaged_in_transit', 'a', '[{"line_number": 1}]', idempotency_key => 'one');
SET LOCAL support_case.now = '2026-01-05T12:59:59Z';
SELECT matches(pg_temp.health_of('outbox'), '^ok: 6 notices wait', 'events that publishers have had for less than an hour are well');
SET LOCAL support_case.now = '2026-01-05T13:00:00Z';
SELECT matches(pg_temp.health_of('outbox'), '^warning: 6 notices wait', 'then they are late');
SET LOCAL support_case.now = '2026-01-07T12:04:00Z';
SELECT is(pg_temp.health_of('sweep'),
    'ok: no sweep has run yet; 1 deadlines are due and not written, the oldest since 2026-01-07T12:00:00Z',
    'a deadline that is due for four minutes is no reason to worry');
SET LOCAL support_case.now = '2026-01-07T12:05:00Z';
SELECT matches(pg_temp.health_of('sweep'), '^warning: ', 'for five minutes it is');
SET LOCAL support_case.now = '2026-01-07T13:00:00Z';
SELECT matches(pg_temp.health_of('sweep'), '^error: ', 'for an hour it is an error');
SELECT is(pg_temp.health_of('outbox'),
    'warning: 6 notices wait (email, event, in_app), the oldest since 2026-01-05T12:00:00Z',
    'events that nobody publishes are noticed');
SELECT support_case.sweep();
SELECT is(pg_temp.health_of('sweep'), 'ok: last sweep 2026-01-07T13:00:00Z; nothing is due', 'swept, all is well');
SET LOCAL support_case.now = '2026-01-07T14:00:00Z';
SELECT matches(pg_temp.health_of('sweep'), '^warning: last sweep', 'silence of an hour is noticed');
SELECT support_case.sweep();
SELECT is(pg_temp.health_of('sweep'), 'ok: last sweep 2026-01-07T14:00:00Z; nothing is due',
    'a sweep that finds nothing gives a sign of life');

-- Refunds that fail.
SELECT support_case.offer_full_refund(1, case_id) FROM support_case.support_case;
SELECT support_case.record_refund_failed(1, case_id, 'card closed') FROM support_case.support_case;
SELECT is(pg_temp.health_of('refund_instructions'),
    'warning: 1 refunds have failed, the oldest at 2026-01-07T14:00:00Z', 'failed refunds are noticed (AMB-128)');

-- Notices that were given up.
SAVEPOINT given_up;
UPDATE support_case.outbox SET claimed_at = support_case.clock(), attempts = 1, dead_at = support_case.clock(),
    last_error = 'no route';
SELECT is(pg_temp.health_of('outbox'), 'warning: no notice waits; ' || count(*) || ' were given up',
    'notices that were given up are noticed')
FROM support_case.outbox;
ROLLBACK TO given_up;

-- Tidying up.
SELECT support_case.leave_feedback(1, case_id, true, idempotency_key => 'two')
FROM support_case.support_case;
SELECT results_eq('SELECT * FROM support_case.purge()', 'VALUES (0::bigint, 0::bigint, NULL::bigint, 0::bigint)',
    'nothing is old enough yet');
SET LOCAL support_case.now = '2026-02-04T12:00:00Z';
SELECT results_eq('SELECT * FROM support_case.purge()', 'VALUES (1::bigint, 0::bigint, NULL::bigint, 0::bigint)',
    'an idempotency key goes after idempotency_retention, a later one stays');
SELECT lives_ok($$SELECT support_case.leave_feedback(1, case_id, true, idempotency_key => 'two')
    FROM support_case.support_case$$, 'and keeps its answer');
SELECT is(count(*), 1::bigint, 'without acting again') FROM support_case.case_event WHERE action = 'leave_feedback';
SET LOCAL support_case.now = '2026-02-07T15:00:00Z';
SELECT is(pg_temp.health_of('command_keys'), 'warning: the oldest idempotency key is of 2026-01-07T14:00:00Z',
    'keys that nobody purges are noticed');
SELECT support_case.sweep();
INSERT INTO support_case.sweep_run (started_at, deadlines, last_seen_at)
VALUES ('2026-01-06Z', 1, '2026-01-06Z'), ('2026-02-06Z', 1, '2026-02-06Z'), ('2026-02-07Z', 1, '2026-02-07Z');
SELECT results_eq('SELECT * FROM support_case.purge(interval ''2 days'')', 'VALUES (1::bigint, 1::bigint, NULL::bigint, 0::bigint)',
    'old runs of the sweep go');
SELECT results_eq('SELECT * FROM support_case.purge(interval ''0'')', 'VALUES (0::bigint, 1::bigint, NULL::bigint, 0::bigint)',
    'but never the latest');
SELECT throws_ok('SELECT support_case.purge(interval ''-1 day'')', '22023', NULL, 'and never what is to come');

-- No scheduler.
SELECT throws_ok('SELECT support_case.schedule()', 'SC011', 'pg_cron is not loaded', 'schedule() without pg_cron: SC011');
SELECT is_empty('SELECT * FROM support_case.unschedule()', 'unschedule() has nothing to remove');
SELECT throws_ok('SELECT support_case.schedule(NULL)', '22004', NULL, 'schedule(NULL): 22004');

SELECT * FROM finish();
ROLLBACK;
