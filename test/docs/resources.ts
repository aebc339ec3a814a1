import { RESOURCES, scopesOf } from '../../shared/resources/registry.ts';
import { type Resource, USUAL_MINUTES } from '../../shared/resources/resource.ts';

const ACCOUNT = '{accountId}';

/** docs/resources.md, from the registry. */
export function resourcesDocument(): string {
  return `# Resources

The lists that are mirrored, generated from \`shared/resources/registry.ts\` (\`UPDATE_DOCS=1 npx vitest run test/docs\`). All are on;
\`RESOURCES\` (locally, comma-separated) or \`resources.<name>.enabled\` of a stage chooses. A list that Autodesk refuses from the start is
told once and left alone; the others go on.

| resource | what it holds | path at Autodesk |
| --- | --- | --- |
${RESOURCES.map(whatRow).join('\n')}

How each is kept up to date:

| resource | read | changes are found by | gone is |
| --- | --- | --- | --- |
${RESOURCES.map(howRow).join('\n')}

Unknown fields are kept as they are sent. Elements of a list inside a record are records of their own:
${RESOURCES.flatMap(({ name, nested = [] }) => nested.map((list) => `\`${list.name}\` (of \`${name}\`)`)).join(', ')}. \`ops export\` knows each by its name.
`;
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

function changesOf({ changes, updatedAtMayBeNull }: Resource): string {
  switch (changes.kind) {
    case 'updated-at-filter':
      return updatedAtMayBeNull
        ? '`filter[updatedAt]`; records without the time by the daily sweep'
        : '`filter[updatedAt]`';
    case 'newest-first':
      return 'walking back from the newest';
    case 'none':
      return 'reading all of it';
  }
}

function rhythmOf({ daily, everyMinutes = USUAL_MINUTES }: Resource): string {
  return daily ? 'once a day' : `every ${everyMinutes} minutes`;
}

function goneOf({ removed }: Resource): string {
  return removed ? 'a flag in the row, or missing from a whole read' : 'missing from a whole read';
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}
