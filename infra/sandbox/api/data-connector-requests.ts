import * as z from 'zod';
import { type Clock, isoTime } from '../../../shared/clock.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../../shared/json.ts';
import type { BiddingData } from '../data/bidding-data.ts';
import { dataConnectorError, json, type SandboxRequest, type SandboxResponse } from '../http/response.ts';
import { uuidFrom } from '../seed/ids.ts';
import { seededRandomness } from '../seed/seeded-randomness.ts';

const REQUESTS = 'data-connector-requests';
const JOBS = 'data-connector-jobs';
const JOBS_A_DAY = 24;
const DAY_MS = 86_400_000;

const fields = {
  description: z.string(),
  isActive: z.boolean(),
  scheduleInterval: z.enum(['ONE_TIME', 'DAY', 'WEEK', 'MONTH', 'YEAR']),
  reoccuringInterval: z.int().positive().nullable(),
  effectiveFrom: z.iso.datetime({ offset: true }),
  effectiveTo: z.iso.datetime({ offset: true }).nullable(),
  serviceGroups: z.array(z.string()).min(1),
  projectId: z.string().nullable(),
  projectIdList: z.array(z.string()).max(50),
  callbackUrl: z.url(),
  sendEmail: z.boolean(),
  startDate: z.iso.datetime({ offset: true }).nullable(),
  endDate: z.iso.datetime({ offset: true }).nullable(),
};

const changes = z
  .strictObject(fields)
  .partial()
  .refine((body) => Object.keys(body).length > 0);
const creation = z
  .strictObject({ ...fields, dateRange: z.string(), projectStatus: z.string() })
  .partial()
  .required({ scheduleInterval: true, effectiveFrom: true, serviceGroups: true })
  .refine((one) => (one.scheduleInterval === 'ONE_TIME') !== (typeof one.reoccuringInterval === 'number'), {
    path: ['reoccuringInterval'],
  })
  .refine((one) => (one.scheduleInterval === 'ONE_TIME') !== (typeof one.effectiveTo === 'string'), {
    path: ['effectiveTo'],
  });

/** Requests that are made, changed and deleted, as documented. Whoever asks has the scope for it. */
export class RequestChanges {
  readonly #data: BiddingData;
  readonly #clock: Clock;

  constructor(data: BiddingData, clock: Clock) {
    this.#data = data;
    this.#clock = clock;
  }

  create(accountId: string, request: SandboxRequest): SandboxResponse {
    const body = bodyOf(request);
    const checked = creation.safeParse(body);
    if (!checked.success) return malformed(checked.error);
    const since = isoTime(this.#clock.now() - DAY_MS);
    const jobs = this.#data
      .records(JOBS)
      .filter((job) => job.accountId === accountId && String(job.createdAt) > since);
    if (jobs.length >= JOBS_A_DAY) {
      return dataConnectorError(429, 'Too Many Requests', 'The limit of jobs in 24 hours is reached.');
    }
    const now = isoTime(this.#clock.now());
    const id = uuidFrom(seededRandomness(`request/${now}/${this.#data.records(REQUESTS).length}`));
    const record: JsonObject = {
      ...{
        id,
        accountId,
        isActive: true,
        projectId: null,
        sendEmail: true,
        callbackUrl: null,
        lastQueuedAt: null,
      },
      ...{ createdBy: 'LARKFIELD1', createdByEmail: 'data@larkfield.example', createdAt: now },
      ...{ updatedBy: 'LARKFIELD1', updatedAt: now, startDate: null, endDate: null, effectiveTo: null },
      ...{ reoccuringInterval: null, projectIdList: [], description: 'Extract', ...body },
    };
    this.#data.put(REQUESTS, record);
    return json(201, record);
  }

  change(accountId: string, id: string, request: SandboxRequest): SandboxResponse {
    if (!this.#has(accountId, id)) return notFound();
    const body = bodyOf(request);
    const checked = changes.safeParse(body);
    if (!checked.success) return malformed(checked.error);
    this.#data.change(REQUESTS, id, { ...body });
    return json(200, this.#data.record(REQUESTS, id) ?? null);
  }

  remove(accountId: string, id: string): SandboxResponse {
    if (!this.#has(accountId, id)) return notFound();
    this.#data.remove(REQUESTS, id);
    return { status: 204, headers: {}, body: '' };
  }

  #has(accountId: string, id: string): boolean {
    return this.#data.record(REQUESTS, id)?.accountId === accountId;
  }
}

/** An empty object, which lacks what is required, where it is no JSON object. */
function bodyOf({ body, contentType }: SandboxRequest): JsonObject {
  if (!contentType.startsWith('application/json')) return {};
  try {
    const parsed = parseJson(body);
    return isJsonObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function malformed(error: z.ZodError): SandboxResponse {
  const names = error.issues.map(({ path }) => path.join('.') || 'body');
  return dataConnectorError(400, 'Bad Request', `Wrong: ${[...new Set(names)].join(', ')}`);
}

function notFound(): SandboxResponse {
  return dataConnectorError(404, 'Not Found', 'The requested resource does not exist.');
}
