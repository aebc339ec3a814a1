import { reasonFor, type Unused } from './expected-unused.ts';
import { impliedActions } from './implied-actions.ts';
import type { Deployment } from './policies/deployment.ts';
import { covers, evaluate, type Statement, statementsOf } from './policies/policies.ts';
import type { PerformedAction } from './recording/performed-actions.ts';

interface UnusedPermission extends Unused {
  /** Why it is allowed though no run used it; undefined where nobody has said so. */
  reason: string | undefined;
}

export interface FunctionReport {
  /** The logical id, or what a caller that is no function of the deployment called itself. */
  caller: string;
  allowed: PerformedAction[];
  denied: PerformedAction[];
  unused: UnusedPermission[];
}

/** Holds what was recorded, and what it implies, against the roles. Each denied action is a fault of a role. */
export function reportOn(deployment: Deployment, recorded: readonly PerformedAction[]): FunctionReport[] {
  const performed = distinct([...recorded, ...impliedActions(deployment, recorded)]);
  const lambdas = deployment.resourcesOf('AWS::Lambda::Function');
  const roles = new Map(lambdas.map((lambda) => [lambda.logicalId, statementsOf(deployment, lambda)]));
  const callers = new Set([...roles.keys(), ...performed.map(({ caller }) => caller)]);
  return [...callers].map((caller) => {
    const statements = roles.get(caller) ?? [];
    const own = performed.filter((each) => each.caller === caller);
    const isAllowed = (each: PerformedAction) => evaluate(statements, each) === 'allowed';
    return {
      caller,
      allowed: own.filter(isAllowed),
      denied: own.filter((each) => !isAllowed(each)),
      unused: unusedOf(caller, statements, own).map((unused) => ({ ...unused, reason: reasonFor(unused) })),
    };
  });
}

function unusedOf(
  caller: string,
  statements: readonly Statement[],
  performed: readonly PerformedAction[],
): Unused[] {
  return statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap((statement) =>
      statement.actions.flatMap((action) =>
        statement.resources
          .filter((resource) => {
            const permission = { ...statement, actions: [action], resources: [resource] };
            return !performed.some((each) => covers(permission, each));
          })
          .map((resource) => ({ caller, action, resource, conditions: conditionsOf(statement) })),
      ),
    );
}

function conditionsOf({ conditions }: Statement): string {
  return conditions.map(({ key, values }) => ` where ${key} is ${values.join(' or ')}`).join('');
}

function distinct(actions: readonly PerformedAction[]): PerformedAction[] {
  return [...new Map(actions.map((each) => [JSON.stringify(each), each])).values()];
}

/** For people: what is denied first, then what no run used. */
export function describeReport(reports: readonly FunctionReport[]): string {
  return reports
    .flatMap(({ caller, allowed, denied, unused }) => [
      `${caller}: ${allowed.length} allowed, ${denied.length} denied, ${unused.length} unused`,
      ...denied.map(({ action, resource }) => `  denied  ${action} on ${resource}`),
      ...unused.map(
        ({ action, resource, conditions, reason = 'nobody has said why' }) =>
          `  unused  ${action} on ${resource}${conditions}: ${reason}`,
      ),
    ])
    .join('\n');
}
