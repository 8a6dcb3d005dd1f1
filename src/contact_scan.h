/*
 * contact_scan.h
 *		What the sources of contact_data.h share.
 */
#ifndef SUPPORT_CASE_CONTACT_SCAN_H
#define SUPPORT_CASE_CONTACT_SCAN_H

#include "contact_data.h"
#include "contact_words.h"

static inline bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_alnum(char c)
{
	return is_letter(c) || is_digit(c);
}

static inline bool
is_multibyte(char c)
{
	return ((unsigned char) c & 0x80) != 0;
}

static inline bool
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* at returns a byte of the text, or zero beyond its ends. */
static inline char
at(const ScContactScan *scan, size_t position)
{
	return position < scan->length ? scan->text[position] : '\0';
}

static inline char
before(const ScContactScan *scan, size_t position)
{
	return position > 0 ? scan->text[position - 1] : '\0';
}

extern ScWordMeaning sc_meaning_before(const ScContactScan *scan,
									   size_t position);
extern bool sc_find_number(ScContactScan *scan, ScContact *contact);

#endif							/* SUPPORT_CASE_CONTACT_SCAN_H */
