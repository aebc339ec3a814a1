import * as fc from 'fast-check';
import * as z from 'zod';

/** What happens from outside between two spells of work. */
const KINDS = [
  'create',
  'update',
  'change-silently',
  'delete',
  'restore',
  'want-incremental',
  'want-full',
  'want-unfiltered',
  'want-since',
  'kill',
  'jump-clock',
  'wait',
  'sign-out',
  'webhook',
] as const;
export type EventKind = (typeof KINDS)[number];

/** One history: all of it follows from these values. */
const plan = z.object({
  seed: z.number(),
  resource: z.string(),
  records: z.number(),
  /** Records on a page, at most. */
  pageSize: z.number(),
  emptyPages: z.boolean(),
  cursors: z.enum(['keys', 'offsets']),
  order: z.enum(['id', 'updatedAt', 'newest-first', 'groups']),
  readById: z.boolean(),
  /** How many records a list says it holds: nothing, so many that it is cut at its first page, or the truth. */
  totals: z.enum(['none', 'many', 'true']),
  workers: z.number(),
  /** How long a worker may go on before it has to hand over. */
  workerLifeMs: z.number(),
  /** Chances at each await: of an error, of a death, of a stall that outlasts a lease. */
  errors: z.number(),
  deaths: z.number(),
  stalls: z.number(),
  /** The chance that a message is delivered twice, or late. */
  duplicates: z.number(),
  laggingIndex: z.boolean(),
  laggingLists: z.boolean(),
  clockJumps: z.boolean(),
  /** What happens from outside, and how many turns of work follow. */
  events: z.array(z.object({ kind: z.enum(KINDS), turns: z.number() })),
});
export type Plan = z.infer<typeof plan>;

/** A plan as a failure printed it. Throws `ZodError` or `SyntaxError`. */
export function planFrom(text: string): Plan {
  return plan.parse(JSON.parse(text));
}

export const anyPlan: fc.Arbitrary<Plan> = fc.record({
  seed: fc.integer({ min: 0, max: 0x7fffffff }),
  resource: fc.constantFrom(
    'opportunity-project-pairs',
    'invites',
    'scope-specific-bid-forms',
    'bids',
    'bids',
    'contacts',
    'opportunity-comments',
    'bid-package-activities',
    'opportunity-comments',
    'bid-package-activities',
    'users',
    'data-connector-requests',
    'data-connector-jobs',
  ),
  // In order and with true totals, a list of some pages is cut while it is being read.
  records: fc.oneof(
    { weight: 29, arbitrary: fc.integer({ min: 0, max: 12 }) },
    fc.integer({ min: 40, max: 60 }),
  ),
  pageSize: fc.integer({ min: 1, max: 5 }),
  emptyPages: fc.boolean(),
  cursors: fc.constantFrom('keys', 'keys', 'offsets'),
  order: fc.constantFrom('id', 'updatedAt', 'newest-first', 'groups'),
  readById: fc.constantFrom(true, true, true, false),
  totals: fc.constantFrom('none', 'many', 'true'),
  workers: fc.integer({ min: 1, max: 3 }),
  workerLifeMs: fc.constantFrom(40_000, 120_000, 900_000),
  errors: fc.constantFrom(0, 0.01, 0.04),
  deaths: fc.constantFrom(0, 0.003, 0.01),
  stalls: fc.constantFrom(0, 0.005, 0.02),
  duplicates: fc.constantFrom(0, 0.1),
  laggingIndex: fc.boolean(),
  laggingLists: fc.boolean(),
  clockJumps: fc.constantFrom(false, false, true),
  events: fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS, 'update', 'want-incremental', 'webhook'),
      turns: fc.integer({ min: 0, max: 40 }),
    }),
    {
      minLength: 4,
      maxLength: 28,
      size: 'max',
    },
  ),
});
