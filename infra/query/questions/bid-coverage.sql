-- Packages that are due soon with too few bids
-- Bids received and bidders who said they will bid, on published packages due in the coming days that are not awarded.
-- days number = 14: how many days ahead
-- bids number = 3: fewer bids than this are too few
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
    AND p.awarded_bid_id IS NULL
    AND p.state = 'PUBLISHED'
),
received AS (
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
  p.bids_due AS bids_due,
  p.project AS project,
  p.name AS package,
  coalesce(r.bids, 0) AS bids,
  coalesce(w.bidding, 0) AS bidding,
  p.id AS bid_package_id
FROM packages p
LEFT JOIN received r ON r.bid_package_id = p.id
LEFT JOIN willing w ON w.bid_package_id = p.id
WHERE p.bids_due >= :now
  AND date_diff('millisecond', :now, p.bids_due) <= :days * 86400000e0
  AND coalesce(r.bids, 0) < :bids
ORDER BY bids_due, project, package, bid_package_id
