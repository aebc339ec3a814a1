import type { NestedList, Resource } from '../resources/resource.ts';

/** The paths of those fields of a list's records without which the engine cannot mirror it, or the alerts cannot judge it. */
export function neededFields(resource: Resource): string[] {
  const { idField = 'id', changes, pagination, parent, nested = [], inRow, reads = [] } = resource;
  const isOrdered =
    pagination.style === 'offset' || ['updated-at-filter', 'newest-first'].includes(changes.kind);
  return [
    idField,
    'updatedAt',
    'projectId',
    ...(isOrdered ? ['createdAt'] : []),
    ...(parent?.by.kind === 'filter' ? [parent.by.field] : []),
    ...nested.flatMap(neededOf),
    ...(inRow ? cursorOf(inRow.field) : []),
    ...reads,
  ];
}

function neededOf({ field, identity = [] }: NestedList): string[] {
  return [...cursorOf(field), ...['id', ...identity].map((name) => `${field}.results.${name}`)];
}

function cursorOf(field: string): string[] {
  return [`${field}.results`, `${field}.pagination.cursorState`];
}

/** The field that a treatment would take from the engine, or undefined where it takes none. */
export function neededBehind(field: string, resource: Resource): string | undefined {
  const isMember = !field.includes('.');
  return neededFields(resource).find((needed) =>
    isMember ? needed.split('.').includes(field) : needed === field || needed.startsWith(`${field}.`),
  );
}
