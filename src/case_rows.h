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

/* The attributes of composite type _case_step, in order. */
typedef enum ScStepColumn
{
	SC_STEP_TRANSITION,
	SC_STEP_ACTION,
	SC_STEP_STATUS,
	SC_STEP_RESOLUTION,
	SC_STEP_DEADLINE,
	SC_STEP_DUE_AT,
	SC_STEP_STATUS_SINCE,
	SC_STEP_ESCALATION_REASON,
	SC_STEP_IS_RESPONDED,
	SC_STEP_IS_CONVERSATION_CLOSED,
	SC_STEP_CHARGE,
	SC_STEP_EFFECTIVE_AT,
	SC_STEP_STALLED_CODE,
	SC_STEP_FEEDBACK_UNTIL,
	SC_STEP_REFUND_VISIBLE_FROM,
	SC_STEP_REFUND_VISIBLE_UNTIL,
	SC_STEP_REFUNDED,
	SC_STEP_COLUMN_COUNT
} ScStepColumn;

/* The attributes of composite type _case_write, in order. */
typedef enum ScWriteColumn
{
	SC_WRITE_SELLER_ID,
	SC_WRITE_CASE_ID,
	SC_WRITE_ORDER_ID,
	SC_WRITE_EVENT_NUMBER,
	SC_WRITE_ACTOR,
	SC_WRITE_ACTOR_ID,
	SC_WRITE_DETAILS,
	SC_WRITE_STEP,
	SC_WRITE_COLUMN_COUNT
} ScWriteColumn;

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
