/*
 * term.h
 *		Type term for other C files: Datum macros and text.
 */
#ifndef SUPPORT_CASE_TERM_H
#define SUPPORT_CASE_TERM_H

#include "compat.h"

#include "business_time.h"

/* For deconstruct_array: terms are passed by reference. */
#define SC_TERM_LENGTH			((int) sizeof(Term))
#define SC_TERM_ALIGNMENT		TYPALIGN_DOUBLE

#define DatumGetTerm(datum)		(*(const Term *) DatumGetPointer(datum))
#define DatumGetTermP(datum)	((const Term *) DatumGetPointer(datum))
#define TermPGetDatum(term)		PointerGetDatum(term)
#define PG_GETARG_TERM_P(n)		DatumGetTermP(PG_GETARG_DATUM(n))
#define PG_RETURN_TERM_P(term)	return TermPGetDatum(term)

/* sc_term_parse reads a term; false after a soft error. */
extern bool sc_term_parse(const char *text, Term *term, Node *escontext);

/* sc_term_text prints a term, palloc'd. */
extern char *sc_term_text(const Term *term);

#endif							/* SUPPORT_CASE_TERM_H */
