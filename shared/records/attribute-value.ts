import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ExactNumber, type Json, type JsonObject, numberFromSource } from '../json.ts';
import { RecordRefusedError } from './refusal.ts';

/** DynamoDB holds numbers of up to 38 significant digits between 1E-130 and 9.99E+125 (its data type page). */
const MAX_SIGNIFICANT_DIGITS = 38;
const MIN_EXPONENT = -130;
const MAX_EXPONENT = 125;

/** A JSON value as a DynamoDB attribute. Throws `RecordRefusedError` for a number that DynamoDB cannot hold. */
export function toAttribute(value: Json): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: storableNumber(String(value)) };
  if (value instanceof ExactNumber) return { N: storableNumber(value.source) };
  if (Array.isArray(value)) return { L: value.map(toAttribute) };
  return { M: toAttributes(value) };
}

export function toAttributes(object: JsonObject): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [storedName(key), toAttribute(value)]),
  );
}

/** The JSON value an attribute was made from. Throws `TypeError` for kinds that JSON has not (sets, binary). */
function fromAttribute(attribute: AttributeValue): Json {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return numberFromSource(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.NULL !== undefined) return null;
  if (attribute.L !== undefined) return attribute.L.map(fromAttribute);
  if (attribute.M !== undefined) return fromAttributes(attribute.M);
  throw new TypeError(`An attribute of kind ${Object.keys(attribute).join()} is not JSON.`);
}

export function fromAttributes(attributes: Record<string, AttributeValue>): JsonObject {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [sentName(key), fromAttribute(value)]),
  );
}

/** A member called `__proto__` gets one more `_`, since the embedded engine loses it; so do those that look like it. */
function storedName(key: string): string {
  return /^_*__proto__$/.test(key) ? `_${key}` : key;
}

function sentName(key: string): string {
  return /^_+__proto__$/.test(key) ? key.slice(1) : key;
}

function storableNumber(source: string): string {
  const [mantissa = '', exponentText = '0'] = source.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const exponent = Number(exponentText) - fraction.length + digits.length - 1;
  const holds =
    significant === '' ||
    (significant.length <= MAX_SIGNIFICANT_DIGITS && exponent >= MIN_EXPONENT && exponent <= MAX_EXPONENT);
  if (!holds) throw new RecordRefusedError('NUMBER', 'it holds a number that DynamoDB cannot store');
  return source;
}
