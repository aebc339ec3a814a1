import { isoTime } from '../../../shared/clock.ts';
import type { JsonObject } from '../../../shared/json.ts';
import type { CompanyMaker } from '../seed/company-maker.ts';
import { DAY_MS } from '../seed/days.ts';
import {
  BIDDER_FAMILIES,
  BIDDER_TRADES,
  CERTIFICATE_AGENCIES,
  CERTIFICATE_TYPES,
  FIRST_NAMES,
  LAST_NAMES,
  OUR_DOMAIN,
} from '../seed/vocabulary.ts';
import type { Home } from './project-rows.ts';

const USERS = 12;
const OFFICES = ['Portland', 'Denver', 'Austin'] as const;

/** The company's own people, the signed-in one first. No row says when it was changed. */
export function makeUsers({ ids, nowMs }: CompanyMaker, home: Home, signedIn: JsonObject): JsonObject[] {
  const others = Array.from({ length: USERS - 1 }, (_, index) => {
    const firstName = FIRST_NAMES[index % FIRST_NAMES.length] ?? '';
    const lastName = LAST_NAMES[(index * 5 + 3) % LAST_NAMES.length] ?? '';
    const createdMs = nowMs - (800 - index) * DAY_MS;
    return {
      id: ids.at(createdMs),
      createdAt: isoTime(createdMs),
      firstName,
      lastName,
      email: `${firstName}.${lastName}.${index}@${OUR_DOMAIN}`.toLowerCase().replace("'", ''),
      jobTitle: 'Estimator',
      companyId: home.companyId,
      isAccountClaimed: true,
      offices: [{ id: home.officeId, isPrimary: true }],
    };
  });
  return [{ createdAt: isoTime(nowMs - 900 * DAY_MS), ...signedIn }, ...others];
}

export function makeOffices({ ids, nowMs }: CompanyMaker, home: Home): JsonObject[] {
  return OFFICES.map((name, index) => {
    const createdMs = nowMs - (1500 - index) * DAY_MS;
    return {
      id: index === 0 ? home.officeId : ids.at(createdMs),
      hasBbPro: index === 0,
      hasBcPro: true,
      name,
      location: { country: 'US', city: name },
      companyId: home.companyId,
      createdBy: home.userId,
      createdAt: isoTime(createdMs),
      updatedAt: isoTime(nowMs - (100 - index) * DAY_MS),
      phone: '555-0100',
      fax: null,
      timezone: 'America/Denver',
      allowedToPublishProjects: true,
      isLocked: false,
    };
  });
}

/** Offices of other companies that ours knows. Some were removed; the list hides those unless it is asked for them. */
export function makeContacts({ ids, nowMs, randomness }: CompanyMaker): JsonObject[] {
  return BIDDER_FAMILIES.map((family, index) => {
    const createdMs = nowMs - (700 - index) * DAY_MS;
    const name = `${family} ${BIDDER_TRADES[index % BIDDER_TRADES.length]}`;
    return {
      id: ids.at(createdMs),
      isRemoved: index % 7 === 5,
      officeId: ids.at(createdMs),
      officeName: `${name}, main office`,
      officePhone: '555-0111',
      location: { country: 'US' },
      averageRating: index % 3 === 0 ? null : 1 + (index % 5),
      qualification: null,
      stats: { invitedCount: randomness.integer(40), submittedCount: randomness.integer(20) },
      company: { id: ids.at(createdMs), name },
      updatedAt: isoTime(nowMs - (1 + randomness.integer(90)) * DAY_MS),
    };
  });
}

/** Types or agencies of certificates. The last one is deleted, and listed all the same. */
export function makeCertificateTypes(maker: CompanyMaker): JsonObject[] {
  return certificateRows(maker, CERTIFICATE_TYPES).map(({ website: _none, ...row }) => row);
}

export function makeCertificateAgencies(maker: CompanyMaker): JsonObject[] {
  return certificateRows(maker, CERTIFICATE_AGENCIES);
}

function certificateRows({ ids, nowMs }: CompanyMaker, names: readonly string[]) {
  return names.map((name, index) => ({
    id: ids.at(nowMs - (2000 - index) * DAY_MS),
    name,
    website: 'https://certify.example',
    updatedAt: isoTime(nowMs - (300 - index) * DAY_MS),
    isDeleted: index === names.length - 1,
  }));
}
