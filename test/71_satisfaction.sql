-- The survey and the satisfaction score: W-109 to W-114, AMB-52, AMB-53.
BEGIN;
\ir helpers/cases.sql

SELECT no_plan();
SELECT pg_temp.at('2026-01-02T09:00:00-05:00');
SELECT support_case.create_calendar('platform', 'America/New_York; Mo-Fr') IS NOT NULL AS made;

CREATE FUNCTION pg_temp.ended(VARIADIC steps text[] DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint;
    step text;
BEGIN
    PERFORM pg_temp.at('2026-01-12T10:00:00-05:00');
    of_case := pg_temp.new_case(CASE WHEN steps[1] = 'routed' THEN 'other' ELSE 'damaged_in_transit' END);
    FOREACH step IN ARRAY steps LOOP
        IF step LIKE '@+%' THEN
            PERFORM pg_temp.at((support_case.clock() + substr(step, 3)::interval)::text);
        ELSIF step <> 'routed' THEN
            EXECUTE 'SELECT support_case.' || step USING of_case;
        END IF;
    END LOOP;
    RETURN of_case;
END
$$;
CREATE FUNCTION pg_temp.survey(of_case bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT concat_ws(' ', CASE WHEN is_open THEN 'open' ELSE 'shut' END, closes_at AT TIME ZONE 'America/New_York',
        is_thumbs_up)
    FROM support_case.feedback_survey WHERE case_id = of_case
$$;

---------- W-110, AMB-52: the survey ----------

-- What the survey says, leave_feedback() does.
CREATE FUNCTION pg_temp.asks(of_case bigint, is_open boolean, name text)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN NEXT is((SELECT s.is_open FROM support_case.feedback_survey AS s WHERE s.case_id = of_case), is_open,
        'W-110, AMB-52: ' || name);
    IF is_open THEN
        RETURN NEXT pg_temp.takes(of_case, 'leave_feedback(1, $1, true)', '{"transition": "T-30", "status": "closed"}',
            'W-110, AMB-52: ' || name || ', and takes a thumb');
    ELSE
        RETURN NEXT pg_temp.refuses(of_case, 'leave_feedback(1, $1, true)', 'SC001',
            'W-110, AMB-52: ' || name || ', and takes none', '%cannot be rated%');
    END IF;
END
$$;
SELECT pg_temp.asks(pg_temp.ended(VARIADIC steps), is_open, name)
FROM (VALUES
    (ARRAY['offer_full_refund(1, $1)'], true, 'after a refund the survey is open'),
    (ARRAY['explain_no_refund(1, $1, ''no'')', '@+31 days'], true, 'after a refusal it is'),
    (ARRAY['@+40 days'], true, 'after a case that the seller left unanswered it is'),
    (ARRAY['offer_full_refund(1, $1, true)', '@+8 days'], true, 'after a return that never came it is'),
    (ARRAY['explain_no_refund(1, $1, ''no'')', 'escalate(1, $1)', 'decide(1, $1, ''refund'', actor_id => ''a'')'], true,
        'after an escalation it is, when the seller had responded'),
    (ARRAY['@+2 days', 'escalate(1, $1)', 'decide(1, $1, ''refund'', actor_id => ''a'')'], false,
        'after an escalation it is not, when he had not'),
    (ARRAY['routed', 'decide(1, $1, ''refund'', actor_id => ''a'')'], false,
        'after a case that never was the seller''s it is not'),
    (ARRAY['withdraw_case(1, $1)'], false, 'after a withdrawal it is not'),
    (ARRAY['request_information(1, $1, ''which?'')', '@+8 days'], false, 'after the buyer''s own silence it is not')
) AS v (steps, is_open, name);
SELECT pg_temp.ended() AS id \gset
SELECT is(pg_temp.survey(:id), NULL, 'W-110: an open case has no survey');

SELECT pg_temp.ended('offer_full_refund(1, $1)') AS id \gset
SELECT is(pg_temp.survey(:id), 'open 2026-01-26 10:00:00', 'AMB-52: answerable for 14 days');
SELECT support_case.leave_feedback(1, :id, true) IS NOT NULL AS done;
SELECT support_case.leave_feedback(1, :id, false) IS NOT NULL AS done;
SELECT is(pg_temp.survey(:id), 'open 2026-01-26 10:00:00 f', 'AMB-52: one thumb a case, changeable');
SELECT is((SELECT count(*) FROM support_case.case_feedback WHERE case_id = :id), 1::bigint, 'AMB-52: one a case');
SELECT pg_temp.at('2026-01-26T09:59:59.999999-05:00');
SELECT is(pg_temp.survey(:id), 'open 2026-01-26 10:00:00 f', 'AMB-52: until one microsecond before');
SELECT pg_temp.at('2026-01-26T10:00:00-05:00');
SELECT is(pg_temp.survey(:id), 'shut 2026-01-26 10:00:00 f', 'AMB-52: and no longer');
SELECT pg_temp.refuses(:id, 'leave_feedback(1, $1, true)', 'SC003', 'AMB-52: nor can the thumb be changed');
SELECT pg_temp.at('2026-02-02T10:00:00-05:00');
SELECT pg_temp.policy('{"feedback_window": null}') \g /dev/null
SELECT pg_temp.new_case() AS id \gset
SELECT support_case.offer_full_refund(1, :id) IS NOT NULL AS done;
SELECT is(pg_temp.survey(:id), 'shut', 'AMB-52 feedback_window = null: no survey');
SELECT pg_temp.at('2026-02-03T10:00:00-05:00');
SELECT pg_temp.policy('{"feedback_window": "1 day"}') \g /dev/null
SELECT pg_temp.new_case() AS id \gset
SELECT support_case.offer_full_refund(1, :id) IS NOT NULL AS done;
SELECT is(pg_temp.survey(:id), 'open 2026-02-04 10:00:00', 'AMB-52 feedback_window = 1 day');
SELECT pg_temp.at('2026-02-05T10:00:00-05:00');
SELECT pg_temp.policy() \g /dev/null

-- Closed by a deadline that nobody swept.
SELECT pg_temp.at('2026-03-02T10:00:00-05:00');
SELECT pg_temp.new_case() AS id \gset
SELECT support_case.explain_no_refund(1, :id, 'no') IS NOT NULL AS done;
SELECT pg_temp.at('2026-04-02T10:00:00-04:00');
SELECT is(pg_temp.survey(:id), 'open 2026-04-15 10:00:00', 'W-110: the survey of a case that closed unswept');

---------- W-109 to W-114, AMB-53: the score ----------

CREATE FUNCTION pg_temp.rated(of_seller bigint, VARIADIC thumbs boolean[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint;
    of_order bigint;
    thumb boolean;
BEGIN
    PERFORM support_case.register_seller(of_seller);
    FOREACH thumb IN ARRAY thumbs LOOP
        of_order := nextval('pg_temp.order_id_seq');
        PERFORM support_case.register_order(of_seller, of_order, 7, 'USD', 8, 1, 1, '[{"unit_price": 9}]');
        of_case := (SELECT case_id FROM support_case.open_case(of_seller, of_order, 'missing_item', 'help'));
        PERFORM support_case.offer_full_refund(of_seller, of_case);
        PERFORM support_case.leave_feedback(of_seller, of_case, thumb) WHERE thumb IS NOT NULL;
    END LOOP;
END
$$;
CREATE FUNCTION pg_temp.score(of_seller bigint)
RETURNS text
LANGUAGE sql
AS $$
    SELECT concat_ws(' ', coalesce(score::text, '-'), thumbs_up, thumbs_down, handled_in_window, window_kind)
    FROM support_case.satisfaction_score WHERE seller_id = of_seller
$$;
SELECT pg_temp.at('2026-05-04T10:00:00-04:00');
SELECT support_case.register_seller(2) IS NOT NULL AS made;
SELECT is(pg_temp.score(2), '- 0 0 0', 'W-109: a seller without cases');
SELECT pg_temp.rated(2, NULL, NULL);
SELECT is(pg_temp.score(2), '- 0 0 2 latest', 'W-111: refunds are no thumbs');
SELECT pg_temp.rated(2, true);
SELECT is(pg_temp.score(2), '1.0000 1 0 3 latest', 'AMB-53: one thumb up');
SELECT pg_temp.rated(2, false);
SELECT is(pg_temp.score(2), '0.5000 1 1 4 latest', 'W-114: of few, one thumb down weighs much');
SELECT pg_temp.rated(2, true, true, true, true, true);
SELECT is(pg_temp.score(2), '0.8571 6 1 9 latest', 'W-114: of more, less');
SELECT pg_temp.rated(2, true);
SELECT is(pg_temp.score(2), '0.8750 7 1 10 window', 'AMB-53, W-103: the same window as the rating');
SELECT is((SELECT label || ' ' || positives || ' ' || negatives FROM support_case.support_rating WHERE seller_id = 2),
    'great 9 1', 'W-113: the thumb down is one of the inputs of the rating');
SELECT is((SELECT missed_responses FROM support_case.account_status WHERE seller_id = 2), 0::bigint,
    'W-112: it has no part in the account status');
SELECT is((SELECT string_agg(ground, ',' ORDER BY ground) FROM (SELECT DISTINCT ground FROM support_case.rating_explanation
    WHERE seller_id = 2) AS g), 'feedback_down,solution', 'W-113: and explained');
SELECT pg_temp.at('2026-08-02T10:00:00-04:00');
SELECT is(pg_temp.score(2), '0.8750 7 1 0 latest', 'AMB-53, W-104: after 90 days, the latest');
SELECT pg_temp.rated(2, false, false, false, false, false);
SELECT is(pg_temp.score(2), '0.5000 5 5 5 latest', 'W-114: the score follows what comes in; ten thumbs at most');
SELECT pg_temp.policy('{"satisfaction_window": "120 days"}') \g /dev/null
SELECT is(pg_temp.score(2), '0.5385 7 6 15 window', 'AMB-53 satisfaction_window = 120 days');
SELECT is((SELECT handled_in_window FROM support_case.support_rating WHERE seller_id = 2), 5::bigint,
    'AMB-53: of the score alone');

---------- W-109: never public ----------

CREATE ROLE tap_seller LOGIN IN ROLE support_case_seller;
CREATE ROLE tap_buyer LOGIN IN ROLE support_case_buyer;
CREATE ROLE tap_other_buyer LOGIN IN ROLE support_case_buyer;
CREATE ROLE tap_agent LOGIN IN ROLE support_case_platform;
CREATE ROLE tap_analyst LOGIN IN ROLE support_case_analyst;
CREATE ROLE tap_application LOGIN IN ROLE support_case_app;
SELECT support_case.map_login('tap_seller', seller_id => 2);
SELECT support_case.map_login('tap_buyer', buyer_id => 7);
SELECT support_case.map_login('tap_other_buyer', buyer_id => 8);
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
SELECT is(pg_temp.as_role(role_name, 'SELECT string_agg(seller_id::text, '','' ORDER BY seller_id) FROM support_case.satisfaction_score'),
    expected, format('W-109: %s reads the scores of %s', role_name, coalesce(expected, 'nobody')))
FROM (VALUES ('tap_seller', '2'), ('tap_buyer', '42501'), ('tap_analyst', '42501'), ('tap_agent', '1,2'), ('tap_application', '1,2'))
    AS v (role_name, expected);
SELECT is(pg_temp.as_role(role_name, format('SELECT (count(*) > 0)::text FROM support_case.%s', relation)), expected,
    format('W-110: %s and %s: %s', role_name, relation, expected))
FROM (VALUES ('tap_buyer', 'feedback_survey', 'true'), ('tap_other_buyer', 'feedback_survey', 'false'),
    ('tap_buyer', 'case_feedback', 'true'), ('tap_other_buyer', 'case_feedback', 'false'),
    ('tap_application', 'feedback_survey', 'true'), ('tap_analyst', 'feedback_survey', '42501'),
    ('tap_analyst', 'case_feedback', '42501')) AS v (role_name, relation, expected);
SET LOCAL support_case.buyer_id = '8';
SELECT is(pg_temp.as_role('tap_application', 'SELECT count(*)::text FROM support_case.feedback_survey'), '0',
    'W-110: an application that acts for a buyer sees the surveys of that buyer');
SELECT is(pg_temp.as_role('tap_application', 'SELECT count(*)::text FROM support_case.satisfaction_score'), '0',
    'W-109: and no score');
SET LOCAL support_case.buyer_id = '';
SET LOCAL support_case.seller_id = '2';
SELECT is(pg_temp.as_role('tap_application', 'SELECT string_agg(seller_id::text, '','') FROM support_case.satisfaction_score'), '2',
    'W-109: one that acts for a seller sees that seller''s');
SET LOCAL support_case.seller_id = '';

SELECT * FROM finish();
ROLLBACK;
