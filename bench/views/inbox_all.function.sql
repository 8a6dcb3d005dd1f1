SELECT * FROM support_case.seller_inbox_page(1, 'all_messages');
