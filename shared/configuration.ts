import * as z from 'zod';
import { ConfigurationError } from './errors.ts';

type Environment = Record<string, string | undefined>;

/**
 * Reads settings from environment variables through one schema whose keys are the variables' names. An empty
 * variable counts as absent. Throws `ConfigurationError` with all problems at once; values are never part of it.
 */
export function loadConfiguration<Schema extends z.ZodType>(
  schema: Schema,
  environment: Environment = process.env,
): z.infer<Schema> {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  throw new ConfigurationError(
    result.error.issues.map(({ path, message }) => {
      const name = path.join('.') || 'environment';
      return `${name}: ${path.length === 1 && present[name] === undefined ? 'missing' : message}`;
    }),
  );
}

/** A comma-separated list; white space around its elements and empty elements are dropped. */
export const commaSeparated = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
