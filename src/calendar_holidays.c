/*
 * calendar_holidays.c
 *		Closing a calendar on further dates.
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/date.h"

#include "calendar.h"

static int
compare_dates(const void *a, const void *b)
{
	DateADT		left = *(const DateADT *) a;
	DateADT		right = *(const DateADT *) b;

	return (left > right) - (left < right);
}

/* read_dates gives the sorted dates of an array, repetitions included. */
static DateADT *
read_dates(ArrayType *array, int *count)
{
	Datum	   *elements;
	DateADT    *dates;

	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("dates must not contain nulls")));
	deconstruct_array(array, DATEOID, sizeof(DateADT), true, TYPALIGN_INT,
					  &elements, NULL, count);
	dates = palloc(Max(*count, 1) * sizeof(DateADT));
	for (int i = 0; i < *count; i++)
	{
		dates[i] = DatumGetDateADT(elements[i]);
		if (dates[i] < SC_FIRST_DATE || dates[i] > SC_LAST_DATE)
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("date out of range for a business calendar"),
					 errdetail("Business calendars cover the years 1900 to 2200.")));
	}
	qsort(dates, *count, sizeof(DateADT), compare_dates);
	return dates;
}

/* A holiday replaces what the calendar said of its date. */
PG_FUNCTION_INFO_V1(sc_with_holidays);
Datum
sc_with_holidays(PG_FUNCTION_ARGS)
{
	CalendarDefinition definition;
	CalendarRules *rules = &definition.rules;
	int			holiday_count;
	DateADT    *holidays = read_dates(PG_GETARG_ARRAYTYPE_P(1),
									  &holiday_count);
	DateRule   *merged;
	int			count = 0;
	int			rule = 0;
	int			holiday = 0;

	sc_calendar_load(PG_GETARG_VARLENA_PP(0), &definition);
	merged = palloc((rules->date_count + holiday_count + 1) *
					sizeof(DateRule));
	while (rule < rules->date_count || holiday < holiday_count)
	{
		if (holiday == holiday_count ||
			(rule < rules->date_count &&
			 rules->dates[rule].date < holidays[holiday]))
		{
			merged[count++] = rules->dates[rule++];
			continue;
		}
		merged[count].date = holidays[holiday];
		merged[count].first = 0;
		merged[count].count = 0;
		while (rule < rules->date_count &&
			   rules->dates[rule].date == merged[count].date)
			rule++;
		while (holiday < holiday_count &&
			   holidays[holiday] == merged[count].date)
			holiday++;
		count++;
	}
	if (count > SC_MAX_DATE_RULES)
		sc_too_many(NULL, "date rules", SC_MAX_DATE_RULES);
	rules->dates = merged;
	rules->date_count = count;
	PG_RETURN_POINTER(sc_calendar_store(&definition));
}
