/*
 * errors.h
 *		SQLSTATEs of class SC: the one list of what support_case raises beside
 *		PostgreSQL's own codes.
 *
 * error_codes() returns this list to SQL, and every RAISE in sql/schema looks
 * its SQLSTATE up there by condition name.
 */
#ifndef SUPPORT_CASE_ERRORS_H
#define SUPPORT_CASE_ERRORS_H

#include "postgres.h"

#define SC_ERRCODE(a, b, c)	MAKE_SQLSTATE('S', 'C', (a), (b), (c))

#define ERRCODE_SC_ACTION_NOT_ALLOWED		SC_ERRCODE('0', '0', '1')
#define ERRCODE_SC_APPEND_ONLY				SC_ERRCODE('0', '0', '2')
#define ERRCODE_SC_DEADLINE_PASSED			SC_ERRCODE('0', '0', '3')
#define ERRCODE_SC_NOT_A_PARTY				SC_ERRCODE('0', '0', '4')
#define ERRCODE_SC_ILLEGAL_TRANSITION		SC_ERRCODE('0', '0', '5')
#define ERRCODE_SC_UNBALANCED_JOURNAL		SC_ERRCODE('0', '0', '6')
#define ERRCODE_SC_REFUND_CAP_EXCEEDED		SC_ERRCODE('0', '0', '7')
#define ERRCODE_SC_ESCALATION_TOO_EARLY		SC_ERRCODE('0', '0', '8')
#define ERRCODE_SC_IDEMPOTENCY_KEY_REUSED	SC_ERRCODE('0', '0', '9')
#define ERRCODE_SC_NOT_INSTALLED			SC_ERRCODE('0', '1', '0')
#define ERRCODE_SC_SCHEDULER_UNAVAILABLE	SC_ERRCODE('0', '1', '1')
#define ERRCODE_SC_EVIDENCE_REQUIRED		SC_ERRCODE('0', '1', '2')
#define ERRCODE_SC_LINE_IN_OPEN_CASE		SC_ERRCODE('0', '1', '3')
#define ERRCODE_SC_CONSENT_REQUIRED			SC_ERRCODE('0', '1', '4')
#define ERRCODE_SC_VERSION_IMMUTABLE		SC_ERRCODE('0', '1', '5')
#define ERRCODE_SC_MIGRATION_BLOCKED		SC_ERRCODE('0', '1', '6')
#define ERRCODE_SC_DEADLINE_NOT_COMPUTABLE	SC_ERRCODE('0', '1', '7')
#define ERRCODE_SC_REQUEST_TOO_EARLY		SC_ERRCODE('0', '1', '8')

/*
 * Every error that support_case raises on purpose: SQLSTATE, condition name,
 * when it occurs.  PostgreSQL's own codes stand where they fit.
 */
#define SC_ERROR_LIST(ERROR) \
	ERROR(ERRCODE_SC_ACTION_NOT_ALLOWED, "action_not_allowed", \
		  "The action is not allowed in the status of the case, offer, claim or order.") \
	ERROR(ERRCODE_SC_APPEND_ONLY, "append_only", \
		  "A row of an append-only table would be changed or removed.") \
	ERROR(ERRCODE_SC_DEADLINE_PASSED, "deadline_passed", \
		  "The deadline of the action has passed.") \
	ERROR(ERRCODE_SC_NOT_A_PARTY, "not_a_party", \
		  "The actor is not a party of the case, order or conversation.") \
	ERROR(ERRCODE_SC_ILLEGAL_TRANSITION, "illegal_transition", \
		  "A status would change in a way the state machine does not have.") \
	ERROR(ERRCODE_SC_UNBALANCED_JOURNAL, "unbalanced_journal", \
		  "The entries of a journal do not add up to zero, or one of them is zero.") \
	ERROR(ERRCODE_SC_REFUND_CAP_EXCEEDED, "refund_cap_exceeded", \
		  "More would be refunded than the buyer paid.") \
	ERROR(ERRCODE_SC_ESCALATION_TOO_EARLY, "escalation_too_early", \
		  "The case cannot be escalated yet.") \
	ERROR(ERRCODE_SC_IDEMPOTENCY_KEY_REUSED, "idempotency_key_reused", \
		  "The idempotency key was used for a command with other arguments.") \
	ERROR(ERRCODE_SC_NOT_INSTALLED, "not_installed", \
		  "The tables are missing: install() was not run.") \
	ERROR(ERRCODE_SC_SCHEDULER_UNAVAILABLE, "scheduler_unavailable", \
		  "No scheduler is available in this database.") \
	ERROR(ERRCODE_SC_EVIDENCE_REQUIRED, "evidence_required", \
		  "The reason or action asks for evidence that was not given.") \
	ERROR(ERRCODE_SC_LINE_IN_OPEN_CASE, "line_in_open_case", \
		  "An order line has an open case already.") \
	ERROR(ERRCODE_SC_CONSENT_REQUIRED, "consent_required", \
		  "The action needs the other party's consent.") \
	ERROR(ERRCODE_SC_VERSION_IMMUTABLE, "version_immutable", \
		  "A version of a policy or calendar would be changed or removed.") \
	ERROR(ERRCODE_SC_MIGRATION_BLOCKED, "migration_blocked", \
		  "Objects that depend on the old version block the migration.") \
	ERROR(ERRCODE_SC_DEADLINE_NOT_COMPUTABLE, "deadline_not_computable", \
		  "The calendar has no open time left for a deadline.") \
	ERROR(ERRCODE_SC_REQUEST_TOO_EARLY, "request_too_early", \
		  "A request for this reason is not possible yet.") \
	ERROR(ERRCODE_NO_DATA_FOUND, "no_data_found", \
		  "The seller, order, case or other row does not exist or is not visible.") \
	ERROR(ERRCODE_NULL_VALUE_NOT_ALLOWED, "null_value_not_allowed", \
		  "A required argument is null.") \
	ERROR(ERRCODE_INVALID_PARAMETER_VALUE, "invalid_parameter_value", \
		  "An argument is not valid: unknown code, too many decimals, other currency.") \
	ERROR(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "numeric_value_out_of_range", \
		  "An amount or a sum of amounts is too large.") \
	ERROR(ERRCODE_DATETIME_FIELD_OVERFLOW, "datetime_field_overflow", \
		  "An instant is outside the range of timestamps.") \
	ERROR(ERRCODE_INVALID_TEXT_REPRESENTATION, "invalid_text_representation", \
		  "The text of an amount, term or calendar is malformed.") \
	ERROR(ERRCODE_INVALID_BINARY_REPRESENTATION, "invalid_binary_representation", \
		  "The binary form of an amount, term or calendar is malformed.") \
	ERROR(ERRCODE_NOT_NULL_VIOLATION, "not_null_violation", \
		  "A column of a ledger entry is null.") \
	ERROR(ERRCODE_UNIQUE_VIOLATION, "unique_violation", \
		  "The row exists already.") \
	ERROR(ERRCODE_CHECK_VIOLATION, "check_violation", \
		  "A value breaks a rule of its table.") \
	ERROR(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED, "trigger_protocol_violated", \
		  "A trigger function is attached to the wrong event or table.") \
	ERROR(ERRCODE_INSUFFICIENT_PRIVILEGE, "insufficient_privilege", \
		  "The role may not do this.") \
	ERROR(ERRCODE_UNDEFINED_OBJECT, "undefined_object", \
		  "A named condition or object does not exist.") \
	ERROR(ERRCODE_PROGRAM_LIMIT_EXCEEDED, "program_limit_exceeded", \
		  "An argument has more elements than one call accepts.")

#endif							/* SUPPORT_CASE_ERRORS_H */
