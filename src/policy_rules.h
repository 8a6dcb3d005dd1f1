/*
 * policy_rules.h
 *		A policy version compiled for the state machine: settings as a set of
 *		conditions, terms in their binary form, with the calendars to measure
 *		them on.
 */
#ifndef SUPPORT_CASE_POLICY_RULES_H
#define SUPPORT_CASE_POLICY_RULES_H

#include "compat.h"

#include "utils/array.h"

#include "roll_forward.h"
#include "term.h"

typedef struct ScPolicyRules
{
	uint32		magic;
	int32		term_count;
	ScConditionSet conditions;
	uint64		is_present;		/* set of 1 << ScDeadline */
	uint64		ends_with_day;	/* set of 1 << ScDeadline */
	Term		terms[SC_TERM_COUNT];
} ScPolicyRules;

/* The rules of a case with the versions of its calendar, oldest first. */
typedef struct ScTimetable
{
	ScPolicyRules rules;
	int			calendar_count;
	Datum	   *calendars;
	Datum	   *effective_from;
	ScClockwork clockwork;
} ScTimetable;

extern void sc_read_timetable(ScTimetable *timetable, bytea *rules,
							  ArrayType *calendars,
							  ArrayType *effective_from);

#endif							/* SUPPORT_CASE_POLICY_RULES_H */
