import { numberFromSource } from '../../shared/json.ts';
import type { Value, ValueKind } from './query-engine.ts';

/** A value of either engine in the one form that both answers have. */
export function readValue(value: unknown, kind: ValueKind): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'string') return JSON.stringify(value);
  switch (kind) {
    case 'number':
      return numberOf(value);
    case 'boolean':
      return value === 'true';
    case 'timestamp':
      return momentOf(value);
    default:
      return value;
  }
}

/** What is no finite number, such as `NaN`, stays the text that it is. */
function numberOf(text: string): number | string {
  if (!/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return text;
  const number = numberFromSource(text);
  return typeof number === 'number' ? number : text;
}

/** `2026-11-01 08:30:00`, with or without a fraction and UTC's name, as ISO 8601 with milliseconds. */
function momentOf(text: string): string {
  const moment = new Date(`${text.replace(/(?: UTC|\+00(?::00)?|Z)$/, '').replace(' ', 'T')}Z`);
  return Number.isNaN(moment.getTime()) ? text : moment.toISOString();
}
