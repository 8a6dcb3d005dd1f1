-- The state of health: what is installed, what sweeps, what waits to be done.

-- Copies first: a note that came along with one speaks of a job elsewhere.
CREATE OR REPLACE FUNCTION support_case._health_of_schedule()
RETURNS TABLE (status text, detail text, hint text)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    known support_case.sweep_schedule;
    found_job record;
    job_role pg_roles;
    job_count integer;
    sees_jobs boolean;
    cluster constant bigint := support_case._system_identifier();
    last_status text;
    last_message text;
    again constant text := 'Run SELECT support_case.schedule() as the role that is to sweep.';
BEGIN
    SELECT k.* INTO known FROM support_case._known_schedule() AS k;
    sees_jobs := support_case._has_cron() AND has_schema_privilege('cron', 'USAGE')
        AND (SELECT r.rolsuper OR r.rolname = coalesce(known.scheduled_by, r.rolname) FROM pg_roles AS r
            WHERE r.rolname = current_user);
    SELECT count(*)::integer INTO job_count FROM support_case._cron_jobs() AS j;
    SELECT j.* INTO found_job FROM support_case._cron_jobs() AS j ORDER BY j.job_id <> known.job_id, j.job_id LIMIT 1;

    IF known.job_id IS NOT NULL AND (known.database_name <> current_database() OR known.system_identifier <> cluster)
    THEN
        RETURN QUERY SELECT 'error', format('job %s was made in database "%s" of %s: this is a copy', known.job_id,
            known.database_name, CASE WHEN known.system_identifier <> cluster THEN 'another cluster'
                ELSE 'this cluster' END), again;
        RETURN;
    ELSIF NOT support_case._has_cron() THEN
        RETURN QUERY SELECT 'warning', 'pg_cron is not installed in this database',
            'SELECT support_case.schedule() says how to install it; any scheduler that runs '
            'CALL support_case.run_sweep() will do.';
        RETURN;
    ELSIF job_count = 0 AND known.job_id IS NULL THEN
        RETURN QUERY SELECT 'warning', 'no job sweeps this database', again;
        RETURN;
    ELSIF job_count = 0 AND sees_jobs THEN
        RETURN QUERY SELECT 'error', format('job %s of role "%s" is gone', known.job_id, known.scheduled_by), again;
        RETURN;
    ELSIF job_count = 0 THEN
        RETURN QUERY SELECT 'ok', format('job %s of role "%s", which role "%s" may not look at: %s', known.job_id,
            known.scheduled_by, current_user, known.cron_schedule), NULL;
        RETURN;
    END IF;

    SELECT r.* INTO job_role FROM pg_roles AS r WHERE r.rolname = found_job.scheduled_by;
    EXECUTE format('SELECT d.status, d.return_message FROM %I.job_run_details AS d WHERE d.jobid = $1 '
        'AND d.end_time IS NOT NULL ORDER BY d.runid DESC LIMIT 1', 'cron')
    INTO last_status, last_message USING found_job.job_id;
    RETURN QUERY
    SELECT f.status, f.detail, f.hint
    FROM (VALUES
        (1, found_job.database_name <> current_database(), 'error',
            format('job %s runs in database "%s"', found_job.job_id, found_job.database_name), again),
        (2, NOT found_job.is_active, 'error', format('job %s is not active', found_job.job_id), again),
        (3, job_role.rolname IS NULL OR job_role.rolsuper OR NOT job_role.rolcanlogin, 'error',
            format('job %s runs as role "%s", which %s', found_job.job_id, found_job.scheduled_by,
                CASE WHEN job_role.rolname IS NULL THEN 'does not exist'
                    WHEN job_role.rolsuper THEN 'is a superuser' ELSE 'cannot log in' END),
            'Run SELECT support_case.unschedule(), then schedule() as a role with LOGIN that is no superuser.'),
        (4, job_role.rolname IS NOT NULL
                AND NOT has_function_privilege(job_role.oid, 'support_case.sweep(integer)', 'EXECUTE'), 'error',
            format('job %s runs as role "%s", which may not sweep', found_job.job_id, found_job.scheduled_by),
            format('Run GRANT support_case_operator TO %I.', found_job.scheduled_by)),
        -- Background workers stay in this server; a connection goes where the
        -- port led when the job was made.
        (5, found_job.port <> current_setting('port')::integer
                AND support_case._cron_setting('cron.use_background_workers') <> 'on', 'error',
            format('job %s connects to port %s, this server listens on port %s', found_job.job_id, found_job.port,
                current_setting('port')), again),
        (6, job_count > 1, 'warning', format('%s jobs sweep this database', job_count),
            'Run SELECT support_case.unschedule() as a superuser, then schedule() once.'),
        (7, last_status = 'failed', 'error',
            format('the last run of job %s failed: %s', found_job.job_id, last_message),
            'Mend what the message names; table cron.job_run_details has the other runs.'),
        (8, true, 'ok', format('job %s of role "%s": %s', found_job.job_id, found_job.scheduled_by,
            found_job.cron_schedule), NULL)
        ) AS f (rank, applies, status, detail, hint)
    WHERE f.applies
    ORDER BY f.rank
    LIMIT 1;
END
$$;

COMMENT ON FUNCTION support_case._health_of_schedule() IS
'The row of health() about the sweep''s job, as far as the caller may see it.';

-- Counts stop at a thousand: health() is to answer at once.
CREATE OR REPLACE FUNCTION support_case._count_text(counted bigint)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN counted OPERATOR(pg_catalog.>) 1000 THEN 'more than 1000' ELSE counted::text END $$;

COMMENT ON FUNCTION support_case._count_text(bigint) IS
'A count that was stopped after 1001, in words.';

CREATE OR REPLACE FUNCTION support_case._health_of_work()
RETURNS TABLE (component text, status text, detail text, hint text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    at timestamptz := support_case.clock();
    counted bigint;
    oldest timestamptz;
    last_seen timestamptz;
    codes text;
    dead_count bigint;
BEGIN
    SELECT max(r.last_seen_at) INTO last_seen FROM support_case.sweep_run AS r;
    SELECT count(*), min(k.due_at) INTO counted, oldest
    FROM (SELECT c.due_at FROM support_case.support_case AS c
        WHERE c.due_at <= at AND c.stalled_code IS NULL ORDER BY c.due_at LIMIT 1001) AS k;
    RETURN QUERY SELECT 'sweep',
        CASE WHEN oldest <= at - interval '1 hour' THEN 'error'
            WHEN oldest <= at - interval '5 minutes' OR last_seen <= at - interval '1 hour' THEN 'warning'
            ELSE 'ok' END,
        coalesce('last sweep ' || support_case._iso_instant(last_seen), 'no sweep has run yet') || '; '
            || CASE WHEN counted = 0 THEN 'nothing is due'
                ELSE format('%s deadlines are due and not written, the oldest since %s',
                    support_case._count_text(counted), support_case._iso_instant(oldest)) END,
        CASE WHEN oldest <= at - interval '5 minutes' OR last_seen <= at - interval '1 hour' THEN
            'Run CALL support_case.run_sweep(), and see component sweep_schedule. Views are right all the same.' END;

    SELECT count(*), string_agg(DISTINCT k.stalled_code, ', ') INTO counted, codes
    FROM (SELECT c.stalled_code FROM support_case.support_case AS c
        WHERE c.stalled_code IS NOT NULL LIMIT 1001) AS k;
    RETURN QUERY SELECT 'stalled_cases', CASE WHEN counted = 0 THEN 'ok' ELSE 'warning' END,
        CASE WHEN counted = 0 THEN 'no case is stalled'
            ELSE format('%s cases are stalled by %s', support_case._count_text(counted), codes) END,
        CASE WHEN counted > 0 THEN 'View platform_queue lists them (task stalled); mend the cause, then call '
            'support_case.resume_case().' END;

    -- In order of availability, as claim_notices() hands them out.
    SELECT count(*), min(k.available_at), string_agg(DISTINCT k.channel, ', ') INTO counted, oldest, codes
    FROM (VALUES ('event'), ('in_app'), ('email')) AS n (channel)
    CROSS JOIN LATERAL (SELECT o.available_at, o.channel FROM support_case.outbox AS o
        WHERE o.channel = n.channel AND o.acknowledged_at IS NULL AND o.dead_at IS NULL AND o.available_at <= at
        ORDER BY o.available_at LIMIT 1001) AS k;
    SELECT count(*) INTO dead_count
    FROM (SELECT FROM support_case.outbox AS o WHERE o.dead_at IS NOT NULL LIMIT 1001) AS k;
    RETURN QUERY SELECT 'outbox',
        CASE WHEN oldest <= at - interval '1 hour' OR dead_count > 0 THEN 'warning' ELSE 'ok' END,
        CASE WHEN counted = 0 THEN 'no notice waits'
            ELSE format('%s notices wait (%s), the oldest since %s', support_case._count_text(counted), codes,
                support_case._iso_instant(oldest)) END
            || CASE WHEN dead_count > 0 THEN format('; %s were given up', support_case._count_text(dead_count))
                ELSE '' END,
        NULLIF(concat_ws(' ',
            CASE WHEN oldest <= at - interval '1 hour' THEN
                'See to the publishers, which call support_case.claim_notices() and acknowledge_notice().' END,
            CASE WHEN dead_count > 0 THEN
                'View dead_notices says why; mend the cause, then call support_case.retry_notice().' END), '');

    SELECT count(*), min(k.status_since) INTO counted, oldest
    FROM (SELECT i.status_since FROM support_case.refund_instruction AS i
        WHERE i.status = 'failed' ORDER BY i.status_since LIMIT 1001) AS k;
    RETURN QUERY SELECT 'refund_instructions', CASE WHEN counted = 0 THEN 'ok' ELSE 'warning' END,
        CASE WHEN counted = 0 THEN 'no refund has failed'
            ELSE format('%s refunds have failed, the oldest at %s', support_case._count_text(counted),
                support_case._iso_instant(oldest)) END,
        CASE WHEN counted > 0 THEN 'View platform_queue lists them (task refund_failed); pay again and call '
            'support_case.record_refund_settled().' END;

    SELECT count(*), min(k.fileable_at) INTO counted, oldest
    FROM (SELECT n.fileable_at FROM support_case.carrier_claim AS n
        WHERE n.status = 'fileable' ORDER BY n.fileable_at LIMIT 1001) AS k;
    RETURN QUERY SELECT 'carrier_claims', CASE WHEN oldest <= at - interval '168 hours' THEN 'warning' ELSE 'ok' END,
        CASE WHEN counted = 0 THEN 'no claim waits to be filed'
            ELSE format('%s claims wait to be filed, the oldest since %s', support_case._count_text(counted),
                support_case._iso_instant(oldest)) END,
        CASE WHEN oldest <= at - interval '168 hours' THEN 'View carrier_claims lists them (status fileable); file '
            'them with the carriers and call support_case.record_carrier_claim_filed().' END;

    SELECT min(k.created_at) INTO oldest FROM support_case.command_key AS k;
    RETURN QUERY SELECT 'command_keys', CASE WHEN support_case._key_expires_at(oldest, at) < at - interval '1 day'
            THEN 'warning' ELSE 'ok' END,
        coalesce('the oldest idempotency key is of ' || support_case._iso_instant(oldest),
            'no idempotency key is kept'),
        CASE WHEN support_case._key_expires_at(oldest, at) < at - interval '1 day' THEN
            'Run SELECT * FROM support_case.purge() once a day.' END;
END
$$;

COMMENT ON FUNCTION support_case._health_of_work() IS
'The rows of health() about what waits to be done.';

CREATE OR REPLACE FUNCTION support_case._health_of_schema()
RETURNS TABLE (component text, status text, detail text, hint text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    loaded text := support_case._extension_version();
    installed text;
    missing text;
BEGIN
    SELECT m.extension_version INTO installed FROM support_case.schema_migration AS m WHERE m.script = 'api';
    SELECT string_agg(s.name, ', ' ORDER BY s.name) INTO missing
    FROM support_case._schema_scripts() AS s
    WHERE s.kind = 'tables' AND NOT EXISTS (SELECT FROM support_case.schema_migration AS m WHERE m.script = s.name);
    RETURN QUERY SELECT 'version',
        CASE WHEN installed IS NOT DISTINCT FROM loaded AND missing IS NULL THEN 'ok' ELSE 'error' END,
        format('extension %s, schema %s', loaded, coalesce(installed, '(unknown)'))
            || coalesce(', not run: ' || missing, ''),
        CASE WHEN installed IS DISTINCT FROM loaded OR missing IS NOT NULL THEN
            'Run SELECT support_case.migrate().' END;

    SELECT string_agg(g.name, ', ' ORDER BY g.name) INTO missing
    FROM unnest(support_case._group_roles()) AS g (name)
    WHERE NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = g.name);
    RETURN QUERY SELECT 'roles', CASE WHEN missing IS NULL THEN 'ok' ELSE 'warning' END,
        coalesce('missing: ' || missing, 'every group role exists'),
        CASE WHEN missing IS NOT NULL THEN
            'Let a superuser create them (NOLOGIN), then run SELECT support_case.migrate().' END;

    PERFORM support_case.clock();   -- loads the library, and with it the setting
    RETURN QUERY SELECT 'clock', CASE WHEN current_setting('support_case.now') = '' THEN 'ok' ELSE 'warning' END,
        CASE WHEN current_setting('support_case.now') = '' THEN 'the clock of the server'
            ELSE 'support_case.now stands in for it: ' || current_setting('support_case.now') END,
        CASE WHEN current_setting('support_case.now') <> '' THEN 'Run RESET support_case.now; it is for tests.' END;
END
$$;

COMMENT ON FUNCTION support_case._health_of_schema() IS
'The rows of health() about what is installed.';

CREATE OR REPLACE FUNCTION support_case.health()
RETURNS TABLE (component text, status text, detail text, hint text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.component, h.status, h.detail, h.hint FROM support_case._health_of_schema() AS h
    UNION ALL
    SELECT 'sweep_schedule', s.status, s.detail, s.hint FROM support_case._health_of_schedule() AS s
    UNION ALL
    SELECT w.component, w.status, w.detail, w.hint FROM support_case._health_of_work() AS w
$$;

COMMENT ON FUNCTION support_case.health() IS
'One row per component: its status (ok, warning or error), what was found, and in hint what to do. version: extension against schema; roles; clock; sweep_schedule: the pg_cron job, its role, database, port and cluster, as far as the caller may see it; sweep: the last one, and the deadlines that are due and not written (late after 5 minutes, an error after an hour); stalled_cases (AMB-122); outbox: what waits for a publisher (late after an hour), and what was given up; refund_instructions (AMB-128); carrier_claims: what waits to be filed (late after seven days); command_keys.';
