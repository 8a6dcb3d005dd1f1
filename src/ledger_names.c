/*
 * ledger_names.c
 *		What the accounts and components of the ledger are called.
 */
#include "ledger.h"

static const char *const account_names[] = {
	[SC_ACCOUNT_SELLER_PAYABLE] = "seller_payable",
	[SC_ACCOUNT_CARRIER_CLAIM] = "carrier_claim",
	[SC_ACCOUNT_PLATFORM_ABSORBED] = "platform_absorbed",
	[SC_ACCOUNT_COMMISSION_REVERSAL] = "commission_reversal",
	[SC_ACCOUNT_TAX_REVERSAL] = "tax_reversal",
	[SC_ACCOUNT_BUYER_REFUND] = "buyer_refund",
	[SC_ACCOUNT_RETURN_LABEL] = "return_label",
	[SC_ACCOUNT_PLATFORM_SUBSIDY] = "platform_subsidy",
	[SC_ACCOUNT_CASH_CLEARING] = "cash_clearing",
};

static const char *const component_names[] = {
	[SC_COMPONENT_PAYOUT] = "payout",
	[SC_COMPONENT_SHIPPING] = "shipping",
	[SC_COMPONENT_FEE] = "fee",
	[SC_COMPONENT_PARTIAL] = "partial",
	[SC_COMPONENT_RETURN] = "return",
	[SC_COMPONENT_COMMISSION] = "commission",
	[SC_COMPONENT_TAX] = "tax",
	[SC_COMPONENT_REFUND] = "refund",
	[SC_COMPONENT_SUBSIDY] = "subsidy",
};

StaticAssertDecl(lengthof(account_names) == SC_ACCOUNT_COUNT,
				 "every account has a name");
StaticAssertDecl(lengthof(component_names) == SC_COMPONENT_COUNT,
				 "every component has a name");

const char *
sc_account_name(ScAccount account)
{
	return account_names[account];
}

const char *
sc_component_name(ScComponent component)
{
	return component_names[component];
}
