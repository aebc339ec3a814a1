import { isoTime } from '../../../shared/clock.ts';
import { isJsonObject, type JsonObject } from '../../../shared/json.ts';
import type { CompanyMaker } from '../seed/company-maker.ts';
import { DAY_MS } from '../seed/days.ts';
import { COLORS } from '../seed/vocabulary.ts';
import { makeLineItem } from './bid-forms.ts';
import type { Elements } from './elements.ts';

/** Bids without their lists, and these beside them. */
export interface Bids {
  rows: JsonObject[];
  lineItems: Elements;
  plugs: Elements;
  highlights: Elements;
  notes: Elements;
}

/** One bid on each invite that has led to one, now and then a second revision; some have more of a list than a page holds. */
export function makeBids(maker: CompanyMaker, invites: readonly JsonObject[], userId: string): Bids {
  const bids: Bids = {
    rows: [],
    lineItems: new Map(),
    plugs: new Map(),
    highlights: new Map(),
    notes: new Map(),
  };
  const submitted = invites.filter(({ state }) => state === 'BID_SUBMITTED');
  for (const [index, invite] of submitted.entries()) {
    const revisions = index % 5 === 3 ? 2 : 1;
    for (let revision = 0; revision < revisions; revision += 1) {
      addBid(maker, bids, invite, { revision, index, userId });
    }
  }
  return bids;
}

function addBid(
  maker: CompanyMaker,
  bids: Bids,
  invite: JsonObject,
  { revision, index, userId }: { revision: number; index: number; userId: string },
): void {
  const { randomness, ids, nowMs } = maker;
  const createdMs = Math.min(Date.parse(String(invite.updatedAt)) + revision * DAY_MS, nowMs - 60_000);
  const id = ids.at(createdMs);
  const total = 25_000 + randomness.integer(4_000) * 250;
  bids.rows.push({
    id,
    projectId: invite.projectId ?? null,
    bidPackageId: invite.bidPackageId ?? null,
    inviteId: invite.id ?? null,
    bidderCompanyId: isJsonObject(invite.bidderCompany) ? (invite.bidderCompany.id ?? null) : null,
    currentAccLinkedProjectId: null,
    creatorType: index % 9 === 8 ? 'HOST' : 'BIDDER',
    notes: null,
    total,
    leveledTotal: total + randomness.integer(40) * 250,
    createdAt: isoTime(createdMs),
    updatedAt: isoTime(createdMs),
    submittedAt: isoTime(createdMs),
    attachments: [],
    revision,
    createdBy: userId,
    submittedBy: userId,
  });
  // Nearly every bid is one sum; few say more, and very few say more than a page holds.
  const more = index % 23 === 11 ? 130 : index % 3 === 0 ? 4 : 0;
  bids.lineItems.set(id, [
    lumpSum(total),
    ...Array.from({ length: more }, (_, position) => bidLineItem(maker, createdMs, position)),
  ]);
  bids.plugs.set(id, makePlugs(maker, createdMs, userId, index % 31 === 17 ? 110 : index % 4 === 1 ? 2 : 0));
  if (index % 6 === 2) bids.highlights.set(id, [highlight(maker, createdMs, userId)]);
  if (index % 7 === 3) {
    bids.notes.set(id, [
      { id: ids.at(createdMs), note: 'Confirm the crane with the bidder.', createdBy: userId },
    ]);
  }
}

/** The default line item, which comes without an id. */
function lumpSum(total: number): JsonObject {
  return {
    id: null,
    type: 'COST_BREAKDOWN',
    description: 'Base bid',
    section: null,
    isRequired: true,
    isCustom: false,
    unit: 'TOTAL_COST_ONLY',
    code: null,
    quantity: null,
    isQuantityFixed: false,
    unitCost: null,
    value: total,
  };
}

/** Its value is text, a number or null, by its unit and type. */
function bidLineItem(maker: CompanyMaker, createdMs: number, position: number): JsonObject {
  const { randomness } = maker;
  const { external: _none, ...item } = makeLineItem(maker, createdMs, position);
  const isText = item.unit === 'YES_NO' || item.unit === 'YES_NO_WITH_ADJUSTMENT';
  const value = isText ? randomness.pick(['YES', 'NO']) : randomness.integer(9_000) / 4;
  return {
    ...item,
    isCustom: randomness.chance(0.2),
    unitCost: typeof item.quantity === 'number' ? randomness.integer(400) / 4 : null,
    value: randomness.chance(0.1) ? null : value,
  };
}

function makePlugs(
  { randomness, ids }: CompanyMaker,
  createdMs: number,
  userId: string,
  count: number,
): JsonObject[] {
  return Array.from({ length: count }, (_, position) => {
    const quantity = 1 + randomness.integer(40);
    const unitCost = 25 * (1 + randomness.integer(30));
    return {
      id: ids.at(createdMs),
      quantity,
      unitCost,
      value: position % 5 === 4 ? 'NO' : quantity * unitCost,
      createdBy: userId,
      updatedBy: userId,
      createdAt: isoTime(createdMs),
      updatedAt: isoTime(createdMs),
      lineItemFingerprint: {
        type: 'COST_BREAKDOWN',
        description: `crane hire ${position + 1}`,
        section: 'general',
        unit: 'HOURS',
        code: `g${position}`,
      },
    };
  });
}

function highlight({ randomness, ids }: CompanyMaker, createdMs: number, userId: string): JsonObject {
  return {
    id: ids.at(createdMs),
    color: randomness.pick(COLORS),
    createdBy: userId,
    createdAt: isoTime(createdMs),
    lineItemFingerprint: { type: 'COST_BREAKDOWN', description: 'base bid' },
  };
}
