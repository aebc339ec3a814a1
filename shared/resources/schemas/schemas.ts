import type * as z from 'zod';
import * as bidding from './bidding.ts';
import { dataConnectorJob, dataConnectorRequest } from './data-connector.ts';
import { opportunity, opportunityComment, opportunityProjectPair } from './opportunities.ts';
import { certificateAgency, certificateType, contact, office, projectTeamMember, user } from './people.ts';
import { project, projectCost } from './projects.ts';

/** What a record of each list looks like, by the list's name, with the name of its TypeScript type. */
export const RECORD_SCHEMAS: Readonly<Record<string, { type: string; schema: z.ZodType }>> = {
  'opportunity-project-pairs': { type: 'OpportunityProjectPair', schema: opportunityProjectPair },
  projects: { type: 'Project', schema: project },
  opportunities: { type: 'Opportunity', schema: opportunity },
  invites: { type: 'Invite', schema: bidding.invite },
  'bid-packages': { type: 'BidPackage', schema: bidding.bidPackage },
  bids: { type: 'Bid', schema: bidding.bid },
  'bid-line-items': { type: 'BidLineItem', schema: bidding.bidLineItem },
  'bid-plugs': { type: 'BidPlug', schema: bidding.bidPlug },
  'scope-specific-bid-forms': { type: 'ScopeSpecificBidForm', schema: bidding.scopeSpecificBidForm },
  'scope-specific-bid-form-line-items': {
    type: 'ScopeSpecificBidFormLineItem',
    schema: bidding.scopeSpecificBidFormLineItem,
  },
  'project-bid-forms': { type: 'ProjectBidForm', schema: bidding.projectBidForm },
  'project-bid-form-line-items': { type: 'ProjectBidFormLineItem', schema: bidding.projectBidFormLineItem },
  'project-team-members': { type: 'ProjectTeamMember', schema: projectTeamMember },
  contacts: { type: 'Contact', schema: contact },
  users: { type: 'User', schema: user },
  offices: { type: 'Office', schema: office },
  'certificate-types': { type: 'CertificateType', schema: certificateType },
  'certificate-agencies': { type: 'CertificateAgency', schema: certificateAgency },
  'opportunity-comments': { type: 'OpportunityComment', schema: opportunityComment },
  'project-costs': { type: 'ProjectCost', schema: projectCost },
  'bid-package-notes': { type: 'BidPackageNote', schema: bidding.bidPackageNote },
  'bid-package-highlights': { type: 'BidPackageHighlight', schema: bidding.bidPackageHighlight },
  'bid-package-activities': { type: 'BidPackageActivity', schema: bidding.bidPackageActivity },
  'invite-notes': { type: 'InviteNote', schema: bidding.inviteNote },
  'data-connector-requests': { type: 'DataConnectorRequest', schema: dataConnectorRequest },
  'data-connector-jobs': { type: 'DataConnectorJob', schema: dataConnectorJob },
};
