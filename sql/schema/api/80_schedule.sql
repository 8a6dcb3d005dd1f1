-- The schedule of the sweep.  pg_cron is looked for when it is called, never
-- required: the truth does not depend on the sweep, so neither does anything else
-- on a scheduler.
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

CREATE OR REPLACE FUNCTION support_case._system_identifier()
RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    RETURN (SELECT c.system_identifier FROM pg_control_system() AS c);
EXCEPTION WHEN insufficient_privilege THEN
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION support_case._system_identifier() IS
'Which cluster this is; null where the caller may not see it.';

CREATE OR REPLACE FUNCTION support_case._note_schedule(job_id bigint, every text, scheduled_by text)
RETURNS SETOF support_case.sweep_schedule
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    DELETE FROM support_case.sweep_schedule AS s;
    IF _note_schedule.job_id IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    INSERT INTO support_case.sweep_schedule AS s (job_id, job_name, cron_schedule, scheduled_by, database_name, port,
        system_identifier, scheduled_at)
    VALUES (_note_schedule.job_id, 'support_case sweep', _note_schedule.every, _note_schedule.scheduled_by,
        current_database(), current_setting('port')::integer, support_case._system_identifier(), support_case._instant())
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
