import * as z from 'zod';
import type { AdviceList, RemovableIndex, SchemaRecommendation, SuggestedIndex } from '../api.ts';
import { depthFault } from '../depth.ts';
import { forgiving, type ListRemarks } from '../items.ts';
import { listOrNull, name, optionalInstant, optionalText, rawList } from './fields.ts';

/** The Performance Advisor wraps its answers in `content`, also without `envelope`. A later version may not. */
function wrapped<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z.preprocess((document) => {
    const content: unknown = Object(document).content;
    return content ?? document;
  }, schema);
}

/** Rejects a response with neither list: it does not mean that nothing is suggested, as null does. */
export const suggestedIndexes = wrapped(
  z
    .looseObject({ suggestedIndexes: rawList.nullish(), shapes: rawList.nullish() })
    .refine(
      ({ suggestedIndexes, shapes }) => suggestedIndexes !== undefined || shapes !== undefined,
      'expected suggested indexes',
    )
    .transform(({ suggestedIndexes, shapes }) => ({
      suggestedIndexes: suggestedIndexes ?? [],
      shapes: shapes ?? [],
    })),
);

/** The lists of indexes that could be removed, with what is said of those in them. */
const REMOVABLE = [
  ['hiddenIndexes', 'HIDDEN'],
  ['redundantIndexes', 'REDUNDANT'],
  ['unusedIndexes', 'UNUSED'],
] as const;

export const removableIndexes = wrapped(
  z
    .looseObject({
      hiddenIndexes: rawList.nullish(),
      redundantIndexes: rawList.nullish(),
      unusedIndexes: rawList.nullish(),
    })
    .refine((lists) => REMOVABLE.some(([list]) => lists[list] !== undefined), 'expected a list of indexes'),
);

export const schemaAdvice: z.ZodType<unknown[]> = wrapped(
  z.object({ recommendations: listOrNull }).transform(({ recommendations }) => recommendations),
);

const optionalNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? null);

/** A list inside an item, which may be absent. A member that cannot be read is left out: the item does not need it. */
function membersOf<T>(member: z.ZodType<T>): z.ZodType<T[]> {
  return z
    .array(member.nullable())
    .nullish()
    .transform((members) => (members ?? []).filter((one) => one !== null));
}

/**
 * The keys of an index in their order, as JSON: `[{"status":1},{"ts":-1}]`. One document with several keys counts as a
 * list of them.
 */
const keys = z
  .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))])
  .transform((value) => [value].flat().flatMap((key) => Object.entries(key)))
  .refine((entries) => entries.length > 0, 'expected keys')
  .transform((entries) => JSON.stringify(entries.map(([field, kind]) => ({ [field]: kind }))));

const suggestedIndex = z.object({
  namespace: name,
  index: keys,
  weight: optionalNumber,
  avgObjSize: optionalNumber,
  impact: membersOf(z.string()),
});

/** What is read of a query shape. Its operations are log lines with literal values. */
const shape = z.object({
  id: z.string(),
  avgMs: optionalNumber,
  count: optionalNumber,
  inefficiencyScore: optionalNumber,
});

const removableIndex = z.object({
  namespace: name,
  index: keys,
  name: optionalText,
  accessCount: optionalNumber,
  since: optionalInstant,
  sizeBytes: optionalNumber,
  shards: membersOf(z.string()),
});

const recommendation = z.object({
  recommendation: name,
  description: optionalText,
  affectedNamespaces: membersOf(
    z.object({
      namespace: optionalText,
      triggers: membersOf(z.object({ triggerType: optionalText, description: optionalText })),
    }),
  ),
});

/** Returns suggested indexes with the shapes that they would help. The ids of both exist only in one response. */
export function readSuggestedIndexes(
  response: { suggestedIndexes: readonly unknown[]; shapes: readonly unknown[] },
  { indexes, shapes }: { indexes: ListRemarks; shapes: ListRemarks },
): AdviceList<SuggestedIndex> {
  const known = new Map(readAll(response.shapes, shape, shapes).items.map((one) => [one.id, one]));
  const list = readAll(response.suggestedIndexes, suggestedIndex, indexes);
  return {
    ...list,
    items: list.items.map(({ index, impact, ...fields }) => ({
      ...fields,
      keys: index,
      shapes: new Set(impact).size,
      helped: [...new Set(impact)].flatMap((id) => known.get(id) ?? []),
    })),
  };
}

export function readRemovableIndexes(
  response: z.infer<typeof removableIndexes>,
  remarksOf: (list: string) => ListRemarks,
): AdviceList<RemovableIndex> {
  const lists = REMOVABLE.map(([list, reason]) => {
    const { items, unreadable } = readAll(response[list] ?? [], removableIndex, remarksOf(list));
    return { items: items.map(({ index, ...fields }) => ({ ...fields, keys: index, reason })), unreadable };
  });
  return {
    items: lists.flatMap(({ items }) => items),
    unreadable: lists.reduce((sum, { unreadable }) => sum + unreadable, 0),
  };
}

export function readSchemaAdvice(
  list: readonly unknown[],
  remarks: ListRemarks,
): AdviceList<SchemaRecommendation> {
  return readAll(list, recommendation, remarks);
}

function readAll<T>(raws: readonly unknown[], schema: z.ZodType<T>, remarks: ListRemarks): AdviceList<T> {
  const items: T[] = [];
  for (const [index, raw] of raws.entries()) {
    const tooDeep = depthFault(raw);
    const result = tooDeep ? { fault: tooDeep } : forgiving(schema, raw);
    if ('fault' in result) {
      const { path, expected } = result.fault;
      remarks.skipped({ path: [index, ...path], expected });
      continue;
    }
    for (const { path, expected } of result.nulls) remarks.readAsNull({ path: [index, ...path], expected });
    items.push(result.value);
  }
  return { items, unreadable: raws.length - items.length };
}
