import type { Sandbox } from '../../../infra/sandbox/sandbox.ts';
import type { SlackStandIn } from './slack-stand-in.ts';

export const PAIRS = 'opportunity-project-pairs';

/**
 * Milliseconds from the first look at the list of pairs after a moment until Slack has its next message; undefined
 * while it has none.
 */
export function toldAfterMs(sandbox: Sandbox, slack: SlackStandIn, changedAtMs: number): number | undefined {
  const told = slack.receivedAtMs.find((atMs) => atMs >= changedAtMs);
  const looks = sandbox.journal
    .entries()
    .filter(({ path, atMs }) => path.endsWith(`/${PAIRS}`) && atMs >= changedAtMs);
  const [look] = looks;
  return told === undefined || look === undefined ? undefined : told - look.atMs;
}
