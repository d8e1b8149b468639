/** The records that the Atlas client returns, and the queries that it takes. */

export * from './records/advice.ts';
export * from './records/alerts.ts';
export * from './records/costs.ts';
export * from './records/document.ts';
export * from './records/entries.ts';
export * from './records/measurements.ts';
export * from './records/resources.ts';
