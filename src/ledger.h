/*
 * ledger.h
 *		Charges and postings: what a refund takes from whom, as pure functions.
 *
 * All amounts are minor units of the order's one currency (AMB-61).  Nothing
 * here allocates memory, raises an error or knows of SQL.
 */
#ifndef SUPPORT_CASE_LEDGER_H
#define SUPPORT_CASE_LEDGER_H

#include "postgres.h"

#ifndef HAVE_INT128
#error "support_case needs a compiler with 128-bit integers"
#endif

/* One taker of an allocation. */
typedef struct ScShare
{
	int64		weight;			/* in: not negative */
	int64		share;			/* out */
	int128		remainder;		/* work space */
	int			position;		/* work space */
} ScShare;

extern void sc_allocate(int64 total, ScShare *shares, int count);

/* Who bears a charge (AMB-34). */
typedef enum ScBearer
{
	SC_BEARER_SELLER,
	SC_BEARER_CARRIER,
	SC_BEARER_PLATFORM
} ScBearer;

#define SC_BEARER_COUNT (SC_BEARER_PLATFORM + 1)

typedef enum ScAccount
{
	SC_ACCOUNT_SELLER_PAYABLE,
	SC_ACCOUNT_CARRIER_CLAIM,
	SC_ACCOUNT_PLATFORM_ABSORBED,
	SC_ACCOUNT_COMMISSION_REVERSAL,
	SC_ACCOUNT_TAX_REVERSAL,
	SC_ACCOUNT_BUYER_REFUND,
	SC_ACCOUNT_RETURN_LABEL,
	SC_ACCOUNT_PLATFORM_SUBSIDY,
	SC_ACCOUNT_CASH_CLEARING	/* settlements only */
} ScAccount;

#define SC_ACCOUNT_COUNT (SC_ACCOUNT_CASH_CLEARING + 1)

typedef enum ScComponent
{
	SC_COMPONENT_PAYOUT,
	SC_COMPONENT_SHIPPING,
	SC_COMPONENT_FEE,
	SC_COMPONENT_PARTIAL,
	SC_COMPONENT_RETURN,
	SC_COMPONENT_COMMISSION,
	SC_COMPONENT_TAX,
	SC_COMPONENT_REFUND,
	SC_COMPONENT_SUBSIDY
} ScComponent;

#define SC_COMPONENT_COUNT (SC_COMPONENT_SUBSIDY + 1)

/* The components of a charge that several bearers may share. */
#define SC_CHARGE_COMPONENT_COUNT (SC_COMPONENT_PARTIAL + 1)

extern const char *sc_account_name(ScAccount account);
extern bool sc_account_bears_charge(ScAccount account);
extern const char *sc_component_name(ScComponent component);

/* What an order line is made of: the seller's money, the platform's income. */
typedef enum ScPart
{
	SC_PART_PAYOUT,
	SC_PART_SHIPPING,
	SC_PART_FEE,
	SC_PART_COMMISSION,
	SC_PART_TAX
} ScPart;

#define SC_PART_COUNT (SC_PART_TAX + 1)

/* The parts that are the seller's money; the others are income. */
#define SC_SELLER_PART_COUNT (SC_PART_FEE + 1)

/*
 * One order line: what the registration allocated to it (AMB-124) and what
 * refunds have taken so far.
 */
typedef struct ScOrderLine
{
	int64		line_number;
	int64		quantity;		/* 1 .. SC_MAX_QUANTITY */
	int64		refundable;		/* what the buyer paid, shipping included */
	int64		refunded;
	int64		refunded_quantity;
	int64		consumed[SC_PART_COUNT];
	int64		parts[SC_PART_COUNT];
} ScOrderLine;

/* Quantities are integers in SQL; the bound keeps 128-bit products exact. */
#define SC_MAX_QUANTITY PG_INT32_MAX

typedef enum ScRefundKind
{
	SC_REFUND_FULL,				/* the full share of the case's lines */
	SC_REFUND_FIXED,			/* a fixed amount (W-86) */
	SC_REFUND_LABEL_ONLY,		/* no refund, the return label's cost only */
	SC_REFUND_PRO_RATA			/* a fixed amount, charged pro rata (AMB-37) */
} ScRefundKind;

#define SC_REFUND_KIND_COUNT (SC_REFUND_PRO_RATA + 1)

/* One line of a refund: the case's quantity, and what the refund took. */
typedef struct ScRefundLine
{
	int			refund;			/* index of the refund */
	int			line;			/* index of the order line */
	int64		quantity;
	int64		refunded;
	int64		refunded_quantity;
	int64		consumed[SC_PART_COUNT];
} ScRefundLine;

typedef struct ScRefund
{
	int64		refund_key;
	ScRefundKind kind;
	int64		fixed_amount;
	int64		return_label_cost;
	int64		weights[SC_BEARER_COUNT];
	ScRefundLine *lines;
	int			line_count;
} ScRefund;

typedef struct ScLeg
{
	ScAccount	account;
	ScComponent component;
	int64		amount;			/* debit positive, credit negative */
} ScLeg;

/* Charge and label per bearer; two reversals, refund, label and subsidy. */
#define SC_MAX_LEGS \
	(SC_BEARER_COUNT * (SC_CHARGE_COMPONENT_COUNT + 1) + 5)

typedef struct ScPosting
{
	int64		entitled;		/* more than refunded: it was clamped */
	int64		refunded;
	int64		charged;		/* what the bearers pay, label included */
	int64		borne[SC_BEARER_COUNT];
	int			leg_count;
	ScLeg		legs[SC_MAX_LEGS];
} ScPosting;

extern bool sc_post_refund(ScOrderLine *order_lines, ScRefund *refund,
						   ScShare *scratch, ScPosting *posting);

#endif							/* SUPPORT_CASE_LEDGER_H */
