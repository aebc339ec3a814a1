import { InvalidArgumentError } from '@commander-js/extra-typings';
import { USUAL_CONSOLE_PORT } from '../../../console/port.ts';
import { startConsole } from '../../../console/server.ts';
import { print, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';

export function consoleCommand(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'console',
    'show what is going on in a browser, on this machine only',
    'Looks only, unless --allow-actions. `npm start` serves the same page, with actions. Ctrl-C stops.',
  )
    .option('--port <n>', 'its port; 0 picks a free one', portOf, USUAL_CONSOLE_PORT)
    .option('--allow-actions', 'let buttons acknowledge, sync, retry and the like', false)
    .action(({ port, allowActions, ...places }) =>
      ops.open(places)(async (target) => {
        await target.share?.();
        const running = await startConsole({
          target,
          port,
          portOption: '--port',
          allowActions,
          run: ops.run,
        });
        print(terminal, `Console: ${running.url}`);
        if (!allowActions) tell(terminal, 'It only looks; --allow-actions gives it buttons.');
        await stopped();
        await running.stop();
      }),
    );
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve());
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port from 0 to 65535.');
}
