import {
  AtlasApiError,
  AtlasAuthenticationError,
  AtlasConfigurationError,
  AtlasUnreachableError,
} from '../shared/atlas/errors.ts';
import { NoEmbeddedDynamoDbError } from './embedded/dynamodb.ts';
import { LakeHeldError } from './embedded/lock.ts';
import { EXIT, UsageFailure } from './failure.ts';

/** What an error that ended a command means for the user: one line, and the exit code. */
export function explain(error: unknown): { message: string; code: number } {
  if (
    error instanceof UsageFailure ||
    error instanceof LakeHeldError ||
    error instanceof NoEmbeddedDynamoDbError
  ) {
    return { message: `atlas-lake: ${error.message}`, code: EXIT.usage };
  }
  const advice = adviceFor(error);
  if (advice && error instanceof Error) {
    return { message: `atlas-lake: ${error.message}. ${advice}`, code: EXIT.usage };
  }
  return {
    message: `atlas-lake: ${error instanceof Error ? error.message : error}. This should not happen; --verbose shows more`,
    code: EXIT.incomplete,
  };
}

function adviceFor(error: unknown): string | undefined {
  if (error instanceof AtlasAuthenticationError) {
    return 'Check the credentials in MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, or the two of the API key';
  }
  if (error instanceof AtlasUnreachableError) {
    return 'Check MONGODB_ATLAS_BASE_URL and the network';
  }
  if (error instanceof AtlasConfigurationError) return 'Check MONGODB_ATLAS_BASE_URL and the credentials';
  if (error instanceof AtlasApiError && error.status === 403) {
    return "Check the role of the service account or API key (Project Read Only), and the organisation's IP access list";
  }
  return undefined;
}
