import type { AutodeskApi } from '../../../shared/autodesk/api.ts';
import { Usage } from '../../../shared/observability/usage.ts';
import type { QuarantinedRecord } from '../../../shared/records/quarantine.ts';
import { findResource } from '../../../shared/resources/registry.ts';
import type { Engine } from '../../../shared/sync/engine.ts';
import { storeReading } from '../../../shared/sync/read-by-id.ts';
import { enabledLists } from '../../../shared/sync/tick.ts';
import { CommandFailedError, defineCommand, UsageError } from '../command.ts';
import { type Stores, storesOf } from '../stores.ts';
import { tableText } from '../table-text.ts';
import { print, printJson, tell } from '../terminal.ts';
import type { Workplace } from '../workplace.ts';

export const quarantine = defineCommand({
  name: 'quarantine',
  summary: 'list records that could not be stored, or try to store them again',
  positionals: '[list | retry]',
  details:
    'A retry stores what was kept, as far as this version can. What is still refused stays listed; a record that\n' +
    'was corrected at Autodesk leaves the list by itself with the next sync.',
  options: {
    resource: { type: 'string', value: 'NAME', help: 'only of this resource' },
    json: { type: 'boolean', help: 'list as JSON' },
  },
  async run({ given, positionals: [action = 'list', ...more], terminal, open }) {
    if ((action !== 'list' && action !== 'retry') || more.length > 0) {
      throw new UsageError('It is either list or retry.', 'quarantine');
    }
    return open(async (workplace) => {
      const stores = storesOf(workplace);
      const entries = await entriesOf(workplace, stores, given.resource);
      if (action === 'retry') {
        let refused = 0;
        for (const entry of entries) if (!(await retry(entry, stores))) refused += 1;
        tell(terminal, `${entries.length - refused} stored, ${refused} still refused.`);
        return refused === 0 ? 0 : 1;
      }
      if (given.json) printJson(terminal, entries);
      else if (entries.length === 0) tell(terminal, 'Nothing is quarantined.');
      else {
        print(
          terminal,
          tableText([
            ['RESOURCE', 'SCOPE', 'RECORD', 'READ', 'REASON'],
            ...entries.map((entry) => [entry.resource, entry.scope, entry.key, entry.readAt, entry.message]),
          ]),
        );
      }
      return 0;
    });
  },
});

async function entriesOf(
  { enabledResources, accountIds }: Workplace,
  { quarantine: store }: Stores,
  only: string | undefined,
): Promise<QuarantinedRecord[]> {
  const entries: QuarantinedRecord[] = [];
  for (const { resource, scope } of enabledLists({ resources: enabledResources, accountIds })) {
    const nested = findResource(resource)?.nested?.name;
    for (const name of nested === undefined ? [resource] : [resource, nested]) {
      if (only === undefined || only === name) entries.push(...(await store.list(name, scope)));
    }
  }
  return entries;
}

/** Answers whether the record is stored now. */
async function retry(entry: QuarantinedRecord, stores: Stores): Promise<boolean> {
  const resource = findResource(entry.resource);
  // A line item belongs to a list that is only ever stored whole.
  if (!resource) return false;
  const record = await stores.quarantine.payload(entry.resource, entry.scope, entry.key);
  if (record === undefined) return true;
  const { counts } = await storeReading(
    resource,
    entry.scope,
    { kind: 'found', record, readAt: entry.readAt },
    { runId: entry.runId, page: entry.readAt },
    engineOf(stores),
  );
  if (counts.quarantined > 0) return false;
  await stores.quarantine.remove(entry.resource, entry.scope, entry.key);
  return true;
}

/** The engine without Autodesk: a retry stores what was kept. */
function engineOf(stores: Stores): Engine {
  const cannotAsk = () =>
    Promise.reject(
      new CommandFailedError(
        'A form with a long list of line items must be read again to be stored.',
        'Run `npm run ops -- sync --resource scope-specific-bid-forms --full`.',
      ),
    );
  const api: AutodeskApi = { list: cannotAsk, nested: cannotAsk, read: cannotAsk };
  return { ...stores, api, usage: new Usage(), timeLeftMs: () => Number.POSITIVE_INFINITY };
}
