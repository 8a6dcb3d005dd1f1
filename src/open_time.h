/*
 * open_time.h
 *		Open time as a function of the instant, and its inverse: what the
 *		deadline arithmetic in business_time.c stands on.
 */
#ifndef SUPPORT_CASE_OPEN_TIME_H
#define SUPPORT_CASE_OPEN_TIME_H

#include "business_time.h"

static inline int32
date_of(int64 local)
{
	return (int32) ((local - SC_BASE_LOCAL) / USECS_PER_DAY) + SC_BASE_DATE;
}

static inline int64
start_of_date(int32 date)
{
	return date * USECS_PER_DAY;
}

static inline int
day_of_week(int32 date)
{
	return (date - SC_BASE_DATE) % SC_DAYS_PER_WEEK;
}

/* rule_at finds the first date rule on or after a date. */
static inline int
rule_at(const Calendar *calendar, int32 date)
{
	const CalendarRules *rules = &calendar->rules;
	int			rule = calendar->date_bucket[(date - SC_BASE_DATE) >>
											 DATE_BUCKET_SHIFT];

	while (rule < rules->date_count && rules->dates[rule].date < date)
		rule++;
	return rule;
}

/* intervals_of gives the opening intervals of a date; rule is rule_at(). */
static inline const OpenInterval *
intervals_of(const CalendarRules *rules, int32 date, int rule, int *count)
{
	int			day;

	if (rule < rules->date_count && rules->dates[rule].date == date)
	{
		*count = rules->dates[rule].count;
		return rules->date_intervals + rules->dates[rule].first;
	}
	day = day_of_week(date);
	*count = rules->week_first[day + 1] - rules->week_first[day];
	return rules->week + rules->week_first[day];
}

/* piece_at finds the piece of an instant between first and last instant. */
static inline int
piece_at(const ZonePieces *zone, TimestampTz at)
{
	int			piece = zone->bucket[(at - SC_FIRST_INSTANT) >>
									 ZONE_BUCKET_SHIFT];

	while (zone->pieces[piece + 1].start <= at)
		piece++;
	return piece;
}

/* Where an instant stands: its piece, its local reading, its open time. */
typedef struct Place
{
	int			piece;
	int			rule;			/* first date rule on or after its date */
	int64		local;
	int64		open;
} Place;

static inline bool
local_in_range(int64 local)
{
	return local >= SC_FIRST_LOCAL && local < SC_LOCAL_END;
}

/* locate fills piece and local reading; false outside the years covered. */
static inline bool
locate(const Calendar *calendar, TimestampTz at, Place *place)
{
	if (at < SC_FIRST_INSTANT || at >= SC_LAST_INSTANT)
		return false;
	place->piece = piece_at(&calendar->zone, at);
	place->local = at + calendar->zone.pieces[place->piece].offset;
	return local_in_range(place->local);
}

/* sc_open_before fills in a located place's open time and date rule. */
extern void sc_open_before(const Calendar *calendar, Place *place);

/* What it means that open time runs out. */
extern TimeStatus sc_beyond(const Calendar *calendar);

/*
 * sc_first_with_open finds the first instant with that much open time before
 * it (at least 1), sc_last_with_open the last: from there on time is open.
 * They are expected near place.
 */
extern TimeStatus sc_first_with_open(const Calendar *calendar, int64 open,
									 const Place *place, TimestampTz *result);
extern TimeStatus sc_last_with_open(const Calendar *calendar, int64 open,
									const Place *place, TimestampTz *result);

/* Where on the local axis a measure reaches a total. */
typedef struct MeasurePlace
{
	int32		date;
	int			rule;			/* rule_at() of the date */
	int64		rest;			/* how far into that date, 1 or more */
} MeasurePlace;

/*
 * sc_measure_at is the total at the start of a date; rule is rule_at().
 *
 * sc_measure_find finds the date within which the total reaches target (at
 * least 1), expected near date rule hint.  False when it never gets there.
 */
extern int64 sc_measure_at(const Measure *measure, int32 date, int rule);
extern bool sc_measure_find(const Calendar *calendar, const Measure *measure,
							int64 target, int hint, MeasurePlace *found);

/*
 * sc_instant_of is the instant of a local reading, by PostgreSQL's rule: a
 * reading that a clock change skips is taken with the offset before it, one
 * that occurs twice is the later.
 */
extern TimestampTz sc_instant_of(const ZonePieces *zone, int64 local);

#endif							/* SUPPORT_CASE_OPEN_TIME_H */
