/** What one piece of work used, counted where it is used and reported with its run. */
export class Usage {
  apiCalls = 0;
  readUnits = 0;
  writeUnits = 0;

  /** Takes what was counted since the last call. */
  take(): { apiCalls: number; readUnits: number; writeUnits: number } {
    const taken = { apiCalls: this.apiCalls, readUnits: this.readUnits, writeUnits: this.writeUnits };
    this.apiCalls = 0;
    this.readUnits = 0;
    this.writeUnits = 0;
    return taken;
  }
}
