import { describe, expect, it } from 'vitest';
import {
  fieldPolicyOf,
  mirroredResources,
  readStages,
  type StageSettings,
} from '../../../infra/cdk/settings/stages.ts';
import { ConfigurationError } from '../../../shared/errors.ts';
import { RESOURCE_NAMES, requireResource, USUAL_RESOURCE_NAMES } from '../../../shared/resources/registry.ts';

function problemsOf(stages: unknown, wanted?: string): string[] {
  try {
    readStages(stages, wanted);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

function only(stages: Map<string, StageSettings>): StageSettings {
  const [settings] = stages.values();
  if (settings === undefined) throw new Error('no stage');
  return settings;
}

describe('stages in cdk.json', () => {
  it('needs no setting at all', () => {
    const settings = only(readStages({ prod: {} }));
    expect(settings.removalPolicy).toBe('retain');
    expect(settings.dataConnector).toEqual({ extracts: false, keepDays: 90 });
    expect(settings.autodesk.buildingconnectedRequestsPerMinute).toBe(900);
    expect(settings.lake).toEqual({ everyMinutes: 60 });
    expect(settings.resources.get('invites')).toEqual({
      enabled: true,
      incrementalMinutes: 15,
      fullSweepAt: '02:30',
    });
  });

  it('tells every problem at once, each with its path', () => {
    expect(
      problemsOf({
        'Prod 1': {},
        prod: {
          accountIds: ['a b'],
          resources: { invoices: {}, invites: { incrementalMinutes: 1, fullSweepAt: '25:00' } },
          alerts: { emails: ['nobody'] },
          worker: { concurrency: 2 },
          lake: { everyMinutes: 4 },
          timeZone: 'Mars/Olympus',
          removalpolicy: 'retain',
        },
      }),
    ).toEqual([
      'stages.Prod 1: must be 1 to 20 characters of a-z, 0-9 and -, starting with a letter',
      'stages.prod.accountIds.0: must be a UUID such as 11111111-2222-3333-4444-555555555555 (`b.` in front is fine)',
      'stages.prod.resources.invites.incrementalMinutes: Too small: expected number to be >=5',
      'stages.prod.resources.invites.fullSweepAt: must be a time of day such as 02:30',
      'stages.prod.resources.invoices: is not a setting',
      'stages.prod.timeZone: must be an IANA time zone, such as America/Chicago',
      'stages.prod.worker.concurrency: Too small: expected number to be >=3',
      'stages.prod.alerts.emails.0: Invalid email address',
      'stages.prod.lake.everyMinutes: Too small: expected number to be >=5',
      'stages.prod.removalpolicy: is not a setting',
    ]);
  });

  it('drops and hashes what a stage says, and refuses what its list needs', () => {
    const fields = { email: 'hash', 'invitees.phoneNumber': 'drop' };
    const settings = only(
      readStages({ prod: { resources: { invites: { fields }, users: { fields: {} } } } }),
    );
    expect(fieldPolicyOf(settings)).toEqual({ invites: fields });
    expect(fieldPolicyOf(only(readStages({ prod: {} })))).toEqual({});
    expect(
      problemsOf({
        prod: { resources: { contacts: { fields: { isRemoved: 'drop', id: 'hash', officePhone: 'keep' } } } },
      }),
    ).toEqual([
      'stages.prod.resources.contacts.fields.officePhone: must be drop or hash; leave out what is kept',
    ]);
    expect(
      problemsOf({
        prod: { resources: { contacts: { fields: { isRemoved: 'drop', 'company.id': 'hash' } } } },
      }),
    ).toEqual([
      expect.stringMatching(
        /^stages\.prod\.resources\.contacts\.fields\.isRemoved: must be kept: .* read isRemoved/,
      ),
    ]);
  });

  it('has SES send to 50 addresses at most', () => {
    const emails = Array.from({ length: 51 }, (_, index) => `person${index}@example.com`);
    expect(problemsOf({ prod: { alerts: { emails, sender: 'alerts@example.com' } } })).toEqual([
      'stages.prod.alerts.emails: must be 50 at most with a sender',
    ]);
    expect(problemsOf({ prod: { alerts: { emails } } })).toEqual([]);
  });

  it("reads Autodesk's own address, or another one over https or on this machine", () => {
    const originOf = (autodesk: unknown) => only(readStages({ prod: { autodesk } })).autodesk.baseUrl;
    expect(originOf({})).toBe('https://developer.api.autodesk.com');
    expect(originOf({ baseUrl: 'https://autodesk.example.com/' })).toBe('https://autodesk.example.com');
    expect(originOf({ baseUrl: 'http://127.0.0.1:8080' })).toBe('http://127.0.0.1:8080');
    expect(originOf({ baseUrl: 'http://localhost:8080' })).toBe('http://localhost:8080');
  });

  it.each([
    'http://autodesk.example.com',
    'http://127.0.0.1.example.com',
    'https://user:password@autodesk.example.com',
    'https://autodesk.example.com/v2',
    'ftp://127.0.0.1',
    'autodesk.example.com',
    '',
  ])('refuses to send the sign-in to %j', (baseUrl) => {
    expect(problemsOf({ prod: { autodesk: { baseUrl } } })).toEqual([
      'stages.prod.autodesk.baseUrl: must be an origin such as https://host, or http://127.0.0.1:port',
    ]);
  });

  it('names the stages there are when another one is asked for', () => {
    expect(problemsOf({ dev: {}, prod: {} }, 'test')).toEqual([
      'stage: no stage "test" in cdk.json; choose from dev, prod',
    ]);
  });

  it('gives only the stage asked for', () => {
    expect([...readStages({ dev: {}, prod: {} }, 'prod').keys()]).toEqual(['prod']);
  });

  it('mirrors what is kept by account only where accounts are named', () => {
    const names = (stage: unknown) =>
      mirroredResources(only(readStages({ prod: stage }))).map(({ resource }) => resource.name);
    expect(names({})).toEqual(
      USUAL_RESOURCE_NAMES.filter((name) => requireResource(name).scope === 'company'),
    );
    expect(names({ accountIds: ['11111111-2222-3333-4444-555555555555'] })).toContain('data-connector-jobs');
    expect(names({ resources: { invites: { enabled: false } } })).not.toContain('invites');
  });

  it('mirrors lists that cost calls for each of their parents where they are switched on, and their parents with them', () => {
    const comments = { 'opportunity-comments': { enabled: true } };
    const mirrored = mirroredResources(only(readStages({ test: { resources: comments } })));
    expect(mirrored.map(({ resource }) => resource.name)).toContain('opportunity-comments');

    const resources = { ...comments, opportunities: { enabled: false } };
    expect(problemsOf({ test: { resources } })).toEqual([
      'stages.test.resources: opportunity-comments needs opportunities as well',
    ]);
  });

  it('refuses a stage that would mirror nothing', () => {
    const resources = Object.fromEntries(RESOURCE_NAMES.map((name) => [name, { enabled: false }]));
    expect(problemsOf({ prod: { resources } })).toEqual([
      'stages.prod.resources: must leave at least one resource enabled',
    ]);
  });
});
