import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { CompanyMaker } from '../seed/company-maker.ts';
import { DAY_MS } from '../seed/days.ts';
import {
  BIDDER_FAMILIES,
  BIDDER_TRADES,
  BUSINESS_TYPES,
  CERTIFICATE_AGENCIES,
  CERTIFICATE_TYPES,
  COMPANY_TAGS,
  FIRST_NAMES,
  JOB_TITLES,
  LABOR_TYPES,
  LAST_NAMES,
} from '../seed/vocabulary.ts';
import type { BidPackage } from './projects.ts';

interface Bidder {
  company: JsonObject;
  officeId: string;
  people: JsonObject[];
}

export const ANSWERS = ['BIDDING', 'NOT_BIDDING', 'BID_SUBMITTED'] as const;

/** Invitations to bid: one for each company and package, sent out together, answered one by one. */
export function makeInvites(maker: CompanyMaker, packages: BidPackage[], count: number): JsonObject[] {
  const bidders = makeBidders(maker);
  const { randomness } = maker;
  const perPackage = Math.ceil(count / packages.length);
  if (perPackage > bidders.length) throw new RangeError('There are more invites for a package than bidders.');
  const invites: JsonObject[] = [];
  for (const bidPackage of packages) {
    const first = randomness.integer(bidders.length);
    // All of one package go out at one moment, so many invites share their times to the millisecond.
    const createdMs = Math.min(bidPackage.createdMs + DAY_MS, maker.nowMs - 2 * DAY_MS);
    for (let slot = 0; slot < perPackage && invites.length < count; slot++) {
      const bidder = bidders[(first + slot) % bidders.length];
      if (bidder !== undefined) invites.push(makeInvite(maker, bidPackage, bidder, createdMs));
    }
  }
  return invites;
}

function makeInvite(
  maker: CompanyMaker,
  bidPackage: BidPackage,
  bidder: Bidder,
  createdMs: number,
): JsonObject {
  const { randomness, ids, nowMs } = maker;
  const sent = !randomness.chance(0.08);
  const answered = sent && randomness.chance(0.6);
  const invitedMs = createdMs + 30 * 60_000;
  const answeredMs = Math.min(invitedMs + randomness.integer(40 * DAY_MS), nowMs - 60_000);
  const unknownCompany = randomness.chance(0.02);
  const state = !sent ? 'NOT_INVITED' : answered ? randomness.pick(ANSWERS) : 'UNDECIDED';
  return {
    id: ids.at(createdMs),
    projectId: bidPackage.project.id,
    projectName: bidPackage.project.name,
    bidPackageId: bidPackage.id,
    bidPackageName: bidPackage.name,
    currentAccLinkedProjectId: null,
    bidderOfficeId: bidder.officeId,
    bidderCompany: unknownCompany ? null : bidder.company,
    placeholderCompanyName: unknownCompany ? `${String(bidder.company.name)} (not yet on the network)` : null,
    state,
    createdAt: isoTime(createdMs),
    updatedAt: isoTime(answered ? answeredMs : sent ? invitedMs : createdMs),
    invitedAt: sent ? isoTime(invitedMs) : null,
    invitees: bidder.people.map((person) => ({
      ...person,
      id: ids.at(createdMs),
      state: !sent ? 'NOT_INVITED' : answered ? 'VIEWED' : 'INVITED',
      firstViewedAt: answered ? isoTime(answeredMs) : null,
      lastViewedAt: answered ? isoTime(answeredMs) : null,
      ndaSignedAt: null,
    })),
  };
}

function makeBidders(maker: CompanyMaker): Bidder[] {
  return BIDDER_FAMILIES.flatMap((family) => BIDDER_TRADES.map((trade) => makeBidder(maker, family, trade)));
}

function makeBidder(maker: CompanyMaker, family: string, trade: string): Bidder {
  const { randomness, ids, nowMs } = maker;
  const foundedMs = nowMs - (600 + randomness.integer(2000)) * DAY_MS;
  const companyId = ids.at(foundedMs);
  const domain = `${family}-${trade}`
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/-$/, '');
  const website = `https://www.${domain}.example`;
  const people = Array.from({ length: 1 + randomness.integer(2) }, () =>
    makePerson(maker, companyId, domain),
  );
  return {
    officeId: ids.at(foundedMs),
    people,
    company: {
      id: companyId,
      name: `${family} ${trade}`,
      avatarImageUrl: null,
      businessType: [randomness.pick(BUSINESS_TYPES)],
      website: randomness.chance(0.9) ? website : '',
      laborType: [randomness.pick(LABOR_TYPES)],
      enterpriseType: [],
      companyTags: randomness.chance(0.3) ? [randomness.pick(COMPANY_TAGS)] : [],
      certificates: Array.from({ length: randomness.integer(3) }, () => makeCertificate(maker)),
    },
  };
}

function makePerson({ randomness, ids, nowMs }: CompanyMaker, companyId: string, domain: string): JsonObject {
  const firstName = randomness.pick(FIRST_NAMES);
  const lastName = randomness.pick(LAST_NAMES);
  return {
    userId: ids.at(nowMs - 400 * DAY_MS),
    firstName,
    lastName,
    companyId,
    phoneNumber: `555-01${String(randomness.integer(100)).padStart(2, '0')}`,
    title: randomness.pick(JOB_TITLES),
    email: `${firstName}.${lastName}@${domain}.example`.toLowerCase().replace("'", ''),
    isEmailValid: !randomness.chance(0.03),
    inviterType: randomness.chance(0.9) ? 'HOST' : randomness.pick(['BIDDER', 'PUBLIC']),
  };
}

function makeCertificate({ randomness, ids, nowMs }: CompanyMaker): JsonObject {
  const type = randomness.pick(CERTIFICATE_TYPES);
  const agency = randomness.pick(CERTIFICATE_AGENCIES);
  return {
    // A pending suggestion has no id yet.
    id: randomness.chance(0.15) ? null : ids.at(nowMs - 500 * DAY_MS),
    type: { id: ids.at(0), name: type },
    agency: { id: ids.at(0), name: agency, website: 'https://certify.example' },
    number: String(10_000 + randomness.integer(90_000)),
    expiresAt: isoTime(nowMs + (randomness.integer(900) - 100) * DAY_MS),
    fileName: 'certificate.pdf',
  };
}
