import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { eventsDataset } from './collector.ts';

export const handler = datasetHandler(eventsDataset, () => lambdaRuntime(eventsDataset.name));
