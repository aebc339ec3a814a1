import { parquetReadObjects } from 'hyparquet';

/** The rows in Parquet files, as a reader of another make sees them. */
export async function readTable(files: readonly Uint8Array[]): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for (const bytes of files) {
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    if (!(file instanceof ArrayBuffer)) throw new TypeError('The bytes are shared.');
    rows.push(...(await parquetReadObjects({ file })));
  }
  return rows;
}
