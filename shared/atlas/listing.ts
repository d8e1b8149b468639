/**
 * A list as far as it could be read. An item that cannot be read is not an absent item: only what `mayHold` denies is
 * missing from the list.
 */
export interface Listing<T> {
  readonly items: readonly T[];
  /** Keys of items that are in the list although nothing else of them can be read. */
  readonly unreadable: ReadonlySet<string>;
  /** An item has not even a key that can be read: whatever is missing may be that one. */
  readonly hasUnknown: boolean;
}

/** A list of which everything could be read. */
export function wholeListing<T>(items: readonly T[]): Listing<T> {
  return { items, unreadable: new Set(), hasUnknown: false };
}

/** Whether something that is not among the items may be in the list all the same. */
export function mayHold({ unreadable, hasUnknown }: Omit<Listing<unknown>, 'items'>, key: string): boolean {
  return hasUnknown || unreadable.has(key);
}

/** The same list, of other items. */
export function mapListing<T, U>(
  listing: Listing<T>,
  change: (items: readonly T[]) => readonly U[],
): Listing<U> {
  return { ...listing, items: change(listing.items) };
}

/** Whether every item of a list could be read. */
export function isWhole({ unreadable, hasUnknown }: Omit<Listing<unknown>, 'items'>): boolean {
  return !hasUnknown && unreadable.size === 0;
}
