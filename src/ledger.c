/*
 * ledger.c
 *		Charges and postings: what a refund takes from whom, as pure functions.
 *
 * Sums of money are split by largest remainder, successive parts of one line
 * by what is left of it: then no part ever shrinks and the last one clears
 * the line exactly.  Sums and products are taken in 128 bits.
 *
 * That holds for every part of a line, too.  The registration allocates the
 * order's amounts so that each line's parts add up to what the buyer paid for
 * it.  A full share rounds the buyer's money and the seller's money that are
 * left in the same way, so that their difference is neither negative nor more
 * than the commission and tax left; both sums are split by what is left of
 * the parts.  Amounts pro rata do the same with money instead of units.
 * However an order is refunded by the two, case by case, its parts are
 * therefore charged and reversed exactly once.
 */
#include "ledger.h"

#include "common/int.h"

static const ScAccount bearer_accounts[] = {
	[SC_BEARER_SELLER] = SC_ACCOUNT_SELLER_PAYABLE,
	[SC_BEARER_CARRIER] = SC_ACCOUNT_CARRIER_CLAIM,
	[SC_BEARER_PLATFORM] = SC_ACCOUNT_PLATFORM_ABSORBED,
};

StaticAssertDecl(lengthof(bearer_accounts) == SC_BEARER_COUNT,
				 "every bearer has an account");

/* The seller's parts of a line are charged under the names they have there. */
StaticAssertDecl((int) SC_PART_PAYOUT == (int) SC_COMPONENT_PAYOUT &&
				 (int) SC_PART_SHIPPING == (int) SC_COMPONENT_SHIPPING &&
				 (int) SC_PART_FEE == (int) SC_COMPONENT_FEE,
				 "the seller's parts are components of a charge");

bool
sc_account_bears_charge(ScAccount account)
{
	for (int i = 0; i < SC_BEARER_COUNT; i++)
		if (bearer_accounts[i] == account)
			return true;
	return false;
}

/*
 * part_of is the share of part out of whole, by largest remainder over the
 * part and what remains; on a tie the part gets the unit.
 */
static int64
part_of(int64 amount, int64 part, int64 whole)
{
	return (int64) (((int128) amount * part * 2 + whole) /
					((int128) whole * 2));
}

/* ---------- one line ---------- */

static int64
refundable_left(const ScOrderLine *line)
{
	return Max(line->refundable - line->refunded, 0);
}

static int64
seller_money(const ScOrderLine *line)
{
	return line->parts[SC_PART_PAYOUT] + line->parts[SC_PART_SHIPPING] +
		line->parts[SC_PART_FEE];
}

static int64
part_left(const ScOrderLine *line, ScPart part)
{
	return Max(line->parts[part] - line->consumed[part], 0);
}

static int64
seller_money_left(const ScOrderLine *line)
{
	return part_left(line, SC_PART_PAYOUT) +
		part_left(line, SC_PART_SHIPPING) + part_left(line, SC_PART_FEE);
}

static int64
quantity_left(const ScOrderLine *line)
{
	return Max(line->quantity - line->refunded_quantity, 0);
}

/*
 * has_other_refunds tells whether less is left than full shares of the
 * refunded quantity alone would have left: k units were refunded in at most
 * k steps, each rounded by at most half a minor unit.
 */
static bool
has_other_refunds(const ScOrderLine *line)
{
	int64		k = line->quantity - quantity_left(line);
	int128		shortfall = (int128) line->refundable * quantity_left(line) -
		(int128) refundable_left(line) * line->quantity;

	return shortfall * 2 > (int128) k * line->quantity;
}

/*
 * chargeable_left is the seller money that shares of what is left may take.
 * Where refunds of another kind came first, there may be more of it than the
 * buyer can still get; without the limit, the seller would then pay the
 * platform for money no buyer received.
 */
static int64
chargeable_left(const ScOrderLine *line)
{
	int64		left = seller_money_left(line);
	int64		subsidy = Max(seller_money(line) - line->refundable, 0);
	int64		limit;

	if (!has_other_refunds(line))
		return left;
	if (refundable_left(line) == 0)
		return 0;
	if (pg_add_s64_overflow(refundable_left(line), subsidy, &limit))
		return left;
	return Min(left, limit);
}

/*
 * consume takes an amount from successive parts of a line by what is left of
 * each.  It must not exceed what is left of them: then no share exceeds its
 * part either, as the parts are whole numbers.
 */
static void
consume(const ScOrderLine *line, ScRefundLine *taken, ScPart first, int count,
		int64 amount)
{
	ScShare		split[SC_PART_COUNT];

	for (int i = 0; i < count; i++)
		split[i].weight = part_left(line, first + i);
	sc_allocate(amount, split, count);
	for (int i = 0; i < count; i++)
		taken->consumed[first + i] = split[i].share;
}

static void
consume_seller_money(const ScOrderLine *line, ScRefundLine *taken,
					 int64 amount)
{
	consume(line, taken, SC_PART_PAYOUT, SC_SELLER_PART_COUNT, amount);
}

static int64
seller_money_taken(const ScRefundLine *taken)
{
	return taken->consumed[SC_PART_PAYOUT] +
		taken->consumed[SC_PART_SHIPPING] + taken->consumed[SC_PART_FEE];
}

/*
 * take_full_share takes the case's quantity out of a line, at most what is
 * left of it, and returns what the buyer would get of the untouched line
 * (the same, unless another refund came first).
 */
static int64
take_full_share(const ScOrderLine *line, ScRefundLine *taken)
{
	int64		left = quantity_left(line);
	int64		quantity = Min(taken->quantity, left);

	taken->refunded_quantity = quantity;
	taken->refunded = 0;
	if (left > 0)
	{
		taken->refunded = part_of(refundable_left(line), quantity, left);
		consume_seller_money(line, taken,
							 part_of(chargeable_left(line), quantity, left));
	}

	if (quantity == taken->quantity && !has_other_refunds(line))
		return taken->refunded;
	return Max(taken->refunded,
			   part_of(line->refundable, taken->quantity, line->quantity));
}

/* ---------- one refund ---------- */

/* What a refund took from its lines, before it is split over the bearers. */
typedef struct Take
{
	int64		charge[SC_CHARGE_COMPONENT_COUNT];
	int64		charge_sum;
} Take;

/* add_line_charge charges the seller money taken from one line. */
static void
add_line_charge(const ScRefundLine *taken, Take *take)
{
	for (int i = 0; i < SC_SELLER_PART_COUNT; i++)
		take->charge[i] += taken->consumed[i];
	take->charge_sum += seller_money_taken(taken);
}

/* take_full takes the full share of every line of the case (W-83, AMB-124). */
static void
take_full(const ScOrderLine *order_lines, ScRefund *refund, Take *take,
		  ScPosting *posting)
{
	for (int i = 0; i < refund->line_count; i++)
	{
		ScRefundLine *taken = &refund->lines[i];

		posting->entitled += take_full_share(&order_lines[taken->line], taken);
		posting->refunded += taken->refunded;
		add_line_charge(taken, take);
	}
}

/*
 * add_pro_rata_charge charges the seller money that goes with what the buyer
 * gets of a line, by what is left of both: however a line is refunded in
 * parts, the last of them clears its seller money exactly.
 */
static void
add_pro_rata_charge(const ScOrderLine *line, ScRefundLine *taken, Take *take)
{
	if (taken->refunded == 0)
		return;
	consume_seller_money(line, taken,
						 part_of(chargeable_left(line), taken->refunded,
								 refundable_left(line)));
	add_line_charge(taken, take);
}

/*
 * take_amount takes a fixed amount, at most what is left of the case's lines,
 * from the lines by what is left of each.
 */
static void
take_amount(const ScOrderLine *order_lines, ScRefund *refund,
			ScShare *scratch, ScPosting *posting)
{
	int64		left = 0;

	for (int i = 0; i < refund->line_count; i++)
	{
		scratch[i].weight = refundable_left(&order_lines[refund->lines[i].line]);
		left += scratch[i].weight;
	}
	posting->entitled = refund->fixed_amount;
	posting->refunded = Min(refund->fixed_amount, left);
	if (posting->refunded > 0)
		sc_allocate(posting->refunded, scratch, refund->line_count);
	for (int i = 0; i < refund->line_count; i++)
		refund->lines[i].refunded =
			posting->refunded > 0 ? scratch[i].share : 0;
}

/*
 * take_fixed charges a fixed amount as it is (W-86, AMB-37); it uses up the
 * seller money of the lines as far as that goes.
 */
static void
take_fixed(const ScOrderLine *order_lines, ScRefund *refund, Take *take,
		   const ScPosting *posting)
{
	for (int i = 0; i < refund->line_count; i++)
	{
		ScRefundLine *taken = &refund->lines[i];
		const ScOrderLine *line = &order_lines[taken->line];

		consume_seller_money(line, taken,
							 Min(taken->refunded, seller_money_left(line)));
	}
	take->charge[SC_COMPONENT_PARTIAL] = posting->refunded;
	take->charge_sum = posting->refunded;
}

/* take_pro_rata charges the part of the seller money that goes with it. */
static void
take_pro_rata(const ScOrderLine *order_lines, ScRefund *refund, Take *take)
{
	for (int i = 0; i < refund->line_count; i++)
	{
		ScRefundLine *taken = &refund->lines[i];

		add_pro_rata_charge(&order_lines[taken->line], taken, take);
	}
}

/* add_leg appends a leg, unless it is zero. */
static void
add_leg(ScPosting *posting, ScAccount account, ScComponent component,
		int64 amount)
{
	if (amount == 0)
		return;
	Assert(posting->leg_count < SC_MAX_LEGS);
	posting->legs[posting->leg_count++] = (ScLeg)
	{
		account, component, amount
	};
}

/* split_liability splits an amount over the bearers by their weights. */
static void
split_liability(const ScRefund *refund, int64 amount, int64 *parts)
{
	ScShare		split[SC_BEARER_COUNT];

	for (int i = 0; i < SC_BEARER_COUNT; i++)
		split[i].weight = refund->weights[i];
	sc_allocate(amount, split, SC_BEARER_COUNT);
	for (int i = 0; i < SC_BEARER_COUNT; i++)
		parts[i] = split[i].share;
}

/*
 * charge_bearers debits charge and label to the bearers.  Each one's part of
 * the charge is spread over what the ones before left of the components, so
 * that the components still add up: nobody's share exceeds its weight as
 * long as the total does not exceed their sum.
 */
static void
charge_bearers(const ScRefund *refund, const Take *take, ScPosting *posting)
{
	int64		parts[SC_BEARER_COUNT];
	int64		labels[SC_BEARER_COUNT];
	ScShare		left[SC_CHARGE_COMPONENT_COUNT];

	split_liability(refund, take->charge_sum, parts);
	split_liability(refund, refund->return_label_cost, labels);
	for (int i = 0; i < SC_CHARGE_COMPONENT_COUNT; i++)
		left[i].weight = take->charge[i];

	for (int bearer = 0; bearer < SC_BEARER_COUNT; bearer++)
	{
		posting->borne[bearer] = parts[bearer] + labels[bearer];
		if (parts[bearer] > 0)
			sc_allocate(parts[bearer], left, SC_CHARGE_COMPONENT_COUNT);
		for (int i = 0; i < SC_CHARGE_COMPONENT_COUNT && parts[bearer] > 0; i++)
		{
			add_leg(posting, bearer_accounts[bearer], i, left[i].share);
			left[i].weight -= left[i].share;
		}
		add_leg(posting, bearer_accounts[bearer], SC_COMPONENT_RETURN,
				labels[bearer]);
	}
}

/*
 * consume_income takes what the platform gives back of a line from the
 * commission and tax left; what they do not explain is commission whose
 * amount is unknown.  Returns the commission, the rest being tax.
 */
static int64
consume_income(const ScOrderLine *line, ScRefundLine *taken, int64 amount)
{
	int64		left = part_left(line, SC_PART_COMMISSION) +
		part_left(line, SC_PART_TAX);

	consume(line, taken, SC_PART_COMMISSION,
			SC_PART_COUNT - SC_SELLER_PART_COUNT, Min(amount, left));
	return amount - taken->consumed[SC_PART_TAX];
}

/*
 * reverse_platform_income debits what the platform earned on the sale to
 * commission and tax; a seller money above the refund was the platform's
 * discount, which it gets back (AMB-126).
 *
 * The sign of the refund's whole difference decides which of the two, so that
 * no refund posts both.  The lines whose own difference is positive give the
 * income back, by that difference: exactly it, unless other lines of the
 * refund cost more seller money than they refund.
 */
static void
reverse_platform_income(const ScOrderLine *order_lines, ScRefund *refund,
						const Take *take, ScShare *scratch,
						ScPosting *posting)
{
	int64		difference = posting->refunded - take->charge_sum;
	int64		commission = 0;

	if (difference <= 0)
	{
		add_leg(posting, SC_ACCOUNT_PLATFORM_SUBSIDY, SC_COMPONENT_SUBSIDY,
				difference);
		return;
	}
	for (int i = 0; i < refund->line_count; i++)
	{
		const ScRefundLine *taken = &refund->lines[i];

		scratch[i].weight =
			Max(taken->refunded - seller_money_taken(taken), 0);
	}
	sc_allocate(difference, scratch, refund->line_count);
	for (int i = 0; i < refund->line_count; i++)
	{
		ScRefundLine *taken = &refund->lines[i];

		commission += consume_income(&order_lines[taken->line], taken,
									 scratch[i].share);
	}
	add_leg(posting, SC_ACCOUNT_COMMISSION_REVERSAL, SC_COMPONENT_COMMISSION,
			commission);
	add_leg(posting, SC_ACCOUNT_TAX_REVERSAL, SC_COMPONENT_TAX,
			difference - commission);
}

/* note_taken adds to the order lines what the refund took from them. */
static void
note_taken(ScOrderLine *order_lines, const ScRefund *refund)
{
	for (int i = 0; i < refund->line_count; i++)
	{
		const ScRefundLine *taken = &refund->lines[i];
		ScOrderLine *line = &order_lines[taken->line];

		line->refunded += taken->refunded;
		line->refunded_quantity += taken->refunded_quantity;
		for (int part = 0; part < SC_PART_COUNT; part++)
			line->consumed[part] += taken->consumed[part];
	}
}

/*
 * sc_post_refund computes one refund's legs and totals, fills in what it
 * takes from each of its lines and adds that to the order lines.  The refund
 * lines come with zeros for what is taken; scratch has room for as many
 * shares as the refund has lines.
 *
 * The caller has checked that no value is negative, that every quantity is
 * within its line's, and that over the order's lines refundable, seller money
 * and commission plus tax each add up within an int64.  False: the charge with
 * the label's cost exceeds an int64.
 */
bool
sc_post_refund(ScOrderLine *order_lines, ScRefund *refund,
			   ScShare *scratch, ScPosting *posting)
{
	Take		take;

	memset(&take, 0, sizeof(take));
	memset(posting, 0, sizeof(*posting));
	switch (refund->kind)
	{
		case SC_REFUND_FULL:
			take_full(order_lines, refund, &take, posting);
			break;
		case SC_REFUND_FIXED:
			take_amount(order_lines, refund, scratch, posting);
			take_fixed(order_lines, refund, &take, posting);
			break;
		case SC_REFUND_LABEL_ONLY:
			break;
		case SC_REFUND_PRO_RATA:
			take_amount(order_lines, refund, scratch, posting);
			take_pro_rata(order_lines, refund, &take);
			break;
	}
	if (pg_add_s64_overflow(take.charge_sum, refund->return_label_cost,
							&posting->charged))
		return false;

	charge_bearers(refund, &take, posting);
	reverse_platform_income(order_lines, refund, &take, scratch, posting);
	add_leg(posting, SC_ACCOUNT_BUYER_REFUND, SC_COMPONENT_REFUND,
			-posting->refunded);
	add_leg(posting, SC_ACCOUNT_RETURN_LABEL, SC_COMPONENT_RETURN,
			-refund->return_label_cost);
	note_taken(order_lines, refund);
	return true;
}
