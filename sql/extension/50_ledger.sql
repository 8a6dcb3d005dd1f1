-- The arithmetic of charges and refunds.  Amounts are minor units of the
-- order's one currency; nothing here reads or writes a table.

CREATE FUNCTION support_case.allocate(total bigint, weights bigint[])
RETURNS bigint[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_allocate_array';

COMMENT ON FUNCTION support_case.allocate(bigint, bigint[]) IS
'Splits total (minor units) over weights by largest remainder, ties by position; the result has one share per weight and adds up to total. A negative total mirrors the positive one; where all weights are zero they count as equal. Errors: 22023 for a negative or null weight, or none for a total other than zero; 54000 for more than 1000000 weights. (AMB-124)';

-- Rows of named types: those of TABLE (...) are described anew for every
-- statement.
CREATE TYPE support_case._refund_entry AS (
    refund_key bigint,
    account text,
    component text,
    amount bigint
);

COMMENT ON TYPE support_case._refund_entry IS
'A ledger entry of a refund: debit positive, credit negative.';

CREATE FUNCTION support_case._refund_entries(
    lines bigint[],
    refunds bigint[],
    refund_lines bigint[])
RETURNS SETOF support_case._refund_entry
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
ROWS 10
AS 'MODULE_PATHNAME', 'sc_refund_entries';

COMMENT ON FUNCTION support_case._refund_entries(bigint[], bigint[], bigint[]) IS
'The ledger entries of successive refunds on one order: debit positive, credit negative, zero ones omitted, those of a refund adding up to zero, always in the same order.
lines has one row per order line: line number, quantity, refundable, refunded, refunded quantity; what refunds consumed of its payout, shipping, fee, commission, tax; these five themselves; refundable is what the buyer paid for the line with its shipping.
refunds has one row per refund in posting order: key, kind (0 full share of its lines, 1 fixed amount, 2 return label only, 3 fixed amount that charges the part of the lines'' seller money that goes with it), fixed amount, return label cost, and the weights by which seller, carrier and platform bear the charge.
refund_lines has one row per refund and line: refund key, line number, quantity.
Each refund sees what the ones before it took. Errors: 22023 for malformed rows, 22003 for sums beyond a bigint, 54000 for more than 100000 rows. (W-82 to W-89, AMB-34 to AMB-37, AMB-122, AMB-124 to AMB-126)';

CREATE TYPE support_case._refund_line AS (
    refund_key bigint,
    line_number bigint,
    refunded bigint,
    refunded_quantity bigint,
    consumed_payout bigint,
    consumed_shipping bigint,
    consumed_fee bigint,
    consumed_commission bigint,
    consumed_tax bigint
);

COMMENT ON TYPE support_case._refund_line IS
'What a refund adds to an order line.';

CREATE FUNCTION support_case._refund_lines(
    lines bigint[],
    refunds bigint[],
    refund_lines bigint[])
RETURNS SETOF support_case._refund_line
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
ROWS 10
AS 'MODULE_PATHNAME', 'sc_refund_lines';

COMMENT ON FUNCTION support_case._refund_lines(bigint[], bigint[], bigint[]) IS
'What each of the refunds adds to its order lines: refunded amount, refunded quantity (full shares only) and what is consumed of payout, shipping, fee, commission and tax, at most what is left of each: full shares of all units consume each exactly; lines that a refund leaves alone are omitted. One line may occur under several refunds: add up before an UPDATE. Arguments and errors as of _refund_entries. (AMB-122, AMB-124)';

CREATE TYPE support_case._refund_total AS (
    refund_key bigint,
    entitled bigint,
    refunded bigint,
    charged bigint,
    seller_charged bigint,
    carrier_charged bigint,
    platform_absorbed bigint,
    return_label bigint
);

COMMENT ON TYPE support_case._refund_total IS
'A refund in all: what the buyer would get of untouched lines, what the buyer gets (less: the refund was clamped), what is charged in all with the return label, what of that seller, carrier and platform bear, and the label''s cost.';

CREATE FUNCTION support_case._refund_totals(
    lines bigint[],
    refunds bigint[],
    refund_lines bigint[])
RETURNS SETOF support_case._refund_total
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
ROWS 5
AS 'MODULE_PATHNAME', 'sc_refund_totals';

COMMENT ON FUNCTION support_case._refund_totals(bigint[], bigint[], bigint[]) IS
'One row per refund, in posting order. Arguments and errors as of _refund_entries. (AMB-34, AMB-122, AMB-125)';

CREATE FUNCTION support_case._refund_total(
    lines bigint[],
    refunds bigint[],
    refund_lines bigint[])
RETURNS support_case._refund_total
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_refund_total';

COMMENT ON FUNCTION support_case._refund_total(bigint[], bigint[], bigint[]) IS
'The row of _refund_totals() for one refund.';

CREATE FUNCTION support_case._ledger_accounts()
RETURNS SETOF text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
ROWS 9
AS 'MODULE_PATHNAME', 'sc_ledger_accounts';

COMMENT ON FUNCTION support_case._ledger_accounts() IS
'The kinds of accounts of the ledger.';

CREATE FUNCTION support_case._bears_charge(account text)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_bears_charge';

COMMENT ON FUNCTION support_case._bears_charge(text) IS
'Whether charges are borne on a kind of account: that of the seller, the carrier or the platform. Null where no such kind exists (AMB-34).';
