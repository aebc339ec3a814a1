// Generated from shared/resources/schemas (`UPDATE_DOCS=1 npx vitest run test/docs`): what `data` holds in a record of each list.

/**
 * A record of `opportunity-project-pairs`: a received opportunity and the project made from it, with the state of their file transfer.
 */
export interface OpportunityProjectPair {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  createdBy?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  /**
   * The id of the opportunity.
   */
  opportunityId?: string | null;
  /**
   * The id of the project.
   */
  projectId?: string | null;
  fileSyncingError?: string | null;
  shouldRelinkGroup?: boolean | null;
  /**
   * One of QUEUED, IN_PROGRESS, SUCCESS, FAILED, or another that Autodesk adds.
   */
  fileStatus?: string | null;
  [k: string]: unknown;
}

/**
 * A record of `projects`: projects, closed ones included.
 */
export interface Project {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  name?: string | null;
  number?: string | null;
  company?: {
    id?: string | null;
    name?: string | null;
    avatarImageUrl?: string | null;
    businessType?: string[] | null;
    website?: string | null;
    laborType?: string[] | null;
    enterpriseType?: string[] | null;
    companyTags?: string[] | null;
    certificates?:
      | {
          id?: string | null;
          type?: {
            id?: string | null;
            name?: string | null;
            [k: string]: unknown;
          } | null;
          agency?: {
            id?: string | null;
            name?: string | null;
            website?: string | null;
            [k: string]: unknown;
          } | null;
          number?: string | null;
          /**
           * A moment in ISO 8601.
           */
          expiresAt?: string | null;
          fileName?: string | null;
          [k: string]: unknown;
        }[]
      | null;
    [k: string]: unknown;
  } | null;
  client?: string | null;
  description?: string | null;
  notes?: string | null;
  value?: number | null;
  projectSize?: number | null;
  /**
   * One of SQUARE_FEET, SQUARE_METERS, or another that Autodesk adds.
   */
  projectSizeUnits?: string | null;
  /**
   * One of UNKNOWN, WON, LOST, or another that Autodesk adds.
   */
  awarded?: string | null;
  isBiddingSealed?: boolean | null;
  bidAdminUserId?: string | null;
  /**
   * One of DRAFT, PUBLISHED, CLOSED, or another that Autodesk adds.
   */
  state?: string | null;
  isNdaRequired?: boolean | null;
  nda?: {
    id?: string | null;
    name?: string | null;
    /**
     * A moment in ISO 8601.
     */
    createdAt?: string | null;
    createdBy?: string | null;
    [k: string]: unknown;
  } | null;
  isProjectNameShownBeforeSigningNda?: boolean | null;
  isPublic?: boolean | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  publishedAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  bidsDueAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  endsAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  rfisDueAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  startsAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  jobWalkAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  dueAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  closedAt?: string | null;
  location?: {
    country?: string | null;
    state?: string | null;
    streetName?: string | null;
    streetNumber?: string | null;
    suite?: string | null;
    city?: string | null;
    zip?: string | null;
    complete?: string | null;
    coords?: {
      lat?: number | null;
      lng?: number | null;
      [k: string]: unknown;
    } | null;
    precisionLevel?: string | null;
    [k: string]: unknown;
  } | null;
  isTemplate?: boolean | null;
  isBidFormTemplate?: boolean | null;
  accountManager?: string | null;
  feePercentage?: number | null;
  marketSector?: string | null;
  createdBy?: string | null;
  defaultCurrency?: string | null;
  /**
   * The id of the office.
   */
  owningOfficeId?: string | null;
  architect?: string | null;
  isForBudgeting?: boolean | null;
  isCompetitive?: boolean | null;
  currentAccLinkedProjectId?: string | null;
  currentAccLinkedHubId?: string | null;
  originalProjectId?: string | null;
  currentAccDocsFolderId?: string | null;
  /**
   * A moment in ISO 8601.
   */
  accProjectLinkedAt?: string | null;
  relevantCertificates?:
    | {
        [k: string]: unknown;
      }[]
    | null;
  opportunityProjectPair?: {
    id?: string | null;
    opportunityId?: string | null;
    [k: string]: unknown;
  } | null;
  bidFormId?: string | null;
  aiProposalExtraction?: boolean | null;
  [k: string]: unknown;
}

/**
 * A record of `opportunities`: opportunities of the bid board.
 */
export interface Opportunity {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  name?: string | null;
  number?: string | null;
  client?: {
    company?: {
      id?: string | null;
      name?: string | null;
      [k: string]: unknown;
    } | null;
    lead?: {
      id?: string | null;
      email?: string | null;
      firstName?: string | null;
      lastName?: string | null;
      phoneNumber?: string | null;
      [k: string]: unknown;
    } | null;
    office?: {
      id?: string | null;
      name?: string | null;
      location?: {
        country?: string | null;
        state?: string | null;
        streetName?: string | null;
        streetNumber?: string | null;
        suite?: string | null;
        city?: string | null;
        zip?: string | null;
        complete?: string | null;
        coords?: {
          lat?: number | null;
          lng?: number | null;
          [k: string]: unknown;
        } | null;
        precisionLevel?: string | null;
        [k: string]: unknown;
      } | null;
      [k: string]: unknown;
    } | null;
    [k: string]: unknown;
  } | null;
  competitors?:
    | {
        [k: string]: unknown;
      }[]
    | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  defaultCurrency?: string | null;
  /**
   * One of BUILDINGCONNECTED, API, MANUAL, EMAIL, IMPORTED, DISCOVERED, DUPLICATE_BUILDINGCONNECTED, DUPLICATE_EMAIL, DUPLICATE_MANUAL, or another that Autodesk adds.
   */
  source?: string | null;
  isNdaRequired?: boolean | null;
  projectIsPublic?: boolean | null;
  outcome?: {
    /**
     * One of UNKNOWN, WON, LOST, OTHER, or another that Autodesk adds.
     */
    state?: string | null;
    /**
     * One of CANCELED, REBID, CLIENT_NOT_AWARDED, OTHER, or another that Autodesk adds.
     */
    otherReason?: string | null;
    /**
     * A moment in ISO 8601.
     */
    updatedAt?: string | null;
    updatedBy?: string | null;
    [k: string]: unknown;
  } | null;
  /**
   * One of PROPOSAL, BUDGET, or another that Autodesk adds.
   */
  requestType?: string | null;
  /**
   * One of UNDECIDED, WILL_SUBMIT, SUBMITTED, DECLINED, or another that Autodesk adds.
   */
  submissionState?: string | null;
  workflowBucket?: string | null;
  isParent?: boolean | null;
  parentId?: string | null;
  bid?: {
    [k: string]: unknown;
  } | null;
  members?:
    | {
        /**
         * A moment in ISO 8601.
         */
        viewedAt?: string | null;
        userId?: string | null;
        /**
         * One of ASSIGNEE, FOLLOWER, VENDOR, or another that Autodesk adds.
         */
        type?: string | null;
        [k: string]: unknown;
      }[]
    | null;
  /**
   * A moment in ISO 8601.
   */
  dueAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  jobWalkAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  rfisDueAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  expectedStartAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  expectedFinishAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  invitedAt?: string | null;
  tradeName?: string | null;
  projectSize?: number | null;
  projectInformation?: string | null;
  location?: {
    country?: string | null;
    state?: string | null;
    streetName?: string | null;
    streetNumber?: string | null;
    suite?: string | null;
    city?: string | null;
    zip?: string | null;
    complete?: string | null;
    coords?: {
      lat?: number | null;
      lng?: number | null;
      [k: string]: unknown;
    } | null;
    precisionLevel?: string | null;
    [k: string]: unknown;
  } | null;
  tradeSpecificInstructions?: string | null;
  architect?: string | null;
  engineer?: string | null;
  propertyOwner?: string | null;
  propertyTenant?: string | null;
  additionalInfo?: string | null;
  /**
   * One of LOW, MEDIUM, HIGH, UNKNOWN, or another that Autodesk adds.
   */
  priority?: string | null;
  marketSector?: string | null;
  rom?: number | null;
  winProbability?: number | null;
  /**
   * A moment in ISO 8601.
   */
  followUpAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  contractStartAt?: string | null;
  contractDuration?: number | null;
  averageCrewSize?: number | null;
  estimatingHours?: number | null;
  feePercentage?: number | null;
  profitMargin?: number | null;
  finalValue?: number | null;
  isArchived?: boolean | null;
  /**
   * The id of the office.
   */
  owningOfficeId?: string | null;
  isSealedBidding?: boolean | null;
  clientValues?: {
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}

/**
 * A record of `invites`: invitations to bid, one for each company and bid package.
 */
export interface Invite {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  /**
   * The id of the project.
   */
  projectId?: string | null;
  projectName?: string | null;
  /**
   * The id of the bid package.
   */
  bidPackageId?: string | null;
  bidPackageName?: string | null;
  currentAccLinkedProjectId?: string | null;
  bidderOfficeId?: string | null;
  bidderCompany?: {
    id?: string | null;
    name?: string | null;
    avatarImageUrl?: string | null;
    businessType?: string[] | null;
    website?: string | null;
    laborType?: string[] | null;
    enterpriseType?: string[] | null;
    companyTags?: string[] | null;
    certificates?:
      | {
          id?: string | null;
          type?: {
            id?: string | null;
            name?: string | null;
            [k: string]: unknown;
          } | null;
          agency?: {
            id?: string | null;
            name?: string | null;
            website?: string | null;
            [k: string]: unknown;
          } | null;
          number?: string | null;
          /**
           * A moment in ISO 8601.
           */
          expiresAt?: string | null;
          fileName?: string | null;
          [k: string]: unknown;
        }[]
      | null;
    [k: string]: unknown;
  } | null;
  placeholderCompanyName?: string | null;
  /**
   * One of NOT_INVITED, UNDECIDED, BIDDING, NOT_BIDDING, BID_SUBMITTED, WON, LOST, or another that Autodesk adds.
   */
  state?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  invitedAt?: string | null;
  invitees?:
    | {
        id?: string | null;
        userId?: string | null;
        firstName?: string | null;
        lastName?: string | null;
        companyId?: string | null;
        phoneNumber?: string | null;
        title?: string | null;
        email?: string | null;
        isEmailValid?: boolean | null;
        /**
         * One of HOST, BIDDER, PUBLIC, or another that Autodesk adds.
         */
        inviterType?: string | null;
        /**
         * One of NOT_INVITED, INVITED, VIEWED, REMOVED, or another that Autodesk adds.
         */
        state?: string | null;
        /**
         * A moment in ISO 8601.
         */
        firstViewedAt?: string | null;
        /**
         * A moment in ISO 8601.
         */
        lastViewedAt?: string | null;
        /**
         * A moment in ISO 8601.
         */
        ndaSignedAt?: string | null;
        [k: string]: unknown;
      }[]
    | null;
  [k: string]: unknown;
}

/**
 * A record of `bid-packages`: the packages of work that a project is bid in.
 */
export interface BidPackage {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  /**
   * The id of the project.
   */
  projectId?: string | null;
  name?: string | null;
  leadUserId?: string | null;
  number?: string | null;
  keywords?: string[] | null;
  estimatedCost?: number | null;
  instructions?: string | null;
  /**
   * One of DRAFT, PUBLISHED, or another that Autodesk adds.
   */
  state?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  publishedAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  bidsDueAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  endsAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  rfisDueAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  startsAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  jobWalkAt?: string | null;
  bidAdminUnsealed?: boolean | null;
  /**
   * A moment in ISO 8601.
   */
  bidAdminUnsealedAt?: string | null;
  currentAccDocsFolderId?: string | null;
  currentAccLinkedProjectId?: string | null;
  currentAccLinkedHubId?: string | null;
  useProjectBidsDueAt?: boolean | null;
  useProjectEndsAt?: boolean | null;
  useProjectJobWalkAt?: boolean | null;
  useProjectRfisDueAt?: boolean | null;
  useProjectStartsAt?: boolean | null;
  awardedLeveledTotal?: number | null;
  awardedCompany?: {
    [k: string]: unknown;
  } | null;
  awardedBidId?: string | null;
  bidFormId?: string | null;
  [k: string]: unknown;
}

/**
 * A record of `bids`: bids on invites, every revision, with their line items and plugs.
 */
export interface Bid {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  /**
   * The id of the project.
   */
  projectId?: string | null;
  /**
   * The id of the bid package.
   */
  bidPackageId?: string | null;
  /**
   * The id of the invite.
   */
  inviteId?: string | null;
  /**
   * The id of the company that bids.
   */
  bidderCompanyId?: string | null;
  currentAccLinkedProjectId?: string | null;
  /**
   * One of HOST, BIDDER, or another that Autodesk adds.
   */
  creatorType?: string | null;
  notes?: string | null;
  total?: number | null;
  leveledTotal?: number | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  submittedAt?: string | null;
  attachments?: string[] | null;
  revision?: number | null;
  createdBy?: string | null;
  submittedBy?: string | null;
  /**
   * Only in Autodesk's answers; the mirror keeps it as `bid-line-items`.
   */
  lineItems?: {
    pagination?: {
      limit?: number | null;
      cursorState?: string | null;
      nextUrl?: string | null;
      [k: string]: unknown;
    } | null;
    results: {
      /**
       * Null for the lump sum that most bids have.
       */
      id?: string | null;
      type?: string | null;
      description?: string | null;
      section?: string | null;
      isRequired?: boolean | null;
      unit?: string | null;
      isCustom?: boolean | null;
      code?: string | null;
      quantity?: number | null;
      isQuantityFixed?: boolean | null;
      unitCost?: number | null;
      /**
       * Text, a number or null, by the unit and type of what it answers.
       */
      value?: string | number | null;
      [k: string]: unknown;
    }[];
    [k: string]: unknown;
  };
  /**
   * Only in Autodesk's answers; the mirror keeps it as `bid-plugs`.
   */
  plugs?: {
    pagination?: {
      limit?: number | null;
      cursorState?: string | null;
      nextUrl?: string | null;
      [k: string]: unknown;
    } | null;
    results: {
      /**
       * Autodesk's id of the record.
       */
      id: string;
      quantity?: number | null;
      unitCost?: number | null;
      /**
       * Text, a number or null, by the unit and type of what it answers.
       */
      value?: string | number | null;
      createdBy?: string | null;
      updatedBy?: string | null;
      /**
       * A moment in ISO 8601.
       */
      createdAt?: string | null;
      /**
       * A moment in ISO 8601.
       */
      updatedAt?: string | null;
      lineItemFingerprint?: {
        type?: string | null;
        description?: string | null;
        section?: string | null;
        unit?: string | null;
        code?: string | null;
        [k: string]: unknown;
      } | null;
      [k: string]: unknown;
    }[];
    [k: string]: unknown;
  };
  [k: string]: unknown;
}

/**
 * An element of `lineItems` in a record of `bids`.
 */
export interface BidLineItem {
  /**
   * Null for the lump sum that most bids have.
   */
  id?: string | null;
  type?: string | null;
  description?: string | null;
  section?: string | null;
  isRequired?: boolean | null;
  unit?: string | null;
  isCustom?: boolean | null;
  code?: string | null;
  quantity?: number | null;
  isQuantityFixed?: boolean | null;
  unitCost?: number | null;
  /**
   * Text, a number or null, by the unit and type of what it answers.
   */
  value?: string | number | null;
  [k: string]: unknown;
}

/**
 * An element of `plugs` in a record of `bids`.
 */
export interface BidPlug {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  quantity?: number | null;
  unitCost?: number | null;
  /**
   * Text, a number or null, by the unit and type of what it answers.
   */
  value?: string | number | null;
  createdBy?: string | null;
  updatedBy?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  lineItemFingerprint?: {
    type?: string | null;
    description?: string | null;
    section?: string | null;
    unit?: string | null;
    code?: string | null;
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}

/**
 * A record of `scope-specific-bid-forms`: bid forms, one for each bid package, with their line items.
 */
export interface ScopeSpecificBidForm {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  /**
   * The id of the project.
   */
  projectId?: string | null;
  currentAccLinkedProjectId?: string | null;
  createdBy?: string | null;
  updatedBy?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  isTemplate?: boolean | null;
  /**
   * The id of the bid package.
   */
  bidPackageId?: string | null;
  /**
   * Only in Autodesk's answers; the mirror keeps it as `scope-specific-bid-form-line-items`.
   */
  lineItems?: {
    pagination?: {
      limit?: number | null;
      cursorState?: string | null;
      nextUrl?: string | null;
      [k: string]: unknown;
    } | null;
    results: {
      /**
       * Autodesk's id of the record.
       */
      id: string;
      type?: string | null;
      description?: string | null;
      section?: string | null;
      isRequired?: boolean | null;
      unit?: string | null;
      code?: string | null;
      quantity?: number | null;
      isQuantityFixed?: boolean | null;
      external?: {
        id?: string | null;
        name?: string | null;
        [k: string]: unknown;
      } | null;
      [k: string]: unknown;
    }[];
    [k: string]: unknown;
  };
  [k: string]: unknown;
}

/**
 * An element of `lineItems` in a record of `scope-specific-bid-forms`.
 */
export interface ScopeSpecificBidFormLineItem {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  type?: string | null;
  description?: string | null;
  section?: string | null;
  isRequired?: boolean | null;
  unit?: string | null;
  code?: string | null;
  quantity?: number | null;
  isQuantityFixed?: boolean | null;
  external?: {
    id?: string | null;
    name?: string | null;
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}

/**
 * A record of `project-bid-forms`: bid forms of whole projects, with their line items.
 */
export interface ProjectBidForm {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  /**
   * The id of the project.
   */
  projectId?: string | null;
  currentAccLinkedProjectId?: string | null;
  createdBy?: string | null;
  updatedBy?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  isTemplate?: boolean | null;
  /**
   * Only in Autodesk's answers; the mirror keeps it as `project-bid-form-line-items`.
   */
  lineItems?: {
    pagination?: {
      limit?: number | null;
      cursorState?: string | null;
      nextUrl?: string | null;
      [k: string]: unknown;
    } | null;
    results: {
      /**
       * Autodesk's id of the record.
       */
      id: string;
      type?: string | null;
      description?: string | null;
      section?: string | null;
      isRequired?: boolean | null;
      unit?: string | null;
      external?: {
        id?: string | null;
        name?: string | null;
        [k: string]: unknown;
      } | null;
      [k: string]: unknown;
    }[];
    [k: string]: unknown;
  };
  [k: string]: unknown;
}

/**
 * An element of `lineItems` in a record of `project-bid-forms`.
 */
export interface ProjectBidFormLineItem {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  type?: string | null;
  description?: string | null;
  section?: string | null;
  isRequired?: boolean | null;
  unit?: string | null;
  external?: {
    id?: string | null;
    name?: string | null;
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}

/**
 * A record of `project-team-members`: who works on a project; an id is of the membership, not of the person.
 */
export interface ProjectTeamMember {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  user?: {
    id?: string | null;
    autodeskId?: string | null;
    emailVerified?: boolean | null;
    employmentVerified?: boolean | null;
    /**
     * A moment in ISO 8601.
     */
    createdAt?: string | null;
    firstName?: string | null;
    lastName?: string | null;
    email?: string | null;
    alternateEmails?: string[] | null;
    avatarImageUrl?: string | null;
    jobTitle?: string | null;
    phoneNumber?: string | null;
    /**
     * The id of the person's company.
     */
    companyId?: string | null;
    isAccountClaimed?: boolean | null;
    offices?:
      | {
          id?: string | null;
          isPrimary?: boolean | null;
          hasBbPro?: boolean | null;
          hasBcPro?: boolean | null;
          officeLead?: boolean | null;
          name?: string | null;
          address?: string | null;
          [k: string]: unknown;
        }[]
      | null;
    [k: string]: unknown;
  } | null;
  /**
   * The id of the project.
   */
  projectId?: string | null;
  currentAccLinkedProjectId?: string | null;
  createdBy?: string | null;
  isProjectLead?: boolean | null;
  /**
   * One of ADMIN, VIEW_ONLY, or another that Autodesk adds.
   */
  privileges?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  firstViewedAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  ndaSignedAt?: string | null;
  ndaSignedIpAddress?: string | null;
  /**
   * One of ALL, BID_PACKAGE_LEAD, SELECTED_BID_PACKAGES, MUTE, or another that Autodesk adds.
   */
  notificationPreferences?: string | null;
  subscribedBidPackages?: string[] | null;
  [k: string]: unknown;
}

/**
 * A record of `contacts`: what the company knows of other companies' offices.
 */
export interface Contact {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  isRemoved?: boolean | null;
  /**
   * The id of the other company's office.
   */
  officeId?: string | null;
  officeName?: string | null;
  officePhone?: string | null;
  location?: {
    country?: string | null;
    state?: string | null;
    streetName?: string | null;
    streetNumber?: string | null;
    suite?: string | null;
    city?: string | null;
    zip?: string | null;
    complete?: string | null;
    coords?: {
      lat?: number | null;
      lng?: number | null;
      [k: string]: unknown;
    } | null;
    precisionLevel?: string | null;
    [k: string]: unknown;
  } | null;
  averageRating?: number | null;
  qualification?: {
    /**
     * One of INVITED, IN_PROGRESS, SUBMITTED, COMPLETED, APPROVED, APPROVED_WITH_EXCEPTIONS, DENIED, EXPIRING_SOON, EXPIRED, or another that Autodesk adds.
     */
    qualificationStatus?: string | null;
    /**
     * A moment in ISO 8601.
     */
    expiresAt?: string | null;
    /**
     * A moment in ISO 8601.
     */
    updatedAt?: string | null;
    pqRelationshipId?: string | null;
    gcCurrency?: string | null;
    projectLimit?: number | null;
    summary?: string | null;
    totalLimit?: number | null;
    /**
     * One of NOT_STARTED, EDITED, SUBMITTED, COMPLETED, NOT_INVITED, CREATED, or another that Autodesk adds.
     */
    submissionStatus?: string | null;
    [k: string]: unknown;
  } | null;
  stats?: {
    awardedCount?: number | null;
    submittedCount?: number | null;
    biddingCount?: number | null;
    declinedCount?: number | null;
    invitedCount?: number | null;
    viewedCount?: number | null;
    [k: string]: unknown;
  } | null;
  company?: {
    id?: string | null;
    name?: string | null;
    avatarImageUrl?: string | null;
    businessType?: string[] | null;
    website?: string | null;
    laborType?: string[] | null;
    enterpriseType?: string[] | null;
    companyTags?: string[] | null;
    certificates?:
      | {
          id?: string | null;
          type?: {
            id?: string | null;
            name?: string | null;
            [k: string]: unknown;
          } | null;
          agency?: {
            id?: string | null;
            name?: string | null;
            website?: string | null;
            [k: string]: unknown;
          } | null;
          number?: string | null;
          /**
           * A moment in ISO 8601.
           */
          expiresAt?: string | null;
          fileName?: string | null;
          [k: string]: unknown;
        }[]
      | null;
    [k: string]: unknown;
  } | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  [k: string]: unknown;
}

/**
 * A record of `users`: the company's own people.
 */
export interface User {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  autodeskId?: string | null;
  emailVerified?: boolean | null;
  employmentVerified?: boolean | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  firstName?: string | null;
  lastName?: string | null;
  email?: string | null;
  alternateEmails?: string[] | null;
  avatarImageUrl?: string | null;
  jobTitle?: string | null;
  phoneNumber?: string | null;
  /**
   * The id of the person's company.
   */
  companyId?: string | null;
  isAccountClaimed?: boolean | null;
  offices?:
    | {
        id?: string | null;
        isPrimary?: boolean | null;
        hasBbPro?: boolean | null;
        hasBcPro?: boolean | null;
        officeLead?: boolean | null;
        name?: string | null;
        address?: string | null;
        [k: string]: unknown;
      }[]
    | null;
  bidBoardPermissions?: {
    viewAll?: boolean | null;
    reports?: boolean | null;
    leaderboard?: boolean | null;
    modifyPermissions?: boolean | null;
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}

/**
 * A record of `offices`: the company's offices.
 */
export interface Office {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  hasBbPro?: boolean | null;
  hasBcPro?: boolean | null;
  name?: string | null;
  location?: {
    country?: string | null;
    state?: string | null;
    streetName?: string | null;
    streetNumber?: string | null;
    suite?: string | null;
    city?: string | null;
    zip?: string | null;
    complete?: string | null;
    coords?: {
      lat?: number | null;
      lng?: number | null;
      [k: string]: unknown;
    } | null;
    precisionLevel?: string | null;
    [k: string]: unknown;
  } | null;
  /**
   * The id of the company.
   */
  companyId?: string | null;
  createdBy?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  fax?: string | null;
  phone?: string | null;
  timezone?: string | null;
  allowedToPublishProjects?: boolean | null;
  isLocked?: boolean | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  [k: string]: unknown;
}

/**
 * A record of `certificate-types`: the kinds of certificates that bidders may have.
 */
export interface CertificateType {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  name?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  isDeleted?: boolean | null;
  [k: string]: unknown;
}

/**
 * A record of `certificate-agencies`: who issues certificates.
 */
export interface CertificateAgency {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  name?: string | null;
  website?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  isDeleted?: boolean | null;
  [k: string]: unknown;
}

/**
 * A record of `opportunity-comments`: what people wrote about an opportunity.
 */
export interface OpportunityComment {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  /**
   * The id of the opportunity.
   */
  opportunityId?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  createdBy?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  content?: string | null;
  userName?: string | null;
  [k: string]: unknown;
}

/**
 * A record of `project-costs`: costs that a project adds to its bids.
 */
export interface ProjectCost {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  name?: string | null;
  section?: string | null;
  code?: string | null;
  /**
   * One of LUMP_SUM, PERCENTAGE, RATE, or another that Autodesk adds.
   */
  calculationType?: string | null;
  calculation?: {
    amount?: number | null;
    percent?: number | null;
    quantity?: number | null;
    rate?: number | null;
    unitType?: string | null;
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}

/**
 * A record of `bid-package-notes`: the notes in the bids on a package, a row for each bid.
 */
export interface BidPackageNote {
  bidId: string;
  notes?: {
    results: {
      [k: string]: unknown;
    }[];
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}

/**
 * A record of `bid-package-highlights`: the highlights in the bids on a package, a row for each bid.
 */
export interface BidPackageHighlight {
  bidId: string;
  highlights?: {
    results: {
      [k: string]: unknown;
    }[];
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}

/**
 * A record of `bid-package-activities`: what happened to a package.
 */
export interface BidPackageActivity {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  action?: string | null;
  data?: {
    [k: string]: unknown;
  } | null;
  /**
   * The id of the project.
   */
  projectId?: string | null;
  /**
   * The id of the bid package.
   */
  bidPackageId?: string | null;
  /**
   * The id of the invite.
   */
  inviteId?: string | null;
  currentAccLinkedProjectId?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  createdBy?: {
    id?: string | null;
    firstName?: string | null;
    lastName?: string | null;
    email?: string | null;
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}

/**
 * A record of `invite-notes`: notes on the invites of a project.
 */
export interface InviteNote {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  /**
   * The id of the project.
   */
  projectId?: string | null;
  /**
   * The id of the bid package.
   */
  bidPackageId?: string | null;
  /**
   * The id of the invite.
   */
  inviteId?: string | null;
  currentAccLinkedProjectId?: string | null;
  bidderCompany?: {
    id?: string | null;
    [k: string]: unknown;
  } | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  createdBy?: {
    id?: string | null;
    firstName?: string | null;
    lastName?: string | null;
    email?: string | null;
    [k: string]: unknown;
  } | null;
  note?: string | null;
  [k: string]: unknown;
}

/**
 * A record of `data-connector-requests`: Data Connector requests of the signed-in user in one account.
 */
export interface DataConnectorRequest {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  description?: string | null;
  isActive?: boolean | null;
  /**
   * The id of the account (hub).
   */
  accountId?: string | null;
  projectId?: string | null;
  /**
   * A list of ids, or the same as JSON text.
   */
  projectIdList?: (string[] | string) | null;
  createdBy?: string | null;
  createdByEmail?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  updatedBy?: string | null;
  /**
   * A moment in ISO 8601.
   */
  updatedAt?: string | null;
  /**
   * One of ONE_TIME, DAY, WEEK, MONTH, YEAR, or another that Autodesk adds.
   */
  scheduleInterval?: string | null;
  reoccuringInterval?: number | null;
  /**
   * A moment in ISO 8601.
   */
  effectiveFrom?: string | null;
  /**
   * A moment in ISO 8601.
   */
  effectiveTo?: string | null;
  /**
   * A moment in ISO 8601.
   */
  lastQueuedAt?: string | null;
  serviceGroups?: string[] | null;
  callbackUrl?: string | null;
  sendEmail?: boolean | null;
  /**
   * A moment in ISO 8601.
   */
  startDate?: string | null;
  /**
   * A moment in ISO 8601.
   */
  endDate?: string | null;
  /**
   * One of TODAY, YESTERDAY, PAST_7_DAYS, MONTH_TO_DATE, LAST_MONTH, CUSTOM, or another that Autodesk adds.
   */
  dateRange?: string | null;
  projectStatus?: string | null;
  [k: string]: unknown;
}

/**
 * A record of `data-connector-jobs`: jobs that Data Connector ran for those requests.
 */
export interface DataConnectorJob {
  /**
   * Autodesk's id of the record.
   */
  id: string;
  /**
   * The id of the request.
   */
  requestId?: string | null;
  /**
   * The id of the account (hub).
   */
  accountId?: string | null;
  projectId?: string | null;
  /**
   * A list of ids, or the same as JSON text.
   */
  projectIdList?: (string[] | string) | null;
  createdBy?: string | null;
  createdByEmail?: string | null;
  /**
   * A moment in ISO 8601.
   */
  createdAt?: string | null;
  /**
   * One of queued, running, complete, or another that Autodesk adds.
   */
  status?: string | null;
  /**
   * One of success, failed, cancelled, or another that Autodesk adds.
   */
  completionStatus?: string | null;
  /**
   * A moment in ISO 8601.
   */
  startedAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  completedAt?: string | null;
  sendEmail?: boolean | null;
  progress?: number | null;
  lastDownloadedBy?: string | null;
  /**
   * A moment in ISO 8601.
   */
  lastDownloadedAt?: string | null;
  /**
   * A moment in ISO 8601.
   */
  startDate?: string | null;
  /**
   * A moment in ISO 8601.
   */
  endDate?: string | null;
  [k: string]: unknown;
}
