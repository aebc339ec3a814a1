/** Autodesk's ids are opaque; what they may be made of is what fits a key and a path. */
export const ID_PATTERN = /^[A-Za-z0-9._-]{1,128}$/;

export function isUsableId(id: unknown): id is string {
  return typeof id === 'string' && ID_PATTERN.test(id);
}
