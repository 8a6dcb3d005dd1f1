-- The outbox: leases, order, retries, what is given up, what is kept (W-96 to
-- W-100; at least once).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-05T09:00:00Z');

CREATE FUNCTION pg_temp.claimed(channel text, batch integer DEFAULT 100, lease interval DEFAULT '5 minutes')
RETURNS text
LANGUAGE sql
AS $$
    SELECT coalesce(string_agg(concat_ws(' ', c.subject_id, c.event_number, c.template, c.recipient_id, c.attempts), ', '
        ORDER BY c.occurred_at, c.subject_id, c.event_number), '')
    FROM support_case.claim_notices($1, $2, $3) AS c
$$;
CREATE FUNCTION pg_temp.notice(of_case bigint, event integer, to_recipient text, on_channel text)
RETURNS text
LANGUAGE sql
AS $$
    SELECT concat_ws(' ', o.attempts, CASE WHEN o.acknowledged_at IS NOT NULL THEN 'acknowledged'
        WHEN o.dead_at IS NOT NULL THEN 'dead' ELSE 'waits until ' || support_case._iso_instant(o.available_at) END,
        o.last_error)
    FROM support_case.outbox AS o
    WHERE o.subject = 'case' AND o.subject_id = of_case AND o.event_number = event AND o.recipient = to_recipient
        AND o.channel = on_channel
$$;
CREATE FUNCTION pg_temp.acknowledge(of_case bigint, event integer)
RETURNS boolean
LANGUAGE sql
AS $$ SELECT acknowledged_at IS NOT NULL FROM support_case.acknowledge_notice(1, 'case', of_case, event, 'seller', 1, 'email') $$;
CREATE FUNCTION pg_temp.fail(of_case bigint, event integer, attempt integer DEFAULT NULL)
RETURNS boolean
LANGUAGE sql
AS $$ SELECT dead_at IS NOT NULL FROM support_case.fail_notice(1, 'case', of_case, event, 'seller', 1, 'email', 'no route', $3) $$;

-- Orders are announced elsewhere.
UPDATE support_case.notice_template SET is_sent = false WHERE template = 'order_created';

---------- _notify ----------

SELECT pg_temp.new_order() AS order_id \gset
SELECT support_case._notify(1, 'order', :order_id, 1, 'seller', 1, 'new_request', '{"version": 1}', support_case.clock());
SELECT support_case._notify(1, 'order', :order_id, 1, 'host', 0, 'anything', '{"version": 1}', support_case.clock());
SELECT results_eq($$SELECT recipient, recipient_id, channel, template FROM support_case.outbox ORDER BY 1, 3$$,
    $$VALUES ('host', 0::bigint, 'event', 'anything'), ('seller', 1, 'email', 'new_request'), ('seller', 1, 'in_app', 'new_request')$$,
    'W-96: a notice is one row per channel of its template; the host''s feed takes every event');
SELECT throws_ok($$SELECT support_case._notify(1, 'order', 1, 2, 'buyer', 7, 'new_request', '{}', support_case.clock())$$, '22023',
    'unknown notice "new_request" for recipient "buyer"', 'a notice that no template knows is a mistake');
SELECT throws_ok($$SELECT support_case._notify(1, 'ship', 1, 2, 'seller', 1, 'new_request', '{}', support_case.clock())$$, '23514', NULL,
    'so is an unknown subject');
UPDATE support_case.notice_template SET is_sent = false WHERE template = 'new_request' AND channel = 'email';
SELECT support_case._notify(1, 'order', :order_id, 2, 'seller', 1, 'new_request', '{}', support_case.clock());
SELECT results_eq($$SELECT channel FROM support_case.outbox WHERE event_number = 2$$, ARRAY['in_app'], 'a channel can be switched off');
UPDATE support_case.notice_template SET is_sent = false WHERE template = 'new_request';
SELECT lives_ok($$SELECT support_case._notify(1, 'order', 1, 3, 'seller', 1, 'new_request', '{}', support_case.clock())$$,
    'or all of them');
SELECT is(count(*), 0::bigint, 'then nobody is told') FROM support_case.outbox WHERE event_number = 3;
UPDATE support_case.notice_template SET is_sent = true WHERE template = 'new_request';
SELECT support_case._notify(1, 'seller', 1, NULL, 'seller', 1, 'access_granted', '{}', support_case.clock());
SELECT support_case._notify(1, 'seller', 1, NULL, 'seller', 1, 'access_granted', '{}', support_case.clock());
SELECT results_eq($$SELECT event_number, channel FROM support_case.outbox WHERE subject = 'seller' ORDER BY 1, 2$$,
    $$VALUES (1, 'email'), (1, 'in_app'), (2, 'email'), (2, 'in_app')$$,
    'W-04: access to the programme is told; a subject without events numbers its notices');
DELETE FROM support_case.outbox;

---------- leases and order ----------

SELECT pg_temp.new_case() AS one \gset
SELECT pg_temp.at('2026-01-05T09:01:00Z');
SELECT pg_temp.new_case() AS two \gset
SELECT pg_temp.at('2026-01-05T10:00:00Z');
SELECT support_case.escalate(1, :two) FROM support_case.explain_no_refund(1, :two, 'no');
SELECT is(pg_temp.claimed('email', 1), format('%s 1 new_request 1 1', :one), 'W-96: the first notice goes first, no more than batch');
SELECT is(pg_temp.claimed('email'), format('%s 1 new_request 1 1, %s 2 refusal_explained 7 1', :two, :two),
    'the next claim gets the others; a later notice of a case waits for the earlier one to the same recipient only');
SELECT is(pg_temp.claimed('email'), '', 'what is handed out is not handed out again');
SELECT is(pg_temp.claimed('event'), format('%s 1 open_case 0 1, %s 1 open_case 0 1', :one, :two), 'channels do not wait for each other');
SELECT ok(pg_temp.acknowledge(:two, 1), 'an acknowledged notice is done');
SELECT ok(pg_temp.acknowledge(:two, 1), 'saying so twice is harmless');
SELECT is(pg_temp.claimed('email'), format('%s 3 case_escalated 1 1', :two), 'W-97: then the next notice of the case goes to the seller');
SELECT pg_temp.at('2026-01-05T10:04:59Z');
SELECT is(pg_temp.claimed('email'), '', 'a lease holds until it ends');
SELECT pg_temp.at('2026-01-05T10:05:00Z');
SELECT is(pg_temp.claimed('email', lease => '1 minute'),
    format('%s 1 new_request 1 2, %s 2 refusal_explained 7 2, %s 3 case_escalated 1 2', :one, :two, :two),
    'then the notice is handed out again: nothing is lost with a publisher (at least once)');
SELECT ok(pg_temp.acknowledge(:one, 1), 'a publisher may be late');
SELECT pg_temp.at('2026-01-05T10:06:00Z');
SELECT is(pg_temp.claimed('email'), format('%s 2 refusal_explained 7 3, %s 3 case_escalated 1 3', :two, :two),
    'what was acknowledged never comes back');

---------- failures ----------

SELECT is(pg_temp.fail(:two, 3, 2), false, 'a failure of an earlier attempt ...');
SELECT is(pg_temp.notice(:two, 3, 'seller', 'email'), '3 waits until 2026-01-05T10:11:00Z', '... does not count');
SELECT pg_temp.fail(:two, 3, 3);
SELECT is(pg_temp.notice(:two, 3, 'seller', 'email'), '3 waits until 2026-01-05T10:10:00Z no route',
    'a failure lets it rest: a minute, doubled by each attempt before');
SELECT pg_temp.at('2026-01-05T10:07:00Z');
SELECT support_case.decide(1, :two, 'uphold_seller', actor_id => 'agent');
SELECT pg_temp.at('2026-01-05T10:08:00Z');
SELECT is(pg_temp.claimed('email'), '', 'W-99: what follows it waits with it');
SELECT pg_temp.policy('{"notice_attempts": 4, "notice_first_delay": "10 seconds", "notice_delay_factor": 3, "notice_maximum_delay": "1 minute"}');
SELECT pg_temp.at('2026-01-05T10:10:00Z');
SELECT is(pg_temp.claimed('email'), format('%s 3 case_escalated 1 4', :two), 'it is tried again after its rest, before what follows');
SELECT is(pg_temp.fail(:two, 3), true, 'notice_attempts: after the last attempt it is given up');
SELECT results_eq($$SELECT subject_id, event_number, recipient, channel, attempts, last_error FROM support_case.dead_notices$$,
    format($$VALUES (%s::bigint, 3, 'seller', 'email', 4, 'no route')$$, :two), 'dead_notices shows it');
SELECT is((SELECT status || ': ' || detail FROM support_case.health() WHERE component = 'outbox'),
    (SELECT 'warning: ' || count(*) || ' notices wait (email, event, in_app), the oldest since ' || support_case._iso_instant(min(available_at))
        || '; 1 were given up' FROM support_case.outbox WHERE available_at <= support_case.clock() AND acknowledged_at IS NULL AND dead_at IS NULL),
    'health() tells');
SELECT is(pg_temp.claimed('email'), format('%s 4 escalation_result 1 1', :two),
    'W-99: what was given up holds nothing back; the buyer''s earlier notice is still out');
SELECT is(retried.attempts, 0, 'retry_notice() gives it all its attempts again')
FROM support_case.retry_notice(1, 'case', :two, 3, 'seller', 1, 'email') AS retried;
SELECT is(pg_temp.claimed('email'), format('%s 3 case_escalated 1 1', :two), 'and it is handed out');
SELECT pg_temp.fail(:two, 3);
SELECT is(pg_temp.notice(:two, 3, 'seller', 'email'), '1 waits until 2026-01-05T10:10:10Z no route', 'notice_first_delay: another rest');
SELECT pg_temp.at('2026-01-05T10:10:10Z');
SELECT pg_temp.claimed('email');
SELECT pg_temp.fail(:two, 3);
SELECT is(pg_temp.notice(:two, 3, 'seller', 'email'), '2 waits until 2026-01-05T10:10:40Z no route', 'notice_delay_factor: it grows');
SELECT pg_temp.at('2026-01-05T10:10:40Z');
SELECT pg_temp.claimed('email');
SELECT pg_temp.fail(:two, 3);
SELECT is(pg_temp.notice(:two, 3, 'seller', 'email'), '3 waits until 2026-01-05T10:11:40Z no route', 'notice_maximum_delay: up to there');
SELECT pg_temp.at('2026-01-05T10:12:00Z');
SELECT pg_temp.claimed('email');
SELECT pg_temp.at('2026-01-05T11:00:00Z');
SELECT ok(pg_temp.claimed('email') NOT LIKE '%case_escalated%', 'a publisher that dies with every attempt ...');
SELECT is(pg_temp.notice(:two, 3, 'seller', 'email'), '4 dead no route', '... does not get the notice for ever');
SELECT ok(pg_temp.acknowledge(:two, 3), 'what was published after all is acknowledged');
SELECT is(pg_temp.notice(:two, 3, 'seller', 'email'), '4 acknowledged no route', 'and no longer dead');
SELECT is(pg_temp.fail(:two, 3), false, 'a failure after that changes nothing');

-- What waits behind a failed notice is not looked at in vain.
SELECT pg_temp.new_case() AS three \gset
SELECT support_case.escalate(1, :three) FROM support_case.explain_no_refund(1, :three, 'no');
SELECT pg_temp.claimed('email');
SELECT is(left(f.last_error, 3) || length(f.last_error), 'xxx2000', 'an error is kept as far as it helps')
FROM support_case.fail_notice(1, 'case', :three, 1, 'seller', 1, 'email', repeat('x', 2001)) AS f;
SELECT is(pg_temp.notice(:three, 3, 'seller', 'email'), '0 waits until 2026-01-05T11:00:10Z', 'what follows a failure rests as long');
SELECT is(pg_temp.notice(:three, 3, 'seller', 'in_app'), '0 waits until 2026-01-05T11:00:00Z', 'on its channel');

-- In the order of events, however many become due at once.
SAVEPOINT many;
DELETE FROM support_case.outbox;
SELECT pg_temp.new_case() AS four \gset
SELECT pg_temp.at('2026-01-05T11:00:30Z');
SELECT pg_temp.new_case() AS five \gset
SELECT pg_temp.claimed('email');
SELECT pg_temp.at('2026-01-05T11:06:00Z');
CREATE TEMPORARY TABLE handed_out AS
SELECT row_number() OVER () AS place, n.occurred_at FROM support_case.claim_notices('email') AS n;
SELECT is(array_agg(occurred_at ORDER BY place), array_agg(occurred_at ORDER BY occurred_at), 'what is handed out is in the order of what happened')
FROM handed_out;
-- A publisher that dies each time, and says nothing.
SELECT pg_temp.at(t) || pg_temp.claimed('email') FROM unnest('{2026-01-05T11:12:00Z,2026-01-05T11:18:00Z}'::text[]) AS t;
SELECT pg_temp.at('2026-01-05T11:24:00Z');
SELECT pg_temp.new_case() AS six \gset
SELECT is(pg_temp.claimed('email', 1), format('%s 1 new_request 1 1', :six), 'what is given up takes no place in a batch');
SELECT is(pg_temp.notice(:four, 1, 'seller', 'email'), '4 dead the last lease expired', 'and says why');
ROLLBACK TO many;

---------- retention ----------

SELECT pg_temp.at('2026-01-06T12:00:00Z');
SELECT support_case.acknowledge_notice(c.seller_id, c.subject, c.subject_id, c.event_number, c.recipient, c.recipient_id, c.channel)
FROM support_case.claim_notices('event') AS c WHERE c.subject_id = :two;
CREATE TEMPORARY TABLE before AS SELECT count(*) FILTER (WHERE acknowledged_at IS NOT NULL) AS acknowledged FROM support_case.outbox;
SELECT pg_temp.at('2026-02-04T10:00:01Z');
SELECT is(purged.notices, 1::bigint, 'purge() removes what was acknowledged longer ago than notice_retention')
FROM support_case.purge() AS purged;
SELECT pg_temp.policy('{"notice_retention": "1 day"}');
SELECT is(purged.notices, acknowledged - 1, 'another notice_retention') FROM before, support_case.purge() AS purged;
SELECT is(count(*), 0::bigint, 'what waits stays, however old') FROM support_case.outbox WHERE acknowledged_at IS NOT NULL;
SELECT is_empty('SELECT * FROM support_case.verify()', 'verify() does not miss what purge() removed');
DELETE FROM support_case.outbox WHERE recipient = 'host';
SELECT is_empty('SELECT * FROM support_case.verify()', 'nor anything as old');
SELECT pg_temp.at('2026-02-05T10:00:00Z');
SELECT support_case.withdraw_case(1, :one);
DELETE FROM support_case.outbox WHERE recipient = 'host';
SELECT results_eq('SELECT DISTINCT check_name, case_id FROM support_case.verify()', format('VALUES (''outbox'', %s::bigint)', :one),
    'but what is younger');

---------- acting for a party ----------

SET LOCAL support_case.seller_id = '1';
SET LOCAL ROLE support_case_app;
SELECT throws_ok($$SELECT * FROM support_case.claim_notices('email')$$, 'SC004', NULL, 'an application that acts for a seller takes nobody''s notices');
SELECT is_empty($$SELECT FROM support_case.outbox WHERE recipient <> 'seller'$$, 'nor does it see those of others');
SELECT isnt_empty($$SELECT FROM support_case.outbox$$, 'but its own');
RESET ROLE;
SET LOCAL support_case.seller_id = '';

SELECT * FROM finish();
ROLLBACK;
