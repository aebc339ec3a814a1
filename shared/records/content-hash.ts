import { createHash } from 'node:crypto';

/** The hash of a record's canonical JSON: 128 bits of SHA-256 as base64url, 22 characters. */
export function contentHash(canonicalText: string): string {
  return createHash('sha256').update(canonicalText).digest().subarray(0, 16).toString('base64url');
}

/** A moment as Autodesk sent it in the one form that is compared and indexed, or undefined where it is none. */
export function comparableTime(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
