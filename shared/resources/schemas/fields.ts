import * as z from 'zod';

/**
 * The fields that records are made of. Autodesk adds fields and values without notice, and leaves out what it documents:
 * so all but a record's id may be missing or null, and nothing that is added is refused.
 */
export const id = z.string().meta({ description: "Autodesk's id of the record." });
export const text = z.string().nullish();
export const number = z.number().nullish();
export const flag = z.boolean().nullish();
export const texts = z.array(z.string()).nullish();
/** As Autodesk sends it: ISO 8601, mostly with milliseconds and `Z`. */
export const moment = z
  .string()
  .nullish()
  .meta({ description: 'A moment in ISO 8601.', format: 'date-time' });

/** When a project or a package is published, bid and built. */
export const bidDates = {
  publishedAt: moment,
  bidsDueAt: moment,
  endsAt: moment,
  rfisDueAt: moment,
  startsAt: moment,
  jobWalkAt: moment,
};

/** A text of which some values are documented. */
export function oneOf(...values: readonly string[]) {
  return z
    .string()
    .nullish()
    .meta({ description: `One of ${values.join(', ')}, or another that Autodesk adds.` });
}

/** The id of a record of another list, or of something that is not mirrored. */
export function idOf(what: string) {
  return z
    .string()
    .nullish()
    .meta({ description: `The id of ${what}.` });
}

export function object<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.looseObject(shape);
}

export function listOf<Item extends z.ZodType>(item: Item) {
  return z.array(item).nullish();
}

/** A list that comes with its record; in the mirror its elements are records of their own. */
export function nested<Item extends z.ZodType>(item: Item, resource: string) {
  return object({
    pagination: object({ limit: number, cursorState: text, nextUrl: text }).nullish(),
    results: z.array(item),
  })
    .meta({ description: `Only in Autodesk's answers; the mirror keeps it as \`${resource}\`.` })
    .optional();
}

export const location = object({
  country: text,
  state: text,
  streetName: text,
  streetNumber: text,
  suite: text,
  city: text,
  zip: text,
  complete: text,
  coords: object({ lat: number, lng: number }).nullish(),
  precisionLevel: text,
}).nullish();

export const named = object({ id: text, name: text }).nullish();
