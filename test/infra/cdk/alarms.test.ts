import { readFileSync } from 'node:fs';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { Alarms } from '../../../infra/cdk/constructs/alarms.ts';
import { SyncFunction } from '../../../infra/cdk/constructs/sync-function.ts';
import { WorkQueue } from '../../../infra/cdk/constructs/work-queue.ts';
import { METRICS } from '../../../shared/observability/metrics.ts';
import { resourcesOf, synthesiseStages } from './synthesise.ts';

const stages = synthesiseStages();

interface MetricQuery {
  MetricStat?: { Metric: Record<string, unknown> };
}

const DESCRIPTION = /^What breaks: (?<breaks>.{20,}[.!]) What to do: docs\/runbook\.md#(?<section>[a-z-]+)$/;

/** The sections of the runbook: anchor to text. */
const runbook = new Map(
  readFileSync('docs/runbook.md', 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);

function alarmsOf(stage: string) {
  const templates = stages.get(stage);
  if (templates === undefined) throw new Error(`There is no stage ${stage}.`);
  return resourcesOf(templates.sync, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
}

describe('every alarm', () => {
  const all = [...stages.keys()].flatMap(alarmsOf);

  it('says what breaks for users and where to read what to do', () => {
    expect(all.length).toBeGreaterThan(50);
    for (const { AlarmDescription, AlarmName } of all) {
      const section = DESCRIPTION.exec(AlarmDescription)?.groups?.section ?? 'not found';
      expect(AlarmName).toContain(`-${section}`);
      expect([...runbook.keys()]).toContain(section);
    }
  });

  it('says what it means that nothing is measured', () => {
    for (const { TreatMissingData } of all) {
      expect(['breaching', 'notBreaching', 'ignore']).toContain(TreatMissingData);
    }
  });

  it('watches metrics that the functions publish, as the functions name them', () => {
    const ours = all
      .flatMap((alarm) => [
        alarm,
        ...(alarm.Metrics ?? []).map((each: MetricQuery) => each.MetricStat?.Metric),
      ])
      .filter((metric) => metric?.Namespace === 'BuildingConnectedSync')
      .map((metric) => metric.MetricName);
    expect(new Set(ours)).toEqual(
      new Set([
        ...['FreshnessSeconds', 'TokenDaysLeft', 'ApiCalls', 'ApiThrottled', 'AlertDeliveryFailures'],
        ...['CallbacksRefused', 'ClicksRefused', 'WebhooksMissigned'],
      ]),
    );
    for (const name of ours) expect(Object.keys(METRICS)).toContain(name);
  });
});

describe('the runbook', () => {
  it('has no section without an alarm', () => {
    const used = new Set(
      alarmsOf('full').map(({ AlarmDescription }) => DESCRIPTION.exec(AlarmDescription)?.groups?.section),
    );
    expect([...used].sort()).toEqual([...runbook.keys()].sort());
  });

  it('tells of each alarm what it is, what it breaks, where to look and what to do', () => {
    for (const [name, text] of runbook) {
      const parts = [...text.matchAll(/^\*\*(\w+)\.\*\* /gm)].map(([, part]) => part);
      expect([name, parts]).toEqual([name, ['Description', 'Impact', 'Investigate', 'Resolve']]);
    }
  });
});

describe('a stage that uses everything', () => {
  it('watches what can break', () => {
    expect(
      alarmsOf('full')
        .map(({ AlarmName }) => AlarmName.replace('buildingconnected-sync-full-', ''))
        .sort(),
    ).toMatchInlineSnapshot(`
      [
        "alert-dead-letters",
        "alert-delivery-email",
        "alert-delivery-slack",
        "alert-errors",
        "alert-oldest-message",
        "autodesk-throttling-buildingconnected",
        "autodesk-throttling-data-connector",
        "callbacks-failed",
        "callbacks-refused",
        "clicks-refused",
        "fetch-dead-letters",
        "fetch-oldest-message",
        "fetch-oldest-message-urgent",
        "freshness-bid-packages",
        "freshness-bids",
        "freshness-certificate-agencies",
        "freshness-certificate-types",
        "freshness-contacts",
        "freshness-data-connector-jobs",
        "freshness-data-connector-requests",
        "freshness-invites",
        "freshness-offices",
        "freshness-opportunities",
        "freshness-opportunity-project-pairs",
        "freshness-project-bid-forms",
        "freshness-project-team-members",
        "freshness-projects",
        "freshness-scope-specific-bid-forms",
        "freshness-users",
        "function-throttles-alert",
        "function-throttles-intake",
        "function-throttles-publish",
        "function-throttles-slack",
        "function-throttles-worker",
        "intake-errors",
        "publish-errors",
        "schedule-dead-letters",
        "sign-in-lapses",
        "slack-errors",
        "table-throttles-records",
        "table-throttles-state",
        "webhooks-refused",
        "worker-errors",
      ]
    `);
  });
});

describe('the constructs', () => {
  function stackWithConsumer() {
    const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'stack');
    const alarms = new Alarms(stack, 'Alarms', { prefix: 'test', topic: new Topic(stack, 'Operations') });
    const consumer = new SyncFunction(stack, 'Worker', {
      name: 'worker',
      service: 'test',
      timeout: Duration.minutes(5),
      memoryMb: 256,
      logRetention: 7,
      alarms,
      errors: { breaks: 'Nothing is read.', above: 0 },
      throttles: { breaks: 'Everything is late.' },
      settings: {},
    });
    return { stack, alarms, consumer };
  }

  it('refuse an age alarm that the first failed attempt would set off', () => {
    const { stack, alarms, consumer } = stackWithConsumer();
    expect(
      () =>
        new WorkQueue(stack, 'Fetch', {
          name: 'fetch',
          consumer,
          fifo: false,
          batchSize: 1,
          maxConcurrency: 2,
          encryptionKey: new Key(stack, 'Key'),
          alarms,
          oldestMessage: { breaks: 'Work waits.', above: Duration.minutes(29) },
          deadLetters: { breaks: 'Work was given up.' },
        }),
    ).toThrow('must be at least 30 minutes');
  });

  it('refuse to bind a queue that is not encrypted with a key of ours', () => {
    const { stack, consumer } = stackWithConsumer();
    expect(() => consumer.bindQueue('FETCH_QUEUE_URL', new Queue(stack, 'Plain'))).toThrow(
      'A sqs resource without a customer-managed key was bound.',
    );
  });
});
