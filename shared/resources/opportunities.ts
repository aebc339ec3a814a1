import { childList, companyList } from './company-list.ts';
import type { Resource } from './resource.ts';

export const opportunityProjectPairs: Resource = {
  ...companyList('opportunity-project-pairs'),
  about: 'a received opportunity and the project made from it, with the state of their file transfer',
  // A failed transfer should be told within minutes, and a look is one call.
  everyMinutes: 5,
  urgent: true,
  attention: {
    needed: (pair) =>
      pair.fileStatus !== 'SUCCESS' || Boolean(pair.fileSyncingError) || pair.shouldRelinkGroup === true,
    // Whether `updatedAt` moves with `fileStatus` is documented nowhere.
    settled: () => false,
  },
  reads: ['fileStatus', 'fileSyncingError', 'shouldRelinkGroup', 'opportunityId'],
};

/** Those behind an NDA have no `updatedAt`: only whole reads show them. */
export const opportunities: Resource = {
  ...companyList('opportunities'),
  about: 'opportunities of the bid board',
  updatedAtMayBeNull: true,
};

export const opportunityComments: Resource = childList(
  'opportunity-comments',
  'what people wrote about an opportunity',
  'opportunities',
  { name: 'opportunities', by: { kind: 'path', segment: 'comments' } },
);
