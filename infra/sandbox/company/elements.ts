import type { JsonObject } from '../../../shared/json.ts';

/** The elements of lists that belong to one record, by the id of that record, in their order. */
export type Elements = Map<string, JsonObject[]>;

/** The lists of records that belong to one record each; some stand in the record, some have a path alone. */
export const ELEMENT_LISTS = [
  'scope-specific-bid-form-line-items',
  'project-bid-form-line-items',
  'bid-line-items',
  'bid-plugs',
  'bid-highlights',
  'bid-notes',
  'opportunity-comments',
  'project-costs',
  'bid-package-activities',
  'invite-notes',
] as const;
export type ElementList = (typeof ELEMENT_LISTS)[number];
