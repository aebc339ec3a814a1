import { listIncidents } from '../../../shared/alerts/operator.ts';
import { defineCommand } from '../command.ts';
import { storesOf } from '../stores.ts';
import { tableText } from '../table-text.ts';
import { print, printJson, tell } from '../terminal.ts';

export const incidents = defineCommand({
  name: 'incidents',
  summary: 'list incidents: those that stand, and with --all those of the last 30 days',
  options: {
    all: { type: 'boolean', help: 'also resolved ones' },
    json: { type: 'boolean', help: 'as JSON, with their history' },
  },
  async run({ given, terminal, open }) {
    await open(async (workplace) => {
      const { incidents: store, clock } = storesOf(workplace);
      const listed = await listIncidents(store, clock.now());
      const shown = given.all ? listed : listed.filter(({ state }) => state !== 'resolved');
      if (given.json) return printJson(terminal, shown);
      if (shown.length === 0) return tell(terminal, 'No incidents.');
      print(
        terminal,
        tableText([
          ['INCIDENT', 'RULE', 'SUBJECT', 'STATE', 'SINCE'],
          ...shown.map(({ id, finding, state, startedAt }) => [
            id,
            finding.rule,
            finding.shownAs ?? finding.subject,
            state,
            startedAt,
          ]),
        ]),
      );
    });
  },
});
