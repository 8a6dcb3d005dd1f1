-- What an operator looks at, as far as this version has it: verify(),
-- health(), schedule().  Comes after story.sql.
\set ON_ERROR_STOP on
\pset footer off
\pset null '-'
SET client_min_messages = warning;
SET TimeZone = 'America/New_York';
SET support_case.now = '2026-02-16T09:00:00-05:00';

\echo '== Behind the scenes'
\echo
\ir verify.sql

SELECT to_regprocedure('support_case.health()') IS NOT NULL AS has_health,
    to_regprocedure('support_case.schedule(text)') IS NOT NULL
        AND current_setting('cron.database_name', true) = current_database() AS has_schedule \gset
-- The job runs on the wall clock, so it comes last: nothing is read after it.
\if :has_schedule
    \echo 'pg_cron can sweep every minute:'
    \echo
    \set ECHO queries
CREATE EXTENSION pg_cron;
SELECT support_case.schedule();
SELECT jobname, schedule, command FROM cron.job;
    \set ECHO none
\endif
\if :has_health
    \echo 'And health() tells how far behind it is:'
    \echo
    \x on
    \set ECHO queries
SELECT * FROM support_case.health();
    \set ECHO none
    \x off
\endif
