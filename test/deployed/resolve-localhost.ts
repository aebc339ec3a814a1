import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Loaded before a command: names below `localhost` are this machine, as RFC 6761 (section 6.3) wants it and not
 * every resolver does. The addresses of the emulator's HTTP APIs are such names.
 */
const lookup = dns.lookup;
type Answer = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

Object.assign(dns, {
  lookup(name: string, options: LookupOptions | Answer, callback?: Answer): void {
    const [given, answer] = typeof options === 'function' ? [{}, options] : [options, callback];
    if (!name.endsWith('.localhost') || answer === undefined) {
      Reflect.apply(lookup, dns, callback === undefined ? [name, options] : [name, options, callback]);
    } else if (given.all === true) {
      answer(null, [{ address: '127.0.0.1', family: 4 }]);
    } else {
      answer(null, '127.0.0.1', 4);
    }
  },
});
syncBuiltinESMExports();
