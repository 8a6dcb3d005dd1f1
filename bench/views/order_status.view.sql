SELECT * FROM support_case.order_support_status WHERE seller_id = 1 AND order_id = 110;
