import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentedFields, MAX_COLUMNS } from '../../../shared/lake/columns.ts';
import { Fields, grownFields } from '../../../shared/lake/fields.ts';
import { columnName } from '../../../shared/lake/names.ts';
import { RECORD_SCHEMAS } from '../../../shared/resources/schemas/schemas.ts';

describe('the columns of a table', () => {
  it.each([
    [['bidsDueAt'], 'bids_due_at'],
    [['bidderCompany', 'avatarImageUrl'], 'bidder_company_avatar_image_url'],
    [['currentACCProjectId'], 'current_acc_project_id'],
    [['is-2nd choice'], 'is_2nd_choice'],
    [['2ndChoice'], '_2nd_choice'],
    [['größe'], 'gr_e'],
  ])('are named after the path of the field: %j is %s', (path, name) => {
    expect(columnName(path)).toBe(name);
  });

  it.each(Object.keys(RECORD_SCHEMAS))('are known for %s before there are records, each once', (resource) => {
    const names = documentedFields(resource).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z_][a-z0-9_]*$/);
  });

  it('hold any record: what is read a second time fits, whatever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 8 }), (values) => {
        const records = values.map((value) => JSON.parse(JSON.stringify(value)));
        const fields = new Fields(documentedFields('invites'));
        for (const record of records) fields.cells(record);
        fields.grown = false;
        const rows = records.map((record) => fields.cells(record));
        expect(fields.grown).toBe(false);
        const { columns } = fields;
        expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length);
        for (const row of rows) {
          expect(row).toHaveLength(columns.length);
          for (const [index, cell] of row.entries()) {
            if (cell === null) continue;
            expect(kindOf(cell)).toBe(columns[index]?.type);
          }
        }
      }),
    );
  });

  it('end somewhere, however many fields records make up', () => {
    const fields = new Fields([]);
    for (let n = 0; n < 2_000; n += 1) fields.cells({ [`field${n}`]: n });
    expect(fields.columns).toHaveLength(MAX_COLUMNS);
  });

  it('stay text where an earlier publication has made them text, though they are documented otherwise', () => {
    const documented = [{ name: 'total', type: 'double' as const, path: ['total'] }];
    const before = [
      { name: 'total', type: 'text' as const, path: ['total'] },
      { name: 'extra', type: 'boolean' as const, path: ['extra'] },
    ];
    expect(grownFields(documented, before)).toEqual(before);
  });
});

function kindOf(cell: boolean | number | string | Date): string {
  if (cell instanceof Date) return 'timestamp';
  if (typeof cell === 'string') return 'text';
  return typeof cell === 'number' ? 'double' : 'boolean';
}
