import type { Clock } from '../../shared/clock.ts';

/** Chunks of a stream that one answer brings: a query of DynamoDB answers up to a megabyte, the ports here far less. */
const CHUNKS_AN_ANSWER = 50;

/** The same port, each of whose answers takes this long. */
export function delayed<Port extends object>(port: Port, ms: number, clock: Clock): Port {
  if (ms === 0) return port;
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        const answer: unknown = Reflect.apply(member, target, args);
        if (isStream(answer)) return delayedStream(answer, ms, clock);
        return Promise.resolve(answer).then(async (value) => {
          await clock.sleep(ms);
          return value;
        });
      };
    },
  });
}

async function* delayedStream(stream: AsyncIterable<unknown>, ms: number, clock: Clock) {
  let chunks = 0;
  for await (const chunk of stream) {
    if (chunks % CHUNKS_AN_ANSWER === 0) await clock.sleep(ms);
    chunks += 1;
    yield chunk;
  }
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
