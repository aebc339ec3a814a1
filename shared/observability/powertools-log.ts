import type { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from './log.ts';

/** Logs as JSON lines to CloudWatch. */
export function createPowertoolsLog(logger: Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
  };
}
