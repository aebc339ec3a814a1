import { isoTime } from '../../clock.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { isHashed } from '../../privacy/treat-fields.ts';
import type { RecordReader, StoredRecord } from '../../records/record.ts';
import { keyText } from '../../records/record-store.ts';
import { cleanText, cutText, oneLine } from '../rules/plain-text.ts';
import { isFailed, type PairView } from '../rules/rules.ts';
import { type FileStatusHistory, type FileStatusStore, since, withEntry } from './file-status.ts';

export const PAIRS_RESOURCE = 'opportunity-project-pairs';

const LOOKS_AT_A_TIME = 10;
const STATUS_LENGTH = 100;
const ERROR_LENGTH = 2_000;
/** Fifty of them in one item of the table. */
const HISTORY_ERROR_LENGTH = 500;
const NAME_LENGTH = 300;

/**
 * Reads pairs as they are stored now and keeps the history of their file transfers. Pairs to look at: those named,
 * those in the attention index, and those that were not settled when they were last seen. Answers those that are not
 * settled now.
 */
export async function unsettledPairs(
  named: Iterable<string>,
  records: Pick<RecordReader, 'getMany' | 'attention'>,
  histories: FileStatusStore,
  nowMs: number,
): Promise<PairView[]> {
  const watched = new Map((await histories.watched()).map((history) => [history.pairId, history]));
  const ids = new Set([...named, ...watched.keys()]);
  for await (const key of records.attention(PAIRS_RESOURCE)) ids.add(key.id);
  const keys = [...ids].map((id) => ({ resource: PAIRS_RESOURCE, id }));
  const stored = await records.getMany(keys);
  const views = await mapConcurrently(keys, LOOKS_AT_A_TIME, (key) =>
    look(key.id, stored.get(keyText(key)), watched.get(key.id), histories, nowMs),
  );
  return views.filter((view) => view !== undefined);
}

async function look(
  id: string,
  record: StoredRecord | undefined,
  watched: FileStatusHistory | undefined,
  histories: FileStatusStore,
  nowMs: number,
): Promise<PairView | undefined> {
  const at = isoTime(nowMs);
  const pair = record && record.deletedAt === undefined ? read(record) : undefined;
  if (pair === undefined || isSettled(pair)) {
    const seen = { at, fileStatus: pair === undefined ? 'DELETED' : pair.fileStatus };
    if (watched !== undefined) await histories.settle(withEntry(watched, seen));
    return undefined;
  }
  const before = watched ?? { entries: (await histories.find(id))?.entries ?? [], pairId: id, rev: 0 };
  const history = withEntry(before, {
    at,
    fileStatus: pair.fileStatus,
    ...(pair.error !== undefined && { error: cutText(pair.error, HISTORY_ERROR_LENGTH) }),
  });
  // Where another evaluation was first, it saw at least as much.
  if (history !== watched) await histories.watch(history);
  return { ...pair, since: since(history, record?.updatedAt) };
}

function isSettled(pair: Omit<PairView, 'since'>): boolean {
  return pair.fileStatus === 'SUCCESS' && !isFailed(pair) && !pair.shouldRelinkGroup;
}

function read(record: StoredRecord): Omit<PairView, 'since'> {
  const { data } = record;
  const text = (field: string): string => {
    const value = data[field];
    return typeof value === 'string' ? value : '';
  };
  const name = (field: string) => (isHashed(data[field]) ? '' : cutText(oneLine(text(field)), NAME_LENGTH));
  const error = errorOf(record);
  return {
    id: record.id,
    fileStatus: cutText(oneLine(text('fileStatus')), STATUS_LENGTH),
    ...(error !== '' && { error }),
    shouldRelinkGroup: data.shouldRelinkGroup === true,
    opportunityId: name('opportunityId'),
    projectId: name('projectId'),
    projectName: name('projectName'),
    opportunityName: name('opportunityName'),
  };
}

/** Documented as a text or null; whatever else is sent one day is shown as JSON. */
function errorOf({ data }: StoredRecord): string {
  const value = data.fileSyncingError;
  if (!value) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // An error of blanks only is still an error.
  return cutText(cleanText(text) || '(blank)', ERROR_LENGTH);
}
