import { createHash } from 'node:crypto';
import { isoTime } from '../clock.ts';
import type { Table } from '../dynamodb/table.ts';

/** What status shows of the events. */
export interface DeliverySummary {
  /** In about 24 hours: whole hours are counted. */
  takenLastDay: number;
  /** ISO 8601; absent where none came in a week. */
  lastAt?: string;
}

/** Events that were taken, so that one that comes twice is told apart. */
export interface DeliveryLog {
  /** Whether a delivery of this key was taken at or after a moment (milliseconds). */
  wasTaken(key: string, sinceMs: number): Promise<boolean>;
  /** Records that it was. */
  take(key: string, takenAtMs: number): Promise<void>;
  summary(nowMs: number): Promise<DeliverySummary>;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Longer than Autodesk tries again, which is for two days and more. */
export const DELIVERIES_KEPT_MS = 4 * DAY_MS;
const HOURS_KEPT_MS = 8 * DAY_MS;

const HOURS = 'webhook-hours';

/** In the State table: `webhook-delivery#<hash of the key>`, and how many came by the hour. */
export class DynamoDeliveryLog implements DeliveryLog {
  readonly #table: Table;

  constructor(stateTable: Table) {
    this.#table = stateTable;
  }

  async wasTaken(key: string, sinceMs: number): Promise<boolean> {
    const item = await this.#table.get(deliveryKey(key));
    return item !== undefined && Number(item.takenAtMs?.N) >= sinceMs;
  }

  async take(key: string, takenAtMs: number): Promise<void> {
    const { pk, sk } = deliveryKey(key);
    await this.#table.put({
      pk: { S: pk },
      sk: { S: sk },
      takenAtMs: { N: String(takenAtMs) },
      expiresAt: { N: seconds(takenAtMs + DELIVERIES_KEPT_MS) },
    });
    await this.#table.update(
      { pk: HOURS, sk: hourOf(takenAtMs) },
      {
        UpdateExpression: 'ADD taken :one SET lastAt = :at, expiresAt = :expiresAt',
        ExpressionAttributeValues: {
          ':one': { N: '1' },
          ':at': { S: isoTime(takenAtMs) },
          ':expiresAt': { N: seconds(takenAtMs + HOURS_KEPT_MS) },
        },
      },
    );
  }

  async summary(nowMs: number): Promise<DeliverySummary> {
    const summary: DeliverySummary = { takenLastDay: 0 };
    const pages = this.#table.query({
      KeyConditionExpression: 'pk = :pk AND sk >= :from',
      ExpressionAttributeValues: { ':pk': { S: HOURS }, ':from': { S: hourOf(nowMs - HOURS_KEPT_MS) } },
    });
    for await (const items of pages) {
      for (const item of items) {
        if ((item.sk?.S ?? '') > hourOf(nowMs - DAY_MS)) summary.takenLastDay += Number(item.taken?.N ?? 0);
        if (item.lastAt?.S !== undefined) summary.lastAt = item.lastAt.S;
      }
    }
    return summary;
  }
}

function deliveryKey(key: string) {
  return { pk: `webhook-delivery#${createHash('sha256').update(key).digest('hex')}`, sk: 'taken' };
}

function hourOf(ms: number): string {
  return isoTime(ms).slice(0, 13);
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / 1_000));
}
