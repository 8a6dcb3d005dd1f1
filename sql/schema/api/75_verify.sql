-- verify() looks behind the guards: what no key, check or trigger can see, or
-- what somebody wrote while they were off.  Each check is one set-based query
-- that returns the damage; nothing is repaired.

-- Everything is read, and estimates of what is wrong are wrong: no nested loops.
-- Compiling these queries to machine code takes longer than running them.
CREATE OR REPLACE FUNCTION support_case.verify()
RETURNS TABLE (check_name text, seller_id bigint, case_id bigint, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_nestloop = off SET jit = off SET work_mem = '64MB'
AS $$
    SELECT * FROM support_case._verify_events()
    UNION ALL
    SELECT * FROM support_case._verify_cases()
    UNION ALL
    SELECT * FROM support_case._verify_conversations()
    UNION ALL
    SELECT * FROM support_case._verify_journals()
    UNION ALL
    SELECT * FROM support_case._verify_money()
    UNION ALL
    SELECT * FROM support_case._verify_parties()
    UNION ALL
    SELECT * FROM support_case._verify_life_cycles()
    UNION ALL
    SELECT * FROM support_case._verify_fraud()
    UNION ALL
    SELECT * FROM support_case._verify_rating_facts()
    UNION ALL
    SELECT * FROM support_case._verify_shipping()
$$;

COMMENT ON FUNCTION support_case.verify() IS
'Checks what guards and keys cannot see, and returns one row per damage: the check, the seller and case (null where none is to blame), and what is wrong; no row when all invariants hold. Every case is replayed from its events; the messages of every conversation are counted; journals must balance and match events, order lines, refund instructions and claims; shipments, parcels and claims must be where their scans and events say. It reads everything and changes nothing: after a restore, a data-only load or a repair by hand, and now and then. (W-82 to W-89, AMB-38, AMB-120 to AMB-122)';

REVOKE ALL ON FUNCTION support_case.verify(), support_case._verify_events(), support_case._verify_cases(),
    support_case._verify_conversations(), support_case._verify_journals(), support_case._verify_money(),
    support_case._verify_parties(), support_case._verify_life_cycles(), support_case._verify_rating_facts(),
    support_case._verify_fraud(), support_case._verify_shipping() FROM PUBLIC;
