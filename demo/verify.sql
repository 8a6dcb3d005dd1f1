-- Ends the run unless verify() finds nothing.
\echo 'verify() looks behind the constraints and replays every case from its events; no row is good news:'
\echo
\pset footer on
\set ECHO queries
SELECT * FROM support_case.verify();
\set ECHO none
\pset footer off
DO $$
BEGIN
    IF EXISTS (SELECT FROM support_case.verify()) THEN
        RAISE EXCEPTION 'verify() has found something' USING ERRCODE = 'assert_failure';
    END IF;
END
$$;
