/** The datasets other than the inventory that read an endpoint of the reference. */
interface Collected {
  /** One, or several with commas. */
  dataset: string;
  /** The least role that may read it. */
  role: string;
}

/** One endpoint of the Admin API's reference, in the reference's order. */
interface Endpoint {
  /** Method, and path below `/api/atlas/v2`. */
  endpoint: string;
  /** Without it, types of the catalogue cover the endpoint. */
  collectedBy?: Collected;
}

/**
 * Every endpoint of the reference. The collector never calls an endpoint that changes something. It is listed because
 * it changes a resource, and a type of the catalogue names it in `covers`.
 */
export const ENDPOINTS: readonly Endpoint[] = [
  {
    endpoint: 'GET /groups/{groupId}/dbAccessHistory/processes/{hostname}',
    collectedBy: {
      dataset: 'access_logs',
      role: 'Project Database Access Admin, or Project Monitoring Admin',
    },
  },
  {
    endpoint: 'GET /groups/{groupId}/alertConfigs/{alertConfigId}/alerts',
    collectedBy: { dataset: 'alerts', role: 'Project Read Only' },
  },
  { endpoint: 'PATCH /groups/{groupId}/clusters/{clusterName}/search/deployment' },
  { endpoint: 'GET /groups/{groupId}/serverless/{clusterName}/backup/restoreJobs' },
  { endpoint: 'GET /groups/{groupId}/liveMigrations/validate/{validationId}' },
  { endpoint: 'POST /groups/{groupId}/clusters/{clusterName}:grantMongoDBEmployeeAccess' },
  { endpoint: 'POST /groups/{groupId}/clusters/{clusterName}:pinFeatureCompatibilityVersion' },
  { endpoint: 'GET /groups/{groupId}/sampleDatasetLoad/{sampleDatasetId}' },
  {
    endpoint: 'GET /groups/{groupId}/processes/{processId}/collStats/namespaces',
    collectedBy: { dataset: 'ranked_namespaces', role: 'Project Read Only' },
  },
  { endpoint: 'GET /groups/{groupId}/customDBRoles/roles' },
  { endpoint: 'GET /groups/{groupId}/privateNetworkSettings/endpointIds' },
  {
    endpoint: 'GET /federationSettings/{federationSettingsId}/connectedOrgConfigs/{orgId}/roleMappings/{id}',
  },
  { endpoint: 'GET /orgs/{orgId}/federationSettings' },
  { endpoint: 'PATCH /groups/{groupId}/flexClusters/{name}' },
  { endpoint: 'GET /groups/{groupId}/flexClusters/{name}/backup/restoreJobs' },
  { endpoint: 'POST /groups/{groupId}/flexClusters/{name}/backup/download' },
  {
    endpoint: 'POST /orgs/{orgId}/billing/costExplorer/usage',
    collectedBy: { dataset: 'cost_usage', role: 'Organization Billing Viewer' },
  },
  { endpoint: 'GET /groups/{groupId}/clusters/{clusterName}/backupCheckpoints' },
  { endpoint: 'GET /groups/{groupId}/users/{userId}' },
  {
    endpoint: 'GET /groups/{groupId}/processes/{processId}/databases/{databaseName}/measurements',
    collectedBy: { dataset: 'database_measurements', role: 'Project Read Only' },
  },
  { endpoint: 'GET /groups/{groupId}/processes/{processId}/disks/{partitionName}' },
  {
    endpoint: 'GET /groups/{groupId}/processes/{processId}/disks/{partitionName}/measurements',
    collectedBy: { dataset: 'disk_measurements', role: 'Project Read Only' },
  },
  {
    endpoint: 'GET /groups/{groupId}/processes/{processId}/measurements',
    collectedBy: { dataset: 'process_measurements', role: 'Project Read Only' },
  },
  {
    endpoint: 'GET /groups/{groupId}/processes/{processId}/performanceAdvisor/slowQueryLogs',
    collectedBy: { dataset: 'slow_queries', role: 'Project Data Access Read Write' },
  },
  {
    endpoint: 'GET /groups/{groupId}/clusters/{clusterName}/performanceAdvisor/suggestedIndexes',
    collectedBy: { dataset: 'index_suggestions', role: 'Project Read Only' },
  },
  {
    endpoint: 'GET /groups/{groupId}/clusters/{clusterName}/performanceAdvisor/dropIndexSuggestions',
    collectedBy: { dataset: 'index_suggestions', role: 'Project Read Only (not documented)' },
  },
  {
    endpoint: 'GET /groups/{groupId}/clusters/{clusterName}/performanceAdvisor/schemaAdvice',
    collectedBy: { dataset: 'index_suggestions', role: 'Project Read Only (not documented)' },
  },
  {
    endpoint: 'GET /groups/{groupId}/clusters/{clusterName}/queryShapeInsights/summaries',
    collectedBy: { dataset: 'query_shapes', role: 'Project Read Only (not documented)' },
  },
  {
    endpoint: 'GET /groups/{groupId}/clusters/{hostName}/logs/{logName}.gz',
    collectedBy: {
      dataset: 'host_logs, audit_logs',
      role: 'Project Cluster Log Viewer, or Project Data Access Read Only',
    },
  },
  { endpoint: 'PATCH /groups/{groupId}/peers/{peerId}' },
  { endpoint: 'GET /groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService' },
  {
    endpoint:
      'DELETE /groups/{groupId}/privateEndpoint/{cloudProvider}/endpointService/{endpointServiceId}/endpoint/{endpointId}',
  },
  { endpoint: 'GET /groups/{groupId}/serverless/{name}' },
  { endpoint: 'POST /groups/{groupId}/privateEndpoint/serverless/instance/{instanceName}/endpoint' },
  {
    endpoint:
      'GET /groups/{groupId}/privateEndpoint/serverless/instance/{instanceName}/endpoint/{endpointId}',
  },
  {
    endpoint:
      'DELETE /groups/{groupId}/privateEndpoint/serverless/instance/{instanceName}/endpoint/{endpointId}',
  },
  { endpoint: 'GET /groups/{groupId}/serviceAccounts' },
  { endpoint: 'GET /orgs/{orgId}/serviceAccounts' },
  { endpoint: 'GET /groups/{groupId}/streams/{tenantName}' },
];
