import * as z from 'zod';
import { isUsableId } from '../ids.ts';

export const landedFile = z.object({
  name: z.string(),
  /** In bytes. */
  size: z.int().min(0),
  /** Of the whole file, hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type LandedFile = z.infer<typeof landedFile>;

/** A file that was not landed, and why. */
export const refusedFile = z.object({ name: z.string(), reason: z.string() });
export type RefusedFile = z.infer<typeof refusedFile>;

/** `manifest.json`, written when all files of a job are there: the job's folder is complete if it has one. */
export const manifest = z.object({
  accountId: z.string(),
  requestId: z.string(),
  jobId: z.string(),
  /** When the job ended at Autodesk, ISO 8601. */
  endedAt: z.string(),
  files: z.array(landedFile),
  /** Files of the listing that were not landed, and why. */
  refused: z.array(refusedFile),
});
export type Manifest = z.infer<typeof manifest>;

/** `latest.json` of a request: its last job that was landed. */
export const latestExtract = z.object({
  accountId: z.string(),
  requestId: z.string(),
  jobId: z.string(),
  endedAt: z.string(),
});
export type LatestExtract = z.infer<typeof latestExtract>;

/** Which job of which request. */
export type ExtractId = Pick<Manifest, 'accountId' | 'requestId' | 'jobId'>;

/** Whether an id can be part of a key and of a path. */
export function isFolderName(id: string): boolean {
  return isUsableId(id) && !/^\.+$/.test(id);
}

export const EXTRACTS = 'extracts/';

function requestFolder({ accountId, requestId }: Pick<ExtractId, 'accountId' | 'requestId'>): string {
  return `${EXTRACTS}${accountId}/${requestId}/`;
}

export function fileKey(extract: ExtractId, name: string): string {
  return `${requestFolder(extract)}${extract.jobId}/${name}`;
}

export function manifestKey(extract: ExtractId): string {
  return fileKey(extract, 'manifest.json');
}

export function latestKey(request: Pick<ExtractId, 'accountId' | 'requestId'>): string {
  return `${requestFolder(request)}latest.json`;
}
