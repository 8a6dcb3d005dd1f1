/*
 * policy_rules.c
 *		A policy version compiled for the state machine.
 *
 * The policy table keeps settings as text, readable by anyone; a generated
 * column keeps what _policy_rules() makes of them, so that crossing a deadline
 * costs no parsing.
 */
#include "policy_rules.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "calendar.h"
#include "support_case.h"

/* Changes whenever conditions or terms are added, moved or removed. */
#define RULES_MAGIC		0x53435232

#define ROUNDING_SUFFIX	"_rounding"

/* is_setting tells whether some condition is about this policy setting. */
static bool
is_setting(const char *name, size_t length)
{
	for (int i = SC_FIRST_POLICY_CONDITION; i < SC_CONDITION_COUNT; i++)
		if (strncmp(sc_conditions[i].name, name, length) == 0 &&
			sc_conditions[i].name[length] == '=')
			return true;
	return false;
}

/* add_rounding takes "<term>_rounding=<how>"; false when it is none. */
static bool
add_rounding(ScPolicyRules *rules, const char *setting, size_t name_length)
{
	size_t		suffix = strlen(ROUNDING_SUFFIX);
	int			term;

	if (name_length <= suffix ||
		memcmp(setting + name_length - suffix, ROUNDING_SUFFIX, suffix) != 0)
		return false;
	term = sc_find_name(sc_deadline_names, SC_DEADLINE_COUNT, setting,
						name_length - suffix);
	if (term < 0)
		return false;
	if (strcmp(setting + name_length, "=end_of_business_day") == 0)
		rules->ends_with_day |= UINT64CONST(1) << term;
	return true;
}

/* add_setting takes one "setting=value" into the rules. */
static void
add_setting(ScPolicyRules *rules, const char *setting)
{
	const char *equals = strchr(setting, '=');
	size_t		name_length = equals != NULL ? equals - setting : 0;
	int			condition = sc_find_condition(setting, strlen(setting));

	if (condition >= SC_FIRST_POLICY_CONDITION)
		rules->conditions |= SC_BIT(condition);
	else if (equals == NULL ||
			 (!add_rounding(rules, setting, name_length) &&
			  !is_setting(setting, name_length)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown policy setting \"%s\"", setting),
				 errhint("Settings are written name=value, with a name that a condition of state_machine() uses.")));
}

/*
 * sc_policy_rules compiles settings and terms: _policy_rules(settings text[],
 * terms term[]).  A null element of settings says nothing; a null term is one
 * that the policy does not have.
 */
PG_FUNCTION_INFO_V1(sc_policy_rules);
Datum
sc_policy_rules(PG_FUNCTION_ARGS)
{
	ArrayType  *settings = PG_GETARG_ARRAYTYPE_P(0);
	ArrayType  *terms = PG_GETARG_ARRAYTYPE_P(1);
	ScPolicyRules rules = {.magic = RULES_MAGIC, .term_count = SC_TERM_COUNT};
	Datum	   *values;
	bool	   *nulls;
	int			count;
	bytea	   *result;

	deconstruct_array(settings, TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &nulls, &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			add_setting(&rules, TextDatumGetCString(values[i]));

	deconstruct_array(terms, ARR_ELEMTYPE(terms), SC_TERM_LENGTH, false,
					  SC_TERM_ALIGNMENT, &values, &nulls, &count);
	if (count != SC_TERM_COUNT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("policy rules need %d terms, not %d",
						SC_TERM_COUNT, count)));
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			continue;
		rules.is_present |= UINT64CONST(1) << i;
		rules.terms[i] = *DatumGetTermP(values[i]);
		if (rules.terms[i].amount < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("policy term \"%s\" must not be negative",
							sc_deadline_names[i]),
					 errhint("A deadline ends after it starts.")));
	}

	result = palloc(VARHDRSZ + sizeof(ScPolicyRules));
	SET_VARSIZE(result, VARHDRSZ + sizeof(ScPolicyRules));
	memcpy(VARDATA(result), &rules, sizeof(ScPolicyRules));
	PG_RETURN_BYTEA_P(result);
}

/* calendar_at returns the calendar version that is in force at an instant. */
static Datum
calendar_at(const ScTimetable *timetable, TimestampTz at)
{
	int			in_force = 0;

	for (int i = 1; i < timetable->calendar_count; i++)
		if (DatumGetTimestampTz(timetable->effective_from[i]) <= at)
			in_force = i;
	return timetable->calendars[in_force];
}

/* end_of_term is the ScTermEnd of a timetable. */
static ScTermResult
end_of_term(void *context, ScDeadline term, int64 start, int64 *end)
{
	const ScTimetable *timetable = context;
	const ScPolicyRules *rules = &timetable->rules;
	const Calendar *calendar;
	TimestampTz result;

	if ((rules->is_present & (UINT64CONST(1) << term)) == 0)
		return SC_TERM_ABSENT;
	calendar = sc_calendar_get((struct varlena *)
							   PG_DETOAST_DATUM_PACKED(calendar_at(timetable, start)));
	if (calendar == NULL ||
		sc_business_add(calendar, start, rules->terms[term], &result) != TIME_OK)
		return SC_TERM_ENDLESS;
	if ((rules->ends_with_day & (UINT64CONST(1) << term)) != 0 &&
		sc_end_of_business_day(calendar, result, &result) != TIME_OK)
		return SC_TERM_ENDLESS;
	*end = result;
	return SC_TERM_OK;
}

/* sc_read_timetable unpacks what the SQL shell keeps about a case's time. */
void
sc_read_timetable(ScTimetable *timetable, bytea *rules, ArrayType *calendars,
				  ArrayType *effective_from)
{
	int			count;

	/* Copied, because a bytea is not aligned for int64. */
	if (VARSIZE_ANY_EXHDR(rules) == sizeof(ScPolicyRules))
		memcpy(&timetable->rules, VARDATA_ANY(rules), sizeof(ScPolicyRules));
	if (VARSIZE_ANY_EXHDR(rules) != sizeof(ScPolicyRules) ||
		timetable->rules.magic != RULES_MAGIC ||
		timetable->rules.term_count != SC_TERM_COUNT)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("policy rules were compiled by another version of support_case"),
				 errhint("Run SELECT support_case.migrate().")));

	deconstruct_array(calendars, ARR_ELEMTYPE(calendars), -1, false,
					  TYPALIGN_INT, &timetable->calendars, NULL,
					  &timetable->calendar_count);
	deconstruct_array(effective_from, TIMESTAMPTZOID, sizeof(TimestampTz),
					  true, TYPALIGN_DOUBLE, &timetable->effective_from, NULL,
					  &count);
	if (count != timetable->calendar_count || count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("every calendar version needs the instant from which it is in force")));

	timetable->clockwork.policy = timetable->rules.conditions;
	timetable->clockwork.term_end = end_of_term;
	timetable->clockwork.context = timetable;
}
