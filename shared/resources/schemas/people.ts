import {
  flag,
  id,
  idOf,
  listOf,
  location,
  moment,
  named,
  number,
  object,
  oneOf,
  text,
  texts,
} from './fields.ts';

export const company = object({
  id: text,
  name: text,
  avatarImageUrl: text,
  businessType: texts,
  website: text,
  laborType: texts,
  enterpriseType: texts,
  companyTags: texts,
  certificates: listOf(
    object({
      id: text,
      type: named,
      agency: object({ id: text, name: text, website: text }).nullish(),
      number: text,
      expiresAt: moment,
      fileName: text,
    }),
  ),
});

const personFields = {
  autodeskId: text,
  emailVerified: flag,
  employmentVerified: flag,
  createdAt: moment,
  firstName: text,
  lastName: text,
  email: text,
  alternateEmails: texts,
  avatarImageUrl: text,
  jobTitle: text,
  phoneNumber: text,
  companyId: idOf("the person's company"),
  isAccountClaimed: flag,
  offices: listOf(
    object({
      id: text,
      isPrimary: flag,
      hasBbPro: flag,
      hasBcPro: flag,
      officeLead: flag,
      name: text,
      address: text,
    }),
  ),
};

export const user = object({
  id,
  ...personFields,
  bidBoardPermissions: object({
    viewAll: flag,
    reports: flag,
    leaderboard: flag,
    modifyPermissions: flag,
  }).nullish(),
});

export const projectTeamMember = object({
  id,
  user: object({ id: text, ...personFields }).nullish(),
  projectId: idOf('the project'),
  currentAccLinkedProjectId: text,
  createdBy: text,
  isProjectLead: flag,
  privileges: oneOf('ADMIN', 'VIEW_ONLY'),
  createdAt: moment,
  updatedAt: moment,
  firstViewedAt: moment,
  ndaSignedAt: moment,
  ndaSignedIpAddress: text,
  notificationPreferences: oneOf('ALL', 'BID_PACKAGE_LEAD', 'SELECTED_BID_PACKAGES', 'MUTE'),
  subscribedBidPackages: texts,
});

export const office = object({
  id,
  hasBbPro: flag,
  hasBcPro: flag,
  name: text,
  location,
  companyId: idOf('the company'),
  createdBy: text,
  createdAt: moment,
  fax: text,
  phone: text,
  timezone: text,
  allowedToPublishProjects: flag,
  isLocked: flag,
  updatedAt: moment,
});

export const contact = object({
  id,
  isRemoved: flag,
  officeId: idOf("the other company's office"),
  officeName: text,
  officePhone: text,
  location,
  averageRating: number,
  qualification: object({
    qualificationStatus: oneOf(
      'INVITED',
      'IN_PROGRESS',
      'SUBMITTED',
      'COMPLETED',
      'APPROVED',
      'APPROVED_WITH_EXCEPTIONS',
      'DENIED',
      'EXPIRING_SOON',
      'EXPIRED',
    ),
    expiresAt: moment,
    updatedAt: moment,
    pqRelationshipId: text,
    gcCurrency: text,
    projectLimit: number,
    summary: text,
    totalLimit: number,
    submissionStatus: oneOf('NOT_STARTED', 'EDITED', 'SUBMITTED', 'COMPLETED', 'NOT_INVITED', 'CREATED'),
  }).nullish(),
  stats: object({
    awardedCount: number,
    submittedCount: number,
    biddingCount: number,
    declinedCount: number,
    invitedCount: number,
    viewedCount: number,
  }).nullish(),
  company: company.nullish(),
  updatedAt: moment,
});

export const certificateType = object({ id, name: text, updatedAt: moment, isDeleted: flag });
export const certificateAgency = object({
  id,
  name: text,
  website: text,
  updatedAt: moment,
  isDeleted: flag,
});
