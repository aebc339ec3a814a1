import type { AlertPorts } from '../../../shared/alerts/evaluate-alerts.ts';
import type { Channel } from '../../../shared/alerts/rules/settings.ts';

/** The process that ran the evaluation is gone. */
export class Crash extends Error {}

export interface Death {
  /** The call of a port at which the process dies, from 1; absent: it lives. */
  atCall?: number;
  /** Whether that call still takes effect. */
  afterEffect?: boolean;
  /** Turns of the event loop that a call takes, to interleave evaluations. */
  turns?: () => number;
  /** What others do before the call with this number. */
  meanwhile?: (call: number) => Promise<void>;
}

/** What one evaluation did until it ended or died. */
export interface Life {
  calls: number;
  died: boolean;
  /** Channels that took a message from it. */
  sentOn: Set<Channel>;
}

/** Ports as one process has them: every call may be its last, and after that none does anything. */
export function mortalProcess(death: Death): {
  life: Life;
  object: <Port extends object>(port: Port) => Port;
} {
  const life: Life = { calls: 0, died: false, sentOn: new Set() };

  async function live<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    for (let turns = death.turns?.() ?? 0; turns > 0; turns -= 1) await Promise.resolve();
    if (life.died) throw new Crash();
    life.calls += 1;
    const isLast = life.calls === death.atCall;
    await death.meanwhile?.(life.calls);
    if (isLast) life.died = true;
    if (isLast && !death.afterEffect) throw new Crash();
    const answer = await call();
    if (isLast) throw new Crash();
    return answer;
  }

  function object<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function' || name === 'addressOf') {
          return typeof member === 'function' ? member.bind(target) : member;
        }
        return (...args: unknown[]) => {
          if (name === 'attention' || name === 'all') return mortalList(member.apply(target, args), live);
          return live(async () => {
            const answer: unknown = await member.apply(target, args);
            if (name === 'send' && 'channel' in target) life.sentOn.add(target.channel as Channel);
            const isPort = name === 'editable' && typeof answer === 'object' && answer !== null;
            return isPort ? object(answer) : answer;
          });
        };
      },
    });
  }
  return { life, object };
}

/** The ports of an evaluation as one process has them. */
export function mortal(ports: AlertPorts, death: Death): { ports: AlertPorts; life: Life } {
  const { life, object } = mortalProcess(death);
  const { namesOf } = object({ namesOf: ports.namesOf });
  return {
    life,
    ports: {
      ...ports,
      records: object(ports.records),
      runs: object(ports.runs),
      incidents: object(ports.incidents),
      fileStatuses: object(ports.fileStatuses),
      jobDigests: object(ports.jobDigests),
      connection: object(ports.connection),
      quarantine: object(ports.quarantine),
      notifiers: ports.notifiers.map(object),
      namesOf,
    },
  };
}

async function* mortalList<Item>(
  list: AsyncIterable<Item>,
  live: <Answer>(call: () => Promise<Answer>) => Promise<Answer>,
): AsyncIterable<Item> {
  const items = list[Symbol.asyncIterator]();
  for (;;) {
    const next = await live(() => items.next());
    if (next.done) return;
    yield next.value;
  }
}
