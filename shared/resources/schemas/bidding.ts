import * as z from 'zod';
import {
  bidDates,
  flag,
  id,
  idOf,
  listOf,
  moment,
  nested,
  number,
  object,
  oneOf,
  text,
  texts,
} from './fields.ts';
import { company } from './people.ts';

const PROJECT_ID = idOf('the project');
const PACKAGE_ID = idOf('the bid package');
const INVITE_ID = idOf('the invite');

export const bidPackage = object({
  id,
  projectId: PROJECT_ID,
  name: text,
  leadUserId: text,
  number: text,
  keywords: texts,
  estimatedCost: number,
  instructions: text,
  state: oneOf('DRAFT', 'PUBLISHED'),
  createdAt: moment,
  updatedAt: moment,
  ...bidDates,
  bidAdminUnsealed: flag,
  bidAdminUnsealedAt: moment,
  currentAccDocsFolderId: text,
  currentAccLinkedProjectId: text,
  currentAccLinkedHubId: text,
  useProjectBidsDueAt: flag,
  useProjectEndsAt: flag,
  useProjectJobWalkAt: flag,
  useProjectRfisDueAt: flag,
  useProjectStartsAt: flag,
  awardedLeveledTotal: number,
  awardedCompany: object({}).nullish(),
  awardedBidId: text,
  bidFormId: text,
});

export const invite = object({
  id,
  projectId: PROJECT_ID,
  projectName: text,
  bidPackageId: PACKAGE_ID,
  bidPackageName: text,
  currentAccLinkedProjectId: text,
  bidderOfficeId: text,
  bidderCompany: company.nullish(),
  placeholderCompanyName: text,
  state: oneOf('NOT_INVITED', 'UNDECIDED', 'BIDDING', 'NOT_BIDDING', 'BID_SUBMITTED', 'WON', 'LOST'),
  createdAt: moment,
  updatedAt: moment,
  invitedAt: moment,
  invitees: listOf(
    object({
      id: text,
      userId: text,
      firstName: text,
      lastName: text,
      companyId: text,
      phoneNumber: text,
      title: text,
      email: text,
      isEmailValid: flag,
      inviterType: oneOf('HOST', 'BIDDER', 'PUBLIC'),
      state: oneOf('NOT_INVITED', 'INVITED', 'VIEWED', 'REMOVED'),
      firstViewedAt: moment,
      lastViewedAt: moment,
      ndaSignedAt: moment,
    }),
  ),
});

const external = object({ id: text, name: text }).nullish();
const questionFields = {
  type: text,
  description: text,
  section: text,
  isRequired: flag,
  unit: text,
};

export const scopeSpecificBidFormLineItem = object({
  id,
  ...questionFields,
  code: text,
  quantity: number,
  isQuantityFixed: flag,
  external,
});

export const projectBidFormLineItem = object({ id, ...questionFields, external });

const formFields = {
  id,
  projectId: PROJECT_ID,
  currentAccLinkedProjectId: text,
  createdBy: text,
  updatedBy: text,
  createdAt: moment,
  updatedAt: moment,
  isTemplate: flag,
};

export const scopeSpecificBidForm = object({
  ...formFields,
  bidPackageId: PACKAGE_ID,
  lineItems: nested(scopeSpecificBidFormLineItem, 'scope-specific-bid-form-line-items'),
});

export const projectBidForm = object({
  ...formFields,
  lineItems: nested(projectBidFormLineItem, 'project-bid-form-line-items'),
});

const value = z
  .union([z.string(), z.number()])
  .nullish()
  .meta({ description: 'Text, a number or null, by the unit and type of what it answers.' });

export const bidLineItem = object({
  id: z.string().nullish().meta({ description: 'Null for the lump sum that most bids have.' }),
  ...questionFields,
  isCustom: flag,
  code: text,
  quantity: number,
  isQuantityFixed: flag,
  unitCost: number,
  value,
});

export const bidPlug = object({
  id,
  quantity: number,
  unitCost: number,
  value,
  createdBy: text,
  updatedBy: text,
  createdAt: moment,
  updatedAt: moment,
  lineItemFingerprint: object({
    type: text,
    description: text,
    section: text,
    unit: text,
    code: text,
  }).nullish(),
});

export const bid = object({
  id,
  projectId: PROJECT_ID,
  bidPackageId: PACKAGE_ID,
  inviteId: INVITE_ID,
  bidderCompanyId: idOf('the company that bids'),
  currentAccLinkedProjectId: text,
  creatorType: oneOf('HOST', 'BIDDER'),
  notes: text,
  total: number,
  leveledTotal: number,
  createdAt: moment,
  updatedAt: moment,
  submittedAt: moment,
  attachments: texts,
  revision: number,
  createdBy: text,
  submittedBy: text,
  lineItems: nested(bidLineItem, 'bid-line-items'),
  plugs: nested(bidPlug, 'bid-plugs'),
});

const marks = object({ results: z.array(object({})) }).nullish();

export const bidPackageNote = object({ bidId: z.string(), notes: marks });
export const bidPackageHighlight = object({ bidId: z.string(), highlights: marks });

const person = object({ id: text, firstName: text, lastName: text, email: text }).nullish();

export const bidPackageActivity = object({
  id,
  action: text,
  data: object({}).nullish(),
  projectId: PROJECT_ID,
  bidPackageId: PACKAGE_ID,
  inviteId: INVITE_ID,
  currentAccLinkedProjectId: text,
  createdAt: moment,
  createdBy: person,
});

export const inviteNote = object({
  id,
  projectId: PROJECT_ID,
  bidPackageId: PACKAGE_ID,
  inviteId: INVITE_ID,
  currentAccLinkedProjectId: text,
  bidderCompany: object({ id: text }).nullish(),
  createdAt: moment,
  createdBy: person,
  note: text,
});
