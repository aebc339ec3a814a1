import type { IntakePorts } from '../../../functions/intake/intake.ts';
import { createTokenCheck } from '../../../shared/callbacks/callback-tokens.ts';
import type { Clock } from '../../../shared/clock.ts';
import { silentLog } from '../../../shared/observability/log.ts';
import { noMetrics } from '../../../shared/observability/metrics.ts';
import type { RotatingSecret } from '../../../shared/rotation/rotating-secret.ts';
import { createSignatureCheck } from '../../../shared/webhooks/webhook-signature.ts';
import { createInMemoryCallbackStore } from '../../support/in-memory/callback-store.ts';
import { inMemoryDeliveryLog } from '../../support/in-memory/delivery-log.ts';

export const CURRENT_TOKEN = 'c'.repeat(64);
export const PREVIOUS_TOKEN = 'p'.repeat(64);
export const OLD_TOKEN = 'o'.repeat(64);

/** The intake's ports in memory, with everything that happens at them written down in order. */
export function aWorld() {
  let now = Date.parse('2026-11-20T10:00:00.000Z');
  let failing: string | undefined;
  const events: string[] = [];
  const happens = (event: string) => {
    if (failing === event) {
      failing = undefined;
      throw new Error(`made to fail: ${event}`);
    }
    events.push(event);
  };
  // Nothing here takes time, so that no wait ever ends.
  const clock: Clock = { now: () => now, sleep: () => new Promise(() => {}) };
  const tokens = {
    secret: { current: CURRENT_TOKEN, previous: PREVIOUS_TOKEN } as RotatingSecret | undefined,
    reads: 0,
    async read() {
      tokens.reads += 1;
      return tokens.secret;
    },
  };
  const webhookSecret = {
    secret: { current: CURRENT_TOKEN, previous: PREVIOUS_TOKEN } as RotatingSecret | undefined,
    read: async () => webhookSecret.secret,
  };
  const callbacks = createInMemoryCallbackStore();
  const ports: IntakePorts = {
    accountIds: ['a1', 'a2'],
    enabledResources: ['opportunity-project-pairs', 'data-connector-jobs'],
    isSignedEvent: createSignatureCheck(webhookSecret, clock),
    deliveries: inMemoryDeliveryLog(),
    isCallbackToken: createTokenCheck(tokens, clock),
    callbacks: {
      ...callbacks,
      async record(callback) {
        happens(`record ${callback.accountId} ${callback.jobId}`);
        return callbacks.record(callback);
      },
    },
    fetchQueue: {
      async send(message, delaySeconds = 0) {
        const subject =
          'accountId' in message
            ? ` ${message.accountId}`
            : 'runId' in message
              ? ` ${message.runId}`
              : 'id' in message
                ? ` ${message.resource} ${[message.parentId, message.id].filter(Boolean).join('/')}`
                : '';
        happens(`send ${message.kind}${subject} after ${delaySeconds} s`);
      },
    },
    alertQueue: {
      async send(message) {
        happens(`send ${message.kind}`);
      },
    },
    async requestRun(wish) {
      happens(`request run ${JSON.stringify(wish)}`);
    },
    async resumeLandings() {
      happens('resume landings');
    },
    async resumeRuns() {
      happens('resume runs');
    },
    clock,
    log: silentLog,
    metrics: noMetrics,
  };
  return {
    ports,
    events,
    tokens,
    webhookSecret,
    pass(seconds: number) {
      now += seconds * 1000;
    },
    failNext(event: string) {
      failing = event;
    },
  };
}
