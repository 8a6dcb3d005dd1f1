-- Type term: one amount and its unit.  Terms of different units are never
-- equal, because no rule without a calendar says how long a business day is.

CREATE TYPE support_case.term;

CREATE FUNCTION support_case._term_in(cstring)
RETURNS support_case.term
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_in';

CREATE FUNCTION support_case._term_out(support_case.term)
RETURNS cstring
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_out';

CREATE FUNCTION support_case._term_recv(internal)
RETURNS support_case.term
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_recv';

CREATE FUNCTION support_case._term_send(support_case.term)
RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_send';

CREATE TYPE support_case.term (
    INPUT = support_case._term_in,
    OUTPUT = support_case._term_out,
    RECEIVE = support_case._term_recv,
    SEND = support_case._term_send,
    INTERNALLENGTH = 16,
    ALIGNMENT = double
);

COMMENT ON TYPE support_case.term IS
'A length of time in one unit: business days (bd), business hours (bh), business minutes (bmin), days (d), hours (h) or minutes (min), such as 48 business hours. Days are whole, hours and minutes exact in microseconds; may be negative. Errors: 22P02 syntax, 22008 overflow (AMB-02, AMB-05).';

CREATE FUNCTION support_case._term_cmp(support_case.term, support_case.term)
RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_cmp';

CREATE FUNCTION support_case._term_eq(support_case.term, support_case.term)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_eq';

CREATE FUNCTION support_case._term_ne(support_case.term, support_case.term)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_ne';

CREATE FUNCTION support_case._term_lt(support_case.term, support_case.term)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_lt';

CREATE FUNCTION support_case._term_le(support_case.term, support_case.term)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_le';

CREATE FUNCTION support_case._term_ge(support_case.term, support_case.term)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_ge';

CREATE FUNCTION support_case._term_gt(support_case.term, support_case.term)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_gt';

CREATE FUNCTION support_case._term_hash(support_case.term)
RETURNS integer
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_hash';

CREATE FUNCTION support_case._term_hash_extended(support_case.term, bigint)
RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_term_hash_extended';

CREATE OPERATOR support_case.= (
    LEFTARG = support_case.term,
    RIGHTARG = support_case.term,
    FUNCTION = support_case._term_eq,
    COMMUTATOR = OPERATOR(support_case.=),
    NEGATOR = OPERATOR(support_case.<>),
    RESTRICT = eqsel,
    JOIN = eqjoinsel,
    HASHES,
    MERGES
);

CREATE OPERATOR support_case.<> (
    LEFTARG = support_case.term,
    RIGHTARG = support_case.term,
    FUNCTION = support_case._term_ne,
    COMMUTATOR = OPERATOR(support_case.<>),
    NEGATOR = OPERATOR(support_case.=),
    RESTRICT = neqsel,
    JOIN = neqjoinsel
);

CREATE OPERATOR support_case.*< (
    LEFTARG = support_case.term,
    RIGHTARG = support_case.term,
    FUNCTION = support_case._term_lt,
    COMMUTATOR = OPERATOR(support_case.*>),
    NEGATOR = OPERATOR(support_case.*>=),
    RESTRICT = scalarltsel,
    JOIN = scalarltjoinsel
);

CREATE OPERATOR support_case.*<= (
    LEFTARG = support_case.term,
    RIGHTARG = support_case.term,
    FUNCTION = support_case._term_le,
    COMMUTATOR = OPERATOR(support_case.*>=),
    NEGATOR = OPERATOR(support_case.*>),
    RESTRICT = scalarlesel,
    JOIN = scalarlejoinsel
);

CREATE OPERATOR support_case.*>= (
    LEFTARG = support_case.term,
    RIGHTARG = support_case.term,
    FUNCTION = support_case._term_ge,
    COMMUTATOR = OPERATOR(support_case.*<=),
    NEGATOR = OPERATOR(support_case.*<),
    RESTRICT = scalargesel,
    JOIN = scalargejoinsel
);

CREATE OPERATOR support_case.*> (
    LEFTARG = support_case.term,
    RIGHTARG = support_case.term,
    FUNCTION = support_case._term_gt,
    COMMUTATOR = OPERATOR(support_case.*<),
    NEGATOR = OPERATOR(support_case.*<=),
    RESTRICT = scalargtsel,
    JOIN = scalargtjoinsel
);

COMMENT ON OPERATOR support_case.= (support_case.term, support_case.term) IS
'Same unit and same amount: 48 hours is not 2 days, 60 minutes is not 1 hour.';
COMMENT ON OPERATOR support_case.<> (support_case.term, support_case.term) IS
'Another unit or another amount.';
COMMENT ON OPERATOR support_case.*< (support_case.term, support_case.term) IS
'Sorts before: by unit, then by amount. For sorting and indexes; between units it says nothing about length.';
COMMENT ON OPERATOR support_case.*<= (support_case.term, support_case.term) IS
'Sorts before or is the same: by unit, then by amount.';
COMMENT ON OPERATOR support_case.*>= (support_case.term, support_case.term) IS
'Sorts after or is the same: by unit, then by amount.';
COMMENT ON OPERATOR support_case.*> (support_case.term, support_case.term) IS
'Sorts after: by unit, then by amount.';

CREATE OPERATOR CLASS support_case.term_ops
DEFAULT FOR TYPE support_case.term USING btree AS
    OPERATOR 1 support_case.*<,
    OPERATOR 2 support_case.*<=,
    OPERATOR 3 support_case.=,
    OPERATOR 4 support_case.*>=,
    OPERATOR 5 support_case.*>,
    FUNCTION 1 support_case._term_cmp(support_case.term, support_case.term);

CREATE OPERATOR CLASS support_case.term_hash_ops
DEFAULT FOR TYPE support_case.term USING hash AS
    OPERATOR 1 support_case.=,
    FUNCTION 1 support_case._term_hash(support_case.term),
    FUNCTION 2 support_case._term_hash_extended(support_case.term, bigint);

COMMENT ON OPERATOR CLASS support_case.term_ops USING btree IS
'Sorts terms by unit, then by amount.';
COMMENT ON OPERATOR CLASS support_case.term_hash_ops USING hash IS
'Hashes terms by unit and amount.';

CREATE CAST (text AS support_case.term) WITH INOUT AS ASSIGNMENT;
CREATE CAST (support_case.term AS text) WITH INOUT AS ASSIGNMENT;

COMMENT ON CAST (text AS support_case.term) IS
'Reads a term: ''48 business hours'', ''5bd'', ''-1.5 h''. Errors: 22P02 syntax, 22008 overflow.';
COMMENT ON CAST (support_case.term AS text) IS
'Prints a term with its unit in full: 48 business hours.';

COMMENT ON FUNCTION support_case._term_in(cstring) IS
'Text input of type term.';

COMMENT ON FUNCTION support_case._term_out(support_case.term) IS
'Text output of type term.';

COMMENT ON FUNCTION support_case._term_recv(internal) IS
'Binary input of type term; checks as text input does.';

COMMENT ON FUNCTION support_case._term_send(support_case.term) IS
'Binary output of type term.';

COMMENT ON FUNCTION support_case._term_eq(support_case.term, support_case.term) IS
'Whether two terms have the same unit and amount.';

COMMENT ON FUNCTION support_case._term_ne(support_case.term, support_case.term) IS
'Whether two terms differ in unit or amount.';

COMMENT ON FUNCTION support_case._term_lt(support_case.term, support_case.term) IS
'Whether a term sorts before another.';

COMMENT ON FUNCTION support_case._term_le(support_case.term, support_case.term) IS
'Whether a term sorts before another or equals it.';

COMMENT ON FUNCTION support_case._term_gt(support_case.term, support_case.term) IS
'Whether a term sorts after another.';

COMMENT ON FUNCTION support_case._term_ge(support_case.term, support_case.term) IS
'Whether a term sorts after another or equals it.';

COMMENT ON FUNCTION support_case._term_cmp(support_case.term, support_case.term) IS
'Comparison of terms for btree.';

COMMENT ON FUNCTION support_case._term_hash(support_case.term) IS
'Hash of a term.';

COMMENT ON FUNCTION support_case._term_hash_extended(support_case.term, bigint) IS
'Hash of a term with a seed.';
