import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Column, ColumnType } from './columns.ts';
import type { Cell } from './fields.ts';

const PARQUET_TYPES = {
  boolean: 'BOOLEAN',
  double: 'DOUBLE',
  timestamp: 'TIMESTAMP',
  text: 'STRING',
} as const satisfies Record<ColumnType, string>;

/** Rows are kept in memory until a row group has so many of them or so many characters of text. */
const GROUP_ROWS = 10_000;
const GROUP_CHARACTERS = 8_000_000;
/** A file ends after the row group that brings it to this size: good for a reader, small enough to be held in memory. */
const FILE_BYTES = 32 * 2 ** 20;

/** Rows on their way into Parquet files, of which at most one and one row group are in memory. */
export class ParquetFiles {
  readonly #columns: readonly Column[];
  readonly #save: (bytes: Uint8Array) => Promise<void>;
  #group: Cell[][];
  #groupRows = 0;
  #groupCharacters = 0;
  #file: { bytes: ByteWriter; parquet: ParquetWriter };
  #files = 0;
  rows = 0;

  /** `save` is given each file once it is whole. */
  constructor(columns: readonly Column[], save: (bytes: Uint8Array) => Promise<void>) {
    this.#columns = columns;
    this.#save = save;
    this.#group = columns.map(() => []);
    this.#file = this.#newFile();
  }

  /** Adds a row, its cells in the order of the columns. */
  async add(row: readonly Cell[]): Promise<void> {
    for (const [index, cell] of row.entries()) {
      this.#group[index]?.push(cell);
      if (typeof cell === 'string') this.#groupCharacters += cell.length;
    }
    this.rows += 1;
    this.#groupRows += 1;
    if (this.#groupRows >= GROUP_ROWS || this.#groupCharacters >= GROUP_CHARACTERS) await this.#endGroup();
  }

  /** Writes what is left. Without a row there is a file all the same, so that the table has its columns. */
  async end(): Promise<void> {
    if (this.#groupRows > 0) this.#writeGroup();
    if (this.#file.bytes.offset > MAGIC_BYTES || this.#files === 0) await this.#endFile();
  }

  async #endGroup(): Promise<void> {
    this.#writeGroup();
    if (this.#file.bytes.offset >= FILE_BYTES) await this.#endFile();
  }

  #writeGroup(): void {
    const columnData = this.#columns.map(({ name, type }, index) => ({
      name,
      type: PARQUET_TYPES[type],
      data: this.#group[index] ?? [],
    }));
    this.#file.parquet.write({ columnData, rowGroupSize: this.#groupRows });
    this.#group = this.#columns.map(() => []);
    this.#groupRows = 0;
    this.#groupCharacters = 0;
  }

  async #endFile(): Promise<void> {
    this.#file.parquet.finish();
    await this.#save(this.#file.bytes.getBytes());
    this.#files += 1;
    this.#file = this.#newFile();
  }

  #newFile() {
    const bytes = new ByteWriter();
    const columnData = this.#columns.map(({ name, type }) => ({ name, type: PARQUET_TYPES[type], data: [] }));
    const schema = schemaFromColumnData({ columnData });
    return {
      bytes,
      parquet: new ParquetWriter({ writer: bytes, schema, createdBy: 'buildingconnected-sync' }),
    };
  }
}

/** What every Parquet file begins with. */
const MAGIC_BYTES = 4;
