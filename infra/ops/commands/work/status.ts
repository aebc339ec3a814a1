import { type Ops, opsCommand } from '../command.ts';

export function showStatus(ops: Ops) {
  return opsCommand('status', 'show what is going on: runs, incidents, queues, the connection')
    .option('--json', 'print one JSON object')
    .action(async ({ json, ...places }) => {
      const atWork = ops.open(places);
      const { printStatus } = await import('./print-status.ts');
      await atWork((target) => printStatus(target, ops.terminal, { json }));
    });
}
