-- Which trades answer our invitations to bid
-- Invitations sent, those answered in any way, and how many bids came of them, by bid package name.
-- trade text: only packages whose name contains this
SELECT
  bid_package_name AS trade,
  count(*) AS invited,
  sum(CASE WHEN state <> 'UNDECIDED' THEN 1 ELSE 0 END) AS answered,
  sum(CASE WHEN state IN ('BID_SUBMITTED', 'WON', 'LOST') THEN 1 ELSE 0 END) AS bids,
  round(100e0 * sum(CASE WHEN state <> 'UNDECIDED' THEN 1 ELSE 0 END) / count(*), 1) AS response_percent
FROM invites
WHERE deleted_at IS NULL
  AND state <> 'NOT_INVITED'
  AND (:trade = '' OR lower(bid_package_name) LIKE concat('%', lower(:trade), '%'))
GROUP BY bid_package_name
ORDER BY response_percent DESC, invited DESC, trade
