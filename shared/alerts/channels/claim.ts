import { type Clock, isoTime } from '../../clock.ts';
import { waitLeftMs } from '../../waits.ts';
import { type ChannelState, type IncidentStore, UNKNOWN_CHANNEL } from '../incidents/incident-store.ts';
import { CHANNELS, type Channel } from '../rules/settings.ts';
import { SENDING_MS } from './notifier.ts';

interface ClaimPorts {
  incidents: Pick<IncidentStore, 'channels' | 'putChannel'>;
  clock: Clock;
}

/** How often a waiting evaluation looks whether the sending one has ended. */
const LOOK_AGAIN_MS = 1_000;

/** Longer than any send, so that only a sender that died is ever overtaken. */
const CLAIM_MS = SENDING_MS + 2_000;

/** A channel on which one evaluation sends, while the others wait. */
export class ClaimedChannel {
  readonly channel: Channel;
  readonly #ports: ClaimPorts;
  #state: ChannelState;

  private constructor(channel: Channel, state: ChannelState, ports: ClaimPorts) {
    this.channel = channel;
    this.#state = state;
    this.#ports = ports;
  }

  /** Undefined while the channel is to be left alone. Waits while another sends. */
  static async take(channel: Channel, ports: ClaimPorts): Promise<ClaimedChannel | undefined> {
    const { incidents, clock } = ports;
    for (;;) {
      const state = (await incidents.channels())[channel] ?? UNKNOWN_CHANNEL;
      const nowMs = clock.now();
      if (waitLeftMs(Date.parse(state.notBefore ?? ''), nowMs) > 0) return undefined;
      if (state.sendingUntil !== undefined && Date.parse(state.sendingUntil) > nowMs) {
        await clock.sleep(LOOK_AGAIN_MS);
        continue;
      }
      const claimed = { ...state, sendingUntil: isoTime(nowMs + CLAIM_MS) };
      if (await incidents.putChannel(channel, claimed)) {
        return new ClaimedChannel(channel, { ...claimed, rev: claimed.rev + 1 }, ports);
      }
    }
  }

  get state(): ChannelState {
    return this.#state;
  }

  /** Stores what is to be known of the channel. Answers whether it is still claimed by us. */
  async note(state: ChannelState): Promise<boolean> {
    const isOurs = await this.#ports.incidents.putChannel(this.channel, { ...state, rev: this.#state.rev });
    if (isOurs) this.#state = { ...state, rev: this.#state.rev + 1 };
    return isOurs;
  }

  /** Keeps in mind when something was sent; stored with the next note. */
  sent(nowMs: number): void {
    this.#state = { ...this.#state, sentAt: isoTime(nowMs) };
  }

  /** Where the claim was lost, whoever took it over decides. */
  async release(state: ChannelState = this.#state): Promise<void> {
    const { sendingUntil: _over, ...free } = state;
    await this.note(free);
  }
}

/** Frees channels that a dead process was sending on, for a start at which all before are known to be dead. */
export async function releaseClaims(incidents: IncidentStore): Promise<void> {
  const states = await incidents.channels();
  for (const channel of CHANNELS) {
    const { sendingUntil, ...free } = states[channel] ?? UNKNOWN_CHANNEL;
    if (sendingUntil !== undefined) await incidents.putChannel(channel, free);
  }
}
