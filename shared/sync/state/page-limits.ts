/** Autodesk's largest page ("query.limit should be <= 100"). */
export const PAGE_LIMIT = 100;

/** No list is this long: ten million records on full pages. */
export const PAGE_CAP = 100_000;

/** A page and its writes fit into this; with less time left a worker stops at its checkpoint. */
export const PAGE_TIME_MS = 30_000;

/** How a walk ended: `out-of-time` means that everything up to the last checkpoint is stored. */
export type WalkOutcome = 'done' | 'out-of-time';
