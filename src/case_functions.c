/*
 * case_functions.c
 *		The life cycle for SQL: plan a transition, expire deadlines, show the
 *		effective state.
 *
 * Every function receives the row of a case as a record and finds its columns
 * by name, once per call site; none of them reads a table.
 */
#include "case_functions.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "errors.h"
#include "support_case.h"

/* The columns of table support_case that decide where a case can go. */
typedef enum ScCaseColumn
{
	COLUMN_STATUS,
	COLUMN_RESOLUTION,
	COLUMN_DEADLINE,
	COLUMN_ESCALATION_REASON,
	COLUMN_IS_RESPONDED,
	COLUMN_IS_DISCRETIONARY,
	COLUMN_IS_RETURNABLE,
	COLUMN_IS_CONVERSATION_CLOSED,
	COLUMN_DUE_AT,
	COLUMN_STATUS_SINCE,
	COLUMN_OPENED_AT,
	COLUMN_STALLED_CODE,
	COLUMN_COUNT
} ScCaseColumn;

static const struct
{
	const char *name;
	Oid			type;
}			case_columns[COLUMN_COUNT] =

{
	[COLUMN_STATUS] = {"status", TEXTOID},
	[COLUMN_RESOLUTION] = {"resolution", TEXTOID},
	[COLUMN_DEADLINE] = {"deadline", TEXTOID},
	[COLUMN_ESCALATION_REASON] = {"escalation_reason", TEXTOID},
	[COLUMN_IS_RESPONDED] = {"is_responded", BOOLOID},
	[COLUMN_IS_DISCRETIONARY] = {"is_discretionary", BOOLOID},
	[COLUMN_IS_RETURNABLE] = {"is_returnable", BOOLOID},
	[COLUMN_IS_CONVERSATION_CLOSED] = {"is_conversation_closed", BOOLOID},
	[COLUMN_DUE_AT] = {"due_at", TIMESTAMPTZOID},
	[COLUMN_STATUS_SINCE] = {"status_since", TIMESTAMPTZOID},
	[COLUMN_OPENED_AT] = {"opened_at", TIMESTAMPTZOID},
	[COLUMN_STALLED_CODE] = {"stalled_code", TEXTOID},
};

/* The attributes of composite type _case_step, in order. */
typedef enum ScStepColumn
{
	STEP_TRANSITION,
	STEP_ACTION,
	STEP_STATUS,
	STEP_RESOLUTION,
	STEP_DEADLINE,
	STEP_DUE_AT,
	STEP_STATUS_SINCE,
	STEP_ESCALATION_REASON,
	STEP_IS_RESPONDED,
	STEP_IS_CONVERSATION_CLOSED,
	STEP_CHARGE,
	STEP_EFFECTIVE_AT,
	STEP_STALLED_CODE,
	STEP_FEEDBACK_UNTIL,
	STEP_REFUND_VISIBLE_FROM,
	STEP_REFUND_VISIBLE_UNTIL,
	STEP_COUNT
} ScStepColumn;

/* Reading. */

ScMachine
sc_text_to_machine(text *name)
{
	int			found = sc_find_name(sc_machine_names, SC_MACHINE_COUNT,
									 VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));

	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown state machine \"%s\"", text_to_cstring(name))));
	return (ScMachine) found;
}

ScStatus
sc_text_to_status(ScMachine machine, text *name)
{
	int			found = sc_find_status(machine, VARDATA_ANY(name),
									   VARSIZE_ANY_EXHDR(name));

	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown status \"%s\" of machine \"%s\"",
						text_to_cstring(name), sc_machine_names[machine])));
	return (ScStatus) found;
}

/* read_name finds a code in a list of names; anything else is an error. */
static int
read_name(Datum datum, const char *const *names, int count, const char *what)
{
	text	   *name = DatumGetTextPP(datum);
	int			found = sc_find_name(names, count, VARDATA_ANY(name),
									 VARSIZE_ANY_EXHDR(name));

	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown %s \"%s\"", what, text_to_cstring(name))));
	return found;
}

/* call_cache returns the cache of this call site, made on first use. */
static ScCallCache *
call_cache(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
								   sizeof(ScCallCache));
	return fcinfo->flinfo->fn_extra;
}

/* find_columns fills the cache with where a row type has our columns. */
static void
find_columns(FunctionCallInfo fcinfo, ScCallCache *cache, TupleDesc desc)
{
	if (cache->attributes == NULL)
		cache->attributes = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt,
											   COLUMN_COUNT * sizeof(AttrNumber));
	for (int i = 0; i < COLUMN_COUNT; i++)
	{
		int			attribute = 0;

		while (attribute < desc->natts &&
			   (TupleDescAttr(desc, attribute)->attisdropped ||
				strcmp(NameStr(TupleDescAttr(desc, attribute)->attname),
					   case_columns[i].name) != 0))
			attribute++;
		if (attribute == desc->natts ||
			TupleDescAttr(desc, attribute)->atttypid != case_columns[i].type)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("row has no column \"%s\" of type %s",
							case_columns[i].name,
							format_type_be(case_columns[i].type)),
					 errhint("Pass a row of table support_case.support_case.")));
		cache->attributes[i] = attribute + 1;
	}
}

/* read_case reads the state of a case from its row. */
static void
read_case(FunctionCallInfo fcinfo, HeapTupleHeader row, ScCaseState *state)
{
	ScCallCache *cache = call_cache(fcinfo);
	Oid			row_type = HeapTupleHeaderGetTypeId(row);
	int32		row_typmod = HeapTupleHeaderGetTypMod(row);
	TupleDesc	desc = lookup_rowtype_tupdesc(row_type, row_typmod);
	HeapTupleData tuple;
	Datum	   *values = palloc(desc->natts * sizeof(Datum));
	bool	   *nulls = palloc(desc->natts * sizeof(bool));
	Datum		value[COLUMN_COUNT];
	bool		isnull[COLUMN_COUNT];

	if (cache->attributes == NULL || cache->row_type != row_type ||
		cache->row_typmod != row_typmod)
	{
		find_columns(fcinfo, cache, desc);
		cache->row_type = row_type;
		cache->row_typmod = row_typmod;
	}
	tuple.t_len = HeapTupleHeaderGetDatumLength(row);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = row;
	/* All at once: a row with nulls is walked from its start for every column. */
	heap_deform_tuple(&tuple, desc, values, nulls);
	ReleaseTupleDesc(desc);
	for (int i = 0; i < COLUMN_COUNT; i++)
	{
		value[i] = values[cache->attributes[i] - 1];
		isnull[i] = nulls[cache->attributes[i] - 1];
	}

#define NAME_OR(column, none, names, count, what) \
	(isnull[column] ? (none) : \
	 read_name(value[column], (names), (count), (what)))
#define FLAG(column) (!isnull[column] && DatumGetBool(value[column]))
#define INSTANT(column) \
	(isnull[column] ? DT_NOEND : DatumGetTimestampTz(value[column]))

	state->status = isnull[COLUMN_STATUS] ? SC_STATUS_NONE :
		sc_text_to_status(SC_MACHINE_CASE, DatumGetTextPP(value[COLUMN_STATUS]));
	state->resolution = NAME_OR(COLUMN_RESOLUTION, SC_RESOLUTION_NONE,
								sc_resolution_names, SC_RESOLUTION_COUNT,
								"resolution");
	state->deadline = NAME_OR(COLUMN_DEADLINE, SC_DEADLINE_NONE,
							  sc_deadline_names, SC_DEADLINE_COUNT,
							  "deadline");
	state->escalation_reason = NAME_OR(COLUMN_ESCALATION_REASON,
									   SC_REASON_NONE,
									   sc_escalation_reason_names,
									   SC_REASON_COUNT, "escalation reason");
	state->is_responded = FLAG(COLUMN_IS_RESPONDED);
	state->is_discretionary = FLAG(COLUMN_IS_DISCRETIONARY);
	state->is_returnable = FLAG(COLUMN_IS_RETURNABLE);
	state->is_conversation_closed = FLAG(COLUMN_IS_CONVERSATION_CLOSED);
	state->is_stalled = !isnull[COLUMN_STALLED_CODE];
	state->due_at = INSTANT(COLUMN_DUE_AT);
	state->status_since = INSTANT(COLUMN_STATUS_SINCE);
	state->opened_at = INSTANT(COLUMN_OPENED_AT);

#undef NAME_OR
#undef FLAG
#undef INSTANT
}

/* read_conditions reads the conditions that a command states. */
static ScConditionSet
read_conditions(ArrayType *names)
{
	ScConditionSet stated = 0;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		text	   *name;
		int			condition;

		if (nulls[i])
			continue;
		name = DatumGetTextPP(values[i]);
		condition = sc_find_condition(VARDATA_ANY(name),
									  VARSIZE_ANY_EXHDR(name));
		if (condition < SC_FIRST_FACT_CONDITION ||
			condition >= SC_FIRST_POLICY_CONDITION)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" is not a condition that a command states",
							text_to_cstring(name))));
		stated |= SC_BIT(condition);
	}
	return stated;
}

/* Writing. */

/* sc_name_datum makes text of a name; NULL becomes an SQL null. */
Datum
sc_name_datum(const char *name, bool *isnull)
{
	*isnull = (name == NULL);
	return name == NULL ? (Datum) 0 : CStringGetTextDatum(name);
}

/*
 * term_end_datum makes an instant of the end of a term that starts with a
 * step; null where it cannot be computed.
 */
static Datum
term_end_datum(const ScClockwork *clockwork, ScDeadline term,
			   const ScStep *step, bool *isnull)
{
	int64		end = 0;

	*isnull = clockwork->term_end(clockwork->context, term,
								  step->effective_at, &end) != SC_TERM_OK;
	return TimestampTzGetDatum(end);
}

/* step_tuple makes a _case_step of a step. */
static HeapTuple
step_tuple(TupleDesc desc, const ScStep *step, const ScClockwork *clockwork)
{
	const ScCaseState *after = &step->after;
	bool		is_running = after->deadline < SC_DEADLINE_COUNT;
	Datum		values[STEP_COUNT];
	bool		nulls[STEP_COUNT] = {false};

#define NAME(column, name) \
	values[column] = sc_name_datum((name), &nulls[column])

	NAME(STEP_TRANSITION, step->arc != NULL ? step->arc->id : NULL);
	NAME(STEP_ACTION, step->arc != NULL ?
		 sc_action_names[step->arc->action] : "stall");
	NAME(STEP_STATUS, sc_statuses[after->status].name);
	NAME(STEP_RESOLUTION, sc_resolution_names[after->resolution]);
	NAME(STEP_DEADLINE,
		 is_running ? sc_deadline_names[after->deadline] : NULL);
	values[STEP_DUE_AT] = TimestampTzGetDatum(after->due_at);
	nulls[STEP_DUE_AT] = !is_running;
	values[STEP_STATUS_SINCE] = TimestampTzGetDatum(after->status_since);
	NAME(STEP_ESCALATION_REASON,
		 sc_escalation_reason_names[after->escalation_reason]);
	values[STEP_IS_RESPONDED] = BoolGetDatum(after->is_responded);
	values[STEP_IS_CONVERSATION_CLOSED] =
		BoolGetDatum(after->is_conversation_closed);
	NAME(STEP_CHARGE,
		 step->arc != NULL ? sc_charge_names[step->arc->charge] : NULL);
	values[STEP_EFFECTIVE_AT] = TimestampTzGetDatum(step->effective_at);
	NAME(STEP_STALLED_CODE, step->arc != NULL ? NULL :
		 unpack_sql_state(ERRCODE_SC_DEADLINE_NOT_COMPUTABLE));
	nulls[STEP_FEEDBACK_UNTIL] = true;
	nulls[STEP_REFUND_VISIBLE_FROM] = true;
	nulls[STEP_REFUND_VISIBLE_UNTIL] = true;
	if (sc_invites_feedback(step, clockwork))
		values[STEP_FEEDBACK_UNTIL] =
			term_end_datum(clockwork, SC_FEEDBACK_WINDOW, step,
						   &nulls[STEP_FEEDBACK_UNTIL]);
	if (step->arc != NULL && step->arc->charge != SC_CHARGE_NONE)
	{
		values[STEP_REFUND_VISIBLE_FROM] =
			term_end_datum(clockwork, SC_REFUND_VISIBLE_MIN, step,
						   &nulls[STEP_REFUND_VISIBLE_FROM]);
		values[STEP_REFUND_VISIBLE_UNTIL] =
			term_end_datum(clockwork, SC_REFUND_VISIBLE_MAX, step,
						   &nulls[STEP_REFUND_VISIBLE_UNTIL]);
	}

#undef NAME

	return heap_form_tuple(desc, values, nulls);
}

/* step_desc returns the row type of _case_step, looked up once. */
static TupleDesc
step_desc(FunctionCallInfo fcinfo)
{
	ScCallCache *cache = call_cache(fcinfo);

	if (cache->step_desc == NULL)
	{
		TupleDesc	desc;
		MemoryContext old_context;

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
			desc->natts != STEP_COUNT)
			elog(ERROR, "unexpected result type");
		old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		cache->step_desc = BlessTupleDesc(CreateTupleDescCopy(desc));
		MemoryContextSwitchTo(old_context);
	}
	return cache->step_desc;
}

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
	read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	action = read_name(PG_GETARG_DATUM(4), sc_action_names, SC_ACTION_COUNT,
					   "action");
	actor = read_name(PG_GETARG_DATUM(5), sc_actor_names, SC_ACTOR_COUNT,
					  "actor");
	at = PG_GETARG_TIMESTAMPTZ(7);
	if (!PG_ARGISNULL(8))
	{
		fact = PG_GETARG_TIMESTAMPTZ(8);
		fact_at = &fact;
	}

	holds = sc_conditions_at(&state, &timetable.clockwork, at, fact_at) |
		read_conditions(PG_GETARG_ARRAYTYPE_P(6));
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
	PG_RETURN_DATUM(HeapTupleGetDatum(step_tuple(step_desc(fcinfo), &step,
												   &timetable.clockwork)));
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

	read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	action = read_name(PG_GETARG_DATUM(4), sc_action_names, SC_ACTION_COUNT,
					   "action");
	actor = read_name(PG_GETARG_DATUM(5), sc_actor_names, SC_ACTOR_COUNT,
					  "actor");
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

	read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	if (!sc_expire_next(&state, &timetable.clockwork,
						PG_GETARG_TIMESTAMPTZ(4), &step))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(HeapTupleGetDatum(step_tuple(step_desc(fcinfo), &step,
												   &timetable.clockwork)));
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

	read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	while (sc_expire_next(&state, &timetable.clockwork,
						  PG_GETARG_TIMESTAMPTZ(4), &step))
		is_any = true;
	if (!is_any)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(HeapTupleGetDatum(step_tuple(step_desc(fcinfo), &step,
												   &timetable.clockwork)));
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
	read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	while (sc_expire_next(&state, &timetable.clockwork,
						  PG_GETARG_TIMESTAMPTZ(4), &step))
		tuplestore_puttuple(result->setResult,
							step_tuple(result->setDesc, &step,
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
	read_case(fcinfo, PG_GETARG_HEAPTUPLEHEADER(0), &state);
	sc_read_timetable(&timetable, PG_GETARG_BYTEA_PP(1),
					  PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	holds = sc_conditions_at(&state, &timetable.clockwork,
							 PG_GETARG_TIMESTAMPTZ(5), NULL) |
		read_conditions(PG_GETARG_ARRAYTYPE_P(4));
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
