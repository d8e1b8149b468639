/** Rejects the requests that SQS rejects, by its documented quotas. */

interface SentMessage {
  Id?: string;
  MessageBody?: string;
  MessageGroupId?: string;
  MessageDeduplicationId?: string;
}

export interface Rejected {
  code: string;
  message: string;
}

const MESSAGE_BYTES = 1024 * 1024;
const BATCH_ENTRIES = 10;
const VISIBILITY_SECONDS = 12 * 60 * 60;
/** The ids of groups and deduplication: letters, digits and ASCII punctuation. */
const ID = /^[!-~]{1,128}$/;
const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

/** Returns why a whole batch of messages is rejected, or undefined. */
export function rejectedBatch(entries: readonly SentMessage[]): Rejected | undefined {
  if (entries.length === 0) return rejected('EmptyBatchRequest', 'The batch request has no entries.');
  if (entries.length > BATCH_ENTRIES) {
    return rejected(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${BATCH_ENTRIES}.`,
    );
  }
  if (!entries.every(({ Id }) => ENTRY_ID.test(Id ?? ''))) {
    return rejected(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores.',
    );
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    return rejected('BatchEntryIdsNotDistinct', 'Two or more batch entries have the same Id.');
  }
  const bytes = entries.reduce((sum, { MessageBody = '' }) => sum + Buffer.byteLength(MessageBody), 0);
  if (bytes > MESSAGE_BYTES) {
    return rejected('BatchRequestTooLong', `Batch requests cannot be longer than ${MESSAGE_BYTES} bytes.`);
  }
  return undefined;
}

/** Returns why a message of a FIFO queue is rejected, or undefined. */
export function rejectedMessage(message: SentMessage): Rejected | undefined {
  const { MessageBody: body = '', MessageGroupId: group = '', MessageDeduplicationId: id = '' } = message;
  if (body === '') return rejected('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (Buffer.byteLength(body) > MESSAGE_BYTES) {
    return rejected('InvalidParameterValue', `Message must be shorter than ${MESSAGE_BYTES} bytes.`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what SQS rejects.
  if (!body.isWellFormed() || /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(body)) {
    return rejected('InvalidMessageContents', 'Invalid characters found.');
  }
  if (!ID.test(group)) return rejected('InvalidParameterValue', 'MessageGroupId is invalid.');
  if (!ID.test(id)) return rejected('InvalidParameterValue', 'MessageDeduplicationId is invalid.');
  return undefined;
}

/** Returns why a message cannot be hidden for this many seconds, or undefined. */
export function rejectedVisibility(seconds: unknown): Rejected | undefined {
  const fits = Number.isInteger(seconds) && Number(seconds) >= 0 && Number(seconds) <= VISIBILITY_SECONDS;
  return fits
    ? undefined
    : rejected('InvalidParameterValue', 'VisibilityTimeout must be between 0 and 43200.');
}

function rejected(code: string, message: string): Rejected {
  return { code, message };
}
