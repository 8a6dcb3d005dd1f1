-- Money: currencies, the type amount, and the way between decimal numbers and
-- minor units.  One amount has one currency; nothing converts.

CREATE FUNCTION support_case.currencies()
RETURNS TABLE (currency text, exponent integer)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
ROWS 157
AS 'MODULE_PATHNAME', 'sc_currencies';

COMMENT ON FUNCTION support_case.currencies() IS
'The active currencies of ISO 4217, by code, with the decimals of their minor unit; without funds, metals and test codes. (AMB-61)';

CREATE FUNCTION support_case._to_minor(value numeric, currency text, argument text)
RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_to_minor';

COMMENT ON FUNCTION support_case._to_minor(numeric, text, text) IS
'A value in major units as minor units of the currency, exactly; zeros beyond the currency''s decimals change nothing. Errors name the argument: 22023 for too many decimals, NaN, infinity or an unknown currency, 22003 beyond 63 bits. (AMB-61)';

CREATE FUNCTION support_case._to_major(minor bigint, currency text)
RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_to_major';

COMMENT ON FUNCTION support_case._to_major(bigint, text) IS
'Minor units of the currency in major units, with exactly the currency''s decimals. Errors: 22023 for an unknown currency. (AMB-61)';

CREATE TYPE support_case.amount;

CREATE FUNCTION support_case._amount_in(cstring)
RETURNS support_case.amount
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_in';

COMMENT ON FUNCTION support_case._amount_in(cstring) IS
'Reads an amount: decimal number, space, ISO 4217 code. Errors: 22P02 for other text, an unknown currency or too many decimals, 22003 beyond 63 bits.';

CREATE FUNCTION support_case._amount_out(support_case.amount)
RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_out';

COMMENT ON FUNCTION support_case._amount_out(support_case.amount) IS
'Writes an amount with exactly the decimals of its currency.';

CREATE FUNCTION support_case._amount_recv(internal)
RETURNS support_case.amount
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_recv';

COMMENT ON FUNCTION support_case._amount_recv(internal) IS
'Reads the binary form: 8 bytes of minor units, 3 bytes of currency code. Errors: 22P03.';

CREATE FUNCTION support_case._amount_send(support_case.amount)
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_send';

COMMENT ON FUNCTION support_case._amount_send(support_case.amount) IS
'Writes the binary form: 8 bytes of minor units, 3 bytes of currency code.';

CREATE TYPE support_case.amount (
    INPUT = support_case._amount_in,
    OUTPUT = support_case._amount_out,
    RECEIVE = support_case._amount_recv,
    SEND = support_case._amount_send,
    INTERNALLENGTH = 16,
    ALIGNMENT = double,
    STORAGE = plain
);

COMMENT ON TYPE support_case.amount IS
'Money in a currency, exact: 12.34 EUR. Ordered by currency, then by value, so that any two amounts compare; adding across currencies is an error. (AMB-61)';

CREATE FUNCTION support_case.amount(value numeric, currency text)
RETURNS support_case.amount
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount';

COMMENT ON FUNCTION support_case.amount(numeric, text) IS
'The amount of value major units of a currency, exactly. Errors: 22023 for too many decimals, NaN, infinity or an unknown currency, 22003 beyond 63 bits. (AMB-61)';

CREATE FUNCTION support_case.minor_units(amount support_case.amount)
RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_minor_units';

COMMENT ON FUNCTION support_case.minor_units(support_case.amount) IS
'The amount in minor units of its currency. (AMB-61)';

CREATE FUNCTION support_case.major_units(amount support_case.amount)
RETURNS numeric
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_major_units';

COMMENT ON FUNCTION support_case.major_units(support_case.amount) IS
'The amount in major units, with exactly the decimals of its currency. (AMB-61)';

CREATE FUNCTION support_case.currency_of(amount support_case.amount)
RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_currency_of';

COMMENT ON FUNCTION support_case.currency_of(support_case.amount) IS
'The currency of the amount, as ISO 4217 code. (AMB-61)';

CREATE FUNCTION support_case._amount_add(support_case.amount, support_case.amount)
RETURNS support_case.amount
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_add';

COMMENT ON FUNCTION support_case._amount_add(support_case.amount, support_case.amount) IS
'The sum of two amounts. Errors: 22023 for different currencies, 22003 beyond 63 bits.';

CREATE FUNCTION support_case._amount_subtract(support_case.amount, support_case.amount)
RETURNS support_case.amount
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_subtract';

COMMENT ON FUNCTION support_case._amount_subtract(support_case.amount, support_case.amount) IS
'The difference of two amounts. Errors: 22023 for different currencies, 22003 beyond 63 bits.';

CREATE FUNCTION support_case._amount_negate(support_case.amount)
RETURNS support_case.amount
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_negate';

COMMENT ON FUNCTION support_case._amount_negate(support_case.amount) IS
'The amount with the other sign.';

CREATE FUNCTION support_case._amount_compare(support_case.amount, support_case.amount)
RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_compare';

COMMENT ON FUNCTION support_case._amount_compare(support_case.amount, support_case.amount) IS
'Compares two amounts by currency, then by value: negative, zero or positive.';

CREATE FUNCTION support_case._amount_eq(support_case.amount, support_case.amount)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_eq';

COMMENT ON FUNCTION support_case._amount_eq(support_case.amount, support_case.amount) IS
'Are two amounts equal?';

CREATE FUNCTION support_case._amount_ne(support_case.amount, support_case.amount)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_ne';

COMMENT ON FUNCTION support_case._amount_ne(support_case.amount, support_case.amount) IS
'Do two amounts differ?';

CREATE FUNCTION support_case._amount_lt(support_case.amount, support_case.amount)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_lt';

COMMENT ON FUNCTION support_case._amount_lt(support_case.amount, support_case.amount) IS
'Is the first amount before the second, by currency and value?';

CREATE FUNCTION support_case._amount_le(support_case.amount, support_case.amount)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_le';

COMMENT ON FUNCTION support_case._amount_le(support_case.amount, support_case.amount) IS
'Is the first amount before the second or equal, by currency and value?';

CREATE FUNCTION support_case._amount_gt(support_case.amount, support_case.amount)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_gt';

COMMENT ON FUNCTION support_case._amount_gt(support_case.amount, support_case.amount) IS
'Is the first amount after the second, by currency and value?';

CREATE FUNCTION support_case._amount_ge(support_case.amount, support_case.amount)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_ge';

COMMENT ON FUNCTION support_case._amount_ge(support_case.amount, support_case.amount) IS
'Is the first amount after the second or equal, by currency and value?';

CREATE FUNCTION support_case._amount_hash(support_case.amount)
RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_hash';

COMMENT ON FUNCTION support_case._amount_hash(support_case.amount) IS
'Hash of an amount.';

CREATE FUNCTION support_case._amount_hash_extended(support_case.amount, bigint)
RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_amount_hash_extended';

COMMENT ON FUNCTION support_case._amount_hash_extended(support_case.amount, bigint) IS
'Seeded 64-bit hash of an amount.';

CREATE OPERATOR support_case.+ (
    LEFTARG = support_case.amount,
    RIGHTARG = support_case.amount,
    FUNCTION = support_case._amount_add,
    COMMUTATOR = OPERATOR(support_case.+)
);

COMMENT ON OPERATOR support_case.+ (support_case.amount, support_case.amount) IS
'The sum of two amounts. Errors: 22023 for different currencies, 22003 beyond 63 bits.';

CREATE OPERATOR support_case.- (
    LEFTARG = support_case.amount,
    RIGHTARG = support_case.amount,
    FUNCTION = support_case._amount_subtract
);

COMMENT ON OPERATOR support_case.- (support_case.amount, support_case.amount) IS
'The difference of two amounts. Errors: 22023 for different currencies, 22003 beyond 63 bits.';

CREATE OPERATOR support_case.- (
    RIGHTARG = support_case.amount,
    FUNCTION = support_case._amount_negate
);

COMMENT ON OPERATOR support_case.- (NONE, support_case.amount) IS
'The amount with the other sign.';

CREATE OPERATOR support_case.= (
    LEFTARG = support_case.amount,
    RIGHTARG = support_case.amount,
    FUNCTION = support_case._amount_eq,
    COMMUTATOR = OPERATOR(support_case.=),
    NEGATOR = OPERATOR(support_case.<>),
    RESTRICT = eqsel,
    JOIN = eqjoinsel,
    HASHES,
    MERGES
);

COMMENT ON OPERATOR support_case.= (support_case.amount, support_case.amount) IS
'Are two amounts equal?';

CREATE OPERATOR support_case.<> (
    LEFTARG = support_case.amount,
    RIGHTARG = support_case.amount,
    FUNCTION = support_case._amount_ne,
    COMMUTATOR = OPERATOR(support_case.<>),
    NEGATOR = OPERATOR(support_case.=),
    RESTRICT = neqsel,
    JOIN = neqjoinsel
);

COMMENT ON OPERATOR support_case.<> (support_case.amount, support_case.amount) IS
'Do two amounts differ?';

CREATE OPERATOR support_case.< (
    LEFTARG = support_case.amount,
    RIGHTARG = support_case.amount,
    FUNCTION = support_case._amount_lt,
    COMMUTATOR = OPERATOR(support_case.>),
    NEGATOR = OPERATOR(support_case.>=),
    RESTRICT = scalarltsel,
    JOIN = scalarltjoinsel
);

COMMENT ON OPERATOR support_case.< (support_case.amount, support_case.amount) IS
'Is the first amount before the second, by currency and value?';

CREATE OPERATOR support_case.<= (
    LEFTARG = support_case.amount,
    RIGHTARG = support_case.amount,
    FUNCTION = support_case._amount_le,
    COMMUTATOR = OPERATOR(support_case.>=),
    NEGATOR = OPERATOR(support_case.>),
    RESTRICT = scalarlesel,
    JOIN = scalarlejoinsel
);

COMMENT ON OPERATOR support_case.<= (support_case.amount, support_case.amount) IS
'Is the first amount before the second or equal, by currency and value?';

CREATE OPERATOR support_case.> (
    LEFTARG = support_case.amount,
    RIGHTARG = support_case.amount,
    FUNCTION = support_case._amount_gt,
    COMMUTATOR = OPERATOR(support_case.<),
    NEGATOR = OPERATOR(support_case.<=),
    RESTRICT = scalargtsel,
    JOIN = scalargtjoinsel
);

COMMENT ON OPERATOR support_case.> (support_case.amount, support_case.amount) IS
'Is the first amount after the second, by currency and value?';

CREATE OPERATOR support_case.>= (
    LEFTARG = support_case.amount,
    RIGHTARG = support_case.amount,
    FUNCTION = support_case._amount_ge,
    COMMUTATOR = OPERATOR(support_case.<=),
    NEGATOR = OPERATOR(support_case.<),
    RESTRICT = scalargesel,
    JOIN = scalargejoinsel
);

COMMENT ON OPERATOR support_case.>= (support_case.amount, support_case.amount) IS
'Is the first amount after the second or equal, by currency and value?';

CREATE OPERATOR CLASS support_case.amount_btree_ops
DEFAULT FOR TYPE support_case.amount USING btree AS
    OPERATOR 1 support_case.<,
    OPERATOR 2 support_case.<=,
    OPERATOR 3 support_case.=,
    OPERATOR 4 support_case.>=,
    OPERATOR 5 support_case.>,
    FUNCTION 1 support_case._amount_compare(support_case.amount, support_case.amount);

COMMENT ON OPERATOR CLASS support_case.amount_btree_ops USING btree IS
'Total order of amounts: by currency, then by value.';

CREATE OPERATOR CLASS support_case.amount_hash_ops
DEFAULT FOR TYPE support_case.amount USING hash AS
    OPERATOR 1 support_case.=,
    FUNCTION 1 support_case._amount_hash(support_case.amount),
    FUNCTION 2 support_case._amount_hash_extended(support_case.amount, bigint);

COMMENT ON OPERATOR CLASS support_case.amount_hash_ops USING hash IS
'Equality of amounts.';

CREATE AGGREGATE support_case.sum(support_case.amount) (
    SFUNC = support_case._amount_add,
    STYPE = support_case.amount,
    COMBINEFUNC = support_case._amount_add,
    PARALLEL = SAFE
);

COMMENT ON AGGREGATE support_case.sum(support_case.amount) IS
'The sum of amounts of one currency; null where there are none. Errors: 22023 for different currencies, 22003 beyond 63 bits. (AMB-61)';
