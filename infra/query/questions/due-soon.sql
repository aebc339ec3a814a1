-- What we have to hand in next
-- Opportunities that we will submit, or have not decided on, by our own due date.
-- days number = 14: how many days ahead
SELECT
  due_at AS due,
  name AS opportunity,
  client_company_name AS client,
  trade_name AS trade,
  submission_state,
  id AS opportunity_id
FROM opportunities
WHERE deleted_at IS NULL
  AND submission_state IN ('UNDECIDED', 'WILL_SUBMIT')
  AND (is_archived IS NULL OR is_archived = false)
  AND due_at >= :now
  AND date_diff('millisecond', :now, due_at) <= :days * 86400000e0
ORDER BY due, opportunity, opportunity_id
