-- Tidying up: what is kept for a while only.

CREATE OR REPLACE FUNCTION support_case._key_expires_at(created_at timestamptz, at timestamptz)
RETURNS timestamptz
LANGUAGE sql STABLE
AS $$
    SELECT support_case.business_add(_key_expires_at.created_at, p.idempotency_retention::support_case.term,
        k.compiled)
    FROM support_case.policy AS p
    JOIN support_case.calendar AS k ON k.calendar_code = p.calendar_code
    WHERE p.effective_from <= _key_expires_at.at AND k.effective_from <= _key_expires_at.at
    ORDER BY p.effective_from DESC, k.effective_from DESC
    LIMIT 1
$$;

COMMENT ON FUNCTION support_case._key_expires_at(timestamptz, timestamptz) IS
'Until when an idempotency key that was created at an instant is kept, by the policy in force at another.';

CREATE OR REPLACE FUNCTION support_case._purge(keep interval)
RETURNS TABLE (command_keys bigint, sweep_runs bigint, notices bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz := support_case._instant();
    kept_from timestamptz;
BEGIN
    DELETE FROM support_case.command_key AS k WHERE support_case._key_expires_at(k.created_at, at) <= at;
    GET DIAGNOSTICS command_keys = ROW_COUNT;
    -- The latest one stays, whatever its age: health() counts from it.
    DELETE FROM support_case.sweep_run AS r
    WHERE r.last_seen_at < at - _purge.keep
        AND r.run_id < (SELECT max(n.run_id) FROM support_case.sweep_run AS n);
    GET DIAGNOSTICS sweep_runs = ROW_COUNT;
    kept_from := at - (support_case._policy_in_force(at)).notice_retention;
    DELETE FROM support_case.outbox AS o WHERE o.acknowledged_at < kept_from;
    GET DIAGNOSTICS notices = ROW_COUNT;
    INSERT INTO support_case.outbox_purge AS g (acknowledged_before)
    SELECT kept_from WHERE notices > 0
    ON CONFLICT (singleton) DO UPDATE
        SET acknowledged_before = greatest(g.acknowledged_before, excluded.acknowledged_before);
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION support_case._purge(interval) IS
'The part of purge() that needs the rights of the tables'' owner.';

CREATE OR REPLACE FUNCTION support_case.purge(keep interval DEFAULT '30 days')
RETURNS TABLE (command_keys bigint, sweep_runs bigint, job_runs bigint, notices bigint)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._require(purge.keep, 'keep');
    IF purge.keep < interval '0' THEN
        PERFORM support_case._raise('invalid_parameter_value', 'argument "keep" must not be negative',
            format('It is %s.', purge.keep), 'Pass how long runs are kept, such as 30 days.');
    END IF;
    SELECT p.command_keys, p.sweep_runs, p.notices INTO command_keys, sweep_runs, notices
    FROM support_case._purge(purge.keep) AS p;
    IF support_case._has_cron() THEN
        BEGIN
            EXECUTE format($runs$
                DELETE FROM %I.job_run_details AS d
                WHERE d.database = current_database() AND d.command LIKE $1 AND d.end_time < $2
                $runs$, 'cron')
            USING 'CALL support_case.run_sweep(%', support_case._instant() - purge.keep;
            GET DIAGNOSTICS job_runs = ROW_COUNT;
        EXCEPTION WHEN insufficient_privilege THEN
            job_runs := NULL;
        END;
    END IF;
    RETURN NEXT;
END
$$;

COMMENT ON FUNCTION support_case.purge(interval) IS
'Removes idempotency keys that the policy no longer keeps (idempotency_retention), runs of the sweep that are older than keep, and pg_cron''s log of the sweep''s job of the same age, as far as the caller sees it, and notices that were acknowledged before notice_retention; returns how many of each, job_runs being null where pg_cron is missing or out of reach. Errors: 22004, 22023.';
