import type { JsonObject } from '../../json.ts';
import { isJsonObject } from '../../json.ts';
import { isHashed } from '../../privacy/treat-fields.ts';
import { comparableTime } from '../../records/content-hash.ts';
import type { DynamoRecordStore } from '../../records/dynamo-record-store.ts';
import type { Finding } from '../rules/rule.ts';

/** What people know something by, as far as the mirrored records tell. */
export interface Names {
  projectName?: string;
  projectNumber?: string;
  opportunityName?: string;
  client?: string;
  /** When the first bids for the project are due, ISO 8601. */
  bidsDueAt?: string;
}

/** What a finding is about, by name where one is known, else by id. */
export function shownName(finding: Finding, names: Names): string {
  const name = finding.projectName ?? names.projectName ?? finding.opportunityName ?? names.opportunityName;
  return name ?? finding.shownAs ?? finding.subject;
}

const PROJECTS = 'projects';
const OPPORTUNITIES = 'opportunities';
/** Carry the name of their project, so that it is known though projects are not mirrored. */
const INVITES = 'invites';
const BID_PACKAGES = 'bid-packages';
/** A project of more packages than that has its own date, too. */
const MOST_PACKAGES = 50;

/**
 * Finds what a finding is about by name. The deadline that hurts is the one of the subcontractors, who need the
 * files: the earliest of the project and its packages; else the company's own deadline to its client.
 */
export function createNames(records: Pick<DynamoRecordStore, 'get' | 'getMany' | 'ofProject'>) {
  const dataOf = async (resource: string, id: string | undefined): Promise<JsonObject> =>
    (id === undefined ? undefined : await records.get({ resource, id }))?.data ?? {};

  async function nameFromInvites(projectId: string): Promise<string | undefined> {
    for await (const { id } of records.ofProject(projectId, 1, INVITES))
      return textOf((await dataOf(INVITES, id)).projectName);
    return undefined;
  }

  async function packagesDue(projectId: string): Promise<string[]> {
    const keys = await Array.fromAsync(records.ofProject(projectId, MOST_PACKAGES, BID_PACKAGES));
    const packages = await records.getMany(keys);
    return [...packages.values()].flatMap(({ data }) => timesOf(data.bidsDueAt));
  }

  return async function namesOf({
    projectId,
    opportunityId,
  }: Pick<Finding, 'projectId' | 'opportunityId'>): Promise<Names> {
    const [project, opportunity] = await Promise.all([
      dataOf(PROJECTS, projectId),
      dataOf(OPPORTUNITIES, opportunityId),
    ]);
    const bidsDue =
      projectId === undefined ? [] : [...timesOf(project.bidsDueAt), ...(await packagesDue(projectId))];
    const ownDue = [...timesOf(project.dueAt), ...timesOf(opportunity.dueAt)];
    const found = {
      projectName: textOf(project.name) ?? (projectId && (await nameFromInvites(projectId))),
      projectNumber: textOf(project.number),
      opportunityName: textOf(opportunity.name),
      client: clientOf(opportunity) ?? textOf(project.client),
      bidsDueAt: bidsDue.toSorted()[0] ?? ownDue.toSorted()[0],
    };
    return Object.fromEntries(Object.entries(found).filter(([, value]) => value));
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' && !isHashed(value) ? value : undefined;
}

function timesOf(value: JsonObject[string] | undefined): string[] {
  const time = isHashed(value) ? undefined : comparableTime(value);
  return time === undefined ? [] : [time];
}

function clientOf({ client }: JsonObject): string | undefined {
  const company = isJsonObject(client) ? client.company : undefined;
  return isJsonObject(company) ? textOf(company.name) : undefined;
}
