import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { auditLogsDataset } from './collector.ts';

export const handler = datasetHandler(auditLogsDataset, () => lambdaRuntime(auditLogsDataset.name));
