-- Included by the tests of the life cycle: cases in an instant, and their
-- state as one JSON object.  Everything lives in pg_temp.
SET TimeZone = 'America/New_York';
SET client_min_messages = warning;

CREATE TEMPORARY SEQUENCE order_id_seq START 501;

CREATE FUNCTION pg_temp.at(instant text)
RETURNS void
LANGUAGE sql
AS $$ SELECT set_config('support_case.now', instant, false) $$;

-- The order of worked example X-14: a full refund costs 97.00, with the return
-- label 103.50; the buyer paid 105.00.
CREATE FUNCTION pg_temp.new_order(age interval DEFAULT '0')
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    new_id bigint := nextval('pg_temp.order_id_seq');
BEGIN
    PERFORM support_case.register_seller(1);
    PERFORM support_case.register_order(1, new_id, 7, 'USD', 88.80, 5.00, 3.20,
        '[{"unit_price": 100.00}]', commission => 8, tax => 0, return_shipping => 6.50,
        purchased_at => support_case.clock() - age);
    RETURN new_id;
END
$$;

CREATE FUNCTION pg_temp.new_case(reason text DEFAULT 'damaged_in_transit', age interval DEFAULT '0')
RETURNS bigint
LANGUAGE sql
AS $$
    SELECT case_id FROM support_case.open_case(1, pg_temp.new_order(age), reason, 'it is not right',
        evidence => '[{"uri": "s3://evidence/1.jpg"}]')
$$;

-- A guarantee claim about an order that was bought so long ago.
CREATE FUNCTION pg_temp.new_claim(age interval DEFAULT '60 days')
RETURNS bigint
LANGUAGE sql
AS $$ SELECT case_id FROM support_case.file_guarantee_claim(1, pg_temp.new_order(age), 'nothing has arrived') $$;

-- The effective case with what is stored about it, its last event and its
-- money.  charged is what the seller bears, refund what the buyer gets.
CREATE FUNCTION pg_temp.state(of_case bigint)
RETURNS jsonb
LANGUAGE sql
AS $$
    SELECT to_jsonb(k) || jsonb_build_object(
        'is_responded', c.is_responded,
        'is_conversation_closed', c.is_conversation_closed,
        'transition', e.transition, 'action', e.action, 'actor', e.actor, 'effective_at', e.effective_at,
        'recorded_at', e.recorded_at, 'details', e.details,
        'events', (SELECT count(*) FROM support_case.case_event AS n WHERE n.seller_id = 1 AND n.case_id = of_case),
        'charged', coalesce((SELECT sum(l.amount) FROM support_case.seller_ledger AS l
            WHERE l.seller_id = 1 AND l.case_id = of_case AND l.account = 'seller_payable'), 0),
        'refund', coalesce((SELECT support_case._to_major(sum(i.amount)::bigint, 'USD')
            FROM support_case.refund_instruction AS i WHERE i.seller_id = 1 AND i.case_id = of_case), 0),
        'parcels', coalesce((SELECT jsonb_agg(jsonb_build_object('direction', p.direction,
                'destination', p.destination, 'handed_over_at', p.handed_over_at, 'delivered_at', p.delivered_at)
                ORDER BY p.parcel_number)
            FROM support_case.parcel AS p WHERE p.seller_id = 1 AND p.case_id = of_case), '[]'),
        -- After the description.
        'messages', (SELECT coalesce(sum(n.message_count), 0) - 1 FROM support_case.conversation AS n
            WHERE n.seller_id = 1 AND n.case_id = of_case))
    FROM support_case.case_current AS k
    JOIN support_case.support_case AS c USING (seller_id, case_id)
    JOIN support_case.case_event AS e
        ON e.seller_id = 1 AND e.case_id = of_case
        AND e.event_number = (SELECT max(n.event_number) FROM support_case.case_event AS n
            WHERE n.seller_id = 1 AND n.case_id = of_case AND n.action <> 'refund_clamped')
    WHERE k.seller_id = 1 AND k.case_id = of_case
$$;

-- The case shows what is expected, key by key; other keys may be anything.
CREATE FUNCTION pg_temp.shows(of_case bigint, expected jsonb, name text)
RETURNS text
LANGUAGE sql
AS $$
    SELECT is((SELECT jsonb_object_agg(w.key, pg_temp.state(of_case) -> w.key) FROM jsonb_each(expected) AS w),
        expected, name)
$$;

-- Runs a command, $1 being the case, and then shows() it.
CREATE FUNCTION pg_temp.takes(of_case bigint, command text, expected jsonb, name text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    message text;
BEGIN
    EXECUTE 'SELECT support_case.' || command USING of_case;
    RETURN pg_temp.shows(of_case, expected, name);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
    RETURN fail(name) || E'\n' || diag(format('%s raised %s: %s', command, SQLSTATE, message));
END
$$;

-- A digest of every row of every table of the extension, and of what its
-- sequences would give next.
CREATE FUNCTION pg_temp.contents()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    relation record;
    part text;
    digests text := '';
BEGIN
    FOR relation IN
        SELECT c.oid::regclass AS name, c.relkind FROM pg_class AS c
        WHERE c.relnamespace = 'support_case'::regnamespace AND c.relkind IN ('r', 'S')
        ORDER BY c.relname
    LOOP
        IF relation.relkind = 'S' THEN
            EXECUTE format('SELECT last_value || '':'' || is_called FROM %s', relation.name) INTO part;
        ELSE
            EXECUTE format('SELECT md5(coalesce(string_agg(t::text, E''\n'' ORDER BY t::text), '''')) FROM %s AS t',
                relation.name) INTO part;
        END IF;
        digests := digests || relation.name || ' ' || part || E'\n';
    END LOOP;
    RETURN md5(digests);
END
$$;

-- A command, $1 being the case, raises the SQLSTATE and writes nothing.  Were
-- it to succeed, or to write where a rollback does not reach, this fails.
CREATE FUNCTION pg_temp.refuses(of_case bigint, command text, expected_sqlstate text, name text,
    detail_like text DEFAULT '%')
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    before text := pg_temp.contents();
    found_sqlstate text := 'none';
    message text;
    found_detail text := '';
BEGIN
    BEGIN
        EXECUTE 'SELECT support_case.' || command USING of_case;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS found_sqlstate = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
            found_detail = PG_EXCEPTION_DETAIL;
    END;
    RETURN ok(found_sqlstate = expected_sqlstate AND found_detail LIKE detail_like
            AND pg_temp.contents() = before,
        name || ' (' || expected_sqlstate || ')')
        || CASE WHEN found_sqlstate <> expected_sqlstate OR found_detail NOT LIKE detail_like THEN E'\n'
            || diag(format('%s gave %s: %s (%s)', command, found_sqlstate, message, found_detail)) ELSE '' END;
END
$$;

-- A policy version in force from now on, from the defaults with these changes.
CREATE FUNCTION pg_temp.policy(settings jsonb DEFAULT '{}')
RETURNS integer
LANGUAGE sql
AS $$
    SELECT policy_version FROM support_case.create_policy(
        (SELECT v.settings FROM support_case.policy_versions AS v WHERE v.policy_version = 1) || settings)
$$;

-- Runs commands, $1 being the case, and sets the clock where one is @INSTANT.
CREATE FUNCTION pg_temp.run(of_case bigint, VARIADIC steps text[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    step text;
BEGIN
    FOREACH step IN ARRAY steps LOOP
        IF step LIKE '@%' THEN
            PERFORM pg_temp.at(substr(step, 2));
        ELSE
            EXECUTE 'SELECT support_case.' || step USING of_case;
        END IF;
    END LOOP;
END
$$;

-- A new case of a reason on which these steps were taken.
CREATE FUNCTION pg_temp.case_after(reason text, VARIADIC steps text[] DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    of_case bigint;
BEGIN
    IF steps[1] LIKE '@%' THEN
        PERFORM pg_temp.at(substr(steps[1], 2));
    END IF;
    of_case := pg_temp.new_case(reason);
    PERFORM pg_temp.run(of_case, VARIADIC steps);
    RETURN of_case;
END
$$;

-- A deadline of a case is missed from due_at on: one microsecond before, the
-- case shows before; at that instant, after: in the view, to a command that
-- comes then, and once swept.  The command is one that is in time or too late.
CREATE FUNCTION pg_temp.turns(of_case bigint, due_at timestamptz, before jsonb, after jsonb, name text)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    viewed jsonb;
BEGIN
    PERFORM pg_temp.at((due_at - interval '1 microsecond')::text);
    RETURN NEXT pg_temp.shows(of_case, before || jsonb_build_object('due_at', due_at),
        name || ': not yet one microsecond before');
    RETURN NEXT is(support_case._roll_cases('{1}', ARRAY[of_case], support_case.clock()), 0,
        name || ': nothing to write one microsecond before');
    PERFORM pg_temp.at(due_at::text);
    viewed := (SELECT to_jsonb(k) FROM support_case.case_current AS k WHERE k.seller_id = 1 AND k.case_id = of_case);
    PERFORM support_case._roll_cases('{1}', ARRAY[of_case], support_case.clock());
    RETURN NEXT pg_temp.shows(of_case, after || jsonb_build_object('effective_at', due_at, 'actor', 'system'),
        name || ': written at the instant');
    RETURN NEXT is(viewed,
        (SELECT to_jsonb(k) FROM support_case.case_current AS k WHERE k.seller_id = 1 AND k.case_id = of_case),
        name || ': the view showed it before it was written');
END
$$;
