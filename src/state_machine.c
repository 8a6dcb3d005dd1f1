/*
 * state_machine.c
 *		The questions asked of the table of arcs.
 */
#include "state_machine.h"

#include "port/pg_bitutils.h"

/* sc_find_name returns the index of a name in a list, or -1. */
int
sc_find_name(const char *const *names, int count, const char *text,
			 size_t length)
{
	for (int i = 0; i < count; i++)
		if (names[i] != NULL && strlen(names[i]) == length &&
			memcmp(names[i], text, length) == 0)
			return i;
	return -1;
}

/* sc_find_status returns a status of one machine by its name, or -1. */
int
sc_find_status(ScMachine machine, const char *text, size_t length)
{
	for (int i = 0; i < SC_STATUS_COUNT; i++)
	{
		const ScStatusInfo *info = &sc_statuses[i];

		if (info->name != NULL && info->machine == machine &&
			strlen(info->name) == length &&
			memcmp(info->name, text, length) == 0)
			return i;
	}
	return -1;
}

/* sc_find_condition returns a condition by its name, or -1. */
int
sc_find_condition(const char *text, size_t length)
{
	for (int i = 0; i < SC_CONDITION_COUNT; i++)
		if (strlen(sc_conditions[i].name) == length &&
			memcmp(sc_conditions[i].name, text, length) == 0)
			return i;
	return -1;
}

/*
 * is_overdue tells whether the seller has missed the deadline of the status:
 * then only the escalation window runs, or (replacement) no timer at all.
 */
static bool
is_overdue(const ScCaseState *state)
{
	return (state->status == SC_AWAITING_SELLER &&
			state->deadline == SC_ESCALATION_WINDOW) ||
		(state->status == SC_REPLACEMENT_PENDING &&
		 state->deadline == SC_DEADLINE_NONE);
}

/*
 * sc_case_conditions returns what follows from the case alone, whatever the
 * time is, together with the settings of its policy.
 */
ScConditionSet
sc_case_conditions(const ScCaseState *state, ScConditionSet policy)
{
	ScConditionSet holds = policy;

	if (is_overdue(state))
		holds |= SC_BIT(SC_IS_OVERDUE) | SC_BIT(SC_ESCALATION_OPEN);
	if (state->is_responded)
		holds |= SC_BIT(SC_ESCALATION_OPEN);
	if (state->is_discretionary)
		holds |= SC_BIT(SC_IS_DISCRETIONARY);
	if (state->is_returnable)
		holds |= SC_BIT(SC_IS_RETURNABLE);
	if (state->is_conversation_closed &&
		(policy & SC_BIT(SC_ESCALATION_BLOCKS_MESSAGES)) != 0)
		holds |= SC_BIT(SC_CONVERSATION_BLOCKED);
	if (state->resolution == SC_NO_BUYER_RESPONSE ||
		state->resolution == SC_NO_SELLER_RESPONSE ||
		state->resolution == SC_WITHDRAWN ||
		state->resolution == SC_REPLACEMENT)
		holds |= SC_BIT(SC_IS_REOPENABLE);
	if (state->resolution == SC_RETURN_EXPIRED)
		holds |= SC_BIT(SC_IS_RETURN_EXPIRED);
	if (state->resolution == SC_PLATFORM_DENIED)
		holds |= SC_BIT(SC_IS_PLATFORM_DENIED);
	if (state->resolution != SC_WITHDRAWN &&
		state->resolution != SC_NO_BUYER_RESPONSE &&
		(state->is_responded || !state->is_conversation_closed))
		holds |= SC_BIT(SC_IS_RATEABLE);
	if (state->is_stalled)
		holds |= SC_BIT(SC_IS_STALLED);
	if (state->escalation_reason == SC_REASON_RETURN_OVERDUE)
		holds |= SC_BIT(SC_IS_RETURN_OVERDUE);
	if (state->escalation_reason == SC_REASON_RETURN_LOST)
		holds |= SC_BIT(SC_IS_RETURN_LOST);
	if (state->escalation_reason == SC_REASON_REPLACEMENT_LOST)
		holds |= SC_BIT(SC_IS_REPLACEMENT_LOST);
	if (state->escalation_reason == SC_REASON_ROUTED_TO_PLATFORM)
		holds |= SC_BIT(SC_IS_ROUTED_TO_PLATFORM);
	if (state->escalation_reason == SC_REASON_GUARANTEE_CLAIMED)
		holds |= SC_BIT(SC_IS_GUARANTEE_CLAIM);
	return holds;
}

/* sc_machine_of tells which machine an arc belongs to. */
ScMachine
sc_machine_of(const ScArc *arc)
{
	if (arc->to != SC_STATUS_NONE)
		return sc_statuses[arc->to].machine;
	for (int status = 1; status < SC_STATUS_COUNT; status++)
		if ((arc->from & SC_FROM(status)) != 0)
			return sc_statuses[status].machine;
	return SC_MACHINE_CASE;
}

/* The conditions that the command states, not the case or its policy. */
#define STATED_BY_COMMAND \
	(SC_BIT(SC_FIRST_POLICY_CONDITION) - SC_BIT(SC_FIRST_COMMAND_CONDITION))

/* sc_find_arc returns the arc that an action of an actor takes, or NULL. */
const ScArc *
sc_find_arc(ScStatus status, ScAction action, ScActor actor,
			ScConditionSet holds)
{
	for (int i = 0; i < sc_arc_count; i++)
	{
		const ScArc *arc = &sc_arcs[i];

		if (arc->action == action && arc->actor == actor &&
			(arc->from & SC_FROM(status)) != 0 &&
			(arc->requires & ~holds) == 0 && (arc->excludes & holds) == 0)
			return arc;
	}
	return NULL;
}

/* Those of them that a command finds out, where others are its arguments. */
#define FOUND_BY_COMMAND \
	(SC_BIT(SC_CONSENT_GIVEN) | SC_BIT(SC_ANSWERS_SELLER) | \
	 SC_BIT(SC_ANSWERS_BUYER) | SC_BIT(SC_NOTHING_LEFT))

/*
 * sc_is_possible tells whether somebody could take the arc now, if the command
 * states what the arc needs it to state; whether a fact was in time follows
 * from the instant that its command reports.  Of the command that asked it is
 * known what it found out.
 */
bool
sc_is_possible(const ScArc *arc, ScStatus status, ScConditionSet holds,
			   bool is_asked)
{
	ScConditionSet unknown = STATED_BY_COMMAND | SC_BIT(SC_IN_TIME);

	if (is_asked)
		unknown &= ~FOUND_BY_COMMAND;
	return arc->actor != SC_SYSTEM && (arc->from & SC_FROM(status)) != 0 &&
		(arc->requires & ~holds & ~unknown) == 0 &&
		(arc->excludes & holds & ~unknown) == 0;
}

/* sc_is_possible_action tells whether some arc of an action is possible. */
bool
sc_is_possible_action(ScStatus status, ScAction action, ScActor actor,
					  ScConditionSet holds)
{
	for (int i = 0; i < sc_arc_count; i++)
		if (sc_arcs[i].action == action && sc_arcs[i].actor == actor &&
			sc_is_possible(&sc_arcs[i], status, holds, false))
			return true;
	return false;
}

/* lowest_condition returns the first member of a set that is not empty. */
static ScCondition
lowest_condition(ScConditionSet set)
{
	int			condition = 0;

	while ((set & SC_BIT(condition)) == 0)
		condition++;
	return (ScCondition) condition;
}

/*
 * fault_weight tells how far an arc is from being taken.  Another command is
 * farther than anything about the case.
 */
static int
fault_weight(ScConditionSet faults)
{
	return pg_popcount64(faults) +
		SC_CONDITION_COUNT * pg_popcount64(faults & STATED_BY_COMMAND);
}

/*
 * sc_find_blocked_arc returns the arc of this status, action and actor that is
 * nearest to being taken (of several, the most general, which is the last),
 * and the first condition that keeps it from being taken; NULL when the table
 * has no such arc at all.  To wait for escalation_open is no advice where a
 * fact of the case stands in the way for good.
 */
const ScArc *
sc_find_blocked_arc(ScStatus status, ScAction action, ScActor actor,
					ScConditionSet holds, ScCondition *fault,
					bool *fault_is_excluded)
{
	const ScArc *nearest = NULL;
	int			lowest_weight = 0;

	for (int i = 0; i < sc_arc_count; i++)
	{
		const ScArc *arc = &sc_arcs[i];
		ScConditionSet missing = arc->requires & ~holds;
		ScConditionSet in_the_way = arc->excludes & holds;
		int			weight = fault_weight(missing | in_the_way);

		if ((in_the_way & ~STATED_BY_COMMAND) != 0)
			missing &= ~SC_BIT(SC_ESCALATION_OPEN);
		if (arc->action != action || arc->actor != actor ||
			(arc->from & SC_FROM(status)) == 0 ||
			(nearest != NULL && weight > lowest_weight))
			continue;
		nearest = arc;
		lowest_weight = weight;
		*fault_is_excluded = (missing == 0);
		*fault = lowest_condition(missing != 0 ? missing : in_the_way);
	}
	return nearest;
}

/*
 * sc_take_arc moves a case along an arc.  What the seller does is a response
 * unless it leaves both status and timer alone.  A guarantee claim leaves the
 * conversation open, for the two to settle it.
 */
void
sc_take_arc(ScCaseState *state, const ScArc *arc)
{
	if (arc->to != SC_STATUS_NONE)
	{
		state->status = arc->to;
		state->resolution = arc->resolution;
		state->escalation_reason = arc->escalation_reason;
		if (arc->to == SC_ESCALATED)
			state->is_conversation_closed =
				arc->escalation_reason != SC_REASON_GUARANTEE_CLAIMED;
		else if (arc->to == SC_AWAITING_SELLER)
			state->is_conversation_closed = false;
	}
	if (arc->deadline != SC_DEADLINE_KEEP)
		state->deadline = arc->deadline;
	if (arc->deadline == SC_SELLER_RESPONSE)
		state->is_responded = false;
	else if (arc->actor == SC_SELLER &&
			 (arc->to != SC_STATUS_NONE || arc->deadline != SC_DEADLINE_KEEP))
		state->is_responded = true;
}

/*
 * sc_is_legal_change tells whether some arc leads from one status to another
 * with this resolution; staying is always legal.
 */
bool
sc_is_legal_change(ScStatus from, ScStatus to, ScResolution resolution)
{
	for (int i = 0; i < sc_arc_count; i++)
	{
		const ScArc *arc = &sc_arcs[i];

		if ((arc->from & SC_FROM(from)) != 0 && arc->to == to &&
			arc->resolution == resolution)
			return true;
	}
	return false;
}
