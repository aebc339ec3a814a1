-- The three lowest bids on every package
-- The Proposal Summary Sheet of all projects at once: each bidder's latest revision, the lowest three of a package.
-- project text: only projects whose name contains this
WITH latest AS (
  SELECT
    id,
    bid_package_id,
    invite_id,
    total,
    leveled_total,
    submitted_at,
    row_number() OVER (PARTITION BY invite_id ORDER BY revision DESC, id) AS place
  FROM bids
  WHERE deleted_at IS NULL AND total IS NOT NULL
),
ranked AS (
  SELECT l.*, row_number() OVER (PARTITION BY bid_package_id ORDER BY total, id) AS low
  FROM latest l
  WHERE place = 1
)
SELECT
  j.name AS project,
  p.name AS package,
  r.low AS low,
  coalesce(i.bidder_company_name, i.placeholder_company_name) AS company,
  r.total AS total,
  r.leveled_total AS leveled_total,
  r.submitted_at AS submitted,
  r.id AS bid_id
FROM ranked r
JOIN bid_packages p ON p.id = r.bid_package_id AND p.deleted_at IS NULL
LEFT JOIN projects j ON j.id = p.project_id AND j.deleted_at IS NULL
LEFT JOIN invites i ON i.id = r.invite_id AND i.deleted_at IS NULL
WHERE r.low <= 3
  AND (:project = '' OR lower(j.name) LIKE concat('%', lower(:project), '%'))
ORDER BY project, package, p.id, low
