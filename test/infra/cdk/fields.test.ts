import { expect, it } from 'vitest';
import { workerConfiguration } from '../../../functions/worker/configuration.ts';
import { namePrefix } from '../../../infra/cdk/settings/stages.ts';
import { loadConfiguration } from '../../../shared/configuration.ts';
import { stackTemplate } from './stack-template.ts';
import { appOf, resourcesOf } from './synthesise.ts';

const STAGES = {
  keeping: {},
  dropping: { resources: { invites: { fields: { email: 'drop' } } } },
  hashing: {
    resources: {
      users: { enabled: false, fields: { email: 'hash' } },
      invites: { fields: { email: 'drop' } },
    },
  },
};
const assembly = appOf(STAGES).synth();
const templateOf = (name: string) => stackTemplate.parse(assembly.getStackByName(name).template);

function workerOf(stage: string) {
  const worker = resourcesOf(templateOf(namePrefix(stage)), 'AWS::Lambda::Function').find(([id]) =>
    id.startsWith('Worker'),
  );
  return worker?.[1].Properties.Environment?.Variables ?? {};
}

it('tells the worker and ops the same policy, with the secret only where something is hashed', () => {
  expect(workerOf('keeping')).not.toHaveProperty('FIELD_POLICY');
  expect(workerOf('dropping')).not.toHaveProperty('FIELD_SECRET_ARN');
  expect(workerOf('dropping').FIELD_POLICY).toBe('{"invites":{"email":"drop"}}');
  expect(workerOf('hashing')).toHaveProperty('FIELD_SECRET_ARN');
  for (const stage of ['dropping', 'hashing']) {
    const { FieldPolicy } = templateOf(namePrefix(stage)).Outputs ?? {};
    expect(FieldPolicy?.Value).toBe(workerOf(stage).FIELD_POLICY);
  }
});

it('has one data stack whether something is hashed or not, so that either can follow the other', () => {
  const dataOf = (stage: string) =>
    JSON.stringify(templateOf(`${namePrefix(stage)}-data`)).replaceAll(stage, 'a-stage');
  expect(dataOf('hashing')).toBe(dataOf('keeping'));
});

it('starts no worker that is to hash without its secret', () => {
  const url = 'https://sqs.test/queue';
  const settings = {
    RECORDS_TABLE: 'r',
    STATE_TABLE: 's',
    FETCH_QUEUE_URL: url,
    URGENT_QUEUE_URL: url,
    FETCH_DEAD_LETTERS_URL: url,
    ALERT_QUEUE_URL: url,
    CONNECTION_SECRET_ARN: 'c',
    TOKEN_SECRET_ARN: 't',
    AUTODESK_BASE_URL: 'https://autodesk.test',
    ENABLED_RESOURCES: 'invites',
    FIELD_POLICY: '{"invites":{"email":"hash"}}',
  };
  expect(() => loadConfiguration(workerConfiguration, settings)).toThrow('FIELD_SECRET_ARN: missing');
  const complete = { ...settings, FIELD_SECRET_ARN: 'arn' };
  expect(loadConfiguration(workerConfiguration, complete)).toMatchObject({
    fieldPolicy: { invites: { email: 'hash' } },
    secrets: { field: 'arn' },
  });
});
