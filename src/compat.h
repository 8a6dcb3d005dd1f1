/*
 * compat.h
 *		Every test of the PostgreSQL version, in one place.
 *
 * Sources are written for the newest supported major; this header gives the
 * older ones what they lack.
 */
#ifndef SUPPORT_CASE_COMPAT_H
#define SUPPORT_CASE_COMPAT_H

#include "postgres.h"
#include "fmgr.h"

/* InitMaterializedSRF came with 15.1. */
#if PG_VERSION_NUM < 150001
#error "support_case needs PostgreSQL 15.1 or newer"
#endif

/* Soft errors of input functions came with 16; before it, errors are hard. */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#define SC_ESCONTEXT(fcinfo) ((fcinfo)->context)
#else
#define SC_ESCONTEXT(fcinfo) ((Node *) NULL)
#define ereturn(context, dummy_value, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
		return dummy_value; \
	} while (0)
#endif

/* Access to varlena values moved to a header of its own in 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* pg_noreturn came with 18, as a prefix; before it, an attribute did it. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* guc_malloc and guc_free came with 16; before it, GUCs used plain malloc. */
#if PG_VERSION_NUM < 160000
#define guc_malloc(elevel, size) malloc(size)
#define guc_free(ptr) free(ptr)
#endif

/* DecodeDateTime got an argument for soft-error details in 16. */
#include "utils/datetime.h"

static inline int
sc_decode_date_time(char **field, int *ftype, int nf, int *dtype,
					struct pg_tm *tm, fsec_t *fsec, int *tzp)
{
#if PG_VERSION_NUM >= 160000
	DateTimeErrorExtra extra;

	return DecodeDateTime(field, ftype, nf, dtype, tm, fsec, tzp, &extra);
#else
	return DecodeDateTime(field, ftype, nf, dtype, tm, fsec, tzp);
#endif
}

/* make_range got an argument for soft errors in 16. */
#include "utils/rangetypes.h"

static inline RangeType *
sc_make_range(TypeCacheEntry *type, RangeBound *lower, RangeBound *upper)
{
#if PG_VERSION_NUM >= 160000
	return make_range(type, lower, upper, false, NULL);
#else
	return make_range(type, lower, upper, false);
#endif
}

#endif							/* SUPPORT_CASE_COMPAT_H */
