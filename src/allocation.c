/*
 * allocation.c
 *		Splits a sum by weights: the largest remainder method, in 128 bits.
 */
#include "ledger.h"

/* The largest remainder first, ties by position. */
static int
compare_remainder(const void *left, const void *right)
{
	const ScShare *a = left;
	const ScShare *b = right;

	if (a->remainder != b->remainder)
		return a->remainder > b->remainder ? -1 : 1;
	return a->position < b->position ? -1 : 1;
}

static int
compare_position(const void *left, const void *right)
{
	const ScShare *a = left;
	const ScShare *b = right;

	return a->position < b->position ? -1 : 1;
}

/*
 * sc_allocate splits total over the shares' weights by largest remainder,
 * ties by position.  A negative total mirrors the positive one.  Where all
 * weights are zero all count the same: free lines share equally.
 *
 * No product overflows: a total has at most 64 bits, a weight 63.
 */
void
sc_allocate(int64 total, ScShare *shares, int count)
{
	int128		magnitude = total < 0 ? -(int128) total : total;
	int128		weight_sum = 0;
	int128		rest = magnitude;
	bool		equally;

	for (int i = 0; i < count; i++)
		weight_sum += shares[i].weight;
	equally = (weight_sum == 0);
	if (equally)
		weight_sum = count;

	for (int i = 0; i < count; i++)
	{
		int128		product = magnitude * (equally ? 1 : shares[i].weight);
		int128		quotient = product / weight_sum;

		shares[i].remainder = product % weight_sum;
		shares[i].position = i;
		rest -= quotient;
		shares[i].share = (int64) (total < 0 ? -quotient : quotient);
	}

	/* The rest is smaller than count: one unit each for the largest ones. */
	if (rest == 0)
		return;
	qsort(shares, count, sizeof(ScShare), compare_remainder);
	for (int i = 0; i < (int) rest; i++)
		shares[i].share += total < 0 ? -1 : 1;
	qsort(shares, count, sizeof(ScShare), compare_position);
}
