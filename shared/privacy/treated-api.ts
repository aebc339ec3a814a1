import type { AutodeskApi, Page } from '../autodesk/client/api.ts';
import type { Json } from '../json.ts';
import { findResource } from '../resources/registry.ts';
import { type FieldPolicy, isHashing } from './field-policy.ts';
import type { HashSecret } from './hash-secret.ts';
import { type HashText, hashWith, treatFields } from './treat-fields.ts';

/** What is done to records before anything else sees them. */
export interface RecordTreatment {
  policy: FieldPolicy;
  secret: HashSecret;
}

/** Records of a list with their fields treated. `at`: where they stand in the records of that list, if they are parts of them. */
export async function treatRecords(
  list: string,
  records: readonly Json[],
  { policy, secret }: RecordTreatment,
  at?: string,
): Promise<Json[]> {
  const treatments = policy[list];
  if (treatments === undefined) return [...records];
  const hash = isHashing({ [list]: treatments }) ? hashWith(await secret()) : hashesNothing;
  return records.map((record) => treatFields(record, treatments, hash, at));
}

const hashesNothing: HashText = () => {
  throw new TypeError('Nothing is to be hashed.');
};

/** Autodesk's APIs as `api` answers, with every record treated: what is read through it holds nothing that a policy takes away. */
export function withTreatment(api: AutodeskApi, treatment: RecordTreatment): AutodeskApi {
  const treated = async (page: Page, list: string, at?: string): Promise<Page> => ({
    ...page,
    records: await treatRecords(list, page.records, treatment, at),
  });
  return {
    async list(request) {
      return treated(await api.list(request), request.resource.name);
    },

    async nested(request) {
      const { list, resource } = request;
      // What goes on in a row of a list that has parents is read at another resource's path, but belongs to that list.
      const owner = findResource(list.name) ?? resource;
      return treated(await api.nested(request), owner.name, `${list.field}.results`);
    },

    async read(resource, scope, id, parentId) {
      const reading = await api.read(resource, scope, id, parentId);
      if (reading.kind === 'absent') return reading;
      const [record = null] = await treatRecords(resource.name, [reading.record], treatment);
      return { ...reading, record };
    },
  };
}
