-- Who has not answered, and bids are due soon
-- Invitations without an answer on packages that are due in the coming days, the most urgent first.
-- days number = 7: how many days ahead
SELECT
  coalesce(p.bids_due_at, j.bids_due_at) AS bids_due,
  j.name AS project,
  p.name AS package,
  coalesce(i.bidder_company_name, i.placeholder_company_name) AS company,
  i.id AS invite_id
FROM invites i
JOIN bid_packages p ON p.id = i.bid_package_id AND p.deleted_at IS NULL
LEFT JOIN projects j ON j.id = i.project_id AND j.deleted_at IS NULL
WHERE i.deleted_at IS NULL
  AND i.state = 'UNDECIDED'
  AND coalesce(p.bids_due_at, j.bids_due_at) >= :now
  AND date_diff('millisecond', :now, coalesce(p.bids_due_at, j.bids_due_at)) <= :days * 86400000
ORDER BY bids_due, project, package, company, invite_id
