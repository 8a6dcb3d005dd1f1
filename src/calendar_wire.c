/*
 * calendar_wire.c
 *		Binary input and output of business_calendar.
 *
 * All integers in network order: int16 version (1); int16 length and bytes of
 * the zone's name; int16 number of weekly intervals, each int16 from and until
 * in minutes of the week from Monday; int16 number of listed dates, each int32
 * days since 2000-01-01, int16 number of intervals, each int16 from and until
 * in minutes of the day.  Only canonical calendars are accepted: what text
 * input cannot produce does not come in this way.
 */
#include "compat.h"

#include "libpq/pqformat.h"

#include "calendar.h"

#define WIRE_VERSION 1

static void
malformed(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid %s in external \"%s\" value", what,
					"business_calendar")));
}

/* receive_count reads a number of things and checks that they can follow. */
static int
receive_count(StringInfo buffer, int most, int size, const char *what)
{
	int			count = pq_getmsgint(buffer, 2);

	if (count > most || count * size > buffer->len - buffer->cursor)
		malformed(what);
	return count;
}

static void
receive_zone(StringInfo buffer, char *zone)
{
	int			length = receive_count(buffer, SC_MAX_ZONE_NAME, 1,
									   "time zone");
	const char *known;

	memcpy(zone, pq_getmsgbytes(buffer, length), length);
	zone[length] = '\0';
	known = strlen(zone) == (size_t) length ? sc_zone_canonical(zone) : NULL;
	if (known == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone in external \"%s\" value not recognized",
						"business_calendar")));
	strlcpy(zone, known, SC_MAX_ZONE_NAME + 1);
}

/*
 * receive_interval reads an interval that has to follow another within a day,
 * or to start a day (before is -1).
 */
static OpenInterval
receive_interval(StringInfo buffer, int day, int before, const char *what)
{
	int			start = day * SC_MINUTES_PER_DAY;
	int			from = (int) pq_getmsgint(buffer, 2) - start;
	int			until = (int) pq_getmsgint(buffer, 2) - start;
	OpenInterval interval = {(uint16) from, (uint16) until};

	if (from <= before || from >= until || until > SC_MINUTES_PER_DAY ||
		until == SC_MINUTES_PER_DAY - 1)
		malformed(what);
	return interval;
}

static void
receive_week(StringInfo buffer, CalendarRules *rules)
{
	int			count = receive_count(buffer, SC_MAX_WEEK_INTERVALS,
									  sizeof(OpenInterval), "weekly interval");
	OpenInterval *week = palloc(Max(count, 1) * sizeof(OpenInterval));
	int			day = 0;

	for (int i = 0; i < count; i++)
	{
		int			from = (buffer->data[buffer->cursor] & 0xff) << 8 |
		(buffer->data[buffer->cursor + 1] & 0xff);
		int			before;

		while (day < SC_DAYS_PER_WEEK - 1 &&
			   from >= (day + 1) * SC_MINUTES_PER_DAY)
			rules->week_first[++day] = i;
		before = i > rules->week_first[day] ? week[i - 1].until : -1;
		week[i] = receive_interval(buffer, day, before, "weekly interval");
	}
	while (day < SC_DAYS_PER_WEEK)
		rules->week_first[++day] = count;
	rules->week = week;
}

static void
receive_dates(StringInfo buffer, CalendarRules *rules)
{
	int			count = receive_count(buffer, SC_MAX_DATE_RULES,
									  sizeof(int32) + sizeof(int16), "date");
	DateRule   *dates = palloc(Max(count, 1) * sizeof(DateRule));
	int			most = (buffer->len - buffer->cursor) / sizeof(OpenInterval);
	OpenInterval *intervals = palloc(Max(Min(most, SC_MAX_DATE_INTERVALS), 1) *
									 sizeof(OpenInterval));
	int			used = 0;

	for (int i = 0; i < count; i++)
	{
		int			before = -1;

		dates[i].date = (int32) pq_getmsgint(buffer, 4);
		if (dates[i].date < SC_FIRST_DATE || dates[i].date > SC_LAST_DATE ||
			(i > 0 && dates[i].date <= dates[i - 1].date))
			malformed("date");
		dates[i].first = used;
		dates[i].count = receive_count(buffer, SC_MAX_DATE_INTERVALS - used,
									   sizeof(OpenInterval), "date interval");
		for (int j = 0; j < dates[i].count; j++)
		{
			intervals[used] = receive_interval(buffer, 0, before,
											   "date interval");
			before = intervals[used++].until;
		}
	}
	rules->date_count = count;
	rules->dates = dates;
	rules->date_intervals = intervals;
}

PG_FUNCTION_INFO_V1(sc_calendar_recv);
Datum
sc_calendar_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	CalendarDefinition definition;

	memset(&definition, 0, sizeof(definition));
	if (pq_getmsgint(buffer, 2) != WIRE_VERSION)
		malformed("version");
	receive_zone(buffer, definition.zone);
	receive_week(buffer, &definition.rules);
	receive_dates(buffer, &definition.rules);
	if (buffer->cursor != buffer->len)
		malformed("length");
	PG_RETURN_POINTER(sc_calendar_store(&definition));
}

static void
send_interval(StringInfo buffer, const OpenInterval *interval, int day)
{
	pq_sendint16(buffer, interval->from + day * SC_MINUTES_PER_DAY);
	pq_sendint16(buffer, interval->until + day * SC_MINUTES_PER_DAY);
}

PG_FUNCTION_INFO_V1(sc_calendar_send);
Datum
sc_calendar_send(PG_FUNCTION_ARGS)
{
	CalendarDefinition definition;
	const CalendarRules *rules = &definition.rules;
	StringInfoData buffer;

	sc_calendar_load(PG_GETARG_VARLENA_PP(0), &definition);
	pq_begintypsend(&buffer);
	pq_sendint16(&buffer, WIRE_VERSION);
	pq_sendint16(&buffer, strlen(definition.zone));
	pq_sendbytes(&buffer, definition.zone, strlen(definition.zone));

	pq_sendint16(&buffer, rules->week_first[SC_DAYS_PER_WEEK]);
	for (int day = 0; day < SC_DAYS_PER_WEEK; day++)
		for (int i = rules->week_first[day]; i < rules->week_first[day + 1]; i++)
			send_interval(&buffer, &rules->week[i], day);

	pq_sendint16(&buffer, rules->date_count);
	for (int i = 0; i < rules->date_count; i++)
	{
		const DateRule *rule = &rules->dates[i];

		pq_sendint32(&buffer, rule->date);
		pq_sendint16(&buffer, rule->count);
		for (int j = rule->first; j < rule->first + rule->count; j++)
			send_interval(&buffer, &rules->date_intervals[j], 0);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}
