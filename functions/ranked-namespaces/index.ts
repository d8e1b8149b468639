import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { rankedNamespacesDataset } from './collector.ts';

export const handler = datasetHandler(rankedNamespacesDataset, () =>
  lambdaRuntime(rankedNamespacesDataset.name),
);
