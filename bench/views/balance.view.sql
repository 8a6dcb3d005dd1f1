SELECT * FROM support_case.seller_balance WHERE seller_id = 1;
