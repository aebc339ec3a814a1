-- Packages that are due soon with too few bids
-- Bids received and bidders who said they will bid, on packages due in the coming days.
-- days number = 14: how many days ahead
-- bids number = 3: fewer bids than this are too few
WITH received AS (
  SELECT bid_package_id, count(DISTINCT invite_id) AS bids
  FROM bids
  WHERE deleted_at IS NULL
  GROUP BY bid_package_id
),
willing AS (
  SELECT bid_package_id, count(*) AS bidding
  FROM invites
  WHERE deleted_at IS NULL AND state = 'BIDDING'
  GROUP BY bid_package_id
)
SELECT
  coalesce(p.bids_due_at, j.bids_due_at) AS bids_due,
  j.name AS project,
  p.name AS package,
  coalesce(r.bids, 0) AS bids,
  coalesce(w.bidding, 0) AS bidding,
  p.id AS bid_package_id
FROM bid_packages p
LEFT JOIN projects j ON j.id = p.project_id AND j.deleted_at IS NULL
LEFT JOIN received r ON r.bid_package_id = p.id
LEFT JOIN willing w ON w.bid_package_id = p.id
WHERE p.deleted_at IS NULL
  AND coalesce(p.bids_due_at, j.bids_due_at) >= :now
  AND date_diff('millisecond', :now, coalesce(p.bids_due_at, j.bids_due_at)) <= :days * 86400000
  AND coalesce(r.bids, 0) < :bids
ORDER BY bids_due, project, package, bid_package_id
