import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { loadConfiguration } from '../../../shared/configuration.ts';
import { ConfigurationError } from '../../../shared/errors.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../../shared/json.ts';
import { fieldPolicyText } from '../../../shared/privacy/field-policy.ts';
import { neededFields } from '../../../shared/privacy/needed-fields.ts';
import { RESOURCES } from '../../../shared/resources/registry.ts';

const settings = z.object({ FIELD_POLICY: fieldPolicyText });
const read = (policy: unknown) => readText(JSON.stringify(policy));
const readText = (text: string) => loadConfiguration(settings, { FIELD_POLICY: text }).FIELD_POLICY;

function problemsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('a field policy', () => {
  it('keeps everything where nothing is set', () => {
    expect(loadConfiguration(settings, {}).FIELD_POLICY).toEqual({});
  });

  it.each([
    ['invites', { email: 'drop', 'invitees.phoneNumber': 'hash', 'invitees.id': 'drop' }],
    ['opportunities', { client: 'drop', name: 'hash', 'outcome.updatedAt': 'drop' }],
    ['bids', { notes: 'drop', 'lineItems.results.value': 'hash', 'plugs.results.createdBy': 'drop' }],
    ['users', { createdAt: 'drop', email: 'hash' }],
    ['bid-package-notes', { 'notes.results.createdBy': 'drop' }],
    ['opportunity-comments', { userName: 'hash', content: 'drop' }],
    ['data-connector-jobs', { createdByEmail: 'hash', lastDownloadedBy: 'drop' }],
  ])('takes what %s can do without', (list, fields) => {
    expect(read({ [list]: fields })).toEqual({ [list]: fields });
  });

  it.each([
    ['invites', 'id'],
    ['invites', 'updatedAt'],
    ['invites', 'projectId'],
    ['invites', 'createdAt'],
    ['data-connector-jobs', 'createdAt'],
    ['data-connector-jobs', 'status'],
    ['data-connector-jobs', 'completionStatus'],
    ['data-connector-jobs', 'requestId'],
    ['opportunity-project-pairs', 'fileStatus'],
    ['opportunity-project-pairs', 'fileSyncingError'],
    ['opportunity-project-pairs', 'shouldRelinkGroup'],
    ['opportunity-project-pairs', 'opportunityId'],
    ['contacts', 'isRemoved'],
    ['certificate-types', 'isDeleted'],
    ['bids', 'lineItems'],
    ['bids', 'plugs.results'],
    ['bids', 'plugs.results.id'],
    ['bids', 'results'],
    ['bids', 'pagination'],
    ['bids', 'cursorState'],
    // By it line items without an id are told apart.
    ['bids', 'description'],
    ['bids', 'lineItems.results.description'],
    ['bid-package-notes', 'bidId'],
    ['bid-package-notes', 'notes'],
    ['bid-package-highlights', 'highlights.results'],
    ['bid-package-activities', 'bidPackageId'],
    ['invite-notes', 'projectId'],
  ])('refuses for %s to take %s away, which is needed', (list, field) => {
    for (const treatment of ['drop', 'hash']) {
      expect(problemsOf(() => read({ [list]: { [field]: treatment } }))).toEqual([
        expect.stringContaining(`FIELD_POLICY.${list}.${field}: must be kept: the sync or its alerts read `),
      ]);
    }
  });

  it('names what is wrong, all of it at once', () => {
    expect(
      problemsOf(() =>
        read({
          invoices: { email: 'drop' },
          'bid-line-items': { value: 'drop' },
          invites: { '.email': 'drop', id: 'hash', email: 'drop' },
        }),
      ),
    ).toEqual([
      'FIELD_POLICY.invoices: is not a resource',
      'FIELD_POLICY.bid-line-items: comes with the records of bids: name its fields there',
      'FIELD_POLICY.invites..email: must be the name of a field, or the path to one, such as invitees.email',
      'FIELD_POLICY.invites.id: must be kept: the sync or its alerts read id; if you mean one deeper in the record, write the path to it',
    ]);
    expect(problemsOf(() => read({ invites: { email: 'keep' } }))).toEqual([
      'FIELD_POLICY.invites.email: must be drop or hash; leave out what is kept',
    ]);
    expect(problemsOf(() => readText('email=drop'))).toEqual(['FIELD_POLICY: is not JSON']);
    expect(problemsOf(() => readText('[]'))).toHaveLength(1);
  });
});

describe('what the registry says of a list', () => {
  it.each(RESOURCES.map((resource) => [resource.name, resource] as const))(
    'names every field by which records of %s are judged',
    (name, resource) => {
      const { attention, removed } = resource;
      const needed = neededFields(resource);
      for (const record of variants(fixtures(name), resource.reads ?? [])) {
        const read = new Set<string>();
        const watched = new Proxy(record, {
          get(target, field) {
            read.add(String(field));
            return Reflect.get(target, field);
          },
        });
        removed?.(watched);
        attention?.needed(watched);
        attention?.settled(watched);
        expect(needed).toEqual(expect.arrayContaining([...read]));
      }
    },
  );
});

function fixtures(name: string): JsonObject[] {
  const page = parseJson(readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url), 'utf8'));
  return isJsonObject(page) && Array.isArray(page.results) ? page.results.filter(isJsonObject) : [];
}

/** Each record with its needed fields in other states, so that no condition hides the one behind it. */
function variants(records: readonly JsonObject[], fields: readonly string[]): JsonObject[] {
  const states = ['SUCCESS', 'complete', 'success', true, null];
  let made = [...records];
  for (const field of fields) {
    if (made.length > 500) break;
    made = made.flatMap((one) => [one, ...states.map((state) => ({ ...one, [field]: state }))]);
  }
  return made;
}
