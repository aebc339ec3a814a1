import { SyncError, type SyncErrorOptions } from '../../errors.ts';
import type { AlertMessage } from '../messages/message.ts';
import type { Channel } from '../rules/settings.ts';
import type { EditableChannel } from './editable-channel.ts';

/** A way to tell people. */
export interface Notifier {
  readonly channel: Channel;
  /** Whether there is an address to send to. Without one the channel is left out, and misses nothing. */
  isConfigured(): Promise<boolean>;
  /**
   * Returns once the channel has taken the message. Throws `ChannelUnavailableError` when it may take it later and
   * `ChannelRefusedError` when a person has to do something first. Sending takes at most `SENDING_MS`.
   */
  send(message: AlertMessage): Promise<void>;
  /** The channel as one whose messages can be changed; undefined where they stay as they are sent. */
  editable?(): Promise<EditableChannel | undefined>;
}

/** The longest time a send may take, with all it tries. */
export const SENDING_MS = 23_000;

/** The channel does not take messages now. */
export class ChannelUnavailableError extends SyncError {
  override readonly name = 'ChannelUnavailableError';
  readonly code = 'CHANNEL_UNAVAILABLE';
  readonly disposition = 'retry';
  /** How long the channel asked us to wait, if it did. */
  readonly retryAfterMs: number | undefined;

  constructor(channel: Channel, reason: string, retryAfterMs?: number, options?: SyncErrorOptions) {
    super(
      `The ${channel} channel is unavailable: ${reason}`,
      'No action needed; delivery is retried.',
      options,
    );
    this.retryAfterMs = retryAfterMs;
  }
}

/** The channel turned the message down, and will turn down the next. */
export class ChannelRefusedError extends SyncError {
  override readonly name = 'ChannelRefusedError';
  readonly code = 'CHANNEL_REFUSED';
  readonly disposition = 'fail';
  readonly reason: string;

  constructor(channel: Channel, reason: string, options?: SyncErrorOptions) {
    super(
      `The ${channel} channel refused the message: ${reason}`,
      'Correct the token, channel or URL with "npm run ops -- configure".',
      options,
    );
    this.reason = reason;
  }
}
