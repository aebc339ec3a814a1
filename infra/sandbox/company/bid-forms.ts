import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { CompanyMaker } from '../seed/company-maker.ts';
import { DAY_MS } from '../seed/days.ts';
import { LINE_ITEM_TYPES, PROJECT_LINE_ITEMS } from '../seed/vocabulary.ts';
import type { BidPackage, Project } from './projects.ts';

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

/** One form for each project given; now and then more items than fit on a page. */
export function makeProjectBidForms(
  maker: CompanyMaker,
  projects: readonly Project[],
  userId: string,
): { forms: JsonObject[]; lineItems: Map<string, JsonObject[]> } {
  const { randomness, ids, nowMs } = maker;
  const lineItems = new Map<string, JsonObject[]>();
  const forms = projects.map((project, index) => {
    const updatedMs = Math.min(project.createdMs + randomness.integer(20 * DAY_MS), nowMs - 60_000);
    const id = ids.at(project.createdMs);
    const count = index % 17 === 5 ? 115 : 3 + randomness.integer(6);
    const items = Array.from({ length: count }, (_, position) => ({
      id: ids.at(project.createdMs),
      ...randomness.pick(PROJECT_LINE_ITEMS),
      description: `Question ${position + 1}`,
      section: null,
      isRequired: randomness.chance(0.5),
      external: null,
    }));
    lineItems.set(id, items);
    return {
      id,
      projectId: project.id,
      createdBy: userId,
      updatedBy: userId,
      createdAt: isoTime(project.createdMs),
      updatedAt: isoTime(updatedMs),
      isTemplate: false,
    };
  });
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
