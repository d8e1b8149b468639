import { datasetHandler } from '../../shared/worker/dataset-handler.ts';
import { lambdaRuntime } from '../../shared/worker/lambda-runtime.ts';
import { indexSuggestionsDataset } from './collector.ts';

export const handler = datasetHandler(indexSuggestionsDataset, () =>
  lambdaRuntime(indexSuggestionsDataset.name),
);
