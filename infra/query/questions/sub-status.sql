-- Where every package stands with its bidders
-- The Sub Status Report of all projects at once: invitations by what became of them.
-- project text: only projects whose name contains this
SELECT
  i.project_name AS project,
  i.bid_package_name AS package,
  count(*) AS invited,
  sum(CASE WHEN i.state = 'UNDECIDED' THEN 1 ELSE 0 END) AS undecided,
  sum(CASE WHEN i.state = 'BIDDING' THEN 1 ELSE 0 END) AS bidding,
  sum(CASE WHEN i.state = 'NOT_BIDDING' THEN 1 ELSE 0 END) AS not_bidding,
  sum(CASE WHEN i.state IN ('BID_SUBMITTED', 'WON', 'LOST') THEN 1 ELSE 0 END) AS submitted,
  i.bid_package_id AS bid_package_id
FROM invites i
WHERE i.deleted_at IS NULL
  AND i.state <> 'NOT_INVITED'
  AND (:project = '' OR lower(i.project_name) LIKE concat('%', lower(:project), '%'))
GROUP BY i.project_name, i.bid_package_name, i.bid_package_id
ORDER BY project, package, bid_package_id
