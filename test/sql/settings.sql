-- The setting support_case.now: who may set it and which values it takes.
SET timezone = 'America/New_York';

-- The first call loads the library and with it the setting.
SELECT support_case.clock() = statement_timestamp() AS statement_time;
SHOW support_case.now;
SET support_case.now = '2026-01-09T16:00:00-05:00';
SELECT support_case.clock(), support_case._instant() = support_case.clock() AS same;

-- An instant must not depend on the session's time zone.
SET support_case.now = '2026-01-09 16:00:00';  -- fails
SET support_case.now = 'yesterday';            -- fails
SET support_case.now = '2026-13-09T16:00:00Z'; -- fails
SELECT support_case.clock();

-- Empty means the wall clock again.
SET support_case.now = '';
SELECT support_case.clock() = statement_timestamp() AS statement_time,
       support_case._instant() >= statement_timestamp() AS wall_clock;

-- The prefix is reserved: a misspelt setting is an error.
SET support_case.nov = '2026-01-09T16:00:00Z'; -- fails

-- Whoever is not a superuser reads it but may not set it.
SET support_case.now = '2026-01-09T16:00:00-05:00';
CREATE ROLE regress_support_case_user;
GRANT USAGE ON SCHEMA support_case TO regress_support_case_user;
SET ROLE regress_support_case_user;
SELECT support_case.clock();
SET support_case.now = '2030-01-01T00:00:00Z'; -- fails
RESET ROLE;

-- A value put in place before the library was loaded is not obeyed either.
\connect
SET timezone = 'America/New_York';
SET SESSION AUTHORIZATION regress_support_case_user;
SET support_case.now = '2030-01-01T00:00:00Z';
SELECT support_case.clock() = statement_timestamp() AS statement_time;
RESET SESSION AUTHORIZATION;
REVOKE USAGE ON SCHEMA support_case FROM regress_support_case_user;
DROP ROLE regress_support_case_user;
