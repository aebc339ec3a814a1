-- How far the bids on a package lie apart
-- Lowest, average and highest bid, each bidder's latest revision, on packages with at least two.
-- trade text: only packages whose name contains this
WITH latest AS (
  SELECT
    bid_package_id,
    total,
    row_number() OVER (PARTITION BY invite_id ORDER BY revision DESC, id) AS place
  FROM bids
  WHERE deleted_at IS NULL AND total IS NOT NULL
)
SELECT
  j.name AS project,
  p.name AS package,
  count(*) AS bids,
  min(l.total) AS lowest,
  round(avg(l.total), 2) AS average,
  max(l.total) AS highest,
  round(100e0 * (max(l.total) - min(l.total)) / min(l.total), 1) AS spread_percent,
  p.id AS bid_package_id
FROM latest l
JOIN bid_packages p ON p.id = l.bid_package_id AND p.deleted_at IS NULL
LEFT JOIN projects j ON j.id = p.project_id AND j.deleted_at IS NULL
WHERE l.place = 1
  AND l.total > 0
  AND (:trade = '' OR lower(p.name) LIKE concat('%', lower(:trade), '%'))
GROUP BY j.name, p.name, p.id
HAVING count(*) >= 2
ORDER BY spread_percent DESC, bid_package_id
