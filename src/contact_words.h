/*
 * contact_words.h
 *		Words that contact data is known by.
 */
#ifndef SUPPORT_CASE_CONTACT_WORDS_H
#define SUPPORT_CASE_CONTACT_WORDS_H

#include "postgres.h"

/* What the word before a number or handle says about it. */
typedef enum ScWordMeaning
{
	SC_SAYS_NOTHING,			/* other words */
	SC_SAYS_GO_ON,				/* look at the word before it */
	SC_SAYS_TELEPHONE,
	SC_SAYS_SOCIAL,
	SC_SAYS_OTHER_NUMBER
} ScWordMeaning;

#define SC_LONGEST_WORD 14

/*
 * Domains that a name may end in without http:// or www.  Those that are words
 * as well need a path behind them, for "broken.it was" is prose.
 */
typedef enum ScDomainKind
{
	SC_NO_DOMAIN,
	SC_DOMAIN,
	SC_DOMAIN_WITH_PATH
} ScDomainKind;

extern ScWordMeaning sc_word_meaning(const char *word, size_t length);
extern ScDomainKind sc_domain_kind(const char *label, size_t length);

#endif							/* SUPPORT_CASE_CONTACT_WORDS_H */
