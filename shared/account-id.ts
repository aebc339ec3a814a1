import * as z from 'zod';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The id of an Autodesk account as its APIs take it. People copy it from a hub id, which has `b.` in front, and in
 * either case; all of these name the same account.
 */
export function plainAccountId(text: string): string {
  return text.toLowerCase().replace(/^b\./, '');
}

/** Account ids in settings: each account once, in the plain form. */
export const accountIdSettings = z
  .array(
    z
      .string()
      .transform(plainAccountId)
      .refine(
        (id) => UUID.test(id),
        'must be a UUID such as 11111111-2222-3333-4444-555555555555 (`b.` in front is fine)',
      ),
  )
  .transform((ids) => [...new Set(ids)]);
