/** Glue takes no longer names. */
const MAX_NAME_LENGTH = 128;

/** The table of a resource or nested list: `bid-line-items` is `bid_line_items`. */
export function tableName(resource: string): string {
  return snakeCase(resource);
}

/** The table of the versions that were replaced. */
export function historyTableName(resource: string): string {
  return `${tableName(resource)}_history`;
}

/** What the tables of landed extracts begin with. */
export const EXTRACT_TABLES = 'extract_';

/** The table of a landed file: `admin_users.csv` is `extract_admin_users`; undefined for what is no CSV. */
export function extractTableName(file: string): string | undefined {
  const [, name] = /^(.+)\.csv$/i.exec(file) ?? [];
  return name === undefined ? undefined : `${EXTRACT_TABLES}${columnName([name])}`;
}

/** The column of a field, by its path in the record: `bidderCompany`, `name` is `bidder_company_name`. */
export function columnName(path: readonly string[]): string {
  return path.map(snakeCase).join('_').slice(0, MAX_NAME_LENGTH);
}

/** SQL names are of one case, so `bidsDueAt` is `bids_due_at`; what a name cannot hold becomes `_`. */
function snakeCase(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_');
  return /^[0-9]/.test(words) ? `_${words}` : words;
}
