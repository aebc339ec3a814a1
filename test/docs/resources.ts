import { RESOURCES, scopesOf } from '../../shared/resources/registry.ts';
import { type Resource, USUAL_MINUTES } from '../../shared/resources/resource.ts';

const ACCOUNT = '{accountId}';

/** docs/resources.md, from the registry. */
export function resourcesDocument(): string {
  return `# Resources

The lists that are mirrored, generated from \`shared/resources/registry.ts\` (\`UPDATE_DOCS=1 npx vitest run test/docs\`). All are on
but those in the last table; \`RESOURCES\` (locally, comma-separated) or \`resources.<name>.enabled\` of a stage chooses. A list that Autodesk refuses from the start is
told once and left alone; the others go on.

| resource | what it holds | path at Autodesk |
| --- | --- | --- |
${USUAL.map(whatRow).join('\n')}

How each is kept up to date:

| resource | read | changes are found by | gone is |
| --- | --- | --- | --- |
${USUAL.map(howRow).join('\n')}

Unknown fields are kept as they are sent. Elements of a list inside a record are records of their own:
${RESOURCES.flatMap(({ name, nested = [] }) => nested.map((list) => `\`${list.name}\` (of \`${name}\`)`)).join(', ')}. \`ops export\` knows each by its name.

## Off until they are switched on

These exist for each record of another list, so they cost calls for each of these. A run of the other list is followed by one of these: it reads
those of the records that changed, after a full run those of all. \`ops doctor\` says how many calls that is.

| resource | what it holds | path at Autodesk | calls |
| --- | --- | --- | --- |
${RESOURCES.filter(({ parent }) => parent !== undefined)
  .map(childRow)
  .join('\n')}
`;
}

const USUAL = RESOURCES.filter(({ parent }) => parent === undefined);

function childRow(resource: Resource): string {
  const { parent, name, about } = resource;
  if (parent === undefined) return '';
  const [scope = ''] = scopesOf(resource, [ACCOUNT]);
  const path = resource.path(scope);
  const asked =
    parent.by.kind === 'path'
      ? { address: `${path}/{id}/${parent.by.segment}`, calls: `one for each of the \`${parent.name}\`` }
      : {
          address: `${path}?filter[${parent.by.field}]=…`,
          calls: `one for every ${parent.by.atOnce} of the \`${parent.name}\``,
        };
  return row(`\`${name}\``, about, `\`${asked.address}\``, `${asked.calls}, and one for each further page`);
}

function whatRow(resource: Resource): string {
  const [scope = ''] = scopesOf(resource, [ACCOUNT]);
  const path = decodeURIComponent(resource.path(scope));
  const query = Object.entries(resource.query ?? {}).map(([key, value]) => `${key}=${value}`);
  return row(`\`${resource.name}\``, resource.about, `\`${[path, ...query].join('?')}\``);
}

function howRow(resource: Resource): string {
  return row(`\`${resource.name}\``, rhythmOf(resource), changesOf(resource), goneOf(resource));
}

function changesOf({ changes, updatedAtMayBeNull, parent }: Resource): string {
  switch (changes.kind) {
    case 'updated-at-filter':
      return updatedAtMayBeNull
        ? '`filter[updatedAt]`; records without the time by the daily sweep'
        : '`filter[updatedAt]`';
    case 'newest-first':
      return 'walking back from the newest';
    case 'of-parent':
      return `reading those of each of the ${parent?.name} that changed`;
    case 'none':
      return 'reading all of it';
  }
}

function rhythmOf({ daily, parent, everyMinutes = USUAL_MINUTES }: Resource): string {
  if (parent !== undefined) return `after each run of \`${parent.name}\``;
  return daily ? 'once a day' : `every ${everyMinutes} minutes`;
}

function goneOf({ removed }: Resource): string {
  return removed ? 'a flag in the row, or missing from a whole read' : 'missing from a whole read';
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}
