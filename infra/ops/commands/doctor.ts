import { runChecks } from '../checks.ts';
import { defineCommand } from '../command.ts';
import { tableText } from '../table-text.ts';
import { print, printJson } from '../terminal.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check the whole set-up and say what to do about what is wrong',
  details: 'Reads only. Ends with 1 when a check fails.',
  options: { json: { type: 'boolean', help: 'as JSON' } },
  async run({ given, terminal, open }) {
    return open(async (workplace) => {
      const results = await runChecks(workplace);
      if (given.json) printJson(terminal, results);
      else {
        print(
          terminal,
          tableText([
            ['CHECK', 'OUTCOME', 'FINDING'],
            ...results.map(({ check, outcome, finding }) => [check, outcome, finding]),
          ]),
        );
        for (const { check, outcome, remedy } of results) {
          if (outcome === 'fail') print(terminal, `\n${check}: ${remedy ?? ''}`);
        }
      }
      return results.some(({ outcome }) => outcome === 'fail') ? 1 : 0;
    });
  },
});
