/*
 * roll_forward.c
 *		What time does to a case: deadlines that end, windows that close.
 *
 * The commands, the sweep and the effective views all cross deadlines with
 * sc_expire_next(), one arc at a time, so that it makes no difference which
 * of them came first.
 */
#include "roll_forward.h"

/* window_is_open tells whether a window that began at an instant still runs. */
static bool
window_is_open(const ScClockwork *clockwork, ScDeadline window, int64 start,
			   int64 at)
{
	int64		end;

	switch (clockwork->term_end(clockwork->context, window, start, &end))
	{
		case SC_TERM_OK:
			return at < end;
		case SC_TERM_ABSENT:
			return false;
		case SC_TERM_ENDLESS:
			return true;
	}
	return false;
}

/* has_waited tells whether the buyer has waited escalation_min_wait. */
static bool
has_waited(const ScClockwork *clockwork, const ScCaseState *state, int64 at)
{
	int64		end;

	return clockwork->term_end(clockwork->context, SC_ESCALATION_MIN_WAIT,
							   state->opened_at, &end) == SC_TERM_OK &&
		at >= end;
}

/*
 * sc_conditions_at returns every condition that holds for a case at an
 * instant, except those that only a command can state.  fact_at is the
 * instant of a reported fact, or NULL.
 */
ScConditionSet
sc_conditions_at(const ScCaseState *state, const ScClockwork *clockwork,
				 int64 at, const int64 *fact_at)
{
	ScConditionSet holds = sc_case_conditions(state, clockwork->policy);
	int64		since = state->status_since;

	if (state->status == SC_AWAITING_SELLER &&
		(holds & SC_BIT(SC_ESCALATION_OPEN)) == 0 &&
		has_waited(clockwork, state, at))
		holds |= SC_BIT(SC_ESCALATION_OPEN);

	/* The case left return_pending at the deadline that was missed. */
	if (fact_at != NULL && *fact_at < since)
		holds |= SC_BIT(SC_IN_TIME);

	if (state->status == SC_CLOSED)
	{
		ScDeadline	reopening = state->resolution == SC_REPLACEMENT ?
			SC_REPLACEMENT_CONFIRM_WINDOW : SC_REOPEN_WINDOW;

		if (window_is_open(clockwork, reopening, since, at))
			holds |= SC_BIT(SC_REOPEN_WINDOW_OPEN);
		if (window_is_open(clockwork, SC_RETURN_GRACE, since, at))
			holds |= SC_BIT(SC_RETURN_GRACE_OPEN);
		if (window_is_open(clockwork, SC_FEEDBACK_WINDOW, since, at))
			holds |= SC_BIT(SC_FEEDBACK_WINDOW_OPEN);
		if (window_is_open(clockwork, SC_APPEAL_WINDOW, since, at))
			holds |= SC_BIT(SC_APPEAL_WINDOW_OPEN);
	}
	return holds;
}

/*
 * sc_start_deadline sets the due instant of the timer that an arc starts at
 * an instant.  A timer that a reported fact starts runs from the fact, but
 * ends no earlier than the minimum notice after it was recorded (AMB-123), and
 * never before that: what follows from an event does not precede it.
 * False when the end cannot be computed.
 */
bool
sc_start_deadline(ScCaseState *state, const ScClockwork *clockwork,
				  const ScArc *arc, int64 at, const int64 *fact_at)
{
	int64		notice_end;

	if (arc->deadline >= SC_TERM_COUNT)
		return true;
	if (clockwork->term_end(clockwork->context, arc->deadline,
							fact_at != NULL ? *fact_at : at,
							&state->due_at) != SC_TERM_OK)
		return false;
	if (fact_at == NULL)
		return true;
	switch (clockwork->term_end(clockwork->context, SC_FACT_MINIMUM_NOTICE,
								at, &notice_end))
	{
		case SC_TERM_OK:
			state->due_at = Max(state->due_at, notice_end);
			return true;
		case SC_TERM_ABSENT:
			state->due_at = Max(state->due_at, at);
			return true;
		case SC_TERM_ENDLESS:
			return false;
	}
	return false;
}

/*
 * sc_invites_feedback tells whether a step closes a case in such a way that the
 * buyer can rate the service.
 */
bool
sc_invites_feedback(const ScStep *step, const ScClockwork *clockwork)
{
	const ScCaseState *after = &step->after;
	ScConditionSet holds;

	if (after->status != SC_CLOSED || after->status_since != step->effective_at)
		return false;
	holds = sc_conditions_at(after, clockwork, step->effective_at, NULL);
	return sc_is_possible_action(after->status, SC_LEAVE_FEEDBACK, SC_BUYER,
								 holds);
}

/*
 * sc_expire_next crosses the running deadline of a case if it ended at or
 * before an instant, and reports the step.  A case whose next deadline cannot
 * be computed stalls: it stays where it is and its timer stops (AMB-122).
 * False when nothing is due.
 */
bool
sc_expire_next(ScCaseState *state, const ScClockwork *clockwork, int64 until,
			   ScStep *step)
{
	ScCaseState next = *state;
	int64		due_at = state->due_at;
	const ScArc *arc;

	if (state->deadline >= SC_TERM_COUNT || due_at > until)
		return false;

	arc = sc_find_arc(state->status, SC_EXPIRE_DEADLINE, SC_SYSTEM,
					  sc_case_conditions(state, clockwork->policy));
	if (arc != NULL)
	{
		sc_take_arc(&next, arc);
		if (arc->to != SC_STATUS_NONE)
			next.status_since = due_at;
		if (!sc_start_deadline(&next, clockwork, arc, due_at, NULL))
			arc = NULL;
	}

	step->arc = arc;
	step->after = arc != NULL ? next : *state;
	step->effective_at = due_at;
	*state = step->after;
	if (arc == NULL)
		state->deadline = SC_DEADLINE_NONE; /* nothing more can expire */
	return true;
}
