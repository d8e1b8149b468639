import * as z from 'zod';
import { parseInstant } from '../../instant.ts';
import { type DataPoint, LONGEST_MEASUREMENT, type MeasurementSeries } from '../api.ts';
import { optionalName } from './fields.ts';

/**
 * Checked by hand: a disk's answer has thousands of points, and an object schema for each would take several times as
 * long as parsing the JSON.
 */
const dataPoints = z.array(z.unknown()).transform((points, context): DataPoint[] => {
  const checked: DataPoint[] = [];
  const refuse = (index: number, field: string, expected: string) => {
    context.addIssue({ code: 'custom', path: [index, field], message: `expected ${expected}` });
    return z.NEVER;
  };
  for (const [index, point] of points.entries()) {
    const { timestamp, value = null }: { timestamp?: unknown; value?: unknown } = Object(point);
    const time = parseInstant(timestamp);
    if (time === undefined) return refuse(index, 'timestamp', 'an ISO 8601 time');
    if (value !== null && (typeof value !== 'number' || !Number.isFinite(value))) {
      return refuse(index, 'value', 'number or null');
    }
    checked.push({ timestamp: time, value });
  }
  return checked;
});

const measurementName = z
  .string()
  .max(LONGEST_MEASUREMENT, `expected at most ${LONGEST_MEASUREMENT} characters`)
  .regex(/^[\w.:-]+$/, 'expected the name of a measurement');

/** One series of an answer. */
export const series: z.ZodType<MeasurementSeries> = z.object({
  name: measurementName,
  units: optionalName,
  dataPoints: dataPoints.nullish().transform((points) => points ?? []),
});

/** The answer of each of the measurement endpoints. */
export const measurements: z.ZodType<MeasurementSeries[]> = z
  .object({ measurements: z.array(series).nullish() })
  .transform((document) => document.measurements ?? []);
