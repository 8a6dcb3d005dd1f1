/*
 * contact_number.c
 *		Telephone numbers in a text, and what the words before one say.
 *
 * International numbers have a plus sign.  Others are known by their form or
 * by the word before them, so that order numbers, tracking numbers, prices and
 * dates are none.
 */
#include "contact_scan.h"

#define WORDS_LOOKED_AT 3

/* sc_meaning_before tells what the words before a position say about it. */
ScWordMeaning
sc_meaning_before(const ScContactScan *scan, size_t position)
{
	for (int n = 0; n < WORDS_LOOKED_AT; n++)
	{
		size_t		end;
		ScWordMeaning meaning;

		for (int skipped = 0; skipped < 4; skipped++)
		{
			char		c = before(scan, position);

			if (c == '#')
				return SC_SAYS_OTHER_NUMBER;
			if (!is_one_of(c, " \t\n\r:.=('"))
				break;
			position--;
		}
		end = position;
		while (end - position <= SC_LONGEST_WORD &&
			   is_letter(before(scan, position)))
			position--;
		if (position == end || end - position > SC_LONGEST_WORD ||
			is_multibyte(before(scan, position)))
			return SC_SAYS_NOTHING;
		meaning = sc_word_meaning(scan->text + position, end - position);
		if (meaning != SC_SAYS_GO_ON)
			return meaning;
	}
	return SC_SAYS_NOTHING;
}

#define MOST_DIGITS 15			/* of E.164 */
#define MOST_GROUPS 8

/* Digits in groups, as somebody has written them. */
typedef struct Digits
{
	bool		has_plus;
	int			count;
	int			group_count;
	int			groups[MOST_GROUPS];	/* their lengths */
	char		digits[MOST_DIGITS];
	size_t		end;
} Digits;

/*
 * read_digits reads a series of digits with single separators and groups in
 * parentheses; more than a number can have are counted only.
 */
static void
read_digits(const ScContactScan *scan, size_t start, bool with_spaces,
			Digits *series)
{
	size_t		i = start;

	memset(series, 0, sizeof(Digits));
	series->end = start;
	if (at(scan, i) == '+')
	{
		series->has_plus = true;
		i++;
	}
	for (;;)
	{
		bool		in_parentheses = at(scan, i) == '(';
		int			length = 0;

		if (in_parentheses)
			i++;
		while (is_digit(at(scan, i)))
		{
			if (series->count < MOST_DIGITS)
				series->digits[series->count] = at(scan, i);
			series->count += series->count <= MOST_DIGITS;
			length++;
			i++;
		}
		if (length == 0)
			return;
		if (in_parentheses)
		{
			if (at(scan, i) != ')')
				return;
			i++;
		}
		if (series->group_count < MOST_GROUPS)
			series->groups[series->group_count] = length;
		series->group_count += series->group_count <= MOST_GROUPS;
		series->end = i;
		if (is_one_of(at(scan, i), "-./") ||
			(with_spaces && at(scan, i) == ' '))
			i++;
	}
}

static int
value_of(const char *digits, int length)
{
	int			value = 0;

	for (int i = 0; i < length; i++)
		value = value * 10 + (digits[i] - '0');
	return value;
}

/* begins_with_date tells whether the groups begin with a date. */
static bool
begins_with_date(const Digits *series)
{
	const int  *groups = series->groups;
	int			year;

	if (series->group_count < 3)
		return false;
	if (groups[0] == 4 && groups[1] <= 2 && groups[2] <= 2)
		year = value_of(series->digits, 4);
	else if (groups[0] <= 2 && groups[1] <= 2 && groups[2] == 4)
		year = value_of(series->digits + groups[0] + groups[1], 4);
	else
		return false;
	return year >= 1900 && year <= 2099;
}

/* has_form tells whether the groups are those of a number of North America. */
static bool
has_form_of_nanp(const Digits *series)
{
	const int  *groups = series->groups;
	int			first = 0;

	if (series->group_count == 4 && groups[0] == 1 &&
		series->digits[0] == '1')
		first = 1;
	return series->group_count == first + 3 && groups[first] == 3 &&
		groups[first + 1] == 3 && groups[first + 2] == 4 &&
		series->digits[first] >= '2';
}

static bool
is_telephone(const ScContactScan *scan, size_t start, const Digits *series)
{
	const char *digits = series->digits;
	char		next = at(scan, series->end);
	char		previous = before(scan, start);
	ScWordMeaning meaning;

	if (series->count < 7 || series->count > MOST_DIGITS)
		return false;
	/* A part of an identifier, a decimal number, a time, a share. */
	if (is_alnum(next) || is_one_of(next, "_@%") ||
		(is_one_of(next, ".,:") && is_digit(at(scan, series->end + 1))))
		return false;
	if (series->has_plus)
		return series->count >= 8;
	if (is_one_of(previous, "#$") ||
		(is_one_of(previous, "-/=") && start > 1 &&
		 is_alnum(scan->text[start - 2])))
		return false;
	if (begins_with_date(series))
		return false;
	meaning = sc_meaning_before(scan, start);
	if (meaning == SC_SAYS_OTHER_NUMBER)
		return false;
	if (meaning == SC_SAYS_TELEPHONE || has_form_of_nanp(series))
		return true;
	if (digits[0] != '0')
		return false;
	/* The prefix of calls abroad, or of calls to another town. */
	if (digits[1] == '0')
		return series->count >= 10 && digits[2] != '0';
	if (series->group_count == 1)
		return series->count >= 9 && series->count <= 12;
	return series->count >= 8 && series->count <= 12 &&
		series->groups[0] >= 2 && series->groups[0] <= 5;
}

/*
 * sc_find_number looks for a number that begins here, and moves on when there is
 * none.  A series that as a whole is none is tried word by word.
 */
bool
sc_find_number(ScContactScan *scan, ScContact *contact)
{
	size_t		start = scan->position;
	bool		is_whole = start >= scan->digits_end;
	char		previous = before(scan, start);
	Digits		series;

	if (is_alnum(previous) || previous == '_')
	{
		scan->position++;
		return false;
	}
	read_digits(scan, start, is_whole, &series);
	/* Behind "AA1 ", a part of a code in letters and digits. */
	if (is_whole && previous == ' ' && is_digit(before(scan, start - 1)) &&
		!series.has_plus)
		series.count = 0;
	if (series.end == start)
	{
		scan->position++;
		return false;
	}
	if (is_telephone(scan, start, &series))
	{
		contact->kind = SC_CONTACT_TELEPHONE;
		contact->start = start;
		contact->end = series.end;
		return true;
	}
	if (is_whole)
		scan->digits_end = series.end;
	else
		scan->position = series.end;
	return false;
}
