SELECT label, count(*), round(avg(score), 4)
FROM support_case.support_rating
GROUP BY label;
