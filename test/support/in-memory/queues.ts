import type { Clock } from '../../../shared/clock.ts';
import type {
  AlertMessageInput,
  AlertQueue,
  FetchMessage,
  FetchQueue,
} from '../../../shared/queue/messages.ts';

export interface QueuedMessage {
  message: FetchMessage;
  /** Not delivered before this moment, in milliseconds. */
  dueMs: number;
}

/** The fetch queue in memory; whoever plays the event source takes the messages out of `waiting`. */
export class InMemoryFetchQueue implements FetchQueue {
  readonly waiting: QueuedMessage[] = [];
  readonly #clock: Pick<Clock, 'now'>;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  async send(message: FetchMessage, delaySeconds = 0): Promise<void> {
    this.waiting.push({ message, dueMs: this.#clock.now() + delaySeconds * 1_000 });
  }
}

/** The alert queue in memory: it only remembers. */
export class InMemoryAlertQueue implements AlertQueue {
  readonly sent: AlertMessageInput[] = [];

  async send(message: AlertMessageInput): Promise<void> {
    this.sent.push(message);
  }
}
