-- Which clients give us work
-- Opportunities by client with the outcome as far as somebody has entered one.
-- client text: only clients whose name contains this
SELECT
  coalesce(client_company_name, 'unknown') AS client,
  count(*) AS opportunities,
  sum(CASE WHEN outcome_state = 'WON' THEN 1 ELSE 0 END) AS won,
  sum(CASE WHEN outcome_state = 'LOST' THEN 1 ELSE 0 END) AS lost,
  sum(CASE WHEN outcome_state IN ('WON', 'LOST') THEN 0 ELSE 1 END) AS without_outcome,
  round(
    100e0 * sum(CASE WHEN outcome_state = 'WON' THEN 1 ELSE 0 END)
      / nullif(sum(CASE WHEN outcome_state IN ('WON', 'LOST') THEN 1 ELSE 0 END), 0),
    1
  ) AS won_percent
FROM opportunities
WHERE deleted_at IS NULL
  AND (:client = '' OR lower(client_company_name) LIKE concat('%', lower(:client), '%'))
GROUP BY coalesce(client_company_name, 'unknown')
ORDER BY won DESC, opportunities DESC, client
