-- Ends the run unless verify(), where this version has it, finds nothing.
SELECT to_regprocedure('support_case.verify()') IS NOT NULL AS has_verify \gset
\if :has_verify
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
\endif
