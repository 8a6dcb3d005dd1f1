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

#endif							/* SUPPORT_CASE_ERRORS_H */
