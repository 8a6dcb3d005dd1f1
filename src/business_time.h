/*
 * business_time.h
 *		Deadline arithmetic: terms, compiled calendars and what can be asked
 *		of them.
 *
 * Pure: no fmgr, no ereport, no memory but what the caller hands in.  Every
 * function that can fail returns a TimeStatus; glue (calendar.h) turns it
 * into an error where an error is wanted.
 *
 * Instants are microseconds since 2000-01-01 00:00 UTC (TimestampTz), local
 * readings microseconds since 2000-01-01 00:00 on the wall clock of the
 * calendar's zone, dates are days since 2000-01-01.
 */
#ifndef SUPPORT_CASE_BUSINESS_TIME_H
#define SUPPORT_CASE_BUSINESS_TIME_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * Calendars speak of the years 1900 to 2200 of their zone.  Counting starts
 * on the Monday before, so that no sum is ever negative.
 */
#define SC_FIRST_DATE		(-36524)	/* 1900-01-01, a Monday */
#define SC_LAST_DATE		73413	/* 2200-12-31 */
#define SC_BASE_DATE		(SC_FIRST_DATE - 7)

#define SC_FIRST_LOCAL		(SC_FIRST_DATE * USECS_PER_DAY)
#define SC_LOCAL_END		((SC_LAST_DATE + 1) * USECS_PER_DAY)
#define SC_BASE_LOCAL		(SC_BASE_DATE * USECS_PER_DAY)

/* Instants that zone data has to cover: the range, and two days around it. */
#define SC_FIRST_INSTANT	(SC_FIRST_LOCAL - 2 * USECS_PER_DAY)
#define SC_LAST_INSTANT		(SC_LOCAL_END + 2 * USECS_PER_DAY)

#define SC_DAYS_PER_WEEK	7
#define SC_MINUTES_PER_DAY	1440

typedef enum TermUnit
{
	TERM_BUSINESS_MINUTES,
	TERM_BUSINESS_HOURS,
	TERM_BUSINESS_DAYS,
	TERM_MINUTES,
	TERM_HOURS,
	TERM_DAYS
} TermUnit;

#define TERM_UNIT_COUNT (TERM_DAYS + 1)

/*
 * The amount is in microseconds for minutes and hours, in days for days.
 * This is also the representation of type term: 16 bytes, no hole.
 */
typedef struct Term
{
	int64		amount;
	int32		unit;			/* TermUnit */
	int32		unused;			/* always 0: values are compared as bytes */
} Term;

typedef enum TimeStatus
{
	TIME_OK,
	TIME_OUT_OF_RANGE,			/* outside the years 1900 to 2200 */
	TIME_NO_OPEN_TIME,			/* the calendar does not open (any more) */
	TIME_NEVER_CLOSES,			/* the calendar does not close any more */
	TIME_UNBOUNDED				/* open time up to infinity was asked for */
} TimeStatus;

/* Half-open opening interval in minutes of one date; until is up to 1440. */
typedef struct OpenInterval
{
	uint16		from;
	uint16		until;
} OpenInterval;

/* A stretch of constant UTC offset, from its start to that of the next. */
typedef struct ZonePiece
{
	TimestampTz start;
	int64		offset;			/* added to UTC gives local, microseconds */
} ZonePiece;

/*
 * Buckets of 2^43 microseconds (102 days) lead to a piece without search:
 * bucket[i] is the piece at the start of bucket i.
 */
#define ZONE_BUCKET_SHIFT	43
#define ZONE_BUCKETS \
	((int) (((SC_LAST_INSTANT - SC_FIRST_INSTANT) >> ZONE_BUCKET_SHIFT) + 1))

typedef struct ZonePieces
{
	int			count;
	const ZonePiece *pieces;	/* count + 1 entries, the last starts never */
	const uint16 *bucket;		/* ZONE_BUCKETS entries */
} ZonePieces;

/* Dates that do not follow the week; sorted by date. */
typedef struct DateRule
{
	int32		date;
	int32		first;			/* of its intervals */
	int32		count;			/* of its intervals, 0 when closed */
} DateRule;

/*
 * What a calendar says, before compilation.  The intervals of a day are
 * sorted and neither touch nor overlap.
 */
typedef struct CalendarRules
{
	int			week_first[SC_DAYS_PER_WEEK + 1];	/* Monday first */
	const OpenInterval *week;
	int			date_count;
	const DateRule *dates;
	const OpenInterval *date_intervals;
} CalendarRules;

/*
 * Something that accumulates over local dates: open microseconds, or open
 * dates.  Up to a date it is whole weeks, the days of the week before it, and
 * the shift of all date rules before it.
 */
typedef struct Measure
{
	int64		week;
	int64		before_day[SC_DAYS_PER_WEEK + 1];
	int64	   *shift;			/* by date rule, and after the last */
	int64	   *at_rule;		/* total at the start of the rule's date */
	int64	   *in_rule;		/* total within the rule's date */
} Measure;

/* Buckets of 16 dates lead to the date rules near a date. */
#define DATE_BUCKET_SHIFT	4
#define DATE_BUCKETS \
	(((SC_LAST_DATE + 8 - SC_BASE_DATE) >> DATE_BUCKET_SHIFT) + 1)

typedef struct Calendar
{
	CalendarRules rules;
	ZonePieces	zone;
	Measure		open;			/* microseconds */
	Measure		dates;			/* dates with an opening */
	uint16		date_bucket[DATE_BUCKETS];
	int64	   *open_at_piece;	/* open time from the first piece on */
	int64	   *open_base;		/* the same less that on the local axis */
	int64		open_total;		/* open time up to SC_LAST_INSTANT */
} Calendar;

/* Fills bucket (ZONE_BUCKETS entries) from the pieces. */
extern void sc_zone_index(const ZonePiece *pieces, int count, uint16 *bucket);

/*
 * sc_calendar_compile prepares rules and zone for the functions below.  It
 * keeps pointers to both and uses sc_calendar_work_size() bytes at work,
 * aligned for int64.
 */
extern Size sc_calendar_work_size(int date_count, int piece_count);
extern void sc_calendar_compile(Calendar *calendar,
								const CalendarRules *rules,
								const ZonePieces *zone, void *work);

/*
 * sc_business_add gives the instant a term ends: the nearest one to the start
 * at which the term is consumed.  Infinity stays infinity.
 */
extern TimeStatus sc_business_add(const Calendar *calendar, TimestampTz at,
								  Term term, TimestampTz *result);

/* Elapsed open time in microseconds, negative when to_at is before from_at. */
extern TimeStatus sc_business_between(const Calendar *calendar,
									  TimestampTz from_at, TimestampTz to_at,
									  int64 *result);

extern TimeStatus sc_is_open(const Calendar *calendar, TimestampTz at,
							 bool *result);

/* The first open instant at or after at. */
extern TimeStatus sc_next_open(const Calendar *calendar, TimestampTz at,
							   TimestampTz *result);

/* The first closing after at: the end of the open period at or after it. */
extern TimeStatus sc_next_close(const Calendar *calendar, TimestampTz at,
								TimestampTz *result);

/* The last closing of at's local date if it is still to come, else at. */
extern TimeStatus sc_end_of_business_day(const Calendar *calendar,
										 TimestampTz at, TimestampTz *result);

#endif							/* SUPPORT_CASE_BUSINESS_TIME_H */
