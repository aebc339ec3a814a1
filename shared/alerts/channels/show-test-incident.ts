import { type Clock, isoTime } from '../../clock.ts';
import type { Incident } from '../incidents/incident.ts';
import { acknowledged, advance } from '../incidents/transition.ts';
import {
  buildMessage,
  buildStandingMessage,
  messageOptions,
  type SendingStage,
} from '../messages/message.ts';
import { type Finding, RULES } from '../rules/rule.ts';
import type { EditableChannel } from './editable-channel.ts';

/** Long enough to see each change, and for Slack to take the next. */
const PAUSE_MS = 2_000;

const HEADLINE = 'Test message: nothing is wrong';

const FINDING: Finding = {
  rule: 'file-sync-failed',
  subject: 'test',
  projectName: 'Test project',
  error: 'This is what the error of a file transfer looks like.',
  facts: {},
};

/** Shows how an incident opens, is acknowledged and resolved, at every address that a rule has. */
export async function showTestIncident(
  editable: EditableChannel,
  ports: SendingStage & { clock: Clock },
): Promise<void> {
  const { clock } = ports;
  const message = (incident: Incident) => ({
    ...buildStandingMessage([incident], new Map(), messageOptions(ports)),
    headline: HEADLINE,
  });
  const timing = { waitMinutes: 0, remindAfterHours: 0 };
  for (const address of new Set(RULES.map((rule) => editable.addressOf(rule)))) {
    const open = advance(undefined, FINDING, timing, clock.now());
    if (open === undefined) return;
    const key = `test ${isoTime(clock.now())}`;
    const posted = await editable.post(address, message(open), key);
    await clock.sleep(PAUSE_MS);
    const taken = acknowledged(open, { name: 'alerts-test' }, clock.now()) ?? open;
    await editable.edit(posted, message(taken));
    await clock.sleep(PAUSE_MS);
    const over = advance(taken, undefined, timing, clock.now()) ?? taken;
    await editable.edit(posted, message(over));
    const announcement = { incident: over, kind: 'resolved' as const };
    await editable.reply(
      posted,
      { ...buildMessage([announcement], new Map(), messageOptions(ports)), headline: HEADLINE },
      key,
    );
  }
}
