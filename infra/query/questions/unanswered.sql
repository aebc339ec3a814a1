-- Who has not answered, and bids are due soon
-- Invitations without an answer on packages that are due in the coming days, the most urgent first.
-- days number = 7: how many days ahead
WITH packages AS (
  SELECT
    p.id AS id,
    p.name AS name,
    j.name AS project,
    CASE
      WHEN p.use_project_bids_due_at THEN coalesce(j.bids_due_at, p.bids_due_at)
      ELSE coalesce(p.bids_due_at, j.bids_due_at)
    END AS bids_due
  FROM bid_packages p
  LEFT JOIN projects j ON j.id = p.project_id AND j.deleted_at IS NULL
  WHERE p.deleted_at IS NULL
)
SELECT
  p.bids_due AS bids_due,
  p.project AS project,
  p.name AS package,
  coalesce(i.bidder_company_name, i.placeholder_company_name) AS company,
  i.id AS invite_id
FROM invites i
JOIN packages p ON p.id = i.bid_package_id
WHERE i.deleted_at IS NULL
  AND i.state = 'UNDECIDED'
  AND p.bids_due >= :now
  AND date_diff('millisecond', :now, p.bids_due) <= :days * 86400000e0
ORDER BY bids_due, project, package, company, invite_id
