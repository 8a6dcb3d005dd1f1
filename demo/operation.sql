-- What an operator looks at: verify(), schedule(), health().  Comes after
-- story.sql.  The job runs on the wall clock, so it comes last.
\set ON_ERROR_STOP on
\pset footer off
\pset null '-'
SET client_min_messages = warning;
SET TimeZone = 'America/New_York';
SET support_case.now = '2026-02-16T09:00:00-05:00';

\echo '== Behind the scenes'
\echo
\ir verify.sql

-- One transaction: pg_cron runs nothing before it is read.
BEGIN;
\echo 'pg_cron can sweep every minute, as a role with no other rights:'
\echo
\set ECHO queries
CREATE EXTENSION pg_cron;
CREATE ROLE support_case_sweeper LOGIN IN ROLE support_case_operator;
GRANT USAGE ON SCHEMA cron TO support_case_sweeper;
SET ROLE support_case_sweeper;
SELECT job_name, cron_schedule, scheduled_by, database_name FROM support_case.schedule();
RESET ROLE;
\set ECHO none
\echo
\echo 'health() tells whether that works, and how far behind it is:'
\echo
\set ECHO queries
SELECT component, status, detail FROM support_case.health();
\set ECHO none
COMMIT;
