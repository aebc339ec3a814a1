import * as z from 'zod';
import { findNested, findResource } from '../resources/registry.ts';
import { neededBehind } from './needed-fields.ts';
import type { FieldTreatments } from './treat-fields.ts';

/** What is dropped and hashed, by the name of the list; nothing in a list that has no entry. */
export type FieldPolicy = Readonly<Record<string, FieldTreatments>>;

/** The fields of one list, as they are set. `checkFields` tells whether that list can do without them. */
export const fieldTreatments = z.record(
  z.string(),
  z.enum(['drop', 'hash'], 'must be drop or hash; leave out what is kept'),
);

const FIELD = /^[^.]+(\.[^.]+)*$/;

/** Adds an issue, at its path below `path`, for each field of a list that cannot be treated. */
export function checkFields(
  list: string,
  treatments: FieldTreatments,
  { addIssue }: Pick<z.core.$RefinementCtx, 'addIssue'>,
  path: readonly string[],
): void {
  const resource = findResource(list);
  if (resource === undefined) {
    const parent = findNested(list)?.parent.name;
    const message =
      parent === undefined
        ? 'is not a resource'
        : `comes with the records of ${parent}: name its fields there`;
    addIssue({ code: 'custom', path: [...path], message });
    return;
  }
  for (const field of Object.keys(treatments)) {
    const add = (message: string) => addIssue({ code: 'custom', path: [...path, field], message });
    if (!FIELD.test(field)) {
      add('must be the name of a field, or the path to one, such as invitees.email');
      continue;
    }
    const needed = neededBehind(field, resource);
    if (needed === undefined) continue;
    add(
      field.includes('.')
        ? `must be kept: the sync or its alerts read ${needed}`
        : `must be kept: the sync or its alerts read ${needed}; if you mean one deeper in the record, write the path to it`,
    );
  }
}

const fieldPolicy = z.record(z.string(), fieldTreatments).superRefine((policy, context) => {
  for (const [list, treatments] of Object.entries(policy)) checkFields(list, treatments, context, [list]);
});

/** A policy as JSON text, as an environment variable and the output of a stage hold it. */
export const fieldPolicyText = z
  .string()
  .default('{}')
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    }
  })
  .pipe(fieldPolicy);

/** Whether a policy hashes anything, so that it takes a secret. */
export function isHashing(policy: FieldPolicy): boolean {
  return Object.values(policy).some((treatments) => Object.values(treatments).includes('hash'));
}
