/*
 * calendar_parse.h
 *		What a calendar's text says, between reading it (calendar_parse.c) and
 *		settling which rule holds when (calendar_settle.c).
 */
#ifndef SUPPORT_CASE_CALENDAR_PARSE_H
#define SUPPORT_CASE_CALENDAR_PARSE_H

#include "compat.h"

#include "calendar.h"

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

/*
 * sc_calendar_settle turns the spans of a text into the intervals of each
 * weekday and listed date; false after a soft error.
 */
extern bool sc_calendar_settle(Parser *parser, CalendarRules *rules);

#endif							/* SUPPORT_CASE_CALENDAR_PARSE_H */
