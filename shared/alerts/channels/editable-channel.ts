import type { Posting } from '../incidents/incident-store.ts';
import type { AlertMessage } from '../messages/message.ts';
import type { RuleName } from '../rules/rule.ts';

/** A message that was posted: ids of Slack. */
export interface PostedMessage {
  channel: string;
  ts: string;
}

/** Who a message is for alone: ids of Slack. */
export interface Listener {
  channel: string;
  user: string;
}

/**
 * A channel whose messages can be changed after they were posted. All calls fail as `Notifier.send` does; none is
 * repeated by itself, so that nothing is ever posted twice.
 */
export interface EditableChannel {
  /** Where incidents of a rule are told: the id or the name of a channel. */
  addressOf(rule: RuleName): string;
  /** `key` stands in the message, so that `find` finds it. */
  post(address: string, message: AlertMessage, key: string): Promise<PostedMessage>;
  /** `gone`: nobody can change it any more, because it was deleted, is too old or the channel is closed to us. */
  edit(posted: PostedMessage, message: AlertMessage): Promise<'edited' | 'gone'>;
  /** Posts into the thread under a message; where that is gone, nothing. */
  reply(posted: PostedMessage, message: AlertMessage, key: string): Promise<void>;
  /** What was posted with a key; undefined where it was not, or we are not allowed to look. */
  find(posting: Posting): Promise<PostedMessage | undefined>;
  /** Shows a text to one person only. Somebody who is not there any more is told nothing. */
  tell(listener: Listener, text: string): Promise<void>;
  /** Whose buttons stand in what was posted; what is not known is absent. */
  workspace(): Promise<{ teamId?: string; appId?: string }>;
}
