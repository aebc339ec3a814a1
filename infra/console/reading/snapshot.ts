import type { Clock } from '../../../shared/clock.ts';

/**
 * Something that takes a while to read and is asked for often: answered at once as it was read last, and read anew
 * beside that when it is older than `maxAgeMs`. Several who ask at once cause one reading.
 */
export class Snapshot<Value> {
  readonly #read: () => Promise<Value>;
  readonly #maxAgeMs: number;
  readonly #clock: Clock;
  #known: { value: Value; atMs: number } | undefined;
  #reading: Promise<Value> | undefined;

  constructor(read: () => Promise<Value>, maxAgeMs: number, clock: Clock) {
    this.#read = read;
    this.#maxAgeMs = maxAgeMs;
    this.#clock = clock;
  }

  /** The first reading is waited for; a later one that fails leaves what is known for the next to try. */
  async get(): Promise<Value> {
    if (this.#known === undefined) return this.fresh();
    if (this.#clock.now() - this.#known.atMs >= this.#maxAgeMs) this.fresh().catch(() => {});
    return this.#known.value;
  }

  /** What is true now, after something was changed. */
  fresh(): Promise<Value> {
    this.#reading ??= this.#read()
      .then((value) => {
        this.#known = { value, atMs: this.#clock.now() };
        return value;
      })
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }
}
