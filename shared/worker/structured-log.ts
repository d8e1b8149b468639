import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from './runtime.ts';

/** Returns the log of a function: one JSON object for each line. */
export function structuredLog(service: string): Log {
  const logger = new Logger({ serviceName: service });
  return {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
  };
}
