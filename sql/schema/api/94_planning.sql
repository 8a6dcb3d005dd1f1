-- How commands are planned.  A session that made its plans while the tables were
-- small would read them from end to end when they have grown; the rows that a
-- command is about are always found through the keys.  A table of one row has no
-- other plan than the one that is turned off, at a cost that makes the server
-- compile it, every time.
DO $planning$
DECLARE
    command regprocedure;
BEGIN
    FOR command IN
        SELECT p.oid::regprocedure
        FROM pg_catalog.pg_proc AS p
        WHERE p.pronamespace = 'support_case'::regnamespace AND p.prosecdef AND p.provolatile = 'v' AND p.prokind = 'f'
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off', command);
        EXECUTE format('ALTER FUNCTION %s SET jit = off', command);
    END LOOP;
END
$planning$;
