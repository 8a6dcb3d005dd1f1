-- The conversation of a case.

CREATE OR REPLACE FUNCTION support_case.post_message(
    seller_id bigint,
    case_id bigint,
    author text,
    body text,
    attachments jsonb DEFAULT NULL,
    actor_id text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
)
RETURNS SETOF support_case.case_current
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._check_choice(author, 'author', 'buyer', 'seller');
    PERFORM support_case._authorise(author, post_message.seller_id, NULL, post_message.case_id);
    RETURN QUERY SELECT k.* FROM support_case._say(seller_id, case_id, 'post_message', author, body, attachments,
        actor_id, idempotency_key) AS k;
END
$$;

COMMENT ON FUNCTION support_case.post_message(bigint, bigint, text, text, jsonb, text, text) IS
'Buyer or seller writes to the other, and the case is returned. A message of the seller meets the response deadline where the policy counts it (AMB-07), and a buyer''s answer to the seller starts the next-response deadline (AMB-08). body has 1 to 10,000 characters. Errors: P0002, 22004, 22023, 54000, SC001 (also when the conversation is closed, W-72), SC009. (W-27, T-46)';
