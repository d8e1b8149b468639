/**
 * The readable part of a list. An unreadable item is not an absent item: only if `mayHold` returns false is something
 * missing from the list.
 */
export interface Listing<T> {
  readonly items: readonly T[];
  /** Keys of items that are in the list but otherwise unreadable. */
  readonly unreadable: ReadonlySet<string>;
  /** An item has no readable key either: it may be any item that seems missing. */
  readonly hasUnknown: boolean;
}

/** Returns a listing whose items are all readable. */
export function wholeListing<T>(items: readonly T[]): Listing<T> {
  return { items, unreadable: new Set(), hasUnknown: false };
}

/** Returns whether something that is not among the items may still be in the list. */
export function mayHold({ unreadable, hasUnknown }: Omit<Listing<unknown>, 'items'>, key: string): boolean {
  return hasUnknown || unreadable.has(key);
}

/** Returns the same listing with other items. */
export function mapListing<T, U>(
  listing: Listing<T>,
  change: (items: readonly T[]) => readonly U[],
): Listing<U> {
  return { ...listing, items: change(listing.items) };
}

/** Returns whether every item of a list was readable. */
export function isWhole({ unreadable, hasUnknown }: Omit<Listing<unknown>, 'items'>): boolean {
  return !hasUnknown && unreadable.size === 0;
}
