import type { StoredRecord } from '../records/record.ts';
import { wholeTable } from './columns.ts';
import type { Cell, Fields } from './fields.ts';
import type { Lake, Published } from './lake.ts';
import { ParquetFiles } from './parquet.ts';

/** The files of one table in one publication. */
export class TableFiles {
  readonly #kind: 'records' | 'history';
  readonly #fields: Fields;
  readonly #files: ParquetFiles;
  #count = 0;

  constructor(
    table: string,
    kind: 'records' | 'history',
    fields: Fields,
    publication: string,
    lake: Pick<Lake, 'write'>,
  ) {
    this.#kind = kind;
    this.#fields = fields;
    fields.grown = false;
    this.#files = new ParquetFiles(wholeTable(fields.columns, kind), async (bytes) => {
      const file = `${String(this.#count).padStart(5, '0')}.parquet`;
      this.#count += 1;
      await lake.write(table, publication, file, bytes);
    });
  }

  /** Whether a field did not fit what is being written. From then on nothing is written, only fields are looked at. */
  get hasGrown(): boolean {
    return this.#fields.grown;
  }

  async add(record: StoredRecord & { replacedAt?: string }): Promise<void> {
    const cells = this.#fields.cells(record.data);
    if (this.#fields.grown) return;
    await this.#files.add([
      record.id,
      record.parentId ?? null,
      record.projectId ?? null,
      time(record.updatedAt),
      new Date(record.readAt),
      time(record.deletedAt),
      ...(this.#kind === 'history' ? [time(record.replacedAt)] : []),
      ...cells,
      JSON.stringify(record.data),
    ]);
  }

  async end(): Promise<Pick<Published, 'rows' | 'columns'>> {
    await this.#files.end();
    return { rows: this.#files.rows, columns: wholeTable(this.#fields.columns, this.#kind) };
  }
}

function time(moment: string | undefined): Cell {
  return moment === undefined ? null : new Date(moment);
}
