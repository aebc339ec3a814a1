import { ConfigurationError } from '../errors.ts';
import { type CallbackSecret, callbackSecret } from './callback-tokens.ts';

/** Throws `ConfigurationError` that names `source` and the problems, never the text. */
export function parseCallbackSecret(text: string, source: string): CallbackSecret {
  const result = callbackSecret.safeParse(jsonOf(text));
  if (result.success) return result.data;
  throw new ConfigurationError([
    `${source}: not a callback secret (${result.error.issues.map((issue) => issue.message).join(', ')}); ` +
      'run `npm run ops -- callback-url --rotate`',
  ]);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
