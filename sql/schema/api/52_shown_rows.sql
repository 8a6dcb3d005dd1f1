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
