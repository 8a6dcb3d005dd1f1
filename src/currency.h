/*
 * currency.h
 *		Which currencies there are and how many decimals they have.
 */
#ifndef SUPPORT_CASE_CURRENCY_H
#define SUPPORT_CASE_CURRENCY_H

#include "postgres.h"

#define SC_CURRENCY_LENGTH 3
#define SC_MAX_EXPONENT 4

typedef struct ScCurrency
{
	char		code[SC_CURRENCY_LENGTH + 1];	/* ISO 4217, zero-terminated */
	int			exponent;		/* decimals of the minor unit */
} ScCurrency;

extern const ScCurrency *sc_find_currency(const char *code, size_t length);
extern const ScCurrency *sc_all_currencies(int *count);

/* What can be wrong with a decimal number read as minor units. */
typedef enum ScDecimalResult
{
	SC_DECIMAL_OK,
	SC_DECIMAL_MALFORMED,
	SC_DECIMAL_TOO_PRECISE,
	SC_DECIMAL_OUT_OF_RANGE
} ScDecimalResult;

extern ScDecimalResult sc_parse_decimal(const char *text, int exponent,
										int64 *minor, const char **end);

/* Room for a formatted number: sign, 19 digits, a zero, point, terminator. */
#define SC_DECIMAL_LENGTH 24

extern int	sc_format_decimal(int64 minor, int exponent, char *text);

#endif							/* SUPPORT_CASE_CURRENCY_H */
