interface ExpectedUnused {
  actions: RegExp;
  callers: RegExp;
  resources: RegExp;
  reason: string;
}

const EXPECTED: ExpectedUnused[] = [];

export function reasonFor(caller: string, unused: { action: string; resource: string }): string | undefined {
  return EXPECTED.find(
    ({ actions, callers, resources }) =>
      callers.test(caller) && actions.test(unused.action) && resources.test(unused.resource),
  )?.reason;
}
