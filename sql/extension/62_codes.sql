-- The codes that columns may hold, for their CHECK constraints.

CREATE FUNCTION support_case._are_case_codes(
    routed_because text,
    return_destination text,
    liability text,
    escalated_after text,
    platform_ruling text
)
RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_are_case_codes';

COMMENT ON FUNCTION support_case._are_case_codes(text, text, text, text, text) IS
'Whether these can be columns of a case. routed_because: seller, seller_not_enabled, reason_not_covered, consumable_excluded, beyond_seller, guarantee_claim, platform_fulfilled; return_destination: seller, platform; liability: seller, platform, carrier, split; escalated_after: silence, conversation, decision; platform_ruling: uphold_seller, refund, partial_refund.';

CREATE FUNCTION support_case._is_outbox_address(subject text, recipient text, recipient_id bigint, channel text)
RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_is_outbox_address';

COMMENT ON FUNCTION support_case._is_outbox_address(text, text, bigint, text) IS
'Whether these can be columns of the outbox. subject: case, order, seller, listing, price_offer, carrier_claim, public_rating, conversation; recipient: buyer, seller, platform, member, host, where platform and host have number 0; channel: in_app, email, and event for the host alone.';

CREATE FUNCTION support_case._is_conversation_kind(kind text)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_is_conversation_kind';

COMMENT ON FUNCTION support_case._is_conversation_kind(text) IS
'Whether this is a kind of conversation: order, case, seller_platform, buyer_platform.';

CREATE FUNCTION support_case._is_author(author text)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_is_author';

COMMENT ON FUNCTION support_case._is_author(text) IS
'Whether this is the author of a message or who uploaded a file: buyer, seller, platform.';

CREATE FUNCTION support_case._is_journal_kind(kind text)
RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sc_is_journal_kind';

COMMENT ON FUNCTION support_case._is_journal_kind(text) IS
'Whether this is a kind of journal: charge, reversal, settlement, claim_payment, recharge.';
