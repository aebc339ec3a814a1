import { dispositionOf, reportFailure } from '../../shared/errors.ts';
import type { Usage } from '../../shared/observability/usage.ts';
import type { FetchMessage } from '../../shared/queue/messages.ts';
import type { Engine } from '../../shared/sync/engine.ts';
import { workOnRun } from '../../shared/sync/work-on-run.ts';

/** What a message needs, with a `usage` of its own. */
export interface WorkerPorts {
  engineFor(usage: Usage, timeLeftMs: () => number): Engine;
  confirmCallbacks(accountId: string, engine: Engine): Promise<void>;
  /** Renews an idle connection to Autodesk. */
  keepAlive(): Promise<void>;
}

/**
 * Does what a message of the fetch queue asks for. What goes wrong in a run is settled there; of the rest, what may
 * pass throws, so that the message comes back, and what needs a person is left to the alerts.
 */
export async function serveFetchMessage(
  message: FetchMessage,
  engine: Engine,
  ports: WorkerPorts,
): Promise<void> {
  switch (message.kind) {
    case 'run':
      return workOnRun(message, engine);
    case 'confirm-callbacks':
      return unlessItNeedsAPerson(() => ports.confirmCallbacks(message.accountId, engine), message, engine);
    case 'keep-alive':
      return unlessItNeedsAPerson(() => ports.keepAlive(), message, engine);
  }
}

async function unlessItNeedsAPerson(
  work: () => Promise<void>,
  message: FetchMessage,
  engine: Engine,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const disposition = dispositionOf(error);
    if (disposition !== 'consent' && disposition !== 'fail') throw error;
    engine.log.error('message left to a person', { kind: message.kind, ...reportFailure(error) });
  }
}
