import type { CompanyMaker } from '../seed/company-maker.ts';
import { DAY_MS } from '../seed/days.ts';
import { PROJECT_KINDS, PROJECT_PLACES, TRADES } from '../seed/vocabulary.ts';

export interface Project {
  id: string;
  name: string;
  createdMs: number;
}

export interface BidPackage {
  id: string;
  name: string;
  project: Project;
  createdMs: number;
}

export function makeProjects({ randomness, ids, nowMs }: CompanyMaker, count: number): Project[] {
  return Array.from({ length: Math.max(count, 1) }, (_, index) => {
    const createdMs = nowMs - (20 + randomness.integer(520)) * DAY_MS - randomness.integer(DAY_MS);
    const name = `${PROJECT_PLACES[index % PROJECT_PLACES.length]} ${randomness.pick(PROJECT_KINDS)}`;
    return { id: ids.at(createdMs), name, createdMs };
  });
}

export function makeBidPackages(
  { randomness, ids }: CompanyMaker,
  projects: Project[],
  count: number,
): BidPackage[] {
  return Array.from({ length: count }, () => {
    const project = randomness.pick(projects);
    const createdMs = project.createdMs + randomness.integer(10 * DAY_MS);
    return { id: ids.at(createdMs), name: randomness.pick(TRADES), project, createdMs };
  });
}
