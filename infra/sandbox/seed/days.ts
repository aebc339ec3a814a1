/** A day in milliseconds: what the history of the company is laid out in. */
export const DAY_MS = 24 * 60 * 60 * 1_000;
