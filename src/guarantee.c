/*
 * guarantee.c
 *		The filing window of guarantee claims.
 */
#include "guarantee.h"

#include "common/int.h"

/* add_days counts days from a date, if it is known; false on overflow. */
static bool
add_days(ScMaybeDate from, int32 days, ScMaybeDate *result)
{
	result->is_known = from.is_known;
	result->date = 0;
	return !from.is_known ||
		!pg_add_s32_overflow(from.date, days, &result->date);
}

/*
 * sc_guarantee_window opens at the earlier of two dates, or by the estimated
 * delivery alone where the policy says so and there is an estimate (AMB-73);
 * it closes so many days after the service, or else the estimated delivery
 * (AMB-72).  False when a date is out of range.
 */
bool
sc_guarantee_window(const ScPromise *promise, const ScGuaranteeRules *rules,
					ScGuaranteeWindow *window)
{
	ScMaybeDate by_estimate;
	ScMaybeDate by_validation;

	if (!add_days(promise->max_estimated_delivery_on,
				  rules->days_after_estimate, &by_estimate) ||
		!add_days(promise->validated_on, rules->days_after_validation,
				  &by_validation) ||
		!add_days(promise->service_on.is_known ? promise->service_on :
				  promise->max_estimated_delivery_on,
				  rules->days_to_close, &window->closes_on))
		return false;

	if (by_estimate.is_known &&
		(rules->estimate_alone || !by_validation.is_known ||
		 by_estimate.date <= by_validation.date))
		window->opens_on = by_estimate;
	else
		window->opens_on = by_validation;
	return true;
}
