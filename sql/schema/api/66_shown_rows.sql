-- What commands that report facts return.

-- Who reports facts for others gets back what was reported on, not what was paid
-- or written: the whole row is for those who may read it anyway.
CREATE OR REPLACE FUNCTION support_case._shown_case(c support_case.case_current)
RETURNS support_case.case_current
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    shown support_case.case_current;
BEGIN
    IF has_table_privilege(support_case._caller(), 'support_case.case_current', 'SELECT') THEN
        RETURN c;
    END IF;
    shown.seller_id := c.seller_id;
    shown.case_id := c.case_id;
    shown.order_id := c.order_id;
    shown.status := c.status;
    shown.status_since := c.status_since;
    RETURN shown;
END
$$;

COMMENT ON FUNCTION support_case._shown_case(support_case.case_current) IS
'What a command that reports a fact returns of a case: all of it to who may read case_current, else (support_case_carrier) seller, case, order, status and status_since.';

CREATE OR REPLACE FUNCTION support_case._shown_order(o support_case.sales_orders)
RETURNS support_case.sales_orders
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    shown support_case.sales_orders;
BEGIN
    IF has_table_privilege(support_case._caller(), 'support_case.sales_orders', 'SELECT') THEN
        RETURN o;
    END IF;
    shown.seller_id := o.seller_id;
    shown.order_id := o.order_id;
    shown.delivered_at := o.delivered_at;
    RETURN shown;
END
$$;

COMMENT ON FUNCTION support_case._shown_order(support_case.sales_orders) IS
'What a command that reports a fact returns of an order: all of it to who may read sales_orders, else (support_case_carrier) seller, order and delivered_at.';

-- What is insured elsewhere, and what the buyer was paid, is not the carrier's.
CREATE OR REPLACE FUNCTION support_case._shown_shipment(s support_case.shipments)
RETURNS support_case.shipments
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF NOT has_table_privilege(support_case._caller(), 'support_case.shipments', 'SELECT') THEN
        s.declared_value := NULL;
        s.insured_value := NULL;
        s.insurer := NULL;
    END IF;
    RETURN s;
END
$$;

COMMENT ON FUNCTION support_case._shown_shipment(support_case.shipments) IS
'What a command that reports a fact returns of a shipment: all of it to who may read shipments, else (support_case_carrier) no values and no insurer.';

CREATE OR REPLACE FUNCTION support_case._shown_claim(k support_case.carrier_claims)
RETURNS support_case.carrier_claims
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
BEGIN
    IF NOT has_table_privilege(support_case._caller(), 'support_case.carrier_claims', 'SELECT') THEN
        k.refunded_at := NULL;
        k.refunded_amount := NULL;
        k.maximum_amount := NULL;
    END IF;
    RETURN k;
END
$$;

COMMENT ON FUNCTION support_case._shown_claim(support_case.carrier_claims) IS
'What a command that reports a fact returns of a claim against a carrier: all of it to who may read carrier_claims, else (support_case_carrier) nothing of the refund.';
