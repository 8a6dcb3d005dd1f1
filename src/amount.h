/*
 * amount.h
 *		Amounts for other C files.
 */
#ifndef SUPPORT_CASE_AMOUNT_H
#define SUPPORT_CASE_AMOUNT_H

#include "support_case.h"

#include "utils/numeric.h"

extern int64 sc_numeric_to_minor(Numeric value, text *currency,
								 const char *argument);

#endif							/* SUPPORT_CASE_AMOUNT_H */
