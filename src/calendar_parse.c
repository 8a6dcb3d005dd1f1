/*
 * calendar_parse.c
 *		Reading calendars from text.
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

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "calendar_parse.h"

/* Dates named in a text before they are sorted out; a guard, not a limit. */
#define MAX_NAMED_DATES (16 * SC_MAX_DATE_RULES)

/* Time spans of one rule: what can be told apart in a day. */
#define MAX_SPANS (SC_MINUTES_PER_DAY / 2)

/* How much of a bad text an error message repeats. */
#define MAX_QUOTED_TEXT 64

const char *const sc_weekday_names[SC_DAYS_PER_WEEK] = {
	"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"
};

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
			 errhint("%s", hint ? hint :
					 "Write it like \"Europe/Paris; Mo-Fr 09:00-17:00; 2026-12-25 off\".")));
}

bool
sc_too_many(Node *escontext, const char *what, int limit)
{
	ereturn(escontext, false,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("calendar has too many %s", what),
			 errdetail("A calendar can have up to %d.", limit),
			 errhint("Leave out dates that are over, and write weekdays and dates that have the same times in one rule.")));
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
	int			before = list->count;

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
		if (list->count - before > MAX_SPANS)
			return sc_too_many(parser->escontext, "time spans in one rule",
							   MAX_SPANS);
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
		if (accept(parser, sc_weekday_names[*day]))
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
				 errdetail("Business calendars cover the years 1900 to 2200."),
				 errhint("Leave the date out.")));
	parser->at += 10;
	return true;
}

static bool
append_dates(Parser *parser, int32 first, int32 last)
{
	if (parser->date_count + (last - first + 1) > MAX_NAMED_DATES)
		return sc_too_many(parser->escontext, "date rules", SC_MAX_DATE_RULES);
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
						   SC_MAX_CALENDAR_TEXT),
				 errhint("Leave out dates that are over, and write ranges of dates as 2026-12-24..2026-12-31.")));
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
	return sc_calendar_settle(&parser, &result->rules);
}
