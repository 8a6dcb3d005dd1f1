/*
 * case_functions.h
 *		From SQL rows to the pure core of the life cycle, and back.
 */
#ifndef SUPPORT_CASE_CASE_FUNCTIONS_H
#define SUPPORT_CASE_CASE_FUNCTIONS_H

#include "compat.h"

#include "access/attnum.h"
#include "access/tupdesc.h"

#include "policy_rules.h"
#include "roll_forward.h"

/* What a call needs to know about the composite types it reads and writes. */
typedef struct ScCallCache
{
	Oid			row_type;
	int32		row_typmod;
	AttrNumber *attributes;		/* of the case row, by ScCaseColumn */
	TupleDesc	step_desc;
} ScCallCache;

extern ScMachine sc_text_to_machine(text *name);
extern ScStatus sc_text_to_status(ScMachine machine, text *name);
extern Datum sc_name_datum(const char *name, bool *isnull);

#endif							/* SUPPORT_CASE_CASE_FUNCTIONS_H */
