/*
 * calendar_text.c
 *		Reading calendars from text and printing them.
 *
 * The notation is a subset of OpenStreetMap's opening hours, with ISO dates,
 * after the name of a time zone:
 *
 *		zone ; rule ; rule ...
 *		rule:  24/7  |  off  |  weekdays [times | off]  |  dates times | off
 *		weekdays:  Mo-Fr,Su     dates:  2026-12-24,2026-12-28..2027-01-01
 *		times:  09:00-12:30,13:30-17:30
 *
 * A weekday alone is open all day.  A later rule replaces an earlier one on
 * the days it names, and a date rule replaces the weekday's.  A time span that
 * ends no later than it starts runs into the next day.
 */
#include "compat.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "calendar.h"

/* Dates named in a text before they are sorted out; a guard, not a limit. */
#define MAX_NAMED_DATES (16 * SC_MAX_DATE_RULES)

/* How much of a bad text an error message repeats. */
#define MAX_QUOTED_TEXT 64

static const char *const weekday_names[SC_DAYS_PER_WEEK] = {
	"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"
};

/* Minutes from the start of a day, until up to two days later. */
typedef struct Span
{
	int			from;
	int			until;
} Span;

typedef struct SpanList
{
	int			count;
	int			capacity;
	Span	   *spans;
} SpanList;

/* A date that a rule names, with the rule's spans. */
typedef struct NamedDate
{
	int32		date;
	int			order;			/* of the rule in the text */
	int			first;			/* span */
	int			count;			/* of spans, 0 for off */
} NamedDate;

typedef struct Parser
{
	const char *text;
	const char *at;
	Node	   *escontext;
	bool		has_week;		/* a rule for weekdays was seen */
	SpanList	week[SC_DAYS_PER_WEEK];
	SpanList	date_spans;
	NamedDate  *dates;
	int			date_count;
	int			date_capacity;
	int			rules;			/* read so far */
} Parser;

/* ---------- errors ---------- */

/* syntax_error says what was expected where; false for the caller to return. */
static bool
syntax_error(Parser *parser, const char *expected, const char *hint)
{
	int			position = pg_mbstrlen_with_len(parser->text,
												parser->at - parser->text) + 1;
	int			shown = pg_mbcliplen(parser->text, strlen(parser->text),
									 MAX_QUOTED_TEXT);

	ereturn(parser->escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%.*s%s\"",
					"business_calendar", shown, parser->text,
					parser->text[shown] == '\0' ? "" : "..."),
			 errdetail("Expected %s at character %d.", expected, position),
			 hint ? errhint("%s", hint) : 0));
}

static bool
too_many(Parser *parser, const char *what, int limit)
{
	ereturn(parser->escontext, false,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("calendar has too many %s", what),
			 errdetail("A calendar can have up to %d.", limit)));
}

/* ---------- scanning ---------- */

static void
skip_space(Parser *parser)
{
	while (*parser->at == ' ' || *parser->at == '\t' ||
		   *parser->at == '\n' || *parser->at == '\r')
		parser->at++;
}

/* accept skips a word and the space before it, if it stands there. */
static bool
accept(Parser *parser, const char *word)
{
	skip_space(parser);
	if (pg_strncasecmp(parser->at, word, strlen(word)) != 0)
		return false;
	parser->at += strlen(word);
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* scan_number reads exactly that many digits. */
static bool
scan_number(const char *at, int digits, int *number)
{
	*number = 0;
	for (int i = 0; i < digits; i++)
	{
		if (!is_digit(at[i]))
			return false;
		*number = *number * 10 + (at[i] - '0');
	}
	return !is_digit(at[digits]);
}

static void
append_span(SpanList *list, Span span)
{
	if (list->count == list->capacity)
	{
		list->capacity = Max(8, 2 * list->capacity);
		list->spans = list->spans == NULL ?
			palloc(list->capacity * sizeof(Span)) :
			repalloc(list->spans, list->capacity * sizeof(Span));
	}
	list->spans[list->count++] = span;
}

/* ---------- time spans ---------- */

/* read_clock reads hh:mm into minutes. */
static bool
read_clock(Parser *parser, bool is_end, int *minutes)
{
	int			hour;
	int			minute;

	skip_space(parser);
	if (!scan_number(parser->at, 2, &hour) || parser->at[2] != ':' ||
		!scan_number(parser->at + 3, 2, &minute))
		return syntax_error(parser, "a time such as 09:00", NULL);
	*minutes = hour * 60 + minute;
	if (minute > 59 || *minutes > SC_MINUTES_PER_DAY ||
		(!is_end && *minutes == SC_MINUTES_PER_DAY))
		return syntax_error(parser, is_end ?
							"a time from 00:00 to 24:00" :
							"a time from 00:00 to 23:59", NULL);
	if (is_end && *minutes == SC_MINUTES_PER_DAY - 1)
		return syntax_error(parser, "an end other than 23:59",
							"Intervals end before the time given: write 24:00 for the end of the day.");
	parser->at += 5;
	return true;
}

/* read_spans reads 09:00-12:30,13:30-17:30 and appends it to a list. */
static bool
read_spans(Parser *parser, SpanList *list)
{
	do
	{
		Span		span;
		const char *start;

		skip_space(parser);
		start = parser->at;
		if (!read_clock(parser, false, &span.from))
			return false;
		if (!accept(parser, "-"))
			return syntax_error(parser, "\"-\" and a closing time", NULL);
		if (!read_clock(parser, true, &span.until))
			return false;
		if (span.until == span.from)
		{
			parser->at = start;
			return syntax_error(parser, "an interval that is not empty",
								"Write 00:00-24:00 for a whole day.");
		}
		if (span.until < span.from)
			span.until += SC_MINUTES_PER_DAY;
		append_span(list, span);
	} while (accept(parser, ","));
	return true;
}

/* at_rule_end tells whether the rule ends here. */
static bool
at_rule_end(Parser *parser)
{
	skip_space(parser);
	return *parser->at == ';' || *parser->at == '\0';
}

/* ---------- rules ---------- */

static bool
scan_weekday(Parser *parser, int *day)
{
	for (*day = 0; *day < SC_DAYS_PER_WEEK; (*day)++)
		if (accept(parser, weekday_names[*day]))
			return true;
	return false;
}

/* read_weekdays reads Mo-Fr,Su into a mask; a range may run over Sunday. */
static bool
read_weekdays(Parser *parser, int day, int *mask)
{
	*mask = 0;
	for (;;)
	{
		int			last = day;

		if (accept(parser, "-") && !scan_weekday(parser, &last))
			return syntax_error(parser, "a weekday such as Fr", NULL);
		*mask |= 1 << day;
		while (day != last)
		{
			day = (day + 1) % SC_DAYS_PER_WEEK;
			*mask |= 1 << day;
		}
		if (!accept(parser, ","))
			return true;
		if (!scan_weekday(parser, &day))
			return syntax_error(parser, "a weekday such as Fr", NULL);
	}
}

static bool
read_weekday_rule(Parser *parser, int mask, bool may_have_times)
{
	Span		all_day = {0, SC_MINUTES_PER_DAY};
	SpanList	spans = {0};

	parser->has_week = true;
	if (accept(parser, "off"))
		 /* no span */ ;
	else if (!may_have_times || at_rule_end(parser))
		append_span(&spans, all_day);
	else if (!read_spans(parser, &spans))
		return false;

	for (int day = 0; day < SC_DAYS_PER_WEEK; day++)
	{
		if ((mask & (1 << day)) == 0)
			continue;
		parser->week[day].count = 0;
		for (int i = 0; i < spans.count; i++)
			append_span(&parser->week[day], spans.spans[i]);
	}
	return true;
}

static bool
read_date(Parser *parser, int32 *date)
{
	const char *at;
	struct pg_tm tm;

	skip_space(parser);
	at = parser->at;
	memset(&tm, 0, sizeof(tm));
	if (!scan_number(at, 4, &tm.tm_year) || at[4] != '-' ||
		!scan_number(at + 5, 2, &tm.tm_mon) || at[7] != '-' ||
		!scan_number(at + 8, 2, &tm.tm_mday))
		return syntax_error(parser, "a date such as 2026-12-25", NULL);
	if (tm.tm_mon < 1 || tm.tm_mon > MONTHS_PER_YEAR || tm.tm_mday < 1 ||
		tm.tm_mday > day_tab[isleap(tm.tm_year)][tm.tm_mon - 1])
		return syntax_error(parser, "a date that exists", NULL);
	*date = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
	if (*date < SC_FIRST_DATE || *date > SC_LAST_DATE)
		ereturn(parser->escontext, false,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("date out of range for a business calendar: \"%.10s\"",
						at),
				 errdetail("Business calendars cover the years 1900 to 2200.")));
	parser->at += 10;
	return true;
}

static bool
append_dates(Parser *parser, int32 first, int32 last)
{
	if (parser->date_count + (last - first + 1) > MAX_NAMED_DATES)
		return too_many(parser, "date rules", SC_MAX_DATE_RULES);
	while (parser->date_count + (last - first + 1) > parser->date_capacity)
	{
		parser->date_capacity = Max(64, 2 * parser->date_capacity);
		parser->dates = parser->dates == NULL ?
			palloc(parser->date_capacity * sizeof(NamedDate)) :
			repalloc(parser->dates, parser->date_capacity * sizeof(NamedDate));
	}
	for (int32 date = first; date <= last; date++)
	{
		NamedDate  *named = &parser->dates[parser->date_count++];

		named->date = date;
		named->order = parser->rules;
	}
	return true;
}

static bool
read_date_rule(Parser *parser)
{
	int			first_date = parser->date_count;
	int			first_span = parser->date_spans.count;

	do
	{
		int32		first;
		int32		last;
		const char *start;

		skip_space(parser);
		start = parser->at;
		if (!read_date(parser, &first))
			return false;
		last = first;
		if (accept(parser, "..") && !read_date(parser, &last))
			return false;
		if (last < first)
		{
			parser->at = start;
			return syntax_error(parser, "a range whose end is not before its start",
								NULL);
		}
		if (!append_dates(parser, first, last))
			return false;
	} while (accept(parser, ","));

	if (at_rule_end(parser))
		return syntax_error(parser, "opening times or \"off\" after a date",
							NULL);
	if (!accept(parser, "off") && !read_spans(parser, &parser->date_spans))
		return false;
	for (int i = first_date; i < parser->date_count; i++)
	{
		parser->dates[i].first = first_span;
		parser->dates[i].count = parser->date_spans.count - first_span;
	}
	return true;
}

static bool
read_rule(Parser *parser)
{
	int			every_day = (1 << SC_DAYS_PER_WEEK) - 1;
	int			day;
	int			mask;

	skip_space(parser);
	if (is_digit(*parser->at) && strncmp(parser->at, "24/7", 4) != 0)
	{
		if (parser->at[1] != '\0' && parser->at[2] == ':')
			return syntax_error(parser, "a weekday or a date before the times",
								"Write Mo-Su for every day.");
		return read_date_rule(parser);
	}
	if (accept(parser, "24/7"))
		return read_weekday_rule(parser, every_day, false);
	if (scan_weekday(parser, &day))
		return read_weekdays(parser, day, &mask) &&
			read_weekday_rule(parser, mask, true);
	if (pg_strncasecmp(parser->at, "off", 3) == 0)
		return read_weekday_rule(parser, every_day, true);
	return syntax_error(parser, "a weekday, a date, \"24/7\" or \"off\"",
						pg_strncasecmp(parser->at, "PH", 2) == 0 ?
						"Public holidays are listed by date." : NULL);
}

/* read_zone reads the name up to the first semicolon. */
static bool
read_zone(Parser *parser, char *zone)
{
	const char *end = strchr(parser->at, ';');
	const char *known;
	int			length;

	if (end == NULL)
		end = parser->at + strlen(parser->at);
	while (end > parser->at && (end[-1] == ' ' || end[-1] == '\t' ||
								end[-1] == '\n' || end[-1] == '\r'))
		end--;
	length = end - parser->at;
	if (length == 0)
		return syntax_error(parser, "a time zone", NULL);
	if (length <= SC_MAX_ZONE_NAME)
		memcpy(zone, parser->at, length);
	zone[Min(length, SC_MAX_ZONE_NAME)] = '\0';
	known = length <= SC_MAX_ZONE_NAME ? sc_zone_canonical(zone) : NULL;
	if (known == NULL)
		ereturn(parser->escontext, false,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%.*s\" not recognized",
						pg_mbcliplen(parser->at, length, MAX_QUOTED_TEXT),
						parser->at),
				 errhint("A calendar starts with the IANA name of a time zone, such as \"Europe/Paris; Mo-Fr\".")));
	strlcpy(zone, known, SC_MAX_ZONE_NAME + 1);
	parser->at = end;
	return true;
}

/* ---------- from spans to intervals ---------- */

static int
compare_intervals(const void *a, const void *b)
{
	return ((const OpenInterval *) a)->from - ((const OpenInterval *) b)->from;
}

/* merge_intervals sorts, joins what touches or overlaps, returns the count. */
static int
merge_intervals(OpenInterval *intervals, int count)
{
	int			merged = 0;

	qsort(intervals, count, sizeof(OpenInterval), compare_intervals);
	for (int i = 0; i < count; i++)
	{
		if (merged > 0 && intervals[i].from <= intervals[merged - 1].until)
			intervals[merged - 1].until = Max(intervals[i].until,
											  intervals[merged - 1].until);
		else
			intervals[merged++] = intervals[i];
	}
	return merged;
}

/*
 * add_spans appends the parts of spans that fall on one date: that on which
 * they start (shift 0), or the next.
 */
static int
add_spans(const Span *spans, int count, int shift, OpenInterval *intervals)
{
	int			start = shift * SC_MINUTES_PER_DAY;
	int			added = 0;

	for (int i = 0; i < count; i++)
	{
		int			from = Max(spans[i].from, start);
		int			until = Min(spans[i].until, start + SC_MINUTES_PER_DAY);

		if (from < until)
		{
			intervals[added].from = (uint16) (from - start);
			intervals[added++].until = (uint16) (until - start);
		}
	}
	return added;
}

/* finish_week splits the week's spans at midnight. */
static bool
finish_week(Parser *parser, CalendarRules *rules)
{
	int			count = 0;
	int			spans = 0;
	OpenInterval *week;

	for (int day = 0; day < SC_DAYS_PER_WEEK; day++)
		spans += 2 * parser->week[day].count;
	week = palloc(Max(spans, 1) * sizeof(OpenInterval));
	for (int day = 0; day < SC_DAYS_PER_WEEK; day++)
	{
		const SpanList *before =
		&parser->week[(day + SC_DAYS_PER_WEEK - 1) % SC_DAYS_PER_WEEK];
		const SpanList *own = &parser->week[day];
		int			added;

		rules->week_first[day] = count;
		added = add_spans(own->spans, own->count, 0, week + count);
		added += add_spans(before->spans, before->count, 1,
						   week + count + added);
		count += merge_intervals(week + count, added);
	}
	rules->week_first[SC_DAYS_PER_WEEK] = count;
	rules->week = week;
	if (count > SC_MAX_WEEK_INTERVALS)
		return too_many(parser, "weekly opening intervals",
						SC_MAX_WEEK_INTERVALS);
	return true;
}

static int
compare_named_dates(const void *a, const void *b)
{
	const NamedDate *left = a;
	const NamedDate *right = b;

	if (left->date != right->date)
		return left->date < right->date ? -1 : 1;
	return left->order - right->order;
}

/*
 * settle_dates sorts the named dates, keeps the last rule of each, and adds
 * the dates into which spans of the date before run.
 */
static NamedDate *
settle_dates(Parser *parser, int *count)
{
	NamedDate  *settled = palloc(2 * Max(parser->date_count, 1) *
								 sizeof(NamedDate));

	*count = 0;
	if (parser->date_count > 0)
		qsort(parser->dates, parser->date_count, sizeof(NamedDate),
			  compare_named_dates);
	for (int i = 0; i < parser->date_count; i++)
	{
		const NamedDate *named = &parser->dates[i];
		const NamedDate *next = i + 1 < parser->date_count ? named + 1 : NULL;
		bool		runs_over = false;

		if (next != NULL && next->date == named->date)
			continue;
		settled[(*count)++] = *named;
		for (int s = named->first; s < named->first + named->count; s++)
			runs_over |= parser->date_spans.spans[s].until > SC_MINUTES_PER_DAY;
		if (runs_over && named->date < SC_LAST_DATE &&
			(next == NULL || next->date > named->date + 1))
		{
			settled[*count] = *named;
			settled[*count].date++;
			settled[(*count)++].count = -1; /* what its weekday has */
		}
	}
	return settled;
}

/*
 * finish_date puts the intervals of one date at the end of a list: its own or
 * its weekday's, and what runs over from the date before.  A date that is off
 * stays closed.
 */
static int
finish_date(const Parser *parser, const CalendarRules *rules,
			const NamedDate *date, const NamedDate *before,
			OpenInterval *intervals)
{
	int			day = (date->date - SC_BASE_DATE) % SC_DAYS_PER_WEEK;
	int			count;

	if (date->count == 0)
		return 0;
	if (date->count > 0)
		count = add_spans(parser->date_spans.spans + date->first, date->count,
						  0, intervals);
	else
	{
		count = rules->week_first[day + 1] - rules->week_first[day];
		memcpy(intervals, rules->week + rules->week_first[day],
			   count * sizeof(OpenInterval));
	}
	if (before != NULL && before->date + 1 == date->date && before->count > 0)
		count += add_spans(parser->date_spans.spans + before->first,
						   before->count, 1, intervals + count);
	return merge_intervals(intervals, count);
}

static bool
finish_dates(Parser *parser, CalendarRules *rules)
{
	int			count;
	NamedDate  *settled = settle_dates(parser, &count);
	DateRule   *dates;
	OpenInterval *intervals;
	int			most = SC_MAX_WEEK_INTERVALS + 2 * parser->date_spans.count;
	int			used = 0;

	if (count > SC_MAX_DATE_RULES)
		return too_many(parser, "date rules", SC_MAX_DATE_RULES);
	dates = palloc(Max(count, 1) * sizeof(DateRule));
	intervals = palloc((SC_MAX_DATE_INTERVALS + most) * sizeof(OpenInterval));
	for (int i = 0; i < count; i++)
	{
		dates[i].date = settled[i].date;
		dates[i].first = used;
		dates[i].count = finish_date(parser, rules, &settled[i],
									 i > 0 ? &settled[i - 1] : NULL,
									 intervals + used);
		used += dates[i].count;
		if (used > SC_MAX_DATE_INTERVALS)
			return too_many(parser, "opening intervals in date rules",
							SC_MAX_DATE_INTERVALS);
	}
	rules->date_count = count;
	rules->dates = dates;
	rules->date_intervals = intervals;
	return true;
}

bool
sc_calendar_parse(const char *text, CalendarDefinition *result,
				  Node *escontext)
{
	Parser		parser = {0};

	if (strlen(text) > SC_MAX_CALENDAR_TEXT)
		ereturn(escontext, false,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("calendar is too long"),
				 errdetail("The text of a calendar can have up to %d bytes.",
						   SC_MAX_CALENDAR_TEXT)));
	memset(result, 0, sizeof(CalendarDefinition));
	parser.text = text;
	parser.at = text;
	parser.escontext = escontext;
	skip_space(&parser);
	if (!read_zone(&parser, result->zone))
		return false;
	while (accept(&parser, ";"))
	{
		if (!read_rule(&parser))
			return false;
		if (!at_rule_end(&parser))
			return syntax_error(&parser, "\";\" or the end of the calendar",
								NULL);
		parser.rules++;
	}
	if (!parser.has_week)
		return syntax_error(&parser, "a rule for weekdays",
							"Write \"; off\" for a calendar that opens on listed dates only.");
	return finish_week(&parser, &result->rules) &&
		finish_dates(&parser, &result->rules);
}

/* ---------- printing ---------- */

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
		appendStringInfo(out, "%c%s", separator, weekday_names[day]);
		if (last > day)
			appendStringInfo(out, "-%s", weekday_names[last]);
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
