-- What a command says that is asked about a seller, an order or a case that is
-- not there.

CREATE OR REPLACE FUNCTION support_case._raise_no_seller(seller_id bigint)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._raise('no_data_found', format('seller %s does not exist', seller_id), NULL,
        'Register the seller with register_seller().', 'support_case', 'seller');
END
$$;

COMMENT ON FUNCTION support_case._raise_no_seller(bigint) IS
'Raises P0002: there is no such seller.';

CREATE OR REPLACE FUNCTION support_case._raise_no_order(seller_id bigint, order_id bigint)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._raise('no_data_found', format('order %s of seller %s does not exist', order_id, seller_id), NULL,
        'Register it with register_order().', 'support_case', 'sales_order');
END
$$;

COMMENT ON FUNCTION support_case._raise_no_order(bigint, bigint) IS
'Raises P0002: the seller has no such order.';

CREATE OR REPLACE FUNCTION support_case._raise_no_case(seller_id bigint, case_id bigint)
RETURNS void
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    PERFORM support_case._raise('no_data_found', format('case %s of seller %s does not exist', case_id, seller_id), NULL,
        'Pass the seller and the number of a case that open_case() returned.', 'support_case', 'support_case');
END
$$;

COMMENT ON FUNCTION support_case._raise_no_case(bigint, bigint) IS
'Raises P0002: the seller has no such case.';
