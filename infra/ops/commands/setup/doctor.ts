import { tableText } from '../../terminal/table-text.ts';
import { print, printJson } from '../../terminal/terminal.ts';
import { type Ops, opsCommand } from '../command.ts';
import { runChecks } from './doctor/run-checks.ts';

export function doctor(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'doctor',
    'check the whole setup and say how to fix each problem',
    'Changes nothing and sends no alerts; makes a few calls to Autodesk. Exits with 1 if a check fails.',
  )
    .option('--json', 'print JSON')
    .action(({ json, ...places }) =>
      ops.open(places)(async (target) => {
        const results = await runChecks(target);
        const failed = results.filter(({ outcome }) => outcome === 'fail');
        if (failed.length > 0) ops.exitCode = 1;
        if (json) return printJson(terminal, results);
        print(
          terminal,
          tableText([
            ['CHECK', 'OUTCOME', 'FINDING'],
            ...results.map(({ check, outcome, finding }) => [check, outcome, finding]),
          ]),
        );
        if (failed.length > 0) print(terminal, '\nWhat to do:');
        for (const { check, remedy = '' } of failed) print(terminal, `  ${check}: ${remedy}`);
      }),
    );
}
