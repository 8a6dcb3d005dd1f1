/*
 * case_rows.c
 *		From SQL rows to the pure core of the life cycle, and back.
 *
 * The row of a case comes as a record; its columns are found by name, once per
 * call site.
 */
#include "case_rows.h"

#include "access/attnum.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "errors.h"

/* What a call needs to know about the composite types it reads and writes. */
typedef struct ScCallCache
{
	Oid			row_type;
	int32		row_typmod;
	AttrNumber *attributes;		/* of the case row, by ScCaseColumn */
	TupleDesc	step_desc;
} ScCallCache;

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

/* sc_read_name finds a code in a list of names; anything else is an error. */
int
sc_read_name(Datum datum, const char *const *names, int count, const char *what)
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

/* sc_read_case reads the state of a case from its row. */
void
sc_read_case(FunctionCallInfo fcinfo, HeapTupleHeader row, ScCaseState *state)
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
	 sc_read_name(value[column], (names), (count), (what)))
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

/* sc_read_conditions reads the conditions that a command states. */
ScConditionSet
sc_read_conditions(ArrayType *names)
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

/* sc_step_tuple makes a _case_step of a step. */
HeapTuple
sc_step_tuple(TupleDesc desc, const ScStep *step, const ScClockwork *clockwork)
{
	const ScCaseState *after = &step->after;
	bool		is_running = after->deadline < SC_DEADLINE_COUNT;
	Datum		values[SC_STEP_COLUMN_COUNT];
	bool		nulls[SC_STEP_COLUMN_COUNT] = {false};

#define NAME(column, name) \
	values[column] = sc_name_datum((name), &nulls[column])

	NAME(SC_STEP_TRANSITION, step->arc != NULL ? step->arc->id : NULL);
	NAME(SC_STEP_ACTION, step->arc != NULL ?
		 sc_action_names[step->arc->action] : "stall");
	NAME(SC_STEP_STATUS, sc_statuses[after->status].name);
	NAME(SC_STEP_RESOLUTION, sc_resolution_names[after->resolution]);
	NAME(SC_STEP_DEADLINE,
		 is_running ? sc_deadline_names[after->deadline] : NULL);
	values[SC_STEP_DUE_AT] = TimestampTzGetDatum(after->due_at);
	nulls[SC_STEP_DUE_AT] = !is_running;
	values[SC_STEP_STATUS_SINCE] = TimestampTzGetDatum(after->status_since);
	NAME(SC_STEP_ESCALATION_REASON,
		 sc_escalation_reason_names[after->escalation_reason]);
	values[SC_STEP_IS_RESPONDED] = BoolGetDatum(after->is_responded);
	values[SC_STEP_IS_CONVERSATION_CLOSED] =
		BoolGetDatum(after->is_conversation_closed);
	NAME(SC_STEP_CHARGE,
		 step->arc != NULL ? sc_charge_names[step->arc->charge] : NULL);
	values[SC_STEP_EFFECTIVE_AT] = TimestampTzGetDatum(step->effective_at);
	NAME(SC_STEP_STALLED_CODE, step->arc != NULL ? NULL :
		 unpack_sql_state(ERRCODE_SC_DEADLINE_NOT_COMPUTABLE));
	nulls[SC_STEP_FEEDBACK_UNTIL] = true;
	nulls[SC_STEP_REFUND_VISIBLE_FROM] = true;
	nulls[SC_STEP_REFUND_VISIBLE_UNTIL] = true;
	nulls[SC_STEP_REFUNDED] = true;
	if (sc_invites_feedback(step, clockwork))
		values[SC_STEP_FEEDBACK_UNTIL] =
			term_end_datum(clockwork, SC_FEEDBACK_WINDOW, step,
						   &nulls[SC_STEP_FEEDBACK_UNTIL]);
	if (step->arc != NULL && step->arc->charge != SC_CHARGE_NONE)
	{
		values[SC_STEP_REFUND_VISIBLE_FROM] =
			term_end_datum(clockwork, SC_REFUND_VISIBLE_MIN, step,
						   &nulls[SC_STEP_REFUND_VISIBLE_FROM]);
		values[SC_STEP_REFUND_VISIBLE_UNTIL] =
			term_end_datum(clockwork, SC_REFUND_VISIBLE_MAX, step,
						   &nulls[SC_STEP_REFUND_VISIBLE_UNTIL]);
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
			desc->natts != SC_STEP_COLUMN_COUNT)
			elog(ERROR, "unexpected result type");
		old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		cache->step_desc = BlessTupleDesc(CreateTupleDescCopy(desc));
		MemoryContextSwitchTo(old_context);
	}
	return cache->step_desc;
}

/* sc_step_datum makes the _case_step that a function returns. */
Datum
sc_step_datum(FunctionCallInfo fcinfo, const ScStep *step,
			  const ScClockwork *clockwork)
{
	return HeapTupleGetDatum(sc_step_tuple(step_desc(fcinfo), step,
										   clockwork));
}
