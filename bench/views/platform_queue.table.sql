SELECT * FROM support_case.support_case
WHERE status = 'escalated' OR stalled_code IS NOT NULL OR (status = 'replacement_pending' AND deadline IS NULL)
ORDER BY status_since LIMIT 50;
