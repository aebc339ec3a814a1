-- Failed file transfers by month
-- Pairs of opportunity and project whose transfer was failed, by the month of that change at Autodesk; those that failed and recovered count, too.
WITH versions AS (
  SELECT id, file_status, file_syncing_error, updated_at, read_at FROM opportunity_project_pairs
  UNION ALL
  SELECT id, file_status, file_syncing_error, updated_at, read_at FROM opportunity_project_pairs_history
),
failed AS (
  SELECT id, date_trunc('month', coalesce(updated_at, read_at)) AS month
  FROM versions
  WHERE file_status = 'FAILED' OR file_syncing_error <> ''
)
SELECT month, count(DISTINCT id) AS failed_pairs
FROM failed
GROUP BY month
ORDER BY month
