/** The namespaces and indexes that suggestions are about. Many have names that are hard to store. */

const NAMESPACES = [
  'orders.carts',
  'orders.invoices.2026',
  'tenant_ä.événements 100%',
  'web-sessions.sessions',
];

const KEYS: readonly Record<string, number | string>[][] = [
  [{ status: 1 }, { ts: -1 }],
  [{ 'customer.id': 1 }],
  [{ location: '2dsphere' }, { 'ünï"code\\': 1 }],
  [{ '2': 1 }, { '1': -1 }],
  [{ tenant: 'hashed' }],
];

/** Returns the namespace of a suggestion. Five suggestions in a row have different keys, four different namespaces. */
export function namespaceOf(number: number): string {
  return NAMESPACES[number % NAMESPACES.length] ?? '';
}

export function suggestedKeys(number: number): Record<string, number | string>[] {
  return KEYS[number % KEYS.length] ?? [];
}
