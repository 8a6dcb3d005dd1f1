SELECT currency, -sum(amount) FROM support_case.ledger_entry WHERE seller_id = 1 AND account = 'seller_payable' GROUP BY currency;
