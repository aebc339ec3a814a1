import * as z from 'zod';
import { isPrivate } from '../../addresses.ts';

/** Where Autodesk's APIs are. */
export const AUTODESK_ORIGIN = 'https://developer.api.autodesk.com';

/**
 * The one origin that tokens are ever sent to: https, or http where they do not leave this machine. Parsed to
 * the form without a slash at its end.
 */
export const autodeskOrigin = z
  .string()
  .refine(isTrustworthyOrigin, 'must be an origin such as https://host, or http://127.0.0.1:port')
  .transform((text) => new URL(text).origin)
  .brand<'AutodeskOrigin'>();
export type AutodeskOrigin = z.infer<typeof autodeskOrigin>;

function isTrustworthyOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return false;
  return isPrivate(url);
}
