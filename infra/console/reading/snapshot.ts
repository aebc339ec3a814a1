import type { Clock } from '../../../shared/clock.ts';

/** What nobody has asked for in so many times its age is read before it is answered. */
const TOO_OLD = 5;

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
    const ageMs = this.#clock.now() - (this.#known?.atMs ?? Number.NEGATIVE_INFINITY);
    if (this.#known === undefined || ageMs >= TOO_OLD * this.#maxAgeMs) return this.#readAnew();
    if (ageMs >= this.#maxAgeMs) this.#readAnew().catch(() => {});
    return this.#known.value;
  }

  /** What is true now, after something was changed: a reading that had begun before does not tell. */
  async fresh(): Promise<Value> {
    await this.#reading?.catch(() => {});
    return this.#readAnew();
  }

  #readAnew(): Promise<Value> {
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
