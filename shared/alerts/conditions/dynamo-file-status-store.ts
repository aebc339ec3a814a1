import { DynamoDocuments } from '../../dynamodb/documents.ts';
import type { Table } from '../../dynamodb/table.ts';
import { type FileStatusHistory, type FileStatusStore, fileStatusHistory } from './file-status.ts';

/** In the State table: `file-status#watched` / pair id and, once the files are settled, `file-status#settled` / pair id. */
export class DynamoFileStatusStore implements FileStatusStore {
  readonly #watched: DynamoDocuments<FileStatusHistory>;
  readonly #settled: DynamoDocuments<FileStatusHistory>;

  constructor(stateTable: Table) {
    this.#watched = new DynamoDocuments(stateTable, 'file-status#watched', fileStatusHistory);
    this.#settled = new DynamoDocuments(stateTable, 'file-status#settled', fileStatusHistory);
  }

  async watched(): Promise<FileStatusHistory[]> {
    return (await this.#watched.list()).map(({ document }) => document);
  }

  async find(pairId: string): Promise<FileStatusHistory | undefined> {
    return (await this.#watched.get(pairId)) ?? (await this.#settled.get(pairId));
  }

  watch(history: FileStatusHistory): Promise<boolean> {
    return this.#watched.put(history.pairId, history.rev, history);
  }

  async settle(history: FileStatusHistory): Promise<boolean> {
    await this.#settled.replace(history.pairId, history);
    return this.#watched.remove(history.pairId, history.rev);
  }
}
