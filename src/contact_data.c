/*
 * contact_data.c
 *		Finds email addresses, telephone numbers, links and social handles in a
 *		text (V-06, AMB-99).
 *
 * A text is read once, from left to right, in tokens; what is before a number
 * or a handle is looked at over a few words.  So the time is linear in the
 * length, whatever the text.  Postal addresses are nobody's business here
 * (V-21).
 */
#include "contact_scan.h"

#define LONGEST_EMAIL_DOMAIN 255

static bool
is_token_byte(char c)
{
	return (unsigned char) c > ' ' && c != 0x7f &&
		!is_one_of(c, "<>\"(){}[],;|`");
}

/* ---------- links ---------- */

/* end_of_link extends a link over its path, without final punctuation. */
static size_t
end_of_link(const ScContactScan *scan, size_t from)
{
	size_t		end = from;

	while (at(scan, end) > ' ' && at(scan, end) < 0x7f &&
		   !is_one_of(at(scan, end), "<>\"`"))
		end++;
	while (end > from && is_one_of(before(scan, end), ".,;:!?'\")]}*_"))
		end--;
	return end;
}

/*
 * find_link tells whether the letters, digits, dots and hyphens from start to
 * end are a link or begin one, and where that ends.
 */
static bool
find_link(const ScContactScan *scan, size_t start, size_t end,
		  size_t *link_end)
{
	const char *name = scan->text + start;
	size_t		dot;
	size_t		name_start;
	bool		has_path;

	if (at(scan, end) == ':' && at(scan, end + 1) == '/' &&
		at(scan, end + 2) == '/' &&
		(is_alnum(at(scan, end + 3)) || is_multibyte(at(scan, end + 3)) ||
		 at(scan, end + 3) == '['))
	{
		size_t		length = end - start;

		if ((length == 4 && pg_strncasecmp(name, "http", 4) == 0) ||
			(length == 5 && pg_strncasecmp(name, "https", 5) == 0) ||
			(length == 3 && pg_strncasecmp(name, "ftp", 3) == 0))
		{
			*link_end = end_of_link(scan, end + 3);
			return *link_end > end + 3;
		}
	}

	has_path = is_one_of(at(scan, end), "/?#") ||
		(at(scan, end) == ':' && is_digit(at(scan, end + 1)));
	while (end > start && is_one_of(before(scan, end), ".-"))
	{
		end--;
		has_path = false;
	}
	for (dot = end; dot > start && scan->text[dot - 1] != '.';)
		dot--;
	if (dot == start)
		return false;			/* no dot, so no domain */
	*link_end = has_path ? end_of_link(scan, end) : end;
	if (end - start > 4 && pg_strncasecmp(name, "www.", 4) == 0)
		return true;

	name_start = dot - 1;
	while (name_start > start && scan->text[name_start - 1] != '.')
		name_start--;
	if (name_start == dot - 1 ||
		(name_start == dot - 2 && name_start == start && !has_path))
		return false;
	switch (sc_domain_kind(scan->text + dot, end - dot))
	{
		case SC_DOMAIN:
			return true;
		case SC_DOMAIN_WITH_PATH:
			return has_path;
		case SC_NO_DOMAIN:
			return false;
	}
	pg_unreachable();
}

/* ---------- email addresses ---------- */

/*
 * end_of_domain returns the end of the domain of an address, or 0: labels with
 * dots between them, the last one of two letters at least.
 */
static size_t
end_of_domain(const ScContactScan *scan, size_t start, bool is_international)
{
	size_t		end = start;
	size_t		last = start;

	while (end - start < LONGEST_EMAIL_DOMAIN &&
		   (is_alnum(at(scan, end)) || is_one_of(at(scan, end), ".-") ||
			(is_international && is_multibyte(at(scan, end)))))
		end++;
	while (end > start && is_one_of(before(scan, end), ".-"))
		end--;
	for (size_t i = start; i < end; i++)
	{
		if (scan->text[i] == '.')
			last = i + 1;
	}
	if (last == start || last < start + 2 || end < last + 2 ||
		is_digit(scan->text[last]))
		return 0;
	return end;
}

/* find_email looks for an address around an at sign. */
static bool
find_email(const ScContactScan *scan, size_t from, size_t sign,
		   ScContact *contact)
{
	size_t		start = sign;
	size_t		end;

	while (start > from && (is_alnum(scan->text[start - 1]) ||
							is_one_of(scan->text[start - 1], "._%+-'&")))
		start--;
	while (start < sign && is_one_of(scan->text[start], ".'&"))
		start++;
	if (start == sign)
	{
		while (start > from && is_multibyte(scan->text[start - 1]))
			start--;
	}
	if (start == sign)
		return false;
	end = end_of_domain(scan, sign + 1, false);
	if (end == 0)
		end = end_of_domain(scan, sign + 1, true);
	/* A cut of a long one could end within a character. */
	if (end == 0 || end - sign > LONGEST_EMAIL_DOMAIN)
		return false;
	contact->kind = SC_CONTACT_EMAIL;
	contact->start = start;
	contact->end = end;
	return true;
}

/* find_address finds the first address or link of a part of a token. */
static bool
find_address(const ScContactScan *scan, size_t from, size_t to,
			 ScContact *contact)
{
	size_t		i = from;

	while (i < to)
	{
		if (is_alnum(scan->text[i]))
		{
			size_t		start = i;

			while (i < to && (is_alnum(scan->text[i]) ||
							  is_one_of(scan->text[i], ".-")))
				i++;
			if (i < to && scan->text[i] == '@' &&
				find_email(scan, from, i, contact))
				return true;
			if (find_link(scan, start, i, &contact->end))
			{
				contact->kind = SC_CONTACT_LINK;
				contact->start = start;
				return true;
			}
			continue;
		}
		if (scan->text[i] == '@' && find_email(scan, from, i, contact))
			return true;
		i++;
	}
	return false;
}

/* ---------- social handles ---------- */

static bool
find_handle(const ScContactScan *scan, size_t sign, ScContact *contact)
{
	size_t		end = sign + 1;
	bool		is_name = false;
	bool		is_certain = false;
	char		previous = before(scan, sign);

	if (is_alnum(previous) || is_multibyte(previous) || previous == '@')
		return false;
	while (end - sign <= 31 && (is_alnum(at(scan, end)) ||
								is_one_of(at(scan, end), "_.")))
	{
		is_name |= is_letter(at(scan, end));
		is_certain |= is_digit(at(scan, end)) || at(scan, end) == '_';
		end++;
	}
	while (before(scan, end) == '.')
		end--;
	if (!is_name || end - sign < 4 || end - sign > 31 ||
		at(scan, end) == '@')
		return false;
	if (!is_certain && sc_meaning_before(scan, sign) != SC_SAYS_SOCIAL)
		return false;
	contact->kind = SC_CONTACT_HANDLE;
	contact->start = sign;
	contact->end = end;
	return true;
}

/*
 * sc_next_contact finds the next occurrence and tells whether there is one.
 * Occurrences do not overlap.
 */
bool
sc_next_contact(ScContactScan *scan, ScContact *contact)
{
	while (scan->position < scan->length)
	{
		size_t		start = scan->position;
		char		c = scan->text[start];

		if (start >= scan->token_end)
		{
			scan->token_end = start;
			while (scan->token_end < scan->length &&
				   is_token_byte(scan->text[scan->token_end]))
				scan->token_end++;
			scan->is_searched = false;
		}
		if (!scan->is_searched)
		{
			if (find_address(scan, start, scan->token_end, contact))
			{
				scan->position = contact->end;
				return true;
			}
			scan->is_searched = true;
		}
		if (c == '@' && find_handle(scan, start, contact))
		{
			scan->position = contact->end;
			return true;
		}
		if (c == '+' || c == '(' || is_digit(c))
		{
			if (sc_find_number(scan, contact))
			{
				scan->position = contact->end;
				return true;
			}
		}
		else
			scan->position++;
	}
	return false;
}

const char *
sc_contact_kind_name(ScContactKind kind)
{
	switch (kind)
	{
		case SC_CONTACT_EMAIL:
			return "email";
		case SC_CONTACT_TELEPHONE:
			return "telephone";
		case SC_CONTACT_LINK:
			return "link";
		case SC_CONTACT_HANDLE:
			return "handle";
	}
	pg_unreachable();
}
