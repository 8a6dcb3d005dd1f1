/*
 * business_time.c
 *		Deadline arithmetic on compiled calendars.
 *
 * An instant is open when its reading on the wall clock of the calendar's
 * zone lies in one of that date's opening intervals.  Everything rests on the
 * open time up to an instant and its inverse (open_time.c).
 */
#include "open_time.h"

#include "common/int.h"

/* checked_result lets only instants of the years covered out. */
static TimeStatus
checked_result(const Calendar *calendar, TimestampTz at, TimestampTz *result)
{
	int64		local;

	if (at < SC_FIRST_INSTANT || at >= SC_LAST_INSTANT)
		return TIME_OUT_OF_RANGE;
	local = at + calendar->zone.pieces[piece_at(&calendar->zone, at)].offset;
	if (local < SC_FIRST_LOCAL || local > SC_LOCAL_END)
		return TIME_OUT_OF_RANGE;
	*result = at;
	return TIME_OK;
}

/*
 * open_around gives the interval of its date in which a place lies, NULL when
 * it is closed.
 */
static const OpenInterval *
open_around(const Calendar *calendar, Place *place)
{
	int32		date = date_of(place->local);
	int64		clock = place->local - start_of_date(date);
	const OpenInterval *interval;
	int			count;

	place->rule = rule_at(calendar, date);
	interval = intervals_of(&calendar->rules, date, place->rule, &count);
	while (count > 0 && interval->until * USECS_PER_MINUTE <= clock)
	{
		count--;
		interval++;
	}
	if (count == 0 || interval->from * USECS_PER_MINUTE > clock)
		return NULL;
	return interval;
}

/* ---------- adding terms ---------- */

static TimeStatus
add_open_time(const Calendar *calendar, Place place, int64 amount,
			  TimestampTz *result)
{
	int64		open;
	TimeStatus	status;

	sc_open_before(calendar, &place);
	if (pg_add_s64_overflow(place.open, amount, &open))
		return TIME_OUT_OF_RANGE;
	status = amount > 0 ?
		sc_first_with_open(calendar, open, &place, result) :
		sc_last_with_open(calendar, open, &place, result);
	if (status != TIME_OK)
		return status;
	return checked_result(calendar, *result, result);
}

/* find_open_date finds the open date that many open dates from an open one. */
static TimeStatus
find_open_date(const Calendar *calendar, int32 date, int64 amount,
			   int rule, int32 *result)
{
	int64		ordinal = sc_measure_at(&calendar->dates, date, rule) + 1;
	MeasurePlace found;

	/* No range of years has more open dates than dates. */
	if (amount > SC_LAST_DATE - SC_BASE_DATE ||
		amount < SC_BASE_DATE - SC_LAST_DATE ||
		ordinal + amount < 1 ||
		!sc_measure_find(calendar, &calendar->dates, ordinal + amount, rule,
						 &found) ||
		found.date < SC_FIRST_DATE || found.date > SC_LAST_DATE)
		return sc_beyond(calendar);
	*result = found.date;
	return TIME_OK;
}

/*
 * roll_to_open gives date and clock from which business days count.  Inside
 * opening hours they are read from the clock; else the start moves to open
 * time.  Going back everything is mirrored: the start moves to the open time
 * before it, and midnight is 24:00 of the date before.
 */
static TimeStatus
roll_to_open(const Calendar *calendar, Place *place, bool back,
			 int32 *date, int64 *clock)
{
	const OpenInterval *around = open_around(calendar, place);
	TimestampTz rolled;
	TimeStatus	status;

	*date = date_of(place->local);
	*clock = place->local - start_of_date(*date);
	if (around != NULL &&
		(!back || around->from * USECS_PER_MINUTE < *clock))
		return TIME_OK;

	sc_open_before(calendar, place);
	status = back ?
		sc_first_with_open(calendar, place->open, place, &rolled) :
		sc_last_with_open(calendar, place->open, place, &rolled);
	if (status != TIME_OK)
		return status;
	if (!locate(calendar, back ? rolled - 1 : rolled, place))
		return TIME_OUT_OF_RANGE;
	*date = date_of(place->local);
	*clock = place->local + (back ? 1 : 0) - start_of_date(*date);
	place->rule = rule_at(calendar, *date);
	return TIME_OK;
}

/*
 * add_business_days keeps the wall clock on the Nth open date and takes the
 * nearest instant with the same open time.
 */
static TimeStatus
add_business_days(const Calendar *calendar, Place place, int64 amount,
				  TimestampTz *result)
{
	bool		back = amount < 0;
	int32		date;
	int64		clock;
	TimestampTz at;
	TimeStatus	status;

	status = roll_to_open(calendar, &place, back, &date, &clock);
	if (status == TIME_OK)
		status = find_open_date(calendar, date, amount, place.rule, &date);
	if (status != TIME_OK)
		return status;

	at = sc_instant_of(&calendar->zone, start_of_date(date) + clock);
	place.piece = piece_at(&calendar->zone, at);
	place.local = at + calendar->zone.pieces[place.piece].offset;
	sc_open_before(calendar, &place);
	status = back ?
		sc_last_with_open(calendar, place.open, &place, result) :
		sc_first_with_open(calendar, place.open, &place, result);
	if (status != TIME_OK)
		return status;
	return checked_result(calendar, *result, result);
}

/* Days on the wall clock of the calendar's zone, open or not. */
static TimeStatus
add_days(const Calendar *calendar, Place place, int64 amount,
		 TimestampTz *result)
{
	int64		local;

	if (pg_mul_s64_overflow(amount, USECS_PER_DAY, &local) ||
		pg_add_s64_overflow(place.local, local, &local) ||
		!local_in_range(local))
		return TIME_OUT_OF_RANGE;
	return checked_result(calendar, sc_instant_of(&calendar->zone, local),
						  result);
}

/* Elapsed time, open or not. */
static TimeStatus
add_elapsed(const Calendar *calendar, TimestampTz at, int64 amount,
			TimestampTz *result)
{
	TimestampTz sum;

	if (pg_add_s64_overflow(at, amount, &sum))
		return TIME_OUT_OF_RANGE;
	return checked_result(calendar, sum, result);
}

TimeStatus
sc_business_add(const Calendar *calendar, TimestampTz at, Term term,
				TimestampTz *result)
{
	Place		place;

	*result = at;
	if (TIMESTAMP_NOT_FINITE(at))
		return TIME_OK;
	if (!locate(calendar, at, &place))
		return TIME_OUT_OF_RANGE;
	if (term.amount == 0)
		return TIME_OK;

	switch ((TermUnit) term.unit)
	{
		case TERM_BUSINESS_MINUTES:
		case TERM_BUSINESS_HOURS:
			return add_open_time(calendar, place, term.amount, result);
		case TERM_BUSINESS_DAYS:
			return add_business_days(calendar, place, term.amount, result);
		case TERM_MINUTES:
		case TERM_HOURS:
			return add_elapsed(calendar, at, term.amount, result);
		case TERM_DAYS:
			return add_days(calendar, place, term.amount, result);
	}
	return TIME_OUT_OF_RANGE;
}

/* ---------- asking calendars ---------- */

TimeStatus
sc_business_between(const Calendar *calendar, TimestampTz from_at,
					TimestampTz to_at, int64 *result)
{
	Place		from;
	Place		to;

	if (TIMESTAMP_NOT_FINITE(from_at) || TIMESTAMP_NOT_FINITE(to_at))
		return TIME_UNBOUNDED;
	if (!locate(calendar, from_at, &from) || !locate(calendar, to_at, &to))
		return TIME_OUT_OF_RANGE;
	sc_open_before(calendar, &from);
	sc_open_before(calendar, &to);
	*result = to.open - from.open;
	return TIME_OK;
}

TimeStatus
sc_is_open(const Calendar *calendar, TimestampTz at, bool *result)
{
	Place		place;

	*result = false;
	if (TIMESTAMP_NOT_FINITE(at))
		return TIME_OK;
	if (!locate(calendar, at, &place))
		return TIME_OUT_OF_RANGE;
	*result = open_around(calendar, &place) != NULL;
	return TIME_OK;
}

TimeStatus
sc_next_open(const Calendar *calendar, TimestampTz at, TimestampTz *result)
{
	Place		place;
	TimeStatus	status;

	*result = at;
	if (TIMESTAMP_NOT_FINITE(at))
		return TIME_OK;
	if (!locate(calendar, at, &place))
		return TIME_OUT_OF_RANGE;
	if (open_around(calendar, &place))
		return TIME_OK;
	sc_open_before(calendar, &place);
	status = sc_last_with_open(calendar, place.open, &place, result);
	if (status != TIME_OK)
		return status;
	return checked_result(calendar, *result, result);
}

/*
 * An open period can span midnights, clock changes and, in a calendar that is
 * always open, centuries: there it goes from date rule to date rule.
 */
TimeStatus
sc_next_close(const Calendar *calendar, TimestampTz at, TimestampTz *result)
{
	bool		never_closed = calendar->open.week ==
		SC_DAYS_PER_WEEK * USECS_PER_DAY;
	const CalendarRules *rules = &calendar->rules;
	Place		place;
	TimestampTz close;
	TimeStatus	status = sc_next_open(calendar, at, &close);

	*result = at;
	if (status != TIME_OK || TIMESTAMP_NOT_FINITE(at))
		return status;
	for (;;)
	{
		const OpenInterval *around;
		TimestampTz piece_end;
		int64		until;

		if (!locate(calendar, close, &place))
			return TIME_NEVER_CLOSES;
		around = open_around(calendar, &place);
		if (around == NULL)
			break;
		until = start_of_date(date_of(place.local)) +
			around->until * USECS_PER_MINUTE;
		if (never_closed && place.rule == rules->date_count)
			until = SC_LOCAL_END;
		else if (never_closed &&
				 rules->dates[place.rule].date > date_of(place.local))
			until = start_of_date(rules->dates[place.rule].date);
		piece_end = calendar->zone.pieces[place.piece + 1].start;
		close = until - calendar->zone.pieces[place.piece].offset;
		close = Min(close, piece_end);
	}
	*result = close;
	return TIME_OK;
}

TimeStatus
sc_end_of_business_day(const Calendar *calendar, TimestampTz at,
					   TimestampTz *result)
{
	Place		place;
	Place		last;
	int32		date;
	const OpenInterval *interval;
	int			count;
	TimestampTz close;
	TimeStatus	status;

	*result = at;
	if (TIMESTAMP_NOT_FINITE(at))
		return TIME_OK;
	if (!locate(calendar, at, &place))
		return TIME_OUT_OF_RANGE;
	sc_open_before(calendar, &place);
	date = date_of(place.local);
	interval = intervals_of(&calendar->rules, date, place.rule, &count);
	if (count == 0)
		return TIME_OK;

	/* Clock changes can move the closing: ask what time is open until then. */
	close = sc_instant_of(&calendar->zone, start_of_date(date) +
					   interval[count - 1].until * USECS_PER_MINUTE);
	last.piece = piece_at(&calendar->zone, close);
	last.local = close + calendar->zone.pieces[last.piece].offset;
	sc_open_before(calendar, &last);
	if (last.open <= place.open)
		return TIME_OK;
	status = sc_first_with_open(calendar, last.open, &last, &close);
	if (status != TIME_OK)
		return status;
	return checked_result(calendar, close, result);
}
