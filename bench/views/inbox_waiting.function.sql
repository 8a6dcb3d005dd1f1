SELECT * FROM support_case.seller_inbox_page(1, is_waiting_on_me => true);
