import type { Clock } from '../../../shared/clock.ts';
import type { Log } from '../../../shared/observability/log.ts';

export interface RunningTimer {
  /** No occurrence starts any more; the running one is waited for. */
  stop(): Promise<void>;
}

/**
 * Does `task` every `intervalMs`, first after `intervalMs`. Occurrences never overlap: the time counts from the
 * end of the last one. One that fails is logged, and the next one comes as if it had not.
 */
export function startTimer(options: {
  name: string;
  intervalMs: number;
  task: () => Promise<unknown>;
  clock: Clock;
  log: Log;
}): RunningTimer {
  const { name, intervalMs, task, clock, log } = options;
  const stopping = new AbortController();
  const run = async () => {
    for (;;) {
      const stopped = await clock.sleep(intervalMs, stopping.signal).then(
        () => false,
        () => true,
      );
      if (stopped) return;
      try {
        await task();
      } catch (error) {
        log.error('schedule failed', { name, error: String(error) });
      }
    }
  };
  const ended = run();
  return {
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
