/*
 * roll_forward.h
 *		What time does to a case: deadlines that end, windows that close.
 *
 * Pure: no fmgr, no ereport, no palloc.  How a term is measured on a calendar
 * is the caller's, behind ScTermEnd.
 */
#ifndef SUPPORT_CASE_ROLL_FORWARD_H
#define SUPPORT_CASE_ROLL_FORWARD_H

#include "state_machine.h"

/*
 * ScTermEnd computes where a term of the policy ends that starts at an
 * instant.  SC_TERM_ABSENT: the policy has no such term.  SC_TERM_ENDLESS: it
 * cannot be computed, because the calendar has no open time left.
 */
typedef enum ScTermResult
{
	SC_TERM_OK,
	SC_TERM_ABSENT,
	SC_TERM_ENDLESS
} ScTermResult;

typedef ScTermResult (*ScTermEnd) (void *context, ScDeadline term,
								   int64 start, int64 *end);

typedef struct ScClockwork
{
	ScConditionSet policy;		/* settings of the pinned policy */
	ScTermEnd	term_end;
	void	   *context;
} ScClockwork;

/* One arc that a case took. */
typedef struct ScStep
{
	const ScArc *arc;			/* NULL: the case stalled */
	ScCaseState after;
	int64		effective_at;
} ScStep;

extern ScConditionSet sc_conditions_at(const ScCaseState *state,
									   const ScClockwork *clockwork,
									   int64 at, const int64 *fact_at);
extern bool sc_start_deadline(ScCaseState *state, const ScClockwork *clockwork,
							  const ScArc *arc, int64 at,
							  const int64 *fact_at);
extern bool sc_invites_feedback(const ScStep *step,
								const ScClockwork *clockwork);
extern bool sc_expire_next(ScCaseState *state, const ScClockwork *clockwork,
						   int64 until, ScStep *step);

#endif							/* SUPPORT_CASE_ROLL_FORWARD_H */
