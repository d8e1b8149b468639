import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { history as histories } from './histories.ts';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    path: { type: 'string' },
    histories: { type: 'string', default: '100' },
    minutes: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
