import type { LifecycleRule } from '@aws-sdk/client-s3';

/**
 * Returns the age at which lifecycle rules delete an object, days; null if they keep it. Of several rules, S3 follows
 * the one that deletes first. Rules for tags or sizes do not count, because they keep objects of the same prefix.
 */
export function expiryOf(rules: readonly LifecycleRule[], key: string): number | null {
  const days = rules.flatMap((rule) => {
    const { Status, Expiration } = rule;
    const prefix = prefixOf(rule);
    const deletes = Status === 'Enabled' && prefix !== null && key.startsWith(prefix);
    return deletes && Expiration?.Days ? [Expiration.Days] : [];
  });
  return days.length > 0 ? Math.min(...days) : null;
}

/** Returns the prefix of the keys that a rule is for; null if it has other conditions. */
function prefixOf({ Filter, Prefix }: LifecycleRule): string | null {
  const {
    And,
    Tag = And?.Tags?.[0],
    ObjectSizeGreaterThan: larger = And?.ObjectSizeGreaterThan,
    ObjectSizeLessThan: smaller = And?.ObjectSizeLessThan,
  } = Filter ?? {};
  if (Tag !== undefined || larger !== undefined || smaller !== undefined) return null;
  return And?.Prefix ?? Filter?.Prefix ?? Prefix ?? '';
}
