/*
 * guarantee.h
 *		When a guarantee claim can be filed: dates in, dates out.
 *
 * Pure: no fmgr, no ereport, no palloc.  Dates are days since 2000-01-01.
 */
#ifndef SUPPORT_CASE_GUARANTEE_H
#define SUPPORT_CASE_GUARANTEE_H

#include "postgres.h"

/* A date that may be unknown. */
typedef struct ScMaybeDate
{
	bool		is_known;
	int32		date;
} ScMaybeDate;

/* What the policy says about the window (AMB-71 to AMB-74). */
typedef struct ScGuaranteeRules
{
	bool		estimate_alone;	/* opens by the estimate where there is one */
	int32		days_after_estimate;
	int32		days_after_validation;
	int32		days_to_close;
} ScGuaranteeRules;

/* What is known about an order. */
typedef struct ScPromise
{
	ScMaybeDate validated_on;
	ScMaybeDate max_estimated_delivery_on;
	ScMaybeDate service_on;
} ScPromise;

/* The first and the last date on which a claim can be filed. */
typedef struct ScGuaranteeWindow
{
	ScMaybeDate opens_on;
	ScMaybeDate closes_on;
} ScGuaranteeWindow;

extern bool sc_guarantee_window(const ScPromise *promise,
								const ScGuaranteeRules *rules,
								ScGuaranteeWindow *window);

#endif							/* SUPPORT_CASE_GUARANTEE_H */
