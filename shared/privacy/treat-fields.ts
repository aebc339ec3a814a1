import { createHmac } from 'node:crypto';
import { ExactNumber, isJsonObject, type Json } from '../json.ts';

/** `drop`: the member is removed. `hash`: each text, number and flag in it becomes a text that tells only which are equal. */
type Treatment = 'drop' | 'hash';

/**
 * What becomes of the fields of one list. A name without a dot is that member wherever it stands in a record, at any
 * depth; one with dots is the path to a member from the top, through arrays. Where both name a member, the path counts.
 */
export type FieldTreatments = Readonly<Record<string, Treatment>>;

/** What stands in a record for a value, by its text: the same for the same text. */
export type HashText = (text: string) => string;

const HASH_BYTES = 16;
const HASHED = /^hash:[\w-]{22}$/;

/** Hashes with HMAC-SHA256, cut to 128 bits. */
export function hashWith(secret: string): HashText {
  return (text) => {
    const digest = createHmac('sha256', secret).update(text).digest();
    return `hash:${digest.subarray(0, HASH_BYTES).toString('base64url')}`;
  };
}

/** Whether a value stands for one that was hashed, so that it tells people nothing. */
export function isHashed(value: unknown): boolean {
  return typeof value === 'string' && HASHED.test(value);
}

/**
 * A record with its fields treated; members that no treatment names are as they were. What is hashed already stays, so
 * that treating a record twice is treating it once. `at`: the path at which it stands in the record of its list, where it
 * is a part of one.
 */
export function treatFields(record: Json, treatments: FieldTreatments, hash: HashText, at = ''): Json {
  const named = new Map(Object.entries(treatments));
  const treat = (value: Json, path: string, isHidden: boolean): Json => {
    if (Array.isArray(value)) return value.map((element) => treat(element, path, isHidden));
    if (isJsonObject(value)) {
      return Object.fromEntries(
        Object.entries(value).flatMap(([name, member]) => {
          const memberPath = path === '' ? name : `${path}.${name}`;
          const treatment = named.get(memberPath) ?? named.get(name);
          if (treatment === 'drop') return [];
          return [[name, treat(member, memberPath, isHidden || treatment === 'hash')]];
        }),
      );
    }
    return isHidden && value !== null && !isHashed(value) ? hash(textOf(value)) : value;
  };
  return treat(record, at, false);
}

function textOf(scalar: boolean | number | string | ExactNumber): string {
  return scalar instanceof ExactNumber ? scalar.source : String(scalar);
}
