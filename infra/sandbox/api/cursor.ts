import * as z from 'zod';

/** What a cursor holds: the place of the last record sent, or how many were sent. Opaque to clients either way. */
export type CursorStyle = 'key' | 'offset';

/** A place in a list. `again` counts the empty pages sent at this place, so that no cursor is sent twice. */
export type Position =
  | { after: string; again?: number | undefined }
  | { offset: number; again?: number | undefined };

const positionSchema: z.ZodType<Position> = z.union([
  z.object({ offset: z.int().min(0), again: z.int().optional() }),
  z.object({ after: z.string(), again: z.int().optional() }),
]);

export function startOfList(style: CursorStyle): Position {
  return style === 'key' ? { after: '' } : { offset: 0 };
}

/** `plainIds`: the key is the id and nothing else, so the cursor may be the id itself, as was seen with Autodesk. */
export function writeCursor(position: Position, plainIds: boolean): string {
  if (plainIds && 'after' in position && position.after !== '' && position.again === undefined) {
    return position.after;
  }
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Undefined for a text that is no cursor. */
export function readCursor(text: string, plainIds: boolean): Position | undefined {
  try {
    const decoded = positionSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (decoded.success) return decoded.data;
  } catch {
    // No JSON: it may be an id.
  }
  return plainIds && /^[\w.-]{1,128}$/.test(text) ? { after: text } : undefined;
}
