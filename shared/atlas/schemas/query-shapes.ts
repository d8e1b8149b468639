import * as z from 'zod';
import type { QueryShape } from '../api.ts';
import { depthFault } from '../depth.ts';
import { forgiving, type ListRemarks } from '../items.ts';
import { listOrNull, name, optionalText } from './fields.ts';

/** Rejects a response without the list, because an absent list does not mean an empty one, as null does. */
export const queryShapes: z.ZodType<unknown[]> = z
  .preprocess(
    (document) => {
      // The Performance Advisor wraps its answers in `content`. This endpoint may do so, too.
      const content: unknown = Object(document).content;
      return content ?? document;
    },
    z.object({ summaries: listOrNull }),
  )
  .transform(({ summaries }) => summaries);

const optionalNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? null);

/** Requires only the hash. Versions of MongoDB differ in what they count. */
const queryShape: z.ZodType<QueryShape> = z
  .object({
    queryShapeHash: name,
    namespace: optionalText,
    command: optionalText,
    systemQuery: z.boolean().nullish(),
    execCount: optionalNumber,
    docsExamined: optionalNumber,
    docsReturned: optionalNumber,
    keysExamined: optionalNumber,
    bytesRead: optionalNumber,
    totalWorkingMillis: optionalNumber,
    avgWorkingMillis: optionalNumber,
    lastExecMicros: optionalNumber,
  })
  .transform(({ queryShapeHash: hash, systemQuery, ...fields }) => ({
    ...fields,
    hash,
    systemQuery: systemQuery ?? null,
  }));

/** Reads the shapes of a response in their order. Null stands for an unreadable one. */
export function readQueryShapes(list: readonly unknown[], remarks: ListRemarks): (QueryShape | null)[] {
  return list.map((raw, index) => {
    const tooDeep = depthFault(raw);
    const result = tooDeep ? { fault: tooDeep } : forgiving(queryShape, raw);
    if ('fault' in result) {
      const { path, expected } = result.fault;
      remarks.skipped({ path: [index, ...path], expected });
      return null;
    }
    for (const { path, expected } of result.nulls) remarks.readAsNull({ path: [index, ...path], expected });
    return result.value;
  });
}
