import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { CompanyMaker } from './company-maker.ts';
import { DAY_MS } from './days.ts';
import type { BidPackage } from './projects.ts';
import { LINE_ITEM_TYPES } from './vocabulary.ts';

/** One form for each package given; now and then a template, and now and then more items than fit on a page. */
export function makeBidForms(
  maker: CompanyMaker,
  packages: BidPackage[],
  userId: string,
): { forms: JsonObject[]; lineItems: Map<string, JsonObject[]> } {
  const { randomness, ids, nowMs } = maker;
  const forms: JsonObject[] = [];
  const lineItems = new Map<string, JsonObject[]>();
  for (const [index, bidPackage] of packages.entries()) {
    const isTemplate = index % 29 === 17;
    const createdMs = Math.min(bidPackage.createdMs + randomness.integer(3 * DAY_MS), nowMs - 2 * DAY_MS);
    const updatedMs = Math.min(createdMs + randomness.integer(20 * DAY_MS), nowMs - 60_000);
    const id = ids.at(createdMs);
    forms.push({
      id,
      projectId: isTemplate ? null : bidPackage.project.id,
      bidPackageId: isTemplate ? null : bidPackage.id,
      currentAccLinkedProjectId: null,
      createdBy: userId,
      updatedBy: userId,
      createdAt: isoTime(createdMs),
      updatedAt: isoTime(updatedMs),
      isTemplate,
    });
    const itemCount = index % 14 === 4 ? 120 + randomness.integer(140) : 5 + randomness.integer(25);
    lineItems.set(
      id,
      Array.from({ length: itemCount }, (_, position) => makeLineItem(maker, createdMs, position)),
    );
  }
  return { forms, lineItems };
}

/** `position` keeps the description unique, as the API demands within a form. */
export function makeLineItem(
  { randomness, ids }: CompanyMaker,
  createdMs: number,
  position: number,
): JsonObject {
  const kind = LINE_ITEM_TYPES[position % LINE_ITEM_TYPES.length] ?? randomness.pick(LINE_ITEM_TYPES);
  const unit = randomness.pick<string>(kind.units);
  const isCost = kind.type === 'COST_BREAKDOWN';
  return {
    id: ids.at(createdMs),
    type: kind.type,
    description: `${randomness.pick<string>(kind.descriptions)} (${position + 1})`,
    section: randomness.pick<string | null>(kind.sections),
    isRequired: randomness.chance(0.6),
    unit,
    code: isCost ? `${String.fromCharCode(65 + (position % 26))}${position}` : null,
    quantity: isCost && unit !== 'TOTAL_COST_ONLY' ? randomness.integer(40_000) / 8 : null,
    isQuantityFixed: isCost && randomness.chance(0.5),
    external: randomness.chance(0.1) ? { id: `cost-${position}`, name: 'Cost Management' } : null,
  };
}
