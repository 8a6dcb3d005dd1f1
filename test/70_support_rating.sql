-- The support rating: what each case counts (W-106 to W-108, AMB-49 to
-- AMB-51, D-02), which cases count (W-102 to W-104, D-11, AMB-47), the label
-- (W-105, AMB-48), what is shown to whom (W-101), and the signals for the account
-- status (W-25, D-01, AMB-54).
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

-- A case that was opened on Monday, 12 January 2026, 10:00, or on a Monday in
-- summer under another policy, and took these steps; $1 is the case, @ an instant
-- or, as @+, a time from then.
CREATE TEMPORARY SEQUENCE week_seq MINVALUE 0;
CREATE FUNCTION pg_temp.under(settings jsonb, reason text, VARIADIC steps text[] DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint;
    step text;
    opened timestamptz := '2026-01-12T10:00:00-05:00';
BEGIN
    IF settings <> '{}' THEN
        opened := (timestamp '2026-06-01 10:00' + nextval('pg_temp.week_seq') * interval '1 week')
            AT TIME ZONE 'America/New_York';
    END IF;
    PERFORM pg_temp.at(opened::text);
    IF settings <> '{}' THEN
        PERFORM pg_temp.policy(settings);
    END IF;
    of_case := pg_temp.new_case(reason);
    FOREACH step IN ARRAY steps LOOP
        IF step LIKE '@+%' THEN
            PERFORM pg_temp.at((support_case.clock() + substr(step, 3)::interval)::text);
        ELSE
            EXECUTE 'SELECT support_case.' || step USING of_case,
                (SELECT c.order_id FROM support_case.support_case AS c WHERE c.case_id = of_case);
        END IF;
    END LOOP;
    RETURN of_case;
END
$$;

CREATE FUNCTION pg_temp.ground(of_case bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT concat_ws(' ', CASE e.counts_as WHEN 'outside_window' THEN support_case._rating_effect(e.ground)
        ELSE e.counts_as END, e.ground)
    FROM support_case.rating_explanation AS e WHERE e.seller_id = 1 AND e.case_id = of_case
$$;

---------- what a case counts ----------

SELECT is(pg_temp.ground(pg_temp.under('{}', reason, VARIADIC steps)), expected, name)
FROM (VALUES
    -- W-106
    ('damaged_in_transit', ARRAY['offer_full_refund(1, $1)'], 'positive solution', 'W-106: a refund'),
    ('damaged_in_transit', ARRAY['offer_full_refund(1, $1, true)',
        'record_return_delivered(1, $1, support_case.clock())', 'confirm_return(1, $1)'], 'positive solution',
        'W-106: a refund after a return'),
    ('damaged_in_transit', ARRAY['offer_full_refund(1, $1, true)',
        'record_return_delivered(1, $1, support_case.clock())', '@+4 days'], 'positive solution',
        'W-106: the same by silence, before any sweep'),
    ('damaged_in_transit', ARRAY['offer_partial_refund(1, $1, 30)', 'accept_offer(1, $1)'], 'positive solution',
        'W-106: a partial refund that the buyer accepted'),
    ('damaged_in_transit', ARRAY['consent_to_replacement(1, $1)', 'send_replacement(1, $1, ''U'', ''1'')',
        'record_replacement_delivered(1, $1, support_case.clock())'], 'positive solution', 'W-106: a replacement'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', 'offer_full_refund(1, $1)'],
        'positive solution', 'W-106: a refund after all'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)', 'offer_full_refund(1, $1)'],
        'positive solution', 'W-106, AMB-66: a refund conceded after the escalation; the platform reversed nothing'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', '@+31 days', 'leave_feedback(1, $1, true)'],
        'positive feedback_up', 'W-106, W-113: a thumb up for a refusal'),
    ('damaged_in_transit', ARRAY['consent_to_replacement(1, $1)', 'send_replacement(1, $1, ''U'', ''1'')', '@+3 days',
        'authorise_return(1, $1, ''a'')', 'record_return_delivered(1, $1, support_case.clock())', 'confirm_return(1, $1)'],
        'positive solution', 'W-106, W-60: late with the replacement, never escalated, refunded'),
    -- W-107
    ('damaged_in_transit', ARRAY['@+2 days', 'escalate(1, $1)', 'decide(1, $1, ''refund'', actor_id => ''a'')'],
        'negative seller_silent', 'W-107a, D-02: no response in two business days, and escalated'),
    ('damaged_in_transit', ARRAY['@+2 days', 'escalate(1, $1)', 'decide(1, $1, ''uphold_seller'', actor_id => ''a'')'],
        'negative seller_silent', 'AMB-51: although the platform denies the refund: there was no decision to agree with'),
    ('damaged_in_transit', ARRAY['@+2 days', 'escalate(1, $1)', 'decide(1, $1, ''refund'', ''platform'', actor_id => ''a'')'],
        'negative seller_silent', 'AMB-51: and although the platform absorbs it'),
    ('damaged_in_transit', ARRAY['@+2 days', 'escalate(1, $1)', 'offer_full_refund(1, $1)'],
        'negative seller_silent', 'W-107a: a concession comes too late for that'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', actor_id => ''a'')'], 'negative decision_reversed', 'W-107b: a refusal reversed'),
    ('damaged_in_transit', ARRAY['offer_partial_refund(1, $1, 30)', 'escalate(1, $1)',
        'decide(1, $1, ''partial_refund'', amount => 31, actor_id => ''a'')'], 'negative decision_reversed',
        'W-107b: more than the seller had offered'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', ''split'', seller_amount => 1, actor_id => ''a'')'], 'negative decision_reversed',
        'W-107b: the seller bears a part of it'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', return_required => true, actor_id => ''a'')',
        'record_return_delivered(1, $1, support_case.clock())', 'confirm_return(1, $1)'], 'negative decision_reversed',
        'W-107b: reversed in favour of a return, whatever the resolution says then'),
    ('missing_item', ARRAY['offer_partial_refund(1, $1, 30)', 'decline_offer(1, $1)',
        'decide(1, $1, ''refund'', actor_id => ''a'')'], 'negative decision_reversed',
        'W-107b, AMB-13: the buyer brings it to the platform by declining'),
    ('damaged_in_transit', ARRAY['offer_full_refund(1, $1)', 'leave_feedback(1, $1, false)'],
        'negative feedback_down', 'W-107c, W-113: a thumb down, refund or not'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', actor_id => ''a'')', 'leave_feedback(1, $1, true)'], 'negative decision_reversed',
        'W-107b: a thumb up does not undo it'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)',
        'decide(1, $1, ''uphold_seller'', actor_id => ''a'')', 'leave_feedback(1, $1, false)'], 'negative feedback_down',
        'W-107c: a thumb down where the platform agreed'),
    -- W-108
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', '@+31 days'], 'neutral refusal_explained',
        'W-108d: a refusal, explained'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)',
        'decide(1, $1, ''uphold_seller'', actor_id => ''a'')'], 'neutral platform_agreed', 'W-108e: the platform agrees'),
    ('damaged_in_transit', ARRAY['offer_partial_refund(1, $1, 30)', 'escalate(1, $1)',
        'decide(1, $1, ''partial_refund'', amount => 30, actor_id => ''a'')'], 'neutral platform_agreed',
        'W-108e: the platform grants what the seller had offered'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', ''platform'', actor_id => ''a'')'], 'neutral platform_absorbed',
        'W-108e: the platform absorbs the refund'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', ''carrier'', actor_id => ''a'')'], 'neutral platform_absorbed',
        'W-108e: the carrier bears it, the seller nothing'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', actor_id => ''a'')', 'reassign_liability(1, $1, ''platform'', actor_id => ''a'')'],
        'neutral platform_absorbed', 'W-108e: the platform takes it over afterwards'),
    ('damaged_in_transit', ARRAY['@+3 days', 'explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)',
        'decide(1, $1, ''uphold_seller'', actor_id => ''a'')'], 'neutral platform_agreed',
        'AMB-51: a late response before the escalation is a decision to agree with'),
    ('damaged_in_transit', ARRAY['@+3 days', 'explain_no_refund(1, $1, ''worn'')', '@+31 days'],
        'neutral refusal_explained', 'AMB-50: late alone has no effect'),
    ('damaged_in_transit', ARRAY['@+3 days', 'offer_full_refund(1, $1)'], 'positive solution',
        'AMB-50: nor does it take anything from a solution'),
    ('damaged_in_transit', ARRAY['@+40 days'], 'neutral no_response', 'W-107a, T-43: no response, never escalated'),
    ('damaged_in_transit', ARRAY['request_information(1, $1, ''which?'')', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', actor_id => ''a'')'], 'neutral platform_solution',
        'W-107b: a question is no decision that could be reversed'),
    ('damaged_in_transit', ARRAY['offer_full_refund(1, $1, true)',
        'record_return_delivered(1, $1, support_case.clock())', 'dispute_return(1, $1, ''missing'', ''gone'')',
        'decide(1, $1, ''refund'', actor_id => ''a'')'], 'neutral platform_solution',
        'W-107b: the seller, not the buyer, asked the platform'),
    ('damaged_in_transit', ARRAY['request_information(1, $1, ''which?'')', '@+8 days'], 'neutral buyer_silent',
        'AMB-31: the buyer did not answer'),
    ('damaged_in_transit', ARRAY['offer_full_refund(1, $1, true)', '@+8 days'], 'neutral not_returned',
        'W-34: the buyer did not return the item'),
    ('damaged_in_transit', ARRAY['withdraw_case(1, $1)'], 'neutral withdrawn', 'AMB-64: withdrawn'),
    ('damaged_in_transit', ARRAY['@+2 days', 'escalate(1, $1)', 'withdraw_case(1, $1)'], 'neutral withdrawn',
        'AMB-64: withdrawn, whatever went before'),
    ('damaged_in_transit', ARRAY['@+2 days', 'escalate(1, $1)', 'record_chargeback(1, $2, 10)'], 'neutral chargeback',
        'W-117, AMB-41: a chargeback'),
    ('damaged_in_transit', ARRAY['record_external_refund(1, $2, 105)'], 'neutral settled_elsewhere',
        'AMB-65: refunded outside before the seller responded'),
    ('other', ARRAY['decide(1, $1, ''refund'', actor_id => ''a'')'], 'neutral never_with_seller',
        'W-102, T-02: the platform''s own case'),
    ('damaged_in_transit', ARRAY[]::text[], 'open', 'an open case counts nothing'),
    -- Reopened, handed back, decided again: the last round counts.
    ('damaged_in_transit', ARRAY['@+40 days', 'leave_feedback(1, $1, false)'], 'negative feedback_down',
        'AMB-52: a survey after a timeout'),
    ('damaged_in_transit', ARRAY['@+40 days', 'leave_feedback(1, $1, false)', 'reopen_case(1, $1)',
        '@+1 hour', 'offer_full_refund(1, $1)'], 'positive solution', 'AMB-63: a thumb for the first end says nothing about the second'),
    ('damaged_in_transit', ARRAY['withdraw_case(1, $1)', 'reopen_case(1, $1)', '@+2 days', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', actor_id => ''a'')'], 'negative seller_silent',
        'AMB-63, D-02: the two days run from the reopening'),
    ('damaged_in_transit', ARRAY['@+2 days', 'escalate(1, $1)', 'return_to_seller(1, $1, ''a'')',
        'offer_full_refund(1, $1)'], 'positive solution', 'T-45: handed back, the seller has his time again'),
    ('damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)', 'return_to_seller(1, $1, ''a'')',
        '@+2 days', 'escalate(1, $1)', 'decide(1, $1, ''refund'', ''platform'', actor_id => ''a'')'],
        'negative seller_silent', 'T-45: and has to use it; a response before it was handed back is none'),
    ('damaged_in_transit', ARRAY['offer_partial_refund(1, $1, 30)', 'escalate(1, $1)', 'return_to_seller(1, $1, ''a'')',
        'explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)',
        'decide(1, $1, ''partial_refund'', amount => 30, actor_id => ''a'')'],
        'negative decision_reversed', 'T-45: nor does an offer that he made before'),
    ('other', ARRAY['return_to_seller(1, $1, ''a'')', 'offer_full_refund(1, $1)'], 'positive solution',
        'T-45: a case of the platform that is handed over is the seller''s')
) AS v (reason, steps, expected, name);

SELECT is(pg_temp.ground(pg_temp.under(settings, reason, VARIADIC steps)), expected, name)
FROM (VALUES
    ('{"appeal_window": "30 days"}'::jsonb, 'damaged_in_transit', ARRAY['explain_no_refund(1, $1, ''no'')',
        'escalate(1, $1)', 'decide(1, $1, ''uphold_seller'', actor_id => ''a'')', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', actor_id => ''a'')'], 'negative decision_reversed', 'AMB-33: reversed on appeal'),
    ('{"appeal_window": "30 days", "escalation_min_wait": "0 hours"}', 'damaged_in_transit', ARRAY['escalate(1, $1)',
        'decide(1, $1, ''uphold_seller'', actor_id => ''a'')', '@+3 days', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', actor_id => ''a'')'], 'neutral platform_solution',
        'AMB-33, D-02: on appeal nobody waits for the seller'),
    ('{"escalation_min_wait": "0 hours"}', 'damaged_in_transit', ARRAY['escalate(1, $1)',
        'decide(1, $1, ''refund'', actor_id => ''a'')'], 'neutral platform_solution',
        'W-107a, D-02: escalated before the seller had his two days'),
    ('{"escalation_auto_on_overdue": true}', 'damaged_in_transit', ARRAY['@+3 days',
        'decide(1, $1, ''refund'', actor_id => ''a'')'], 'neutral platform_solution',
        'D-02, AMB-10: silence counts only if the buyer escalates'),
    ('{"rating_late_response_counts": false}', 'damaged_in_transit', ARRAY['@+3 days',
        'explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)', 'decide(1, $1, ''uphold_seller'', actor_id => ''a'')'],
        'negative seller_silent', 'AMB-51 rating_late_response_counts = false'),
    ('{"rating_late_response_counts": false}', 'damaged_in_transit', ARRAY['@+2 days',
        'explain_no_refund(1, $1, ''worn'')', 'escalate(1, $1)', 'decide(1, $1, ''uphold_seller'', actor_id => ''a'')'],
        'negative seller_silent', 'AMB-51 rating_late_response_counts = false: at the end it is late'),
    ('{"rating_late_response_counts": false}', 'damaged_in_transit', ARRAY['@+1 day',
        'explain_no_refund(1, $1, ''worn'')', '@+2 days', 'escalate(1, $1)',
        'decide(1, $1, ''uphold_seller'', actor_id => ''a'')'], 'neutral platform_agreed',
        'AMB-51 rating_late_response_counts = false: a timely one does'),
    ('{"rating_response": "1 business day", "escalation_min_wait": "0 hours"}', 'damaged_in_transit', ARRAY['@+1 day',
        'escalate(1, $1)', 'decide(1, $1, ''refund'', actor_id => ''a'')'], 'negative seller_silent',
        'D-02 rating_response = 1 business day'),
    ('{"rating_response": "1 business day", "escalation_min_wait": "0 hours"}', 'damaged_in_transit',
        ARRAY['@+23 hours 59 minutes 59.999999 seconds', 'escalate(1, $1)',
        'decide(1, $1, ''refund'', actor_id => ''a'')'], 'neutral platform_solution',
        'D-02: one microsecond before its end it is not over'),
    ('{"rating_late_alone": "negative"}', 'damaged_in_transit', ARRAY['@+3 days',
        'explain_no_refund(1, $1, ''worn'')', '@+31 days'], 'negative late', 'AMB-50 rating_late_alone = negative'),
    ('{"rating_late_alone": "negative"}', 'damaged_in_transit', ARRAY['@+40 days'], 'negative late',
        'AMB-50 rating_late_alone = negative: unanswered, unswept'),
    ('{"rating_late_alone": "negative"}', 'damaged_in_transit', ARRAY['@+3 days', 'record_chargeback(1, $2, 10)'],
        'neutral chargeback', 'W-117, AMB-50: nor does being late make a chargeback count'),
    ('{"rating_late_alone": "negative"}', 'damaged_in_transit', ARRAY['@+1 day', 'offer_full_refund(1, $1)'],
        'positive solution', 'AMB-50 rating_late_alone = negative: in time'),
    ('{"rating_late_alone": "negative"}', 'damaged_in_transit', ARRAY['@+40 days', 'reopen_case(1, $1)',
        'offer_full_refund(1, $1)'], 'positive solution', 'AMB-50: in time once reopened'),
    ('{"partial_offer_on_expiry": "treat_as_declined"}', 'missing_item', ARRAY['offer_partial_refund(1, $1, 30)',
        '@+3 days', 'decide(1, $1, ''refund'', actor_id => ''a'')'], 'neutral platform_solution',
        'W-107b, AMB-12: a buyer who says nothing escalates nothing')
) AS v (settings, reason, steps, expected, name);
SELECT pg_temp.at('2027-06-01T10:00:00-05:00');
SELECT pg_temp.policy() \g /dev/null

-- W-107: the rating declines through three things only.
SELECT set_eq($$SELECT ground FROM support_case.rating_grounds() WHERE effect = 'negative'$$,
    ARRAY['seller_silent', 'decision_reversed', 'feedback_down', 'late'],
    'W-107: three grounds count against a seller, and a fourth that AMB-50 leaves to the policy');
SELECT set_eq($$SELECT ground FROM support_case.rating_grounds() WHERE effect = 'positive'$$,
    ARRAY['solution', 'feedback_up'], 'W-106: two count for him');
SELECT throws_ok($$SELECT support_case._rating_ground('gone', true, true, false, NULL, NULL, true, NULL)$$, '22023',
    'unknown resolution "gone"', 'a resolution that does not exist');
SELECT throws_ok($$SELECT support_case._rating_effect('luck')$$, '22023', 'unknown ground of a rating "luck"',
    'a ground that does not exist');

---------- which cases count: the aggregate ----------

CREATE TEMPORARY TABLE history (seller_id bigint, case_id bigint, weight integer, closed_at timestamptz);
CREATE FUNCTION pg_temp.tally(minimum integer DEFAULT 10)
RETURNS text
LANGUAGE sql
AS $$
    SELECT concat_ws(' ', (t).window_kind, (t).received, (t).handled_in_window, (t).neutral_in_window, (t).positives,
        (t).negatives, (t).first_case_id)
    FROM (SELECT support_case._rating_tally(weight, closed_at, case_id, '2026-01-01Z', minimum) AS t FROM history) AS a
$$;
INSERT INTO history SELECT 1, k, CASE WHEN k % 2 = 0 THEN 1 ELSE -1 END, timestamptz '2026-01-01Z' - k * interval '1 day'
FROM generate_series(1, 12) AS k;
SELECT is(pg_temp.tally(), 'latest 12 0 0 5 5 10', 'W-104: the ten most recent');
INSERT INTO history SELECT 1, 100 + k, 1, timestamptz '2026-01-01Z' + k * interval '1 day' FROM generate_series(1, 9) AS k;
SELECT is(pg_temp.tally(), 'latest 21 9 0 9 1 1', 'W-103, W-104: nine in the window are too few');
INSERT INTO history VALUES (1, 200, NULL, '2026-01-01Z');
SELECT is(pg_temp.tally(), 'latest 22 9 0 9 1 1', 'D-11: what closed as long ago as the window reaches is outside of it');
UPDATE history SET closed_at = '2026-01-01T00:00:00.000001Z' WHERE case_id = 200;
SELECT is(pg_temp.tally(), 'window 22 10 1 9 0 101', 'W-103, AMB-47, AMB-49: the tenth handled case, though neutral, opens the window');
INSERT INTO history VALUES (1, 300, NULL, NULL);
SELECT is(pg_temp.tally(), 'window 23 10 1 9 0 101', 'AMB-47: an open case is received, not handled');
SELECT is(pg_temp.tally(11), 'latest 23 10 1 10 1 2', 'AMB-47 rating_min_handled = 11');
UPDATE history SET weight = 0 WHERE case_id = 200;
SELECT is(pg_temp.tally(11), 'latest 23 10 1 9 1 1', 'AMB-49 rating_population = handled: a neutral case takes a place');
UPDATE history SET weight = 0 WHERE case_id IN (1, 2);
SELECT is(pg_temp.tally(12), 'latest 23 10 1 9 0 101', 'AMB-49: which is not where counting starts');
SELECT throws_ok('SELECT pg_temp.tally(101)', '22023', 'argument "minimum" must lie between 1 and 100', 'memory is bounded');
SELECT throws_ok('SELECT pg_temp.tally(0)', '22023', NULL, 'and there is some');
SELECT throws_ok($$SELECT support_case._rating_tally(1, now(), NULL, now(), 10)$$, '22004', NULL, 'a case has a number');
SELECT throws_ok($$SELECT support_case._rating_tally(1, now(), 1, NULL, 10)$$, '22004', NULL, 'and a window');
SELECT is((SELECT support_case._rating_tally(1, now(), 1, now(), 10) FROM history WHERE false), NULL, 'nobody''s cases: null');

-- Random histories.
SELECT setseed(0.2026) \g /dev/null
TRUNCATE history;
INSERT INTO history
SELECT k % 400, k, CASE WHEN random() < 0.4 THEN NULL ELSE (ARRAY[-3, -1, 1, 1, 2])[1 + floor(random() * 5)::integer] END,
    CASE WHEN random() < 0.9 THEN timestamptz '2026-01-01Z' + (random() * 90 - 60 + k % 400 * 0.1) * interval '1 day' END
FROM generate_series(1, 16000) AS k
WHERE random() < (k % 400) / 400.0;
CREATE TEMPORARY VIEW told AS
SELECT seller_id, support_case._rating_tally(weight, closed_at, case_id, '2026-01-01Z', 10) AS told
FROM history GROUP BY seller_id;
-- The rule, written by hand.
CREATE TEMPORARY VIEW by_hand AS
SELECT h.seller_id, h.received, h.handled,
    count(*) FILTER (WHERE s.weight > 0 AND s.counts) AS positives,
    count(*) FILTER (WHERE s.weight < 0 AND s.counts) AS negatives,
    coalesce(sum(s.weight) FILTER (WHERE s.weight > 0 AND s.counts), 0) AS positive_weight,
    coalesce(-sum(s.weight) FILTER (WHERE s.weight < 0 AND s.counts), 0) AS negative_weight
FROM (SELECT seller_id, count(*) AS received, count(*) FILTER (WHERE closed_at > '2026-01-01Z') AS handled
    FROM history GROUP BY seller_id) AS h
LEFT JOIN LATERAL (
    SELECT k.weight, CASE WHEN h.handled >= 10 THEN k.closed_at > '2026-01-01Z'
        ELSE row_number() OVER (ORDER BY k.closed_at DESC, k.case_id DESC) <= 10 END AS counts
    FROM history AS k WHERE k.seller_id = h.seller_id AND k.weight IS NOT NULL AND k.closed_at IS NOT NULL
) AS s ON true
GROUP BY h.seller_id, h.received, h.handled;
SELECT set_eq('SELECT seller_id, (told).received, (told).handled_in_window, (told).positives, (told).negatives,
    (told).positive_weight, (told).negative_weight FROM told', 'SELECT * FROM by_hand',
    'W-103, W-104: 400 random sellers are counted as by hand');
SELECT ok(count(*) FILTER (WHERE (told).window_kind = 'window') > 50 AND count(*) FILTER (WHERE (told).window_kind = 'latest') > 50,
    'by both windows') FROM told;

-- AMB-49: what is neutral has no part in the score.
CREATE TEMPORARY VIEW without_neutral AS
SELECT seller_id, support_case._rating_tally(weight, closed_at, case_id, '2026-01-01Z', 10) AS told
FROM history WHERE weight IS NOT NULL OR closed_at IS NULL GROUP BY seller_id;
SELECT is_empty('SELECT seller_id, t.told, n.told FROM told AS t JOIN without_neutral AS n USING (seller_id)
    WHERE (t.told).window_kind = (n.told).window_kind
        AND ((t.told).positives, (t.told).negatives, (t.told).positive_weight, (t.told).negative_weight,
            (t.told).first_case_id) IS DISTINCT FROM
            ((n.told).positives, (n.told).negatives, (n.told).positive_weight, (n.told).negative_weight,
            (n.told).first_case_id)', 'AMB-49: neutral cases change nothing within a window');
SELECT is_empty('SELECT t.told, n.told FROM told AS t JOIN without_neutral AS n USING (seller_id)
    WHERE (n.told).window_kind = ''window'' AND (t.told).window_kind = ''latest''',
    'W-103: they can do no more than open the window');

-- Parallel: the same rows, through combine and serialize.
CREATE TEMPORARY TABLE serial ON COMMIT DROP AS SELECT * FROM told;
CREATE TABLE support_case.tap_history AS SELECT * FROM history;
ANALYZE support_case.tap_history;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_leader_participation = off;
CREATE FUNCTION pg_temp.plan_of(query text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    line text;
    lines text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        lines := lines || line || E'\n';
    END LOOP;
    RETURN lines;
END
$$;
SELECT matches(pg_temp.plan_of('SELECT seller_id, support_case._rating_tally(weight, closed_at, case_id, ''2026-01-01Z'', 10)
    FROM support_case.tap_history GROUP BY seller_id'), 'Finalize.*Gather.*Partial', 'the tally is made by several processes');
SELECT set_eq('SELECT seller_id, support_case._rating_tally(weight, closed_at, case_id, ''2026-01-01Z'', 10)::text
    FROM support_case.tap_history GROUP BY seller_id', 'SELECT seller_id, told::text FROM serial',
    'and is the same as by one');
SET LOCAL max_parallel_workers_per_gather = 0;
DROP TABLE support_case.tap_history;
-- However the processes share the rows: a tally for each part, merged.
CREATE TABLE support_case.tap_history (LIKE history) PARTITION BY HASH (case_id);
CREATE TABLE support_case.tap_history_0 PARTITION OF support_case.tap_history FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE support_case.tap_history_1 PARTITION OF support_case.tap_history FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO support_case.tap_history SELECT * FROM history;
ANALYZE support_case.tap_history;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT matches(pg_temp.plan_of('SELECT seller_id, support_case._rating_tally(weight, closed_at, case_id, ''2026-01-01Z'', 10)
    FROM support_case.tap_history GROUP BY seller_id'), 'Finalize.*Append.*Partial', 'the tally is made in parts');
SELECT set_eq('SELECT seller_id, support_case._rating_tally(weight, closed_at, case_id, ''2026-01-01Z'', 10)::text
    FROM support_case.tap_history GROUP BY seller_id', 'SELECT seller_id, told::text FROM serial',
    'and is the same as in one');
SET LOCAL enable_partitionwise_aggregate = off;
DROP TABLE support_case.tap_history;

---------- the view ----------

-- Cases of a seller of their own, closed or open, straight into the table:
-- what the commands write there is tested above.
CREATE TEMPORARY SEQUENCE case_number_seq START 100000;
CREATE FUNCTION pg_temp.given(of_seller bigint, how_many integer, resolution text, ago interval DEFAULT '1 day')
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint;
BEGIN
    PERFORM support_case.register_seller(of_seller);
    FOR i IN 1..how_many LOOP
        of_case := nextval('pg_temp.case_number_seq');
        PERFORM support_case.register_order(of_seller, of_case, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
        INSERT INTO support_case.support_case (seller_id, case_id, order_id, buyer_id, currency, reason, description,
            policy_version, calendar_code, is_discretionary, is_returnable, routed_because, opened_at, status,
            resolution, status_since, deadline, due_at, escalated_after, platform_ruling, is_responded,
            is_conversation_closed, last_event_number, last_effective_at)
        VALUES (of_seller, of_case, of_case, 7, 'USD', 'damaged_in_transit', 'help', 1, 'platform', false, true,
            'seller', support_case.clock() - ago, CASE WHEN resolution IS NULL THEN 'awaiting_seller' ELSE 'closed' END,
            CASE resolution WHEN 'reversed' THEN 'platform_refund' ELSE resolution END, support_case.clock() - ago,
            CASE WHEN resolution IS NULL THEN 'seller_response' END,
            CASE WHEN resolution IS NULL THEN support_case.clock() + interval '1 day' END,
            CASE resolution WHEN 'reversed' THEN 'decision' END, CASE resolution WHEN 'reversed' THEN 'refund' END,
            resolution IS NOT NULL, resolution IS NOT DISTINCT FROM 'reversed', 1, support_case.clock() - ago);
    END LOOP;
END
$$;
CREATE FUNCTION pg_temp.rating(of_seller bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT concat_ws(' ', coalesce(label, '-'), coalesce(score::text, '-'), coalesce(positives::text, '-'),
        coalesce(negatives::text, '-'), coalesce(neutral::text, '-'), received, handled_in_window,
        coalesce(window_kind, '-'), is_shown)
    FROM support_case.support_rating WHERE seller_id = of_seller
$$;

SELECT pg_temp.given(20, 0, 'full_refund');
SELECT is(pg_temp.rating(20), '- - - - - 0 0 - f', 'W-101: every seller has a row');
SELECT pg_temp.given(20, 9, 'full_refund');
SELECT is(pg_temp.rating(20), '- - - - - 9 9 - f', 'W-102: not shown for nine requests, nor anything that tells it');
SELECT pg_temp.given(20, 1, NULL);
SELECT is(pg_temp.rating(20), 'excellent 1.0000 9 0 0 10 9 latest t', 'W-102, AMB-47: the tenth is received, though open');
SELECT pg_temp.given(21, 10, 'no_refund');
SELECT is(pg_temp.rating(21), '- - 0 0 10 10 10 window t', 'AMB-48: no scored case, no label');
SELECT pg_temp.given(of_seller, positives, 'full_refund'), pg_temp.given(of_seller, negatives, 'reversed')
FROM (VALUES (30, 19, 1), (31, 94, 6), (32, 17, 3), (33, 84, 16), (34, 7, 3), (35, 69, 31), (36, 5, 5), (37, 49, 51), (38, 0, 10))
    AS v (of_seller, positives, negatives) \g /dev/null
SELECT is((SELECT label FROM support_case.support_rating WHERE seller_id = of_seller), expected, 'W-105, AMB-48: ' || name)
FROM (VALUES (30, 'excellent', '0.95 is excellent'), (31, 'great', '0.94 is great'), (32, 'great', '0.85 is'),
    (33, 'good', '0.84 is good'), (34, 'good', '0.70 is'), (35, 'average', '0.69 is average'), (36, 'average', '0.50 is'),
    (37, 'below_average', '0.49 is below average'), (38, 'below_average', '0 is')) AS v (of_seller, expected, name);

-- W-103, W-104 by the clock.
SELECT pg_temp.given(40, 10, 'full_refund', '89 days'), pg_temp.given(40, 10, 'reversed', '200 days');
SELECT is(pg_temp.rating(40), 'excellent 1.0000 10 0 0 20 10 window t', 'W-103, D-11: the last 90 days');
SELECT support_case.clock() AS here \gset
SELECT pg_temp.at((:'here'::timestamptz + interval '1 day')::text);
SELECT is(pg_temp.rating(40), 'excellent 1.0000 10 0 0 20 0 latest t', 'W-104, D-11: after 90 days to the microsecond, the ten latest');
SELECT pg_temp.given(40, 2, 'reversed', '1 hour');
SELECT is(pg_temp.rating(40), 'good 0.8000 8 2 0 22 2 latest t', 'W-104: newer ones push them out');
SELECT pg_temp.given(40, 7, 'no_refund', '1 hour');
SELECT is(pg_temp.rating(40), 'good 0.8000 8 2 7 29 9 latest t', 'AMB-49: neutral ones do not');
SELECT results_eq($$SELECT counts_as, count(*) FROM support_case.rating_explanation WHERE seller_id = 40 GROUP BY 1 ORDER BY 1$$,
    $$VALUES ('negative', 2::bigint), ('neutral', 7), ('outside_window', 12), ('positive', 8)$$,
    'W-104: the explanation names the cases that count, neutral ones, and those outside of the window');
SELECT pg_temp.given(40, 1, 'no_refund', '1 hour');
SELECT is(pg_temp.rating(40), 'below_average 0.0000 0 2 8 30 10 window t',
    'W-103, AMB-49: ten handled make the window, neutral ones included');
SELECT results_eq($$SELECT counts_as, count(*), count(*) FILTER (WHERE is_handled_in_window)
    FROM support_case.rating_explanation WHERE seller_id = 40 GROUP BY 1 ORDER BY 1$$,
    $$VALUES ('negative', 2::bigint, 2::bigint), ('neutral', 8, 8), ('outside_window', 20, 0)$$, 'W-103: and the explanation follows');
SELECT is_empty($$SELECT r.seller_id FROM support_case.support_rating AS r
    LEFT JOIN support_case.rating_explanation AS e USING (seller_id)
    GROUP BY r.seller_id, r.positives, r.negatives, r.received, r.handled_in_window, r.is_shown
    HAVING (r.is_shown AND (r.positives, r.negatives) IS DISTINCT FROM
            (count(*) FILTER (WHERE e.counts_as = 'positive'), count(*) FILTER (WHERE e.counts_as = 'negative')))
        OR (r.received, r.handled_in_window) IS DISTINCT FROM
            (count(*) FILTER (WHERE e.is_received), count(*) FILTER (WHERE e.is_handled_in_window))$$,
    'the explanation adds up to the rating of every seller');

-- Every rating at once, by several processes.
ANALYZE support_case.support_case, support_case.case_feedback, support_case.case_event, support_case.seller,
    support_case.policy, support_case.calendar;
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_tuple_cost = 1;
SELECT matches(pg_temp.plan_of('SELECT * FROM support_case.support_rating'), 'Partial .*Aggregate',
    'all ratings are made by several processes');
CREATE TEMPORARY TABLE rated_in_parallel ON COMMIT DROP AS SELECT * FROM support_case.support_rating;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT set_eq('TABLE rated_in_parallel', 'SELECT * FROM support_case.support_rating', 'and are the same as by one');

-- Every knob, on sellers of their own.
CREATE FUNCTION pg_temp.rated_under(settings jsonb, of_seller bigint)
RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_temp.at((support_case.clock() + interval '1 second')::text);
    PERFORM pg_temp.policy(settings);
    RETURN pg_temp.rating(of_seller);
END
$$;
SELECT pg_temp.given(50, 6, 'full_refund', '20 days'), pg_temp.given(50, 3, 'reversed', '10 days'),
    pg_temp.given(50, 1, 'no_refund', '5 days');
SELECT is(pg_temp.rated_under(settings, 50), expected, name)
FROM (VALUES
    ('{}'::jsonb, 'average 0.6667 6 3 1 10 10 window t', 'AMB-48: unit weights'),
    ('{"rating_min_received": 11}', '- - - - - 10 10 - f', 'W-102 rating_min_received = 11'),
    ('{"rating_min_handled": 4, "rating_window": "15 days"}', 'below_average 0.0000 0 3 1 10 4 window t', 'D-11 rating_window = 15 days'),
    ('{"rating_min_handled": 5, "rating_window": "15 days"}', 'below_average 0.4000 2 3 1 10 4 latest t', 'W-104 rating_min_handled = 5'),
    ('{"rating_min_handled": 5, "rating_window": "15 days", "rating_population": "handled"}',
        'below_average 0.2500 1 3 1 10 4 latest t', 'AMB-49 rating_population = handled'),
    ('{"rating_reversal_weight": 4}', 'below_average 0.3333 6 3 1 10 10 window t', 'AMB-48 rating_reversal_weight = 4'),
    ('{"rating_solution_weight": 2}', 'good 0.8000 6 3 1 10 10 window t', 'AMB-48 rating_solution_weight = 2'),
    ('{"rating_excellent": 0.6, "rating_great": 0.5, "rating_good": 0.4, "rating_average": 0.3}',
        'excellent 0.6667 6 3 1 10 10 window t', 'AMB-48 rating_excellent = 0.6'),
    ('{"rating_great": 0.6, "rating_good": 0.5, "rating_average": 0.4}', 'great 0.6667 6 3 1 10 10 window t', 'AMB-48 rating_great = 0.6'),
    ('{"rating_good": 0.6}', 'good 0.6667 6 3 1 10 10 window t', 'AMB-48 rating_good = 0.6'),
    ('{"rating_average": 0.67}', 'below_average 0.6667 6 3 1 10 10 window t', 'AMB-48 rating_average = 0.67: the exact share counts')
) AS v (settings, expected, name);
-- Ten refusals, of which one got a thumb up and two a thumb down.
SELECT pg_temp.given(51, 10, 'no_refund');
INSERT INTO support_case.case_feedback (seller_id, case_id, is_thumbs_up, given_at)
SELECT seller_id, case_id, row_number() OVER (ORDER BY case_id) = 1, support_case.clock()
FROM support_case.support_case WHERE seller_id = 51 ORDER BY case_id LIMIT 3;
SELECT is(pg_temp.rated_under(settings, 51), expected, name)
FROM (VALUES
    ('{}'::jsonb, 'below_average 0.3333 1 2 7 10 10 window t', 'W-113: thumbs alone'),
    ('{"rating_feedback_up_weight": 2}', 'average 0.5000 1 2 7 10 10 window t', 'AMB-48 rating_feedback_up_weight = 2'),
    ('{"rating_feedback_down_weight": 2}', 'below_average 0.2000 1 2 7 10 10 window t', 'AMB-48 rating_feedback_down_weight = 2')
) AS v (settings, expected, name);
SELECT throws_ok(format('SELECT pg_temp.policy(%L)', settings), sqlstate, NULL, 'policy: ' || settings)
FROM (VALUES ('{"rating_window": "-90 days"}', '23514'), ('{"rating_window": "soon"}', '22P02'), ('{"rating_response": null}', '23502'),
    ('{"rating_min_handled": 0}', '23514'), ('{"rating_min_handled": 101}', '23514'), ('{"rating_min_received": -1}', '23514'),
    ('{"rating_silence_weight": 0}', '23514'), ('{"rating_feedback_up_weight": 1001}', '23514'), ('{"rating_population": "all"}', '23514'),
    ('{"rating_late_alone": "bad"}', '23514'), ('{"rating_excellent": 1.1}', '23514'), ('{"rating_good": 0.9}', '23514'),
    ('{"account_status_window": "-1 day"}', '23514'), ('{"satisfaction_window": "-1 day"}', '23514')) AS v (settings, sqlstate);
SELECT pg_temp.rated_under('{}', 50) \g /dev/null

---------- W-25: signals for the account status ----------

SELECT support_case.register_seller(60) IS NOT NULL AS made;
CREATE FUNCTION pg_temp.asked(of_seller bigint)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_order bigint := nextval('pg_temp.case_number_seq');
BEGIN
    PERFORM support_case.register_order(of_seller, of_order, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
    RETURN (SELECT case_id FROM support_case.open_case(of_seller, of_order, 'damaged_in_transit', 'help'));
END
$$;
SELECT pg_temp.at('2027-08-02T10:00:00-04:00');
SELECT pg_temp.asked(60) AS late_case, pg_temp.asked(60) AS timely_case \gset
SELECT support_case.explain_no_refund(60, :timely_case, 'no') IS NOT NULL AS done;
SELECT pg_temp.at('2027-08-04T09:59:59.999999-04:00');
SELECT is((SELECT missed_responses FROM support_case.account_status WHERE seller_id = 60), 0::bigint, 'W-25: nothing missed yet');
SELECT pg_temp.at('2027-08-04T10:00:00-04:00');
SELECT results_eq('SELECT missed_responses, last_missed_at FROM support_case.account_status WHERE seller_id = 60',
    $$VALUES (1::bigint, timestamptz '2027-08-04T10:00:00-04:00')$$, 'W-25, D-01, AMB-54: missed at the instant, before any sweep');
SELECT support_case.sweep() > 0 AS swept;
SELECT is((SELECT missed_responses FROM support_case.account_status WHERE seller_id = 60), 1::bigint, 'W-25: and once, once written');
SELECT support_case.explain_no_refund(60, :late_case, 'no') IS NOT NULL AS done;
SELECT is((SELECT missed_responses FROM support_case.account_status WHERE seller_id = 60), 1::bigint,
    'W-25: a late response does not undo it');
SELECT is(pg_temp.rating(60), '- - - - - 2 0 - f', 'AMB-54: it stays out of the rating');
SELECT pg_temp.at('2027-11-02T10:00:00-04:00');
SELECT is((SELECT missed_responses FROM support_case.account_status WHERE seller_id = 60), 0::bigint, 'AMB-54: for 90 days');
SELECT pg_temp.rated_under('{"account_status_window": "100 days"}', 60) \g /dev/null
SELECT is((SELECT missed_responses FROM support_case.account_status WHERE seller_id = 60), 1::bigint,
    'AMB-54 account_status_window = 100 days');
SELECT is((SELECT count(*) FROM support_case.outbox WHERE seller_id = 60 AND subject = 'case' AND subject_id = :late_case
    AND template = 'expire_deadline' AND data #>> '{details,ended_deadline}' = 'seller_response'), 1::bigint, 'AMB-54: an event says so');

---------- who reads what ----------

CREATE ROLE tap_seller LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_buyer LOGIN IN ROLE support_case_buyer;
CREATE ROLE tap_agent LOGIN IN ROLE support_case_platform;
CREATE ROLE tap_application LOGIN IN ROLE support_case_app;
CREATE ROLE tap_stranger LOGIN;
GRANT USAGE ON SCHEMA support_case TO tap_stranger;
SELECT support_case.map_login('tap_seller', seller_id => 40);
SELECT support_case.map_login('tap_buyer', buyer_id => 7);
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
SELECT is(pg_temp.as_role(role_name, format('SELECT string_agg(DISTINCT seller_id::text, '','' ORDER BY seller_id::text)
        FROM support_case.%I WHERE seller_id IN (30, 40)', relation)), expected,
    format('%s: %s reads of %s %s', rule, role_name, relation, coalesce(expected, 'nothing')))
FROM (VALUES
    ('W-101', 'tap_seller', 'support_rating', '30,40'), ('W-101', 'tap_buyer', 'support_rating', '30,40'),
    ('W-101', 'tap_agent', 'support_rating', '30,40'), ('W-101', 'tap_application', 'support_rating', '30,40'),
    ('W-101', 'tap_stranger', 'support_rating', '42501'),
    ('W-106', 'tap_seller', 'rating_explanation', '40'), ('W-106', 'tap_buyer', 'rating_explanation', '42501'),
    ('W-106', 'tap_agent', 'rating_explanation', '30,40'), ('W-106', 'tap_application', 'rating_explanation', '30,40'),
    ('W-25', 'tap_seller', 'account_status', '40'), ('W-25', 'tap_buyer', 'account_status', '42501'),
    ('W-25', 'tap_agent', 'account_status', '30,40'),
    ('W-101', 'tap_seller', '_publicly_rated_case', '42501'), ('W-101', 'tap_application', '_publicly_rated_case', '42501')
) AS v (rule, role_name, relation, expected);
SELECT is(pg_temp.as_role('tap_buyer', format('SELECT %I FROM support_case.support_case', column_name)), '42501',
    'W-107: a buyer does not read ' || column_name)
FROM (VALUES ('escalated_after'), ('platform_ruling'), ('reached_seller_event')) AS v (column_name);
SET LOCAL support_case.buyer_id = '7';
SELECT is(pg_temp.as_role('tap_application', 'SELECT count(*)::text FROM support_case.rating_explanation'), '0',
    'W-106: nor does an application that acts for a buyer read how cases count');
SELECT is((SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = 'support_case.support_rating'::regclass AND attnum > 0),
    ARRAY['seller_id', 'label', 'score', 'positives', 'negatives', 'neutral', 'received', 'handled_in_window', 'window_kind', 'is_shown'],
    'W-101, W-109: the public view tells the rating and its counts, and no thumbs');
SET LOCAL support_case.buyer_id = '';

SELECT * FROM finish();
ROLLBACK;
