-- How long bidders take to answer
-- Days from the invitation to the last change of an answered invite, by bid package name.
-- trade text: only packages whose name contains this
SELECT
  bid_package_name AS trade,
  count(*) AS answered,
  round(avg(date_diff('millisecond', invited_at, updated_at) / 86400000e0), 1) AS average_days,
  round(max(date_diff('millisecond', invited_at, updated_at) / 86400000e0), 1) AS longest_days
FROM invites
WHERE deleted_at IS NULL
  AND state NOT IN ('NOT_INVITED', 'UNDECIDED')
  AND invited_at IS NOT NULL
  AND updated_at IS NOT NULL
  AND (:trade = '' OR lower(bid_package_name) LIKE concat('%', lower(:trade), '%'))
GROUP BY bid_package_name
ORDER BY average_days, trade
