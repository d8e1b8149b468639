/** Tiers whose clusters share a host with others. They lack access logs, metrics of collections and cloud backups. */
export const TENANT_SIZES: ReadonlySet<string> = new Set(['M0', 'M2', 'M5', 'FLEX']);
