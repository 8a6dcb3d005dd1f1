/*
 * ledger_input.h
 *		What the functions about refunds are called with.
 */
#ifndef SUPPORT_CASE_LEDGER_INPUT_H
#define SUPPORT_CASE_LEDGER_INPUT_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/array.h"

#include "ledger.h"

/* The three arrays of a refund function, looked up and checked. */
typedef struct ScRefundInput
{
	ScOrderLine *lines;			/* by line number */
	int			line_count;
	ScRefund   *refunds;		/* in posting order */
	int			refund_count;
	ScRefundLine *refund_lines; /* by refund, then line */
	int			refund_line_count;
	ScShare    *scratch;
} ScRefundInput;

extern const int64 *sc_array_values(ArrayType *array, const char *name);
extern ScRefundInput sc_read_refund_input(FunctionCallInfo fcinfo);

#endif							/* SUPPORT_CASE_LEDGER_INPUT_H */
