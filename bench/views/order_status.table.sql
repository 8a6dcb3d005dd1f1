SELECT * FROM support_case.support_case WHERE seller_id = 1 AND order_id = 110 ORDER BY status = 'closed', case_id DESC LIMIT 1;
