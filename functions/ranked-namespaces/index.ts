import { datasetHandler } from '../../shared/lambda/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/lambda/lambda-runtime.ts';
import { rankedNamespacesDataset } from './dataset.ts';

export const handler = datasetHandler(rankedNamespacesDataset, () =>
  lambdaRuntime(rankedNamespacesDataset.name),
);
