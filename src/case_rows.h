/*
 * case_rows.h
 *		From SQL rows to the pure core of the life cycle, and back.
 */
#ifndef SUPPORT_CASE_CASE_ROWS_H
#define SUPPORT_CASE_CASE_ROWS_H

#include "compat.h"

#include "access/htup.h"
#include "access/tupdesc.h"
#include "utils/array.h"

#include "policy_rules.h"
#include "roll_forward.h"

extern ScMachine sc_text_to_machine(text *name);
extern ScStatus sc_text_to_status(ScMachine machine, text *name);
extern int	sc_read_name(Datum datum, const char *const *names, int count,
						 const char *what);
extern void sc_read_case(FunctionCallInfo fcinfo, HeapTupleHeader row,
						 ScCaseState *state);
extern ScConditionSet sc_read_conditions(ArrayType *names);
extern Datum sc_name_datum(const char *name, bool *isnull);
extern HeapTuple sc_step_tuple(TupleDesc desc, const ScStep *step,
							   const ScClockwork *clockwork);
extern Datum sc_step_datum(FunctionCallInfo fcinfo, const ScStep *step,
						   const ScClockwork *clockwork);

#endif							/* SUPPORT_CASE_CASE_ROWS_H */
