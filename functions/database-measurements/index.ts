import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { databaseMeasurementsDataset } from './collector.ts';

export const handler = datasetHandler(databaseMeasurementsDataset, () =>
  lambdaRuntime(databaseMeasurementsDataset.name),
);
