SELECT label, round(score, 4)
FROM support_case.support_rating
WHERE seller_id = 1;
