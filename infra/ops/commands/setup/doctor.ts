import { tableText } from '../../terminal/table-text.ts';
import { print, printJson } from '../../terminal/terminal.ts';
import { defineCommand } from '../command.ts';
import { runChecks } from './doctor/run-checks.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check the whole setup and say how to fix each problem',
  details:
    'Changes nothing and sends no alerts; makes a few calls to Autodesk. Exits with 1 if a check fails.',
  options: { json: { type: 'boolean', help: 'print JSON' } },
  async run({ given, terminal, open }) {
    return open(async (target) => {
      const results = await runChecks(target);
      if (given.json) printJson(terminal, results);
      else {
        print(
          terminal,
          tableText([
            ['CHECK', 'OUTCOME', 'FINDING'],
            ...results.map(({ check, outcome, finding }) => [check, outcome, finding]),
          ]),
        );
        const failed = results.filter(({ outcome }) => outcome === 'fail');
        if (failed.length > 0) print(terminal, '\nWhat to do:');
        for (const { check, remedy = '' } of failed) print(terminal, `  ${check}: ${remedy}`);
      }
      return results.some(({ outcome }) => outcome === 'fail') ? 1 : 0;
    });
  },
});
