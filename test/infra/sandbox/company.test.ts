import { describe, expect, it } from 'vitest';
import { type Company, type CompanyScale, makeCompany } from '../../../infra/sandbox/company/company.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../../shared/json.ts';

const NOW_MS = Date.parse('2026-11-20T10:00:00.000Z');
const SCALE: CompanyScale = { projects: 24, pairs: 60, invites: 400, forms: 60, requests: 25, jobs: 40 };
const make = (seed = 'a', scale = SCALE) => makeCompany(seed, scale, ['account-1', 'account-2'], NOW_MS);

const company = make();
const all = ({ pairs, invites, forms, bids, elements, requests, jobs }: Company) => [
  pairs,
  invites,
  forms,
  bids,
  [...elements['scope-specific-bid-form-line-items'].values()].flat(),
  requests,
  jobs,
];
const valuesOf = (records: JsonObject[], field: string) => new Set(records.map((record) => record[field]));

describe('the company', () => {
  it('is the same for the same seed and another for another', () => {
    expect(make()).toEqual(company);
    expect(make('b').invites).not.toEqual(company.invites);
  });

  it('has as many records as asked for, each with an id of its own', () => {
    const { pairs, invites, forms, requests, jobs } = company;
    expect([pairs, invites, forms, requests, jobs].map((records) => records.length)).toEqual([
      60, 400, 60, 50, 80,
    ]);
    for (const records of all(company)) {
      expect(new Set(records.map((record) => record.id)).size).toBe(records.length);
    }
    const large = make('a', { ...SCALE, invites: 10_000 });
    expect(new Set(large.invites.map((invite) => invite.id)).size).toBe(10_000);
  });

  it('holds no time that has not come, and none that was updated before it was created', () => {
    for (const record of [company.pairs, company.invites, company.forms, company.requests].flat()) {
      expect(Date.parse(String(record.updatedAt))).toBeLessThanOrEqual(NOW_MS);
      expect(Date.parse(String(record.updatedAt))).toBeGreaterThanOrEqual(
        Date.parse(String(record.createdAt)),
      );
    }
  });

  it('has pairs in every state, failed ones saying why', () => {
    expect(valuesOf(company.pairs, 'fileStatus')).toEqual(
      new Set(['SUCCESS', 'FAILED', 'IN_PROGRESS', 'QUEUED']),
    );
    const failed = company.pairs.filter((pair) => pair.fileStatus === 'FAILED');
    expect(failed.length).toBeGreaterThan(1);
    expect(failed.every((pair) => typeof pair.fileSyncingError === 'string')).toBe(true);
    expect(valuesOf(company.pairs, 'shouldRelinkGroup')).toEqual(new Set([true, false]));
    expect(
      company.pairs.some((pair) => pair.fileStatus === 'SUCCESS' && pair.fileSyncingError !== null),
    ).toBe(true);
  });

  it('invites a company once to a package, in every state, some unknown companies among them', () => {
    const invited = company.invites.map((invite) => `${invite.bidPackageId}/${invite.bidderOfficeId}`);
    expect(new Set(invited).size).toBe(400);
    expect(valuesOf(company.invites, 'state')).toEqual(
      new Set(['NOT_INVITED', 'UNDECIDED', 'BIDDING', 'NOT_BIDDING', 'BID_SUBMITTED']),
    );
    const unknown = company.invites.filter((invite) => invite.bidderCompany === null);
    expect(unknown.length).toBeGreaterThan(0);
    expect(unknown.every((invite) => typeof invite.placeholderCompanyName === 'string')).toBe(true);
    const certificates = company.invites.flatMap((invite) =>
      isJsonObject(invite.bidderCompany) && Array.isArray(invite.bidderCompany.certificates)
        ? invite.bidderCompany.certificates.filter(isJsonObject)
        : [],
    );
    expect(certificates.some((certificate) => certificate.id === null)).toBe(true);
    expect(certificates.some((certificate) => typeof certificate.id === 'string')).toBe(true);
  });

  it('has many invites that were updated at one instant', () => {
    expect(valuesOf(company.invites, 'updatedAt').size).toBeLessThan(350);
  });

  it('has forms longer than a page, with every type and unit of line items', () => {
    const lists = [...company.elements['scope-specific-bid-form-line-items'].values()];
    expect(lists.some((items) => items.length > 100)).toBe(true);
    const items = lists.flat();
    expect(valuesOf(items, 'type')).toEqual(
      new Set(['COST_BREAKDOWN', 'ALTERNATE', 'INCLUSION', 'ADDENDUM', 'ACKNOWLEDGMENT']),
    );
    expect(valuesOf(items, 'unit')).toEqual(
      new Set([
        'TOTAL_COST_ONLY',
        'HOURS',
        'CUBIC_FT',
        'YES_NO',
        'YES_NO_WITH_ADJUSTMENT',
        'PERCENTAGE',
        'LUMP_SUM',
      ]),
    );
    for (const item of items) {
      if (item.type !== 'COST_BREAKDOWN') expect(item).toMatchObject({ code: null, quantity: null });
      if (item.unit === 'TOTAL_COST_ONLY') expect(item.quantity).toBeNull();
    }
    for (const list of lists) {
      expect(new Set(list.map((item) => `${item.type}/${item.section}/${item.description}`)).size).toBe(
        list.length,
      );
    }
    expect(valuesOf(company.forms, 'isTemplate')).toEqual(new Set([true, false]));
  });

  it('has bids on its own invites, whose line items may lack an id and whose lists may pass a page', () => {
    const { bids, invites, elements } = make('a', { ...SCALE, invites: 600 });
    const inviteIds = valuesOf(invites, 'id');
    expect(bids.every(({ inviteId }) => inviteIds.has(inviteId))).toBe(true);
    expect(valuesOf(bids, 'revision')).toEqual(new Set([0, 1]));
    const items = [...elements['bid-line-items'].values()];
    expect(items.every(([first]) => first?.id === null)).toBe(true);
    expect(items.some((list) => list.length > 100)).toBe(true);
    expect([...elements['bid-plugs'].values()].some((list) => list.length > 100)).toBe(true);
    const values = new Set(items.flat().map(({ value }) => (value === null ? 'null' : typeof value)));
    expect(values).toEqual(new Set(['null', 'number', 'string']));
  });

  it('has requests with both forms of projectIdList, and jobs that belong to them', () => {
    const lists = company.requests.map((request) => request.projectIdList);
    expect(new Set(lists.map((list) => typeof list))).toEqual(new Set(['string', 'object']));
    for (const list of lists)
      expect(Array.isArray(typeof list === 'string' ? parseJson(list) : list)).toBe(true);
    for (const request of company.requests) {
      expect(request.reoccuringInterval === null).toBe(request.scheduleInterval === 'ONE_TIME');
    }
    const accounts = new Map(company.requests.map((request) => [request.id, request.accountId]));
    for (const job of company.jobs) expect(accounts.get(job.requestId ?? null)).toBe(job.accountId);
    expect(valuesOf(company.jobs, 'completionStatus')).toEqual(new Set(['success', 'failed']));
  });
});
