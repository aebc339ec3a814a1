/**
 * JSON as it was sent. `JSON.parse` rounds numbers that a double cannot hold; here such a number is kept as its
 * source text, so that what is stored and exported is what Autodesk sent.
 */
export type Json = null | boolean | number | string | ExactNumber | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

// Node 24 has both (the proposal "JSON.parse source text access"); TypeScript's library does not know them yet.
declare global {
  interface JSON {
    rawJSON(text: string): unknown;
    parse(text: string, reviver: (key: string, value: Json, context: { source?: string }) => Json): Json;
  }
}

/** A JSON number that a double would round, by its source text. */
export class ExactNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toJSON(): unknown {
    return JSON.rawJSON(this.source);
  }
}

/** Only a text with a long run of digits or an exponent can hold a number that a double rounds. */
const MAY_HOLD_EXACT_NUMBER = /(?:^|[[,:])\s*-?\d(?:(?:\.?\d){15}|[\d.]*[eE])/;

/** Parses a JSON text without rounding numbers. Throws `SyntaxError` as `JSON.parse` does. */
export function parseJson(text: string): Json {
  if (!MAY_HOLD_EXACT_NUMBER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined && !holdsExactly(value, context.source)
      ? new ExactNumber(context.source)
      : value,
  );
}

/** A number by its source text: a double where that holds it exactly, the text itself where not. */
export function numberFromSource(source: string): number | ExactNumber {
  const value = Number(source);
  return holdsExactly(value, source) ? value : new ExactNumber(source);
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}

/** The same text for equal values: keys sorted at every level, no white space. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isJsonObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Whether a value nests deeper than `levels`: a scalar has none, `{}` has one. */
export function isDeeperThan(value: Json, levels: number): boolean {
  if (!Array.isArray(value) && !isJsonObject(value)) return false;
  if (levels === 0) return true;
  return Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}

function holdsExactly(value: number, source: string): boolean {
  return Number.isFinite(value) && decimalDigits(String(value)) === decimalDigits(source);
}

/** A decimal text as sign, significant digits and exponent, so that `1.50`, `1.5` and `15e-1` compare equal. */
function decimalDigits(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return `${sign}0`;
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
