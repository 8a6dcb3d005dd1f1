/*
 * state_machine_functions.c
 *		The static table for SQL: state_machine(), what a status means, and
 *		the trigger that refuses a change of status that no arc allows.
 */
#include "case_rows.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "errors.h"
#include "support_case.h"

/* condition_text writes what an arc requires and excludes. */
static Datum
condition_text(const ScArc *arc, bool *isnull)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < SC_CONDITION_COUNT; i++)
	{
		bool		is_required = (arc->requires & SC_BIT(i)) != 0;

		if (is_required || (arc->excludes & SC_BIT(i)) != 0)
			appendStringInfo(&text, "%s%s%s", text.len > 0 ? " and " : "",
							 is_required ? "" : "not ",
							 sc_conditions[i].name);
	}
	return sc_name_datum(text.len > 0 ? text.data : NULL, isnull);
}

/* put_arc adds one row of state_machine(). */
static void
put_arc(ReturnSetInfo *result, const ScArc *arc, int from)
{
	Datum		values[12];
	bool		nulls[12] = {false};
	int			to = arc->to != SC_STATUS_NONE ? (int) arc->to : from;
	const char *deadline = arc->deadline < SC_TIMER_COUNT ?
		sc_deadline_names[arc->deadline] : NULL;

#define NAME(column, name) \
	values[column] = sc_name_datum((name), &nulls[column])

	NAME(0, sc_machine_names[sc_machine_of(arc)]);
	NAME(1, arc->id);
	NAME(2, sc_statuses[from].name);
	NAME(3, sc_action_names[arc->action]);
	NAME(4, sc_actor_names[arc->actor]);
	values[5] = condition_text(arc, &nulls[5]);
	NAME(6, sc_statuses[to].name);
	NAME(7, sc_resolution_names[arc->resolution]);
	NAME(8, arc->deadline == SC_DEADLINE_KEEP ? "unchanged" : deadline);
	NAME(9, sc_escalation_reason_names[arc->escalation_reason]);
	NAME(10, sc_charge_names[arc->charge]);
	NAME(11, arc->grounds);

#undef NAME

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* sc_state_machine returns the table, one row per status that an arc leaves. */
PG_FUNCTION_INFO_V1(sc_state_machine);
Datum
sc_state_machine(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < sc_arc_count; i++)
		for (int from = 0; from < SC_STATUS_COUNT; from++)
			if ((sc_arcs[i].from & SC_FROM(from)) != 0)
				put_arc((ReturnSetInfo *) fcinfo->resultinfo, &sc_arcs[i],
						from);
	return (Datum) 0;
}

/*
 * sc_waiting_on tells who has the next move: _waiting_on(status text, deadline
 * text).  A replacement that was not shipped in time waits on the platform.
 */
PG_FUNCTION_INFO_V1(sc_waiting_on);
Datum
sc_waiting_on(PG_FUNCTION_ARGS)
{
	ScStatus	status;
	bool		isnull;
	Datum		result;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	status = sc_text_to_status(SC_MACHINE_CASE, PG_GETARG_TEXT_PP(0));
	if (status == SC_REPLACEMENT_PENDING && PG_ARGISNULL(1))
		PG_RETURN_DATUM(CStringGetTextDatum("platform"));
	result = sc_name_datum(sc_statuses[status].waiting_on, &isnull);
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}

/*
 * sc_next_step names the next move: _next_step(status text, deadline text,
 * is_discretionary boolean).
 */
PG_FUNCTION_INFO_V1(sc_next_step);
Datum
sc_next_step(PG_FUNCTION_ARGS)
{
	ScStatus	status;
	bool		isnull;
	Datum		result;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	status = sc_text_to_status(SC_MACHINE_CASE, PG_GETARG_TEXT_PP(0));
	if (status == SC_REPLACEMENT_PENDING && PG_ARGISNULL(1))
		PG_RETURN_DATUM(CStringGetTextDatum("authorise_return"));
	/* Nobody escalates what the seller alone decides. */
	if (status == SC_REFUSAL_EXPLAINED && !PG_ARGISNULL(2) && PG_GETARG_BOOL(2))
		PG_RETURN_DATUM(CStringGetTextDatum("accept_refusal"));
	result = sc_name_datum(sc_statuses[status].next_step, &isnull);
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}

/* sc_is_status: _is_status(machine text, status text). */
PG_FUNCTION_INFO_V1(sc_is_status);
Datum
sc_is_status(PG_FUNCTION_ARGS)
{
	ScMachine	machine = sc_text_to_machine(PG_GETARG_TEXT_PP(0));
	text	   *name = PG_GETARG_TEXT_PP(1);

	PG_RETURN_BOOL(sc_find_status(machine, VARDATA_ANY(name),
								  VARSIZE_ANY_EXHDR(name)) >= 0);
}

/*
 * sc_is_case_state tells whether a stored case can be: _is_case_state(status
 * text, resolution text, deadline text).
 */
PG_FUNCTION_INFO_V1(sc_is_case_state);
Datum
sc_is_case_state(PG_FUNCTION_ARGS)
{
	text	   *name;
	int			status;

	if (PG_ARGISNULL(0))
		PG_RETURN_BOOL(false);
	name = PG_GETARG_TEXT_PP(0);
	status = sc_find_status(SC_MACHINE_CASE, VARDATA_ANY(name),
							VARSIZE_ANY_EXHDR(name));
	if (status < 0)
		PG_RETURN_BOOL(false);
	if (!PG_ARGISNULL(1))
	{
		text	   *resolution = PG_GETARG_TEXT_PP(1);

		if (sc_find_name(sc_resolution_names, SC_RESOLUTION_COUNT,
						 VARDATA_ANY(resolution),
						 VARSIZE_ANY_EXHDR(resolution)) < 0)
			PG_RETURN_BOOL(false);
	}
	if (!PG_ARGISNULL(2))
	{
		text	   *deadline = PG_GETARG_TEXT_PP(2);

		if (sc_find_name(sc_deadline_names, SC_DEADLINE_COUNT,
						 VARDATA_ANY(deadline),
						 VARSIZE_ANY_EXHDR(deadline)) < 0)
			PG_RETURN_BOOL(false);
	}
	/* Exactly a closed case has a resolution, and no closed case a timer. */
	PG_RETURN_BOOL(PG_ARGISNULL(1) != (status == SC_CLOSED) &&
				   (PG_ARGISNULL(1) || PG_ARGISNULL(2)));
}

/*
 * sc_expiry_moves_money tells whether some deadline of a status, or of one
 * that its deadlines lead to, ends in a charge:
 * _expiry_moves_money(status text).  Such a case is swept under the lock of
 * its order.
 */
PG_FUNCTION_INFO_V1(sc_expiry_moves_money);
Datum
sc_expiry_moves_money(PG_FUNCTION_ARGS)
{
	ScStatus	status = sc_text_to_status(SC_MACHINE_CASE,
										   PG_GETARG_TEXT_PP(0));
	ScStatusSet reached = SC_FROM(status);
	ScStatusSet reached_before;

	do
	{
		reached_before = reached;
		for (int i = 0; i < sc_arc_count; i++)
		{
			const ScArc *arc = &sc_arcs[i];

			if (arc->action != SC_EXPIRE_DEADLINE ||
				(arc->from & reached_before) == 0)
				continue;
			if (arc->charge != SC_CHARGE_NONE)
				PG_RETURN_BOOL(true);
			if (arc->to != SC_STATUS_NONE)
				reached |= SC_FROM(arc->to);
		}
	} while (reached != reached_before);
	PG_RETURN_BOOL(false);
}

/*
 * sc_next_status returns where an action leads in one of the smaller machines:
 * _next_status(machine text, status text, action text, actor text).  Without a
 * status, the thing does not exist yet.
 */
PG_FUNCTION_INFO_V1(sc_next_status);
Datum
sc_next_status(PG_FUNCTION_ARGS)
{
	ScMachine	machine;
	ScStatus	status = SC_STATUS_NONE;
	char	   *action_name;
	char	   *actor_name;
	int			action;
	int			actor;
	const ScArc *arc = NULL;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	machine = sc_text_to_machine(PG_GETARG_TEXT_PP(0));
	if (!PG_ARGISNULL(1))
		status = sc_text_to_status(machine, PG_GETARG_TEXT_PP(1));
	action_name = text_to_cstring(PG_GETARG_TEXT_PP(2));
	actor_name = text_to_cstring(PG_GETARG_TEXT_PP(3));
	action = sc_find_name(sc_action_names, SC_ACTION_COUNT,
						  action_name, strlen(action_name));
	actor = sc_find_name(sc_actor_names, SC_ACTOR_COUNT,
						 actor_name, strlen(actor_name));
	if (action >= 0 && actor >= 0)
		arc = sc_find_arc(status, action, actor, 0);
	if (arc == NULL || sc_machine_of(arc) != machine)
		ereport(ERROR,
				(errcode(ERRCODE_SC_ACTION_NOT_ALLOWED),
				 errmsg("action is not allowed in this status"),
				 errdetail("The %s has status %s; action %s by the %s is not possible.",
						   sc_machine_names[machine],
						   status == SC_STATUS_NONE ? "(none)" :
						   sc_statuses[status].name,
						   action_name, actor_name),
				 errhint("state_machine() lists what is possible in each status.")));
	PG_RETURN_TEXT_P(cstring_to_text(sc_statuses[arc->to != SC_STATUS_NONE ?
												 arc->to : status].name));
}

/*
 * sc_effective_status returns the status that one of the smaller machines has
 * at an instant, when its deadline may have passed: _effective_status(machine
 * text, status text, due_at timestamptz, until timestamptz).
 */
PG_FUNCTION_INFO_V1(sc_effective_status);
Datum
sc_effective_status(PG_FUNCTION_ARGS)
{
	ScMachine	machine;
	ScStatus	status;
	const ScArc *arc;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3) ||
		PG_GETARG_TIMESTAMPTZ(2) > PG_GETARG_TIMESTAMPTZ(3))
		PG_RETURN_DATUM(PG_GETARG_DATUM(1));
	machine = sc_text_to_machine(PG_GETARG_TEXT_PP(0));
	status = sc_text_to_status(machine, PG_GETARG_TEXT_PP(1));
	arc = sc_find_arc(status, SC_EXPIRE_DEADLINE, SC_SYSTEM, 0);
	/* A reader must not fail over a timer that the status does not have. */
	if (arc == NULL || arc->to == SC_STATUS_NONE)
		PG_RETURN_DATUM(PG_GETARG_DATUM(1));
	PG_RETURN_TEXT_P(cstring_to_text(sc_statuses[arc->to].name));
}

/*
 * sc_next_actor tells who has the next move in a status of one of the smaller
 * machines: _next_actor(machine text, status text).
 */
PG_FUNCTION_INFO_V1(sc_next_actor);
Datum
sc_next_actor(PG_FUNCTION_ARGS)
{
	ScMachine	machine = sc_text_to_machine(PG_GETARG_TEXT_PP(0));
	ScStatus	status = sc_text_to_status(machine, PG_GETARG_TEXT_PP(1));
	bool		isnull;
	Datum		result = sc_name_datum(sc_statuses[status].waiting_on, &isnull);

	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}

/* trigger_column reads one text column of a trigger's row. */
static text *
trigger_column(HeapTuple row, TupleDesc desc, const char *name)
{
	int			attribute = SPI_fnumber(desc, name);
	bool		isnull;
	Datum		value;

	if (attribute <= 0)
		return NULL;
	if (SPI_gettypeid(desc, attribute) != TEXTOID)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("guard_transition needs column \"%s\" to be of type text",
						name)));
	value = SPI_getbinval(row, desc, attribute, &isnull);
	return isnull ? NULL : DatumGetTextPP(value);
}

/* same_text compares two texts that may be missing. */
static bool
same_text(const text *a, const text *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

/*
 * sc_guard_transition is the trigger function guard_transition(machine):
 * BEFORE UPDATE of each row, it refuses a change of status or resolution that
 * no arc of the machine allows, whoever makes it.
 */
PG_FUNCTION_INFO_V1(sc_guard_transition);
Datum
sc_guard_transition(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	ScMachine	machine;
	TupleDesc	desc;
	text	   *old_status;
	text	   *new_status;
	text	   *old_resolution;
	text	   *new_resolution;
	int			to;
	int			resolution = SC_RESOLUTION_NONE;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		!TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ||
		trigger->tg_trigger->tgnargs != 1)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("guard_transition must be fired before update for each row, with a machine as its only argument")));

	machine = sc_text_to_machine(cstring_to_text(trigger->tg_trigger->tgargs[0]));
	desc = RelationGetDescr(trigger->tg_relation);
	old_status = trigger_column(trigger->tg_trigtuple, desc, "status");
	new_status = trigger_column(trigger->tg_newtuple, desc, "status");
	old_resolution = trigger_column(trigger->tg_trigtuple, desc, "resolution");
	new_resolution = trigger_column(trigger->tg_newtuple, desc, "resolution");
	if (same_text(old_status, new_status) &&
		same_text(old_resolution, new_resolution))
		return PointerGetDatum(trigger->tg_newtuple);

	to = new_status == NULL ? -1 :
		sc_find_status(machine, VARDATA_ANY(new_status),
					   VARSIZE_ANY_EXHDR(new_status));
	if (new_resolution != NULL)
		resolution = sc_find_name(sc_resolution_names, SC_RESOLUTION_COUNT,
								  VARDATA_ANY(new_resolution),
								  VARSIZE_ANY_EXHDR(new_resolution));
	if (to < 0 || resolution < 0 || old_status == NULL ||
		!sc_is_legal_change(sc_text_to_status(machine, old_status), to,
							resolution))
		ereport(ERROR,
				(errcode(ERRCODE_SC_ILLEGAL_TRANSITION),
				 errmsg("change of status is not a transition of machine \"%s\"",
						sc_machine_names[machine]),
				 errdetail("No arc leads from %s to %s%s%s.",
						   old_status == NULL ? "null" :
						   text_to_cstring(old_status),
						   new_status == NULL ? "null" :
						   text_to_cstring(new_status),
						   new_resolution == NULL ? "" : " with resolution ",
						   new_resolution == NULL ? "" :
						   text_to_cstring(new_resolution)),
				 errhint("Call a command of support_case instead; state_machine() lists every arc."),
				 errtable(trigger->tg_relation)));
	return PointerGetDatum(trigger->tg_newtuple);
}
