import type { Revision, StateItem } from '../../dynamodb/state-item.ts';
import { NumberedFiles } from './numbered-files.ts';
import { EMPTY_LEDGER, type RefreshLedger, refreshLedger } from './refresh-ledger.ts';

/** Where processes on one machine agree on who refreshes a token that is kept in the same folder. */
export class FileRefreshLedger implements StateItem<RefreshLedger> {
  readonly #files: NumberedFiles;

  constructor(folder: string) {
    this.#files = new NumberedFiles(folder, 'refresh');
  }

  async read(): Promise<Revision<RefreshLedger>> {
    const newest = await this.#files.newest();
    if (newest === undefined) return { value: EMPTY_LEDGER, rev: 0 };
    return { value: refreshLedger.parse(JSON.parse(newest.text)), rev: newest.number };
  }

  write(value: RefreshLedger, rev: number): Promise<boolean> {
    return this.#files.add(rev + 1, JSON.stringify(value));
  }
}
