-- Trigger functions: they read OLD, NEW and transition tables only.

CREATE FUNCTION support_case.refuse_change()
RETURNS trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'sc_refuse_change';

COMMENT ON FUNCTION support_case.refuse_change() IS
'Trigger function that keeps a table append-only: BEFORE UPDATE OR DELETE for each row, and BEFORE TRUNCATE. Errors: SC002; 39P01 when fired otherwise. (AMB-38)';

CREATE FUNCTION support_case.refuse_version_change()
RETURNS trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'sc_refuse_version_change';

COMMENT ON FUNCTION support_case.refuse_version_change() IS
'Trigger function that keeps versions of policies and calendars: BEFORE UPDATE OR DELETE for each row, and BEFORE TRUNCATE. Errors: SC015; 39P01 when fired otherwise. (AMB-127)';

CREATE FUNCTION support_case.refuse_opt_out()
RETURNS trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'sc_refuse_opt_out';

COMMENT ON FUNCTION support_case.refuse_opt_out() IS
'Trigger function that refuses what its WHEN condition finds: that an enrolled seller would no longer be: BEFORE UPDATE for each row. Errors: 23514; 39P01 when fired otherwise. (W-05)';

CREATE FUNCTION support_case.check_journal_balance()
RETURNS trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'sc_check_journal_balance';

COMMENT ON FUNCTION support_case.check_journal_balance() IS
'Trigger function of a table of ledger entries: AFTER INSERT REFERENCING NEW TABLE for each statement. The entries of each journal (seller_id, case_id, journal_number) must add up to zero per currency, and none may be zero: insert a journal in one statement. Errors: SC006; 39P01 when fired otherwise. (AMB-38, AMB-61)';
