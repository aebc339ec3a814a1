/** The requests that were taken, for as long as their signatures are believed. */
export interface ClickLog {
  /** Answers false for one that was taken before. `takenAtMs` in milliseconds since 1970. */
  take(signature: string, takenAtMs: number): Promise<boolean>;
}
