import { expect, it } from 'vitest';
import { resourcesOf, synthesiseStages } from './synthesise.ts';

const stages = synthesiseStages();
const full = stages.get('full');
const prod = stages.get('prod');
if (full === undefined || prod === undefined) throw new Error('There is a stage missing.');

it('lets the alert function send from the address of a stage that names one, and from no other', () => {
  const policies = JSON.stringify(resourcesOf(full.sync, 'AWS::IAM::Policy'));

  expect(policies.match(/ses:SendEmail/g)).toHaveLength(1);
  expect(policies).toContain(':identity/alerts@example.com');
  expect(policies).toContain(':identity/example.com');
  expect(JSON.stringify(prod.sync)).not.toContain('ses:');
});

it('subscribes nobody to the topic whom SES sends to', () => {
  const addresses = resourcesOf(full.data, 'AWS::SNS::Subscription').map(([, r]) => r.Properties.Endpoint);
  expect(addresses).toEqual(['operations@example.com']);
});

it('tells ops which rule has a Slack channel of its own', () => {
  expect(full.sync.Outputs?.SlackChannels).toEqual({ Value: '{"connection":"C0ENGINEERS"}' });
  expect(prod.sync.Outputs?.SlackChannels).toBeUndefined();
});
