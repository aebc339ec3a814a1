-- Failed file transfers by month
-- Pairs of opportunity and project whose transfer was failed at some time, by the month in which that was read; those that failed and recovered count, too.
WITH versions AS (
  SELECT id, file_status, read_at FROM opportunity_project_pairs
  UNION ALL
  SELECT id, file_status, read_at FROM opportunity_project_pairs_history
)
SELECT
  date_trunc('month', read_at) AS month,
  count(DISTINCT id) AS failed_pairs
FROM versions
WHERE file_status = 'FAILED'
GROUP BY date_trunc('month', read_at)
ORDER BY month
