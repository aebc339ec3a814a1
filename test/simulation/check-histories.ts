import * as fc from 'fast-check';
import { playHistory } from './history.ts';
import { anyPlan, type Plan } from './plan.ts';
import type { Sabotage } from './world.ts';

export interface Verdict {
  histories: number;
  /** The history that broke an invariant, made as small as it could be. */
  broken?: { seed: number; path: string; plan: Plan; what: string };
}

export interface CheckOptions {
  histories: number;
  /** The same seed, the same histories. */
  seed: number;
  sabotage?: Sabotage;
  /** Answer the first history that breaks an invariant as it is. */
  asFound?: boolean;
  /** Told after each history. */
  onHistory?: () => void;
}

/** Plays histories until one breaks an invariant; that one is shrunk. */
export async function checkHistories(options: CheckOptions): Promise<Verdict> {
  const { histories, seed, sabotage, asFound = false, onHistory } = options;
  const property = fc.asyncProperty(anyPlan, async (plan) => {
    const broken = await playHistory(plan, sabotage);
    onHistory?.();
    if (broken !== undefined) throw broken;
  });
  const outcome = await fc.check(property, { numRuns: histories, seed, endOnFailure: asFound });
  const [plan] = outcome.counterexample ?? [];
  if (!outcome.failed || plan === undefined) return { histories: outcome.numRuns };
  const { errorInstance, counterexamplePath } = outcome;
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return {
    histories: outcome.numRuns,
    broken: { seed: outcome.seed, path: counterexamplePath ?? '', plan, what },
  };
}

/** What a person needs to see the history again. */
export function describeBroken({ seed, path, plan, what }: NonNullable<Verdict['broken']>): string {
  return [
    `An invariant was broken: ${what}`,
    `seed ${seed}, path ${path}`,
    `npm run simulate -- --plan '${JSON.stringify(plan)}'`,
  ].join('\n');
}
