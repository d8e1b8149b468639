import { NoCredentialWorksError } from '../functions/dispatch/list-projects.ts';
import { NoLocalDynamoDbError } from '../local-aws/dynamodb.ts';
import { LakeLockedError } from '../local-aws/lock.ts';
import {
  AtlasApiError,
  AtlasAuthenticationError,
  AtlasConfigurationError,
  AtlasError,
  AtlasResponseError,
  AtlasUnreachableError,
  AtlasVersionError,
} from '../shared/atlas/errors.ts';
import { isRefusal } from '../shared/engine/errors.ts';
import { missingPackage } from '../shared/missing-package.ts';
import { oneLine } from '../shared/one-line.ts';
import { StatementError } from './erasure/statement-error.ts';
import { EXIT, UsageFailure } from './failure.ts';
import { Interrupted, interruptionMessage } from './interruption.ts';
import { awsAdvice, systemAdvice } from './system-errors.ts';

/** Returns the one-line message and exit code for an error that ended a command. */
export function explain(error: unknown): { message: string; code: number } {
  if (error instanceof Interrupted) return { message: interruptionMessage(), code: EXIT.interrupted };
  if (
    error instanceof UsageFailure ||
    error instanceof LakeLockedError ||
    error instanceof NoLocalDynamoDbError
  ) {
    return { message: `atlas-lake: ${error.message}`, code: EXIT.usage };
  }
  if (error instanceof StatementError) {
    const message = `atlas-lake: ${oneLine(error.message)}. Run the same command again to finish`;
    return { message, code: EXIT.incomplete };
  }
  if (error instanceof NoCredentialWorksError) {
    const [advice, code] = error.failed.every((one) => isRefusal(one.error))
      ? ['Check the credentials', EXIT.usage]
      : ['Try again later', EXIT.incomplete];
    return { message: `atlas-lake: ${oneLine(error.message)}. ${advice}`, code };
  }
  if (error instanceof AtlasError) {
    const advice = adviceFor(error);
    const said = error.message.replace(/\.$/, '');
    if (advice) return { message: `atlas-lake: ${said}. ${advice}`, code: EXIT.usage };
    return { message: `atlas-lake: ${said}. Try again later`, code: EXIT.incomplete };
  }
  const missing = missingPackage(error);
  if (missing !== undefined) return { message: `atlas-lake: ${missing}`, code: EXIT.usage };
  const advice = systemAdvice(error) ?? awsAdvice(error);
  if (advice) return { message: `atlas-lake: ${advice.says}`, code: advice.code };
  const said = oneLine(String(error instanceof Error ? error.message : error));
  return {
    message: `atlas-lake: ${said}. Run the same command again; if that fails, too, report this line`,
    code: EXIT.incomplete,
  };
}

/** Returns what the user can do; undefined for a temporary error. */
function adviceFor(error: AtlasError): string | undefined {
  if (error instanceof AtlasAuthenticationError) {
    return 'Check the credentials: MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, the two of the API key, or the file in ATLAS_LAKE_CREDENTIALS_FILE';
  }
  if (error instanceof AtlasConfigurationError) return 'Check MONGODB_ATLAS_BASE_URL and the credentials';
  if (error instanceof AtlasVersionError) return 'Update atlas-lake';
  if (error instanceof AtlasApiError && error.status === 403 && error.errorCode !== null) {
    return "Check the role of the service account or API key (Project Read Only), and the organisation's IP access list";
  }
  if (error instanceof AtlasApiError && (error.status === 429 || error.status >= 500)) return undefined;
  const another = error instanceof AtlasApiError || error instanceof AtlasResponseError;
  if (error instanceof AtlasUnreachableError && error.message.includes('the proxy'))
    return 'Check HTTPS_PROXY';
  if (another || error instanceof AtlasUnreachableError)
    return 'Check MONGODB_ATLAS_BASE_URL, the network, and the proxy if HTTPS_PROXY names one';
  return undefined;
}
