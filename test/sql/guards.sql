-- Guards: append-only tables, immutable versions, balanced journals (AMB-38,
-- AMB-61, AMB-127), and the error catalogue they raise from.
SET search_path = pg_catalog, support_case;

-- failure runs a command and returns every field of its error.
CREATE FUNCTION pg_temp.failure(command text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text; place text;
    schema_name text; table_name text; column_name text; constraint_name text;
BEGIN
    EXECUTE command;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, schema_name = SCHEMA_NAME,
        table_name = TABLE_NAME, column_name = COLUMN_NAME, constraint_name = CONSTRAINT_NAME;
    place := concat_ws('.', nullif(schema_name, ''), nullif(table_name, ''), nullif(column_name, ''),
        nullif(constraint_name, ''));
    RETURN concat_ws(E'\n', SQLSTATE || ': ' || message, nullif(detail, ''), nullif(hint, ''), nullif(place, ''));
END
$$;

CREATE SCHEMA guarded;

-- Append-only (AMB-38): no UPDATE, DELETE, TRUNCATE; INSERT and COPY pass.
CREATE TABLE guarded.record (id integer PRIMARY KEY, note text);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON guarded.record
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON guarded.record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
INSERT INTO guarded.record VALUES (1, 'first'), (2, 'second');
COPY guarded.record FROM stdin;
3	third
\.
SELECT command, pg_temp.failure(command)
FROM (VALUES
    ('UPDATE guarded.record SET note = note'),
    ('DELETE FROM guarded.record WHERE id = 1'),
    ('TRUNCATE guarded.record'),
    ('INSERT INTO guarded.record VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 1'),
    ('UPDATE guarded.record SET note = note WHERE false'),
    ('INSERT INTO guarded.record VALUES (1) ON CONFLICT DO NOTHING')) AS v(command);
MERGE INTO guarded.record AS r USING (VALUES (2)) AS v(id) ON r.id = v.id WHEN MATCHED THEN DELETE;
SELECT * FROM guarded.record ORDER BY id;

-- Versions (AMB-127).
CREATE TABLE guarded.version (number integer PRIMARY KEY);
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON guarded.version
    FOR EACH ROW EXECUTE FUNCTION refuse_version_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON guarded.version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_version_change();
INSERT INTO guarded.version VALUES (1);
SELECT command, pg_temp.failure(command)
FROM (VALUES
    ('UPDATE guarded.version SET number = 2'),
    ('DELETE FROM guarded.version'),
    ('TRUNCATE guarded.version')) AS v(command);

-- Attached to the wrong event, a guard refuses to run.
CREATE TABLE guarded.misused (seller_id bigint);
INSERT INTO guarded.misused VALUES (1);
CREATE VIEW guarded.seen AS SELECT * FROM guarded.misused;
-- misuse attaches a trigger, runs a command and removes the trigger again.
CREATE FUNCTION pg_temp.misuse(definition text, command text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE 'CREATE TRIGGER misuse ' || definition;
    result := pg_temp.failure(command);
    EXECUTE 'DROP TRIGGER misuse ON guarded.' || CASE WHEN definition LIKE '%seen%' THEN 'seen' ELSE 'misused' END;
    RETURN result;
END
$$;
SELECT definition, pg_temp.misuse(definition, command)
FROM (VALUES
    ('BEFORE INSERT ON guarded.misused FOR EACH ROW EXECUTE FUNCTION support_case.refuse_change()',
     'INSERT INTO guarded.misused VALUES (2)'),
    ('AFTER DELETE ON guarded.misused FOR EACH ROW EXECUTE FUNCTION support_case.refuse_change()',
     'DELETE FROM guarded.misused'),
    ('AFTER TRUNCATE ON guarded.misused FOR EACH STATEMENT EXECUTE FUNCTION support_case.refuse_change()',
     'TRUNCATE guarded.misused'),
    ('INSTEAD OF DELETE ON guarded.seen FOR EACH ROW EXECUTE FUNCTION support_case.refuse_version_change()',
     'DELETE FROM guarded.seen'),
    ('AFTER INSERT ON guarded.misused FOR EACH STATEMENT EXECUTE FUNCTION support_case.check_journal_balance()',
     'INSERT INTO guarded.misused VALUES (2)'),
    ('AFTER INSERT ON guarded.misused REFERENCING NEW TABLE AS n FOR EACH ROW EXECUTE FUNCTION support_case.check_journal_balance()',
     'INSERT INTO guarded.misused VALUES (2)'),
    ('AFTER UPDATE ON guarded.misused REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION support_case.check_journal_balance()',
     'UPDATE guarded.misused SET seller_id = 2'),
    ('BEFORE INSERT ON guarded.misused FOR EACH STATEMENT EXECUTE FUNCTION support_case.check_journal_balance()',
     'INSERT INTO guarded.misused VALUES (2)'),
    ('AFTER INSERT ON guarded.misused REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION support_case.check_journal_balance()',
     'INSERT INTO guarded.misused VALUES (2)')) AS v(definition, command);

-- Journals: the columns are found by name, here in another order.
CREATE TABLE guarded.entry (
    dropped text, amount bigint, currency text, component text, account text,
    entry_number integer, journal_number integer, case_id bigint, seller_id bigint
);
ALTER TABLE guarded.entry DROP COLUMN dropped;
CREATE TRIGGER check_journal_balance AFTER INSERT ON guarded.entry REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION check_journal_balance();
-- post inserts (seller, case, journal, currency, amount) rows in one statement.
CREATE FUNCTION pg_temp.post(rows text) RETURNS text
LANGUAGE sql AS $$
    SELECT pg_temp.failure(format('INSERT INTO guarded.entry (seller_id, case_id, journal_number, currency, amount) VALUES %s', rows))
$$;
SELECT rows, pg_temp.post(rows)
FROM (VALUES
    ($$(1, 1, 1, 'EUR', 97), (1, 1, 1, 'EUR', 8), (1, 1, 1, 'EUR', -105)$$),
    ($$(1, 1, 1, 'EUR', 97), (1, 1, 1, 'EUR', -96)$$),
    ($$(1, 1, 1, 'EUR', 5)$$),
    ($$(1, 1, 1, 'EUR', 5), (1, 1, 1, 'USD', -5)$$),
    ($$(1, 1, 1, 'EUR', 5), (1, 1, 2, 'EUR', -5)$$),
    ($$(1, 1, 1, 'EUR', 5), (1, 2, 1, 'EUR', -5)$$),
    ($$(1, 1, 1, 'EUR', 5), (2, 1, 1, 'EUR', -5)$$),
    ($$(1, 1, 1, 'EUR', 5), (1, 2, 1, 'EUR', 7), (1, 1, 1, 'EUR', -5), (1, 2, 1, 'EUR', -7)$$),
    ($$(1, 1, 1, 'EUR', 5), (1, 1, 1, 'USD', 5), (1, 1, 1, 'EUR', -5), (1, 1, 1, 'USD', -5)$$),
    ($$(1, 1, 1, 'EUR', 5), (1, 1, 1, 'EUR', -5), (1, 1, 1, 'EUR', 3)$$),
    ($$(1, 1, 1, 'EUR', 0)$$),
    ($$(1, 1, 1, 'EUR', 5), (1, 1, 1, 'EUR', 0), (1, 1, 1, 'EUR', -5)$$),
    ($$(1, 1, 1, 'EUR', 9223372036854775807), (1, 1, 1, 'EUR', 9223372036854775807), (1, 1, 1, 'EUR', 2)$$),
    ($$(1, 1, 1, 'EUR', -9223372036854775808), (1, 1, 1, 'EUR', -9223372036854775808)$$),
    ($$(1, 1, 1, 'EUR', 9223372036854775807), (1, 1, 1, 'EUR', 1), (1, 1, 1, 'EUR', -9223372036854775808)$$),
    ($$(1, 1, 1, 'a long currency', 5)$$),
    ($$(NULL, 1, 1, 'EUR', 5)$$),
    ($$(1, 1, 1, NULL, 5)$$),
    ($$(1, 1, 1, 'EUR', NULL)$$)) AS v(rows);
-- No row, and rows that a conflict leaves out.
INSERT INTO guarded.entry SELECT * FROM guarded.entry WHERE false;
SELECT count(*), sum(amount) FROM guarded.entry;

-- Many open journals: all debits, then all credits, in any order; and the
-- first unbalanced one by key is named, few or many.
TRUNCATE guarded.entry;
SELECT open, unbalanced, pg_temp.failure(format($$
    INSERT INTO guarded.entry (seller_id, case_id, journal_number, currency, amount)
    SELECT n %% 3, n, 1, (ARRAY['EUR', 'JPY'])[1 + n %% 2], part * n - CASE WHEN n = ANY (%L::integer[]) THEN 1 ELSE 0 END
    FROM unnest('{1,-1}'::integer[]) WITH ORDINALITY AS p(part, side), generate_series(2, 1 + %s) AS n
    ORDER BY side, n * 7919 %% 1009$$, unbalanced, open))
FROM (VALUES (16, '{}'), (17, '{}'), (5000, '{}'), (10, '{9,4}'), (5000, '{4001,3001,4002}')) AS v(open, unbalanced);
SELECT count(*), sum(amount) FROM guarded.entry;
-- A transition table that no longer fits into memory, with wide rows.
SET work_mem = '64kB';
SELECT pg_temp.failure($$
    INSERT INTO guarded.entry (seller_id, case_id, journal_number, currency, amount, account)
    SELECT 1, n, 1, 'EUR', part, repeat('x', 500)
    FROM generate_series(1, 2000) AS n, unnest('{1,-1}'::integer[]) AS part$$);
SELECT pg_temp.failure($$
    INSERT INTO guarded.entry (seller_id, case_id, journal_number, currency, amount, account)
    SELECT 1, n, 1, 'EUR', part, repeat('x', 500)
    FROM generate_series(1, 2000) AS n, unnest('{1,-1}'::integer[]) AS part WHERE n < 2000 OR part = 1$$);
RESET work_mem;

-- Two triggers may read one transition table.
CREATE TRIGGER also_check_journal_balance AFTER INSERT ON guarded.entry REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION check_journal_balance();
SELECT pg_temp.post($$(1, 1, 1, 'EUR', 5), (1, 1, 1, 'EUR', -5)$$);
DROP TRIGGER check_journal_balance ON guarded.entry;
SELECT pg_temp.post($$(1, 1, 1, 'EUR', 5), (1, 1, 1, 'EUR', -4)$$);

-- COPY is one statement: a data-only restore passes.
COPY guarded.entry (seller_id, case_id, journal_number, currency, amount) FROM stdin;
1	1	3	EUR	5
1	2	1	EUR	7
1	1	3	EUR	-5
1	2	1	EUR	-7
\.
-- A partitioned table is guarded through its root.
CREATE TABLE guarded.parted (LIKE guarded.entry) PARTITION BY HASH (seller_id);
CREATE TABLE guarded.parted_1 PARTITION OF guarded.parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE guarded.parted_2 (seller_id bigint, case_id bigint, journal_number integer, entry_number integer,
    account text, component text, currency text, amount bigint);
ALTER TABLE guarded.parted ATTACH PARTITION guarded.parted_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TRIGGER check_journal_balance AFTER INSERT ON guarded.parted REFERENCING NEW TABLE AS inserted
    FOR EACH STATEMENT EXECUTE FUNCTION check_journal_balance();
INSERT INTO guarded.parted (seller_id, case_id, journal_number, currency, amount)
SELECT seller, 1, 1, 'EUR', part FROM generate_series(1, 20) AS seller, unnest('{1,-1}'::integer[]) AS part;
SELECT count(*) > 0 AS filled FROM guarded.parted_2;
SELECT pg_temp.failure($$
    INSERT INTO guarded.parted (seller_id, case_id, journal_number, currency, amount)
    SELECT seller, 1, 1, 'EUR', part FROM generate_series(1, 20) AS seller, unnest('{1,-1}'::integer[]) AS part
    WHERE seller <> 13 OR part = 1$$);

-- The transition guard trusts no table: any role that may create one could
-- attach it.
CREATE TABLE guarded.other_types (status integer, resolution integer);
INSERT INTO guarded.other_types VALUES (1234567, 7654321);
CREATE TRIGGER legal BEFORE UPDATE ON guarded.other_types
    FOR EACH ROW EXECUTE FUNCTION support_case.guard_transition('case');
SELECT pg_temp.failure('UPDATE guarded.other_types SET status = 99999');
CREATE TRIGGER early BEFORE INSERT ON guarded.other_types
    FOR EACH ROW EXECUTE FUNCTION support_case.guard_transition('case');
SELECT pg_temp.failure('INSERT INTO guarded.other_types VALUES (1, 2)');

-- The error catalogue: complete, unique, of well-formed codes.
SELECT sqlstate, condition_name, description FROM error_codes() ORDER BY sqlstate COLLATE "C";
SELECT count(*) = count(DISTINCT sqlstate) AND count(*) = count(DISTINCT condition_name) AS unique,
    bool_and(sqlstate ~ '^[0-9A-Z]{5}$' AND condition_name ~ '^[a-z_]+$' AND description ~ '^[A-Z].*\.$') AS well_formed
FROM error_codes();
-- Every condition can be raised by name.
SELECT count(*) AS wrong FROM error_codes()
WHERE pg_temp.failure(format('SELECT support_case._raise(%L, %L)', condition_name, 'm')) <> sqlstate || ': m';
SELECT command, pg_temp.failure(command)
FROM (VALUES
    ($$SELECT support_case._raise('append_only', '100% full', 'A detail, 100%d.', 'A hint: %s.', 's', 't', 'c')$$),
    ($$SELECT support_case._raise('deadline_passed', 'too late', hint => 'Only a hint.', table_name => 't')$$),
    ($$SELECT support_case._raise('no_such_condition', 'm')$$),
    ($$SELECT support_case._raise(NULL, 'm')$$),
    ($$SELECT support_case._raise('append_only', NULL)$$)) AS v(command);

SET client_min_messages = warning;
DROP SCHEMA guarded CASCADE;
