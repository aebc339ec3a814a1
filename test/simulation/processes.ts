import type { Dice } from './dice.ts';

/** A process that works until it ends or dies. A dead one never gets past an await of a port again. */
export class Process {
  alive = true;
  /** Effects begun and not ended yet; whoever says it is done must have none. */
  effects = 0;
}

interface Gate {
  process: Process;
  opensAtMs: number;
  open: () => void;
}

/**
 * Lets processes take turns: each await of a port stands at a gate, and chance decides whose opens next. Time is
 * virtual: it passes a little with each turn and jumps when nobody can go on.
 */
export class Processes {
  nowMs: number;
  /** The chance that a gate stays shut for longer than a lease lasts. */
  holdProbability = 0;
  readonly #dice: Dice;
  #gates: Gate[] = [];

  constructor(dice: Dice, startMs: number) {
    this.#dice = dice;
    this.nowMs = startMs;
  }

  pass(process: Process): Promise<void> {
    if (!process.alive) return new Promise(() => {});
    const held = this.#dice.happens(this.holdProbability) ? this.#dice.between(50_000, 150_000) : 0;
    return new Promise((open) => {
      this.#gates.push({ process, opensAtMs: this.nowMs + held, open });
    });
  }

  kill(process: Process): void {
    process.alive = false;
    this.#gates = this.#gates.filter((gate) => gate.process !== process);
  }

  /** Opens the gate of one process that may go on; answers whether there was one. */
  async turn(): Promise<boolean> {
    this.nowMs += this.#dice.between(1, 200);
    const ready = this.#gates.filter((gate) => gate.opensAtMs <= this.nowMs);
    const gate = this.#dice.pick(ready);
    if (gate === undefined) return false;
    this.#gates = this.#gates.filter((other) => other !== gate);
    gate.open();
    await settled();
    return true;
  }

  /** When the next shut gate opens. */
  get nextOpeningMs(): number {
    return Math.min(...this.#gates.map((gate) => gate.opensAtMs));
  }
}

/** Returns once everything that can go on without a port has come to rest. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
