import type * as z from 'zod';
import type { AtlasDocument } from '../api.ts';
import { depthFault } from '../depth.ts';
import { forgiving, type ItemResult, type ItemType, rawKeyOf } from '../items.ts';

/** Returns an item type that checks the fields that are read and keeps the whole document. */
export function withDocument<Fields, T extends { id: string }>(
  fields: z.ZodType<Fields>,
  id: z.ZodType<string>,
  combine: (fields: Fields, document: AtlasDocument) => T,
): ItemType<T> {
  return {
    read(raw): ItemResult<T> {
      const tooDeep = depthFault(raw);
      if (tooDeep) return { fault: tooDeep };
      const result = forgiving(fields, raw);
      if ('fault' in result) return result;
      return { ...result, value: combine(result.value, withoutLinks(Object(raw))) };
    },
    key: (item) => item.id,
    rawKey: rawKeyOf('id', id),
  };
}

function withoutLinks({ links: _, ...document }: Record<string, unknown>): AtlasDocument {
  return document;
}
