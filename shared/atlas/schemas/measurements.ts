import * as z from 'zod';
import { parseInstant } from '../../instant.ts';
import { type DataPoint, MAX_MEASUREMENT_LENGTH, type MeasurementSeries } from '../api.ts';
import { forgiving, type ItemResult, type ListRemarks } from '../items.ts';
import { optionalName, optionalRawList } from './fields.ts';

/** Printable ASCII, so that it fits into the cursors. */
const measurementName = z
  .string()
  .max(MAX_MEASUREMENT_LENGTH, `expected at most ${MAX_MEASUREMENT_LENGTH} characters`)
  .regex(/^[ -~]+$/, 'expected the name of a measurement');

const seriesFields = z.object({ name: measurementName, units: optionalName, dataPoints: optionalRawList });

/** Reads a series without its points. Points that are no list are a fault: null would mean that there are none. */
function readFields(raw: unknown): ItemResult<z.infer<typeof seriesFields>> {
  const result = forgiving(seriesFields, raw);
  if ('fault' in result) return result;
  const fault = result.nulls.find(({ path }) => path[0] === 'dataPoints');
  return fault ? { fault } : result;
}

/**
 * Reads the series of a response one by one. Returns null if there are some and none is readable: the response is
 * unusable.
 */
export function readSeries(list: readonly unknown[], remarks: ListRemarks): MeasurementSeries[] | null {
  const series: MeasurementSeries[] = [];
  for (const [index, raw] of list.entries()) {
    const result = readFields(raw);
    if ('fault' in result) {
      remarks.skipped({ path: [index, ...result.fault.path], expected: result.fault.expected });
      continue;
    }
    for (const { path, expected } of result.nulls) remarks.readAsNull({ path: [index, ...path], expected });
    const { name, units, dataPoints } = result.value;
    const points = readPoints(dataPoints, index, remarks);
    if (points.length > 0 || dataPoints.length === 0) series.push({ name, units, dataPoints: points });
  }
  return series.length === 0 && list.length > 0 ? null : series;
}

/**
 * Reads the points of a series. Checks by hand: a disk's response has thousands of points, and an object schema for
 * each would take several times as long as parsing the JSON. A value that is not a number counts as null; a point
 * without a time is omitted.
 */
function readPoints(points: readonly unknown[], series: number, remarks: ListRemarks): DataPoint[] {
  const checked: DataPoint[] = [];
  const timeless = { first: 0, count: 0 };
  const valueless = { first: 0, count: 0 };
  for (const [index, point] of points.entries()) {
    const { timestamp, value = null }: { timestamp?: unknown; value?: unknown } = Object(point);
    const time = parseInstant(timestamp);
    if (time === undefined) {
      if (timeless.count === 0) timeless.first = index;
      timeless.count += 1;
    } else if (value === null || (typeof value === 'number' && Number.isFinite(value))) {
      checked.push({ timestamp: time, value });
    } else {
      if (valueless.count === 0) valueless.first = index;
      valueless.count += 1;
      checked.push({ timestamp: time, value: null });
    }
  }
  const at = (index: number, field: string, expected: string) => ({
    path: [series, 'dataPoints', index, field],
    expected,
  });
  if (timeless.count > 0) remarks.skipped(at(timeless.first, 'timestamp', 'expected a time'), timeless.count);
  if (valueless.count > 0)
    remarks.readAsNull(at(valueless.first, 'value', 'expected number or null'), valueless.count);
  return checked;
}

/** The response of the measurements of a process, database, disk or collection. */
export const measurements: z.ZodType<unknown[]> = z
  .object({ measurements: optionalRawList })
  .transform((document) => document.measurements);

/** The response of Atlas Search's measurements, which has two lists of series. */
export const searchMeasurements: z.ZodType<unknown[]> = z
  .object({ hardwareMeasurements: optionalRawList, statusMeasurements: optionalRawList })
  .transform(({ hardwareMeasurements, statusMeasurements }) => [
    ...hardwareMeasurements,
    ...statusMeasurements,
  ]);
