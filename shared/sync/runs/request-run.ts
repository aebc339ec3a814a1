import { isoTime } from '../../clock.ts';
import { findResource } from '../../resources/registry.ts';
import type { Scope } from '../../resources/resource.ts';
import type { PendingRun, ScopeState } from '../state/run.ts';
import { afterRequest, type NewRun } from '../state/run-transitions.ts';
import type { RunPorts } from '../state/sync-ports.ts';

export interface RunRequest extends PendingRun {
  resource: string;
  scope: Scope;
}

/**
 * Asks for a run. None active: one starts and its first message is sent. One active: the request merges into the
 * pending run, which starts when that one ends. Asking a hundred times costs at most two runs. A first load is
 * always full, and so is every run of a list whose changes cannot be told. `delaySeconds`: before a worker looks at it. Should the process die before the message is sent, the tick sends it.
 */
export async function requestRun(
  request: RunRequest,
  ports: RunPorts,
  delaySeconds = 0,
): Promise<ScopeState> {
  const { resource, scope, ...asked } = request;
  const pending = findResource(resource)?.changes.kind === 'none' ? wholeRun(asked) : asked;
  const newRun = makeRun(ports);
  const state = await ports.runs.update(resource, scope, (current) => afterRequest(current, pending, newRun));
  if (state.activeRun?.id === newRun.id) await sendRun(state, ports, delaySeconds);
  return state;
}

function wholeRun({ acceptDeletions }: PendingRun): PendingRun {
  return { mode: 'full', ...(acceptDeletions && { acceptDeletions }) };
}

/** An id and a start for a run that may begin now. */
export function makeRun({ clock, randomness, settings }: RunPorts): NewRun {
  const startedAt = isoTime(clock.now());
  return {
    id: `${startedAt.replace(/\D/g, '')}-${randomness.hex(4)}`,
    startedAt,
    overlapMs: settings.overlapMs,
  };
}

/** Sends the message that makes a worker look what the active run needs. */
export async function sendRun(state: ScopeState, { fetchQueue }: RunPorts, delaySeconds = 0): Promise<void> {
  if (state.activeRun === undefined) return;
  const { resource, scope, activeRun } = state;
  await fetchQueue.send({ kind: 'run', resource, scope, runId: activeRun.id }, delaySeconds);
}
