import { type SeededRandomness, seededRandomness } from '../../infra/sandbox/seed/seeded-randomness.ts';
import type { ListRequest, Page, UpdatedAtWindow } from '../../shared/autodesk/client/api.ts';
import { isoTime } from '../../shared/clock.ts';
import type { JsonObject } from '../../shared/json.ts';

/**
 * In which order the list comes, which Autodesk does not document. `scattered`: by ids that say nothing of time.
 * `by-creation`: by ids that grow with time. `by-update` and `newest-first`: by `updatedAt`, up or down.
 */
export type ListOrder = 'scattered' | 'by-creation' | 'by-update' | 'newest-first';

export type ListShape = 'even' | 'growing' | 'recent' | 'weekly' | 'at-once';

export interface GeneratedOptions {
  count: number;
  order: ListOrder;
  /** Projects in whose weeks the updates lie close together; absent: spread evenly over two years. */
  projects?: number;
  /**
   * How updates lie in two years. `even`, where missing, or in the weeks of projects; `growing`: as many as the cube of
   * the time since the beginning; `recent`: more and more of them
   * towards today, by the cube, and one in twenty at one moment; `weekly`: all within an hour of each week; `at-once`:
   * all at one moment.
   */
  shape?: ListShape;
  /** Records a page however many are asked for, up to that; 100 where missing. */
  pageSize?: number;
  seed?: string;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const HOUR_MS = DAY_MS / 24;
const WEEK_MS = 7 * DAY_MS;
const SPAN_MS = 104 * WEEK_MS;
/** An answer to an invitation comes within so long. */
const ANSWERED_WITHIN_MS = 40 * DAY_MS;
const GENERATED_UNTIL_MS = Date.parse('2026-11-20T00:00:00.000Z');

/** A list of invites of any length that costs eight bytes a record: each is made when it is asked for. */
export class GeneratedInvites {
  readonly count: number;
  /** By place in the list. */
  readonly #updatedAtMs: Float64Array;
  /** The same, where it is another time. */
  readonly #createdAtMs: Float64Array | undefined;
  readonly #seed: string;
  readonly #pageSize: number;

  constructor({
    count,
    order,
    projects,
    shape = 'even',
    pageSize = 100,
    seed = 'invites',
  }: GeneratedOptions) {
    this.count = count;
    this.#seed = seed;
    this.#pageSize = pageSize;
    const chance = seededRandomness(seed);
    const starts = Array.from({ length: projects ?? 0 }, () => chance.fraction() * (SPAN_MS - 60 * DAY_MS));
    const createdMs = Float64Array.from({ length: count }, (_, place) => {
      if (shape !== 'even') return shapedMs(shape, place, chance);
      const start = starts.length === 0 ? undefined : chance.pick(starts);
      const age = start === undefined ? chance.fraction() * SPAN_MS : start + chance.fraction() * 10 * DAY_MS;
      return Math.floor(GENERATED_UNTIL_MS - SPAN_MS + age);
    });
    if (order === 'by-creation') this.#createdAtMs = createdMs.sort();
    this.#updatedAtMs = createdMs.map((ms) => {
      if (shape !== 'even' && order !== 'by-creation') return ms;
      const answeredMs = ms + chance.integer(ANSWERED_WITHIN_MS);
      return chance.chance(0.4) || answeredMs > GENERATED_UNTIL_MS ? ms : answeredMs;
    });
    if (order === 'by-update' || order === 'newest-first') this.#updatedAtMs.sort();
    if (order === 'newest-first') this.#updatedAtMs.reverse();
  }

  /** Changes one record in a hundred, each at a moment of its own that begins at `nowMs`. */
  changeSome(nowMs: number): number {
    let changed = 0;
    for (let place = 0; place < this.count; place += 100) {
      this.#updatedAtMs[place] = nowMs + changed;
      changed += 1;
    }
    return changed;
  }

  /** The answer to a request; `total` on the first page only, as Autodesk tells it. */
  page({ window, position, limit }: ListRequest, readAt: string): Page {
    const start = position !== undefined && 'cursor' in position ? Number(position.cursor) : 0;
    const bounds = boundsOf(window);
    const records: JsonObject[] = [];
    let next: number | undefined;
    for (let place = start; place < this.count; place += 1) {
      if (!isWithin(this.#updatedAtMs[place] ?? 0, bounds)) continue;
      if (records.length === Math.min(limit, this.#pageSize)) {
        next = place;
        break;
      }
      records.push(this.record(place));
    }
    return {
      records,
      readAt,
      serverDate: readAt,
      ...(next !== undefined && { next: { cursor: String(next) } }),
      ...(position === undefined && { total: this.#countIn(bounds) }),
    };
  }

  /** About as large as an invite is: 1.3 KB of JSON. */
  record(place: number): JsonObject {
    const updatedAtMs = this.#updatedAtMs[place] ?? 0;
    const number = String(place).padStart(8, '0');
    const updatedAt = isoTime(updatedAtMs);
    return {
      id: `65a1f0c2e4${this.#seed.length}${number}0000`,
      projectId: `65a1f0c2e4b7f2${String(place % 997).padStart(10, '0')}`,
      projectName: `Harborview Medical Center, East Tower ${place % 997}`,
      bidPackageId: `65a1f0c2e4b7f3${String(place % 9973).padStart(10, '0')}`,
      bidPackageName: 'Cast-in-place concrete',
      currentAccLinkedProjectId: null,
      bidderOfficeId: `65a1f0c2e4b7f4${number}00`,
      bidderCompany: {
        id: `65a1f0c2e4b7f5${number}00`,
        name: `Larkfield Concrete ${number}`,
        businessType: ['SUBCONTRACTOR'],
        website: `https://www.larkfield-${number}.example`,
        laborType: ['UNION'],
        enterpriseType: [],
        companyTags: ['preferred'],
        certificates: [
          {
            id: `65a1f0c2e4b7f6${number}00`,
            type: { id: '65a1f0c2e4b7f60000000001', name: 'Minority business enterprise' },
            agency: { id: '65a1f0c2e4b7f60000000002', name: 'State', website: 'https://certify.example' },
            number: `C-${number}`,
            expiresAt: updatedAt,
            fileName: 'certificate.pdf',
          },
        ],
      },
      state: place % 3 === 0 ? 'BIDDING' : 'UNDECIDED',
      createdAt: isoTime(this.#createdAtMs?.[place] ?? updatedAtMs),
      updatedAt,
      invitedAt: updatedAt,
      invitees: [
        {
          id: `65a1f0c2e4b7f7${number}00`,
          userId: `65a1f0c2e4b7f8${number}00`,
          firstName: 'Ada',
          lastName: `Okafor ${number}`,
          companyId: `65a1f0c2e4b7f5${number}00`,
          phoneNumber: '555-0142',
          title: 'Estimator',
          email: `ada.okafor.${number}@larkfield.example`,
          inviterType: 'HOST',
          state: 'INVITED',
        },
      ],
    };
  }

  #countIn(bounds: Bounds): number {
    let count = 0;
    for (const ms of this.#updatedAtMs) if (isWithin(ms, bounds)) count += 1;
    return count;
  }
}

/** An update in a list that is not spread evenly. */
function shapedMs(shape: Exclude<ListShape, 'even'>, place: number, chance: SeededRandomness): number {
  const burstMs = GENERATED_UNTIL_MS - SPAN_MS / 3;
  switch (shape) {
    case 'growing':
      return Math.floor(GENERATED_UNTIL_MS - SPAN_MS + SPAN_MS * chance.fraction() ** (1 / 3));
    case 'recent':
      return place % 20 === 0 ? burstMs : Math.floor(GENERATED_UNTIL_MS - SPAN_MS * chance.fraction() ** 3);
    case 'weekly':
      return GENERATED_UNTIL_MS - chance.integer(SPAN_MS / WEEK_MS) * WEEK_MS - chance.integer(HOUR_MS);
    case 'at-once':
      return burstMs;
  }
}

interface Bounds {
  fromMs: number;
  toMs: number;
}

function boundsOf(window: UpdatedAtWindow = {}): Bounds {
  return {
    fromMs: window.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(window.from),
    toMs: window.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(window.to),
  };
}

function isWithin(ms: number, { fromMs, toMs }: Bounds): boolean {
  return fromMs <= ms && ms < toMs;
}
