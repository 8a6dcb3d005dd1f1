/*
 * case_functions.c
 *		The life cycle for SQL: plan a transition, expire deadlines, show the
 *		effective state.
 *
 * Every function receives the row of a case; none of them reads a table.
 */
#include "case_rows.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "errors.h"
#include "support_case.h"

/* Refusing. */

/*
 * next_possible_arc returns the next arc, from *position on, that could be
 * taken, one for each action of an actor; NULL when there is none.  A
 * command has asked for one action of one actor, or for none
 * (SC_ACTION_COUNT, SC_ACTOR_COUNT).
 */
static const ScArc *
next_possible_arc(int *position, bool seen[SC_ACTION_COUNT][SC_ACTOR_COUNT],
				  ScStatus status, ScConditionSet holds,
				  ScAction asked_action, ScActor asked_actor)
{
	while (*position < sc_arc_count)
	{
		const ScArc *arc = &sc_arcs[(*position)++];

		if (sc_is_possible(arc, status, holds, arc->action == asked_action &&
						   arc->actor == asked_actor) &&
			!seen[arc->action][arc->actor])
		{
			seen[arc->action][arc->actor] = true;
			return arc;
		}
	}
	return NULL;
}

/*
 * list_possible_actions writes who could do what now, for a HINT of the action
 * that an actor asked for.
 */
static void
list_possible_actions(StringInfo list, ScStatus status, ScConditionSet holds,
					  ScAction action, ScActor actor)
{
	bool		seen[SC_ACTION_COUNT][SC_ACTOR_COUNT] = {{false}};
	const ScArc *arc;
	int			position = 0;

	while ((arc = next_possible_arc(&position, seen, status, holds, action,
									actor)) != NULL)
		appendStringInfo(list, "%s%s (%s)", list->len > 0 ? ", " : "",
						 sc_action_names[arc->action],
						 sc_actor_names[arc->actor]);
}

/* refuse raises why an action cannot be taken, and what can. */
static void
refuse(const ScCaseState *state, ScAction action, ScActor actor,
	   ScConditionSet holds)
{
	const char *status = state->status == SC_STATUS_NONE ? "none" :
		sc_statuses[state->status].name;
	int			sqlstate = ERRCODE_SC_ACTION_NOT_ALLOWED;
	const char *message = "action is not allowed in this status";
	const char *fault_sentence = NULL;
	StringInfoData possible;
	ScCondition fault;
	bool		excluded;

	if (sc_find_blocked_arc(state->status, action, actor, holds, &fault,
							&excluded) != NULL)
	{
		const ScConditionInfo *info = &sc_conditions[fault];

		fault_sentence = excluded ? info->excluded : info->unmet;
		if (info->sqlstate != 0)
			sqlstate = info->sqlstate;
		if (info->message != NULL)
			message = info->message;
	}
	initStringInfo(&possible);
	list_possible_actions(&possible, state->status, holds, action, actor);

	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg_internal("%s", message),
			 errdetail("The case has status %s%s%s; action %s by the %s is not possible.%s%s",
					   status,
					   state->resolution != SC_RESOLUTION_NONE ?
					   " with resolution " : "",
					   state->resolution != SC_RESOLUTION_NONE ?
					   sc_resolution_names[state->resolution] : "",
					   sc_action_names[action], sc_actor_names[actor],
					   fault_sentence != NULL ? " " : "",
					   fault_sentence != NULL ? fault_sentence : ""),
			 possible.len > 0 ?
			 errhint("Possible now: %s.", possible.data) :
			 errhint("Nothing more is possible in this case.")));
}

/*
 * sc_plan_transition checks an action against the table and returns the step
 * that it takes: _plan_transition(case_row record, rules bytea, calendars
 * business_calendar[], calendars_from timestamptz[], action text, actor text,
 * conditions text[], at timestamptz, fact_at timestamptz).
 */
PG_FUNCTION_INFO_V1(sc_plan_transition);
Datum
sc_plan_transition(PG_FUNCTION_ARGS)
{
	ScTimetable timetable;
	ScCaseState state;
	ScConditionSet holds;
	ScAction	action;
	ScActor		actor;
	int64		at;
	int64		fact;
	const int64 *fact_at = NULL;
	ScStep		step;

	for (int i = 0; i < 8; i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument %d of _plan_transition must not be null",
							i + 1)));
	sc_read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	action = sc_read_name(PG_GETARG_DATUM(4), sc_action_names,
						  SC_ACTION_COUNT, "action");
	actor = sc_read_name(PG_GETARG_DATUM(5), sc_actor_names,
						 SC_ACTOR_COUNT, "actor");
	at = PG_GETARG_TIMESTAMPTZ(7);
	if (!PG_ARGISNULL(8))
	{
		fact = PG_GETARG_TIMESTAMPTZ(8);
		fact_at = &fact;
	}

	holds = sc_conditions_at(&state, &timetable.clockwork, at, fact_at) |
		sc_read_conditions(PG_GETARG_ARRAYTYPE_P(6));
	step.arc = sc_find_arc(state.status, action, actor, holds);
	if (step.arc == NULL)
		refuse(&state, action, actor, holds);

	sc_take_arc(&state, step.arc);
	if (step.arc->to != SC_STATUS_NONE)
		state.status_since = at;
	if (!sc_start_deadline(&state, &timetable.clockwork, step.arc, at, fact_at))
		ereport(ERROR,
				(errcode(ERRCODE_SC_DEADLINE_NOT_COMPUTABLE),
				 errmsg("deadline cannot be computed"),
				 errdetail("The calendar of the case has no open time left for the term %s.",
						   sc_deadline_names[step.arc->deadline]),
				 errhint("Create a new version of the calendar with create_calendar().")));
	/* A deadline that could not take effect when it ended does so now. */
	if (action == SC_RESUME_CASE)
		state.due_at = at;
	step.after = state;
	step.effective_at = at;
	PG_RETURN_DATUM(sc_step_datum(fcinfo, &step, &timetable.clockwork));
}

/*
 * sc_is_action_possible tells whether an actor could take an action on a case
 * at an instant, if the command states what it needs to: _is_action_possible(
 * case_row record, rules bytea, calendars business_calendar[], calendars_from
 * timestamptz[], action text, actor text, at timestamptz).
 */
PG_FUNCTION_INFO_V1(sc_is_action_possible);
Datum
sc_is_action_possible(PG_FUNCTION_ARGS)
{
	ScTimetable timetable;
	ScCaseState state;
	ScConditionSet holds;
	ScAction	action;
	ScActor		actor;

	sc_read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	action = sc_read_name(PG_GETARG_DATUM(4), sc_action_names,
						  SC_ACTION_COUNT, "action");
	actor = sc_read_name(PG_GETARG_DATUM(5), sc_actor_names,
						 SC_ACTOR_COUNT, "actor");
	holds = sc_conditions_at(&state, &timetable.clockwork,
							 PG_GETARG_TIMESTAMPTZ(6), NULL);
	PG_RETURN_BOOL(sc_is_possible_action(state.status, action, actor, holds));
}

/*
 * sc_expire_deadline crosses one deadline of a case if it ended at or before
 * an instant, else returns null: _expire_deadline(case_row record, rules
 * bytea, calendars business_calendar[], calendars_from timestamptz[], until
 * timestamptz).
 */
PG_FUNCTION_INFO_V1(sc_expire_deadline);
Datum
sc_expire_deadline(PG_FUNCTION_ARGS)
{
	ScTimetable timetable;
	ScCaseState state;
	ScStep		step;

	sc_read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	if (!sc_expire_next(&state, &timetable.clockwork,
						PG_GETARG_TIMESTAMPTZ(4), &step))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(sc_step_datum(fcinfo, &step, &timetable.clockwork));
}

/*
 * sc_effective_state crosses every deadline that ended at or before an
 * instant and returns the last step, or null when there is none.  Arguments as
 * for sc_expire_deadline.
 */
PG_FUNCTION_INFO_V1(sc_effective_state);
Datum
sc_effective_state(PG_FUNCTION_ARGS)
{
	ScTimetable timetable;
	ScCaseState state;
	ScStep		step;
	bool		is_any = false;

	sc_read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	while (sc_expire_next(&state, &timetable.clockwork,
						  PG_GETARG_TIMESTAMPTZ(4), &step))
		is_any = true;
	if (!is_any)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(sc_step_datum(fcinfo, &step, &timetable.clockwork));
}

/*
 * sc_roll_forward returns every step that sc_effective_state takes, in order.
 */
PG_FUNCTION_INFO_V1(sc_roll_forward);
Datum
sc_roll_forward(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ScTimetable timetable;
	ScCaseState state;
	ScStep		step;

	InitMaterializedSRF(fcinfo, 0);
	sc_read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	while (sc_expire_next(&state, &timetable.clockwork,
						  PG_GETARG_TIMESTAMPTZ(4), &step))
		tuplestore_puttuple(result->setResult,
							sc_step_tuple(result->setDesc, &step,
										  &timetable.clockwork));
	return (Datum) 0;
}

/*
 * sc_possible_actions returns who could do what at an instant, as a refusal
 * lists it in its hint: _possible_actions(case_row record, rules bytea,
 * calendars business_calendar[], calendars_from timestamptz[], conditions
 * text[], at timestamptz).
 */
PG_FUNCTION_INFO_V1(sc_possible_actions);
Datum
sc_possible_actions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ScTimetable timetable;
	ScCaseState state;
	ScConditionSet holds;
	bool		seen[SC_ACTION_COUNT][SC_ACTOR_COUNT] = {{false}};
	const ScArc *arc;
	int			position = 0;

	InitMaterializedSRF(fcinfo, 0);
	sc_read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	holds = sc_conditions_at(&state, &timetable.clockwork,
							 PG_GETARG_TIMESTAMPTZ(5), NULL) |
		sc_read_conditions(PG_GETARG_ARRAYTYPE_P(4));
	while ((arc = next_possible_arc(&position, seen, state.status, holds,
									SC_ACTION_COUNT, SC_ACTOR_COUNT)) != NULL)
	{
		bool		nulls[2] = {false};
		Datum		values[2];

		values[0] = CStringGetTextDatum(sc_actor_names[arc->actor]);
		values[1] = CStringGetTextDatum(sc_action_names[arc->action]);
		tuplestore_putvalues(result->setResult, result->setDesc,
							 values, nulls);
	}
	return (Datum) 0;
}
