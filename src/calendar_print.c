/*
 * calendar_print.c
 *		Calendars as canonical text: equal calendars print alike.
 */
#include "compat.h"

#include "lib/stringinfo.h"
#include "utils/datetime.h"

#include "calendar.h"

static void
print_intervals(StringInfo out, const OpenInterval *intervals, int count)
{
	if (count == 0)
		appendStringInfoString(out, " off");
	for (int i = 0; i < count; i++)
		appendStringInfo(out, "%c%02d:%02d-%02d:%02d", i == 0 ? ' ' : ',',
						 intervals[i].from / 60, intervals[i].from % 60,
						 intervals[i].until / 60, intervals[i].until % 60);
}

static bool
same_intervals(const OpenInterval *a, int a_count,
			   const OpenInterval *b, int b_count)
{
	return a_count == b_count &&
		memcmp(a, b, a_count * sizeof(OpenInterval)) == 0;
}

static bool
same_days(const CalendarRules *rules, int a, int b)
{
	const int  *first = rules->week_first;

	return same_intervals(rules->week + first[a], first[a + 1] - first[a],
						  rules->week + first[b], first[b + 1] - first[b]);
}

/* print_weekdays names all days with the opening of one: Mo-We,Fr. */
static void
print_weekdays(StringInfo out, const CalendarRules *rules, int like)
{
	char		separator = ' ';

	for (int day = like; day < SC_DAYS_PER_WEEK; day++)
	{
		int			last = day;

		if (!same_days(rules, like, day))
			continue;
		while (last + 1 < SC_DAYS_PER_WEEK && same_days(rules, like, last + 1))
			last++;
		appendStringInfo(out, "%c%s", separator, sc_weekday_names[day]);
		if (last > day)
			appendStringInfo(out, "-%s", sc_weekday_names[last]);
		separator = ',';
		day = last;
	}
}

static void
print_week(StringInfo out, const CalendarRules *rules)
{
	const int  *first = rules->week_first;
	bool		uniform = true;

	for (int day = 1; day < SC_DAYS_PER_WEEK; day++)
		uniform &= same_days(rules, 0, day);
	if (first[SC_DAYS_PER_WEEK] == 0)
	{
		appendStringInfoString(out, "; off");
		return;
	}
	if (uniform && rules->week[0].from == 0 &&
		rules->week[0].until == SC_MINUTES_PER_DAY)
	{
		appendStringInfoString(out, "; 24/7");
		return;
	}
	for (int day = 0; day < SC_DAYS_PER_WEEK; day++)
	{
		bool		printed = false;

		for (int before = 0; before < day; before++)
			printed |= same_days(rules, before, day);
		if (printed || first[day + 1] == first[day])
			continue;
		appendStringInfoChar(out, ';');
		print_weekdays(out, rules, day);
		print_intervals(out, rules->week + first[day],
						first[day + 1] - first[day]);
	}
}

static void
print_date(StringInfo out, int32 date)
{
	int			year;
	int			month;
	int			day;

	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	appendStringInfo(out, "%04d-%02d-%02d", year, month, day);
}

/* Neighbours in the list of date rules with equal openings share a rule. */
static void
print_dates(StringInfo out, const CalendarRules *rules)
{
	const DateRule *dates = rules->dates;

	for (int i = 0; i < rules->date_count;)
	{
		const OpenInterval *intervals = rules->date_intervals + dates[i].first;
		int			count = dates[i].count;
		const char *separator = "; ";

		while (i < rules->date_count &&
			   same_intervals(intervals, count,
							  rules->date_intervals + dates[i].first,
							  dates[i].count))
		{
			int			last = i;

			while (last + 1 < rules->date_count &&
				   dates[last + 1].date == dates[last].date + 1 &&
				   same_intervals(intervals, count,
								  rules->date_intervals + dates[last + 1].first,
								  dates[last + 1].count))
				last++;
			appendStringInfoString(out, separator);
			print_date(out, dates[i].date);
			if (last > i)
			{
				appendStringInfoString(out, "..");
				print_date(out, dates[last].date);
			}
			separator = ",";
			i = last + 1;
		}
		print_intervals(out, intervals, count);
	}
}

char *
sc_calendar_text(const CalendarDefinition *definition)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoString(&out, definition->zone);
	print_week(&out, &definition->rules);
	print_dates(&out, &definition->rules);
	return out.data;
}
