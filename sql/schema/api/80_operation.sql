-- Running it: the schedule of the sweep, the state of health, tidying up.
-- pg_cron is looked for when it is called, never required: the truth does not
-- depend on the sweep, so neither does anything else on a scheduler.
--
-- Schema cron is named through format(), for where it is missing.  What asks
-- pg_cron runs with the caller's rights: a job belongs to the role
-- that makes it, and a definer function would make privileged ones.

CREATE OR REPLACE FUNCTION support_case._known_schedule()
RETURNS SETOF support_case.sweep_schedule
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$ SELECT s.* FROM support_case.sweep_schedule AS s $$;

COMMENT ON FUNCTION support_case._known_schedule() IS
'The job that schedule() made, if any.';

CREATE OR REPLACE FUNCTION support_case._note_schedule(job_id bigint, every text, scheduled_by text)
RETURNS SETOF support_case.sweep_schedule
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    cluster bigint;
BEGIN
    DELETE FROM support_case.sweep_schedule AS s;
    IF _note_schedule.job_id IS NULL THEN
        RETURN;
    END IF;
    BEGIN
        SELECT c.system_identifier INTO cluster FROM pg_control_system() AS c;
    EXCEPTION WHEN insufficient_privilege THEN
        cluster := NULL;
    END;
    RETURN QUERY
    INSERT INTO support_case.sweep_schedule AS s (job_id, job_name, cron_schedule, scheduled_by, database_name, port,
        system_identifier, scheduled_at)
    VALUES (_note_schedule.job_id, 'support_case sweep', _note_schedule.every, _note_schedule.scheduled_by,
        current_database(), current_setting('port')::integer, cluster, support_case._instant())
    RETURNING s.*;
END
$$;

COMMENT ON FUNCTION support_case._note_schedule(bigint, text, text) IS
'Keeps which job sweeps, and where it was made; a null job_id forgets it.';

-- Settings of pg_cron are for the eyes of privileged roles.
CREATE OR REPLACE FUNCTION support_case._cron_setting(name text)
RETURNS text
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    RETURN current_setting(name, true);
EXCEPTION WHEN insufficient_privilege THEN
    RETURN '(hidden)';
END
$$;

COMMENT ON FUNCTION support_case._cron_setting(text) IS
'A setting of pg_cron: null where pg_cron is not loaded, (hidden) where the caller may not see it.';

CREATE OR REPLACE FUNCTION support_case._has_cron()
RETURNS boolean
LANGUAGE sql STABLE
AS $$ SELECT EXISTS (SELECT FROM pg_catalog.pg_extension AS e WHERE e.extname OPERATOR(pg_catalog.=) 'pg_cron') $$;

COMMENT ON FUNCTION support_case._has_cron() IS
'Whether pg_cron is installed in this database.';

CREATE OR REPLACE FUNCTION support_case._require_cron(every text)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    cron_database text := support_case._cron_setting('cron.database_name');
    may_own_job boolean := (SELECT r.rolcanlogin AND NOT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user);
    elsewhere text := format('SELECT cron.schedule_in_database(%L, %L, %L, %L, %L);',
        'support_case sweep of ' || current_database(), every, 'CALL support_case.run_sweep()', current_database(),
        CASE WHEN may_own_job THEN current_user ELSE 'support_case_sweeper' END);
    here text := format('Install pg_cron, set shared_preload_libraries = ''pg_cron'' and cron.database_name = %L, '
        'restart the server and run CREATE EXTENSION pg_cron.', current_database());
    no_harm constant text := 'Deadlines take effect without a sweep; only stored rows wait for it.';
BEGIN
    IF support_case._has_cron() THEN
        IF NOT has_schema_privilege('cron', 'USAGE') THEN
            PERFORM support_case._raise('insufficient_privilege',
                format('role "%s" may not use pg_cron', current_user), no_harm,
                format('Run as a superuser: GRANT USAGE ON SCHEMA cron TO %I.', current_user));
        END IF;
    ELSIF cron_database = '(hidden)' THEN
        PERFORM support_case._raise('scheduler_unavailable', 'pg_cron is not installed in this database', no_harm,
            here || ' Where it runs in another database already, run there as a superuser: ' || elsewhere);
    ELSIF cron_database IS NULL THEN
        PERFORM support_case._raise('scheduler_unavailable', 'pg_cron is not loaded', no_harm,
            here || ' Any other scheduler will do that runs CALL support_case.run_sweep() every minute.');
    ELSIF cron_database = current_database() THEN
        PERFORM support_case._raise('scheduler_unavailable', 'pg_cron is not installed in this database', no_harm,
            'Run as a superuser: CREATE EXTENSION pg_cron.');
    ELSE
        PERFORM support_case._raise('scheduler_unavailable',
            format('pg_cron runs in database "%s"', cron_database),
            'Its jobs are made there. ' || no_harm,
            format('Connect to database "%s" and run as a superuser: %s', cron_database, elsewhere));
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._require_cron(text) IS
'Raises SC011 unless pg_cron is installed in this database, 42501 unless the caller may use it.';

-- A job runs with the rights of its role for as long as it exists.
CREATE OR REPLACE FUNCTION support_case._require_job_role()
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    caller pg_roles;
    how constant text := 'Run as a superuser: CREATE ROLE support_case_sweeper LOGIN IN ROLE support_case_operator; '
        'GRANT USAGE ON SCHEMA cron TO support_case_sweeper; '
        'SET ROLE support_case_sweeper; SELECT support_case.schedule(); RESET ROLE;';
BEGIN
    SELECT r.* INTO STRICT caller FROM pg_roles AS r WHERE r.rolname = current_user;
    IF caller.rolsuper THEN
        PERFORM support_case._raise('insufficient_privilege', 'a superuser must not own the sweep''s job',
            format('The job would run as "%s", with all its rights.', current_user), how);
    ELSIF NOT caller.rolcanlogin THEN
        PERFORM support_case._raise('insufficient_privilege', format('role "%s" cannot log in', current_user),
            'pg_cron runs a job as the role that makes it, which needs LOGIN.', how);
    ELSIF NOT (has_function_privilege('support_case.sweep(integer)', 'EXECUTE')
        AND has_function_privilege('support_case.run_sweep(integer)', 'EXECUTE'))
    THEN
        PERFORM support_case._raise('insufficient_privilege', format('role "%s" may not sweep', current_user),
            'The job runs with the rights of the role that makes it.', how);
    END IF;
END
$$;

COMMENT ON FUNCTION support_case._require_job_role() IS
'Raises 42501 unless the caller can own the sweep''s job: no superuser, LOGIN, may execute sweep() and run_sweep().';

-- pg_cron shows everybody his own jobs, superusers all.
CREATE OR REPLACE FUNCTION support_case._cron_jobs()
RETURNS TABLE (job_id bigint, job_name text, cron_schedule text, scheduled_by text, database_name text, port integer,
    is_active boolean)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF NOT support_case._has_cron() THEN
        RETURN;
    END IF;
    FOR job_id, job_name, cron_schedule, scheduled_by, database_name, port, is_active IN
        EXECUTE format($jobs$
            SELECT j.jobid, j.jobname::text, j.schedule, j.username, j.database, j.nodeport, j.active
            FROM %I.job AS j
            WHERE (j.database = current_database()
                    AND (j.jobname::text = 'support_case sweep' OR j.command LIKE $1))
                -- Scheduling would change this one and keep its database.
                OR (j.username = current_user AND j.jobname::text = 'support_case sweep')
            ORDER BY j.jobid
            $jobs$, 'cron')
        USING 'CALL support_case.run_sweep(%'
    LOOP
        RETURN NEXT;
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RETURN;
END
$$;

COMMENT ON FUNCTION support_case._cron_jobs() IS
'The jobs of pg_cron that sweep this database, as far as the caller may see them.';

CREATE OR REPLACE FUNCTION support_case.unschedule()
RETURNS TABLE (job_id bigint, job_name text, cron_schedule text, scheduled_by text, database_name text)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    known support_case.sweep_schedule;
    found_job record;
BEGIN
    FOR found_job IN SELECT j.* FROM support_case._cron_jobs() AS j LOOP
        EXECUTE format('SELECT %I.unschedule($1)', 'cron') USING found_job.job_id;
        job_id := found_job.job_id;
        job_name := found_job.job_name;
        cron_schedule := found_job.cron_schedule;
        scheduled_by := found_job.scheduled_by;
        database_name := found_job.database_name;
        RETURN NEXT;
    END LOOP;

    -- A job of somebody else is not to be seen.  A note that came along with
    -- a copy of the database speaks of a job elsewhere.
    SELECT k.* INTO known FROM support_case._known_schedule() AS k;
    IF known.scheduled_by <> current_user AND known.database_name = current_database() AND support_case._has_cron()
        AND NOT (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user)
        AND EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = known.scheduled_by)
    THEN
        PERFORM support_case._raise('insufficient_privilege',
            format('the sweep is scheduled by role "%s"', known.scheduled_by),
            format('It is job %s of pg_cron; role "%s" may not remove it.', known.job_id, current_user),
            format('Run SELECT support_case.unschedule() as role "%s" or as a superuser.', known.scheduled_by));
    END IF;
    PERFORM support_case._note_schedule(NULL, NULL, NULL);
END
$$;

COMMENT ON FUNCTION support_case.unschedule() IS
'Removes every pg_cron job of the caller that sweeps this database (of everybody, for a superuser), and returns what it removed: no row when there was none. Run it before DROP EXTENSION, which leaves jobs behind. Errors: 42501 (the job belongs to another role).';

CREATE OR REPLACE FUNCTION support_case.schedule(every text DEFAULT '* * * * *')
RETURNS SETOF support_case.sweep_schedule
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
DECLARE
    job_id bigint;
BEGIN
    PERFORM support_case._require(schedule.every, 'every');
    PERFORM support_case._require_cron(schedule.every);
    PERFORM support_case._require_job_role();
    -- Rescheduling a job keeps the database that it was made for, and names
    -- are unique per role only.
    PERFORM support_case.unschedule();
    BEGIN
        EXECUTE format('SELECT %I.schedule($1::text, $2::text, $3::text)', 'cron') INTO STRICT job_id
        USING 'support_case sweep', schedule.every, 'CALL support_case.run_sweep()';
    EXCEPTION
        WHEN insufficient_privilege THEN
            PERFORM support_case._raise('insufficient_privilege',
                format('role "%s" may not schedule jobs', current_user),
                format('pg_cron says: %s.', SQLERRM),
                format('Run as a superuser: GRANT EXECUTE ON FUNCTION cron.schedule(text, text, text), '
                    'cron.unschedule(bigint) TO %I.', current_user));
        WHEN invalid_parameter_value THEN
            PERFORM support_case._raise('invalid_parameter_value',
                format('invalid schedule "%s"', left(schedule.every, 64)),
                format('pg_cron says: %s.', SQLERRM),
                'Use the five fields of cron, such as "* * * * *"; intervals such as "30 seconds" need pg_cron 1.5.');
    END;
    RETURN QUERY SELECT s.* FROM support_case._note_schedule(job_id, schedule.every, current_user) AS s;
END
$$;

COMMENT ON FUNCTION support_case.schedule(text) IS
'Makes the one pg_cron job, "support_case sweep", that writes passed deadlines, replacing any that the caller had made, and returns it. every is a schedule of pg_cron; five fields, in pg_cron''s time zone. The job runs as the caller, who must not be a superuser, has LOGIN and may execute sweep(). Call it again after a copy or restore of the database. Errors: SC011 (pg_cron is missing here; the HINT says what to do), 42501 (role or rights), 22004, 22023 (schedule).';

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
    cluster bigint;
    last_status text;
    last_message text;
    again constant text := 'Run SELECT support_case.schedule() as the role that is to sweep.';
BEGIN
    SELECT k.* INTO known FROM support_case._known_schedule() AS k;
    SELECT c.system_identifier INTO cluster FROM pg_control_system() AS c;
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
    FROM unnest(ARRAY['support_case_app', 'support_case_seller', 'support_case_buyer', 'support_case_platform',
        'support_case_carrier', 'support_case_analyst', 'support_case_operator']) AS g (name)
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
