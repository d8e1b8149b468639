/** A type is listed by each cluster of a project. */
export const eachCluster = {
  kind: 'resources',
  type: 'cluster',
  placeholders: { clusterName: ['name'] },
} as const;
