import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { systemRandomness } from '../../shared/randomness.ts';
import { listenLocally } from '../local/data/listen.ts';
import type { RunCommand } from '../ops/commands/command.ts';
import type { Target } from '../ops/targets/target.ts';
import { operatorName } from '../ops/terminal/operator-name.ts';
import { queryEngineOf } from '../query/engine-of.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { createConsole, type Experiment } from './app.ts';
import { Asking, PATIENCE_MS } from './reading/asking.ts';
import { ConsoleReading } from './reading/reading.ts';

export interface RunningConsole {
  /** `http://127.0.0.1:<port>/` */
  url: string;
  stop(): Promise<void>;
}

/** Serves the console on this machine alone; port 0 is any free one. Throws `PortInUseError`. */
export async function startConsole(options: {
  target: Target;
  port: number;
  /** What chooses the port. */
  portOption: string;
  allowActions: boolean;
  slackUrl?: string;
  experiments?: ReadonlyMap<string, Experiment>;
  /** Runs the commands that its buttons stand for. */
  run: RunCommand;
}): Promise<RunningConsole> {
  const { target, allowActions, slackUrl, experiments = new Map(), run } = options;
  let port = options.port;
  let opening: Promise<QueryEngine> | undefined;
  const engine = () => {
    opening ??= queryEngineOf(target);
    return opening;
  };
  const app = createConsole({
    reading: new ConsoleReading(target),
    place: placeOf(target),
    allowActions,
    token: systemRandomness.hex(32),
    port: () => port,
    who: operatorName(undefined),
    slackUrl,
    experiments,
    run,
    asking: new Asking(engine, () => AbortSignal.timeout(PATIENCE_MS)),
  });
  const server = createServer(getRequestListener(app.fetch));
  port = await listenLocally(server, options.port, options.portOption);
  return {
    url: `http://127.0.0.1:${port}/`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      // Streams stay open for as long as somebody looks.
      server.closeAllConnections();
      await closed;
      await (await opening)?.close();
    },
  };
}

function placeOf({ where }: Target): string {
  return where.kind === 'aws' ? `stage ${where.stage}` : where.origin;
}
