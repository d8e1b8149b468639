import jsonata from 'jsonata';
import * as z from 'zod';

/** Answers a task by its resource. Throws `ServiceError` for errors that a machine may catch. */
export type Service = (resource: string, argument: unknown) => Promise<unknown>;

/** An error of a task. The message is its name. */
export class ServiceError extends Error {
  /** What the service says about it. */
  readonly explanation: string;

  constructor(name: string, { explanation = '', ...options }: ErrorOptions & { explanation?: string } = {}) {
    super(name, options);
    this.explanation = explanation;
  }
}

/** An execution that ended in a state of type Fail. */
export class ExecutionFailed extends Error {
  override readonly name = 'ExecutionFailed';
}

interface Machine {
  StartAt: string;
  States: Record<string, State>;
}

interface State {
  Type: 'Task' | 'Map' | 'Parallel' | 'Choice' | 'Pass' | 'Succeed' | 'Fail';
  Resource?: string | undefined;
  Arguments?: unknown;
  Assign: Record<string, unknown>;
  Output?: unknown;
  Catch: Catcher[];
  Items?: unknown;
  ItemSelector?: unknown;
  ItemProcessor?: Machine | undefined;
  Branches: Machine[];
  Choices: Array<{ Condition: string; Next: string }>;
  Default?: string | undefined;
  Next?: string | undefined;
  End?: true | undefined;
  Error?: string | undefined;
  Cause?: string | undefined;
}

interface Catcher {
  ErrorEquals: string[];
  Output?: unknown;
  Next: string;
}

const machineSchema: z.ZodType<Machine> = z.object({
  StartAt: z.string(),
  States: z.record(
    z.string(),
    z.lazy(() => stateSchema),
  ),
});

const stateSchema: z.ZodType<State> = z.object({
  Type: z.enum(['Task', 'Map', 'Parallel', 'Choice', 'Pass', 'Succeed', 'Fail']),
  Resource: z.string().optional(),
  Arguments: z.unknown().optional(),
  Assign: z.record(z.string(), z.unknown()).default({}),
  Output: z.unknown().optional(),
  Catch: z
    .array(z.object({ ErrorEquals: z.array(z.string()), Output: z.unknown().optional(), Next: z.string() }))
    .default([]),
  Items: z.unknown().optional(),
  ItemSelector: z.unknown().optional(),
  ItemProcessor: machineSchema.optional(),
  Branches: z.array(machineSchema).default([]),
  Choices: z.array(z.object({ Condition: z.string(), Next: z.string() })).default([]),
  Default: z.string().optional(),
  Next: z.string().optional(),
  End: z.literal(true).optional(),
  Error: z.string().optional(),
  Cause: z.string().optional(),
});

type Variables = Readonly<Record<string, unknown>>;

/** Step Functions ends an execution with more events. */
const MOST_EVENTS = 25_000;

/** The largest input, output or variable of Step Functions, in bytes. */
const MOST_BYTES = 256 * 1024;

/** The events that a state of each type adds for its own entry, start, end and exit. */
const EVENTS_OF: Record<State['Type'], number> = {
  Task: 2,
  Map: 4,
  Parallel: 4,
  Choice: 2,
  Pass: 2,
  Succeed: 2,
  Fail: 1,
};

/**
 * Runs a definition in the Amazon States Language with JSONata: tasks, choices, maps, branches, variables and catchers,
 * one after another, without timeouts and retries. It fails if a limit of Step Functions is exceeded.
 *
 * @param now the clock of the context's times, ms
 * @returns the number of events of the execution
 * @throws {ExecutionFailed} if it ends in a state of type Fail
 */
export async function runStateMachine(
  definition: unknown,
  service: Service,
  { execution, now }: { execution: string; now: () => number },
): Promise<{ events: number }> {
  // The execution's start and success.
  const history = { events: 2 };
  const context = { Execution: { Id: execution, StartTime: new Date(now()).toISOString() } };
  await runMachine(machineSchema.parse(definition), {}, {}, { service, context, now, history });
  return history;
}

interface World {
  service: Service;
  context: Record<string, unknown>;
  now: () => number;
  history: { events: number };
}

function happened({ history }: World, events: number): void {
  history.events += events;
  if (history.events > MOST_EVENTS) throw new Error(`the history has more than ${MOST_EVENTS} events`);
}

function checkSize(what: string, value: unknown): void {
  const size = Buffer.byteLength(JSON.stringify(value ?? null));
  if (size > MOST_BYTES)
    throw new ServiceError('States.DataLimitExceeded', { cause: `${what}: ${size} bytes` });
}

async function runMachine(
  machine: Machine,
  input: unknown,
  outer: Variables,
  world: World,
): Promise<unknown> {
  let variables = outer;
  let current = input;
  let name: string | undefined = machine.StartAt;
  while (name !== undefined) {
    const state: State | undefined = machine.States[name];
    if (!state) throw new Error(`there is no state ${name}`);
    if (!hasOneWayOn(state)) throw new Error(`${name} must have exactly one transition`);
    const context = { ...world.context, State: { EnteredTime: new Date(world.now()).toISOString() } };
    const evaluate = (value: unknown, more: object = {}) =>
      evaluated(value, { ...variables, states: { input: current, context, ...more } });
    happened(world, EVENTS_OF[state.Type]);
    if (state.Type === 'Choice') {
      name = await chosen(state, evaluate);
      continue;
    }
    if (state.Type === 'Fail')
      throw new ExecutionFailed(`${state.Error}: ${String(await evaluate(state.Cause))}`);
    try {
      const result = await resultOf(state, current, variables, world, evaluate);
      const assigned = await evaluate(state.Assign, { result });
      current = state.Output === undefined ? result : await evaluate(state.Output, { result });
      variables = { ...variables, ...z.record(z.string(), z.unknown()).parse(assigned) };
      for (const [variable, value] of Object.entries(variables)) checkSize(variable, value);
      checkSize(name, current);
      name = state.Next;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const catcher = state.Catch.find(({ ErrorEquals }) =>
        [error.message, 'States.ALL'].some((known) => ErrorEquals.includes(known)),
      );
      if (!catcher) throw error;
      const errorOutput = { Error: error.message, Cause: error.explanation };
      current = catcher.Output === undefined ? errorOutput : await evaluate(catcher.Output, { errorOutput });
      name = catcher.Next;
    }
  }
  return current;
}

function hasOneWayOn({ Type, Next, End, Default }: State): boolean {
  const ways = [Next, End, Default].filter((way) => way !== undefined).length;
  return (
    ways === (Type === 'Succeed' || Type === 'Fail' ? 0 : 1) &&
    (Default === undefined) === (Type !== 'Choice')
  );
}

async function chosen(
  { Choices, Default }: State,
  evaluate: (value: unknown) => Promise<unknown>,
): Promise<string | undefined> {
  for (const { Condition, Next } of Choices) {
    if (z.boolean().parse(await evaluate(Condition))) return Next;
  }
  return Default;
}

async function resultOf(
  state: State,
  input: unknown,
  variables: Variables,
  world: World,
  evaluate: (value: unknown, more?: object) => Promise<unknown>,
): Promise<unknown> {
  if (state.Type === 'Succeed' || state.Type === 'Pass') return input;
  if (state.Type === 'Task') {
    const resource = state.Resource ?? '';
    const argument = await evaluate(state.Arguments);
    // Scheduled, started, and succeeded or failed. A task that waits for the end is also submitted.
    happened(world, resource.endsWith('.sync') ? 4 : 3);
    return world.service(resource, argument);
  }
  const results: unknown[] = [];
  if (state.Type === 'Parallel') {
    for (const branch of state.Branches) results.push(await runMachine(branch, input, variables, world));
    return results;
  }
  if (!state.ItemProcessor) throw new Error('a map without a processor');
  for (const [Index, Value] of z
    .array(z.unknown())
    .parse(await evaluate(state.Items))
    .entries()) {
    const context = { ...world.context, Map: { Item: { Index, Value } } };
    const item = state.ItemSelector === undefined ? Value : await evaluate(state.ItemSelector, { context });
    happened(world, 2);
    results.push(await runMachine(state.ItemProcessor, item, variables, world));
  }
  return results;
}

/** Evaluates every `{% … %}` in a value. */
async function evaluated(value: unknown, bindings: Record<string, unknown>): Promise<unknown> {
  if (typeof value === 'string') {
    const expression = /^\{%(.*)%\}$/s.exec(value)?.[1];
    if (expression === undefined) return value;
    const result: unknown = await jsonata(expression).evaluate({}, bindings);
    if (result === undefined) throw new Error(`the expression has no result: ${expression}`);
    // JSONata adds properties of its own to arrays. The copy has none.
    return JSON.parse(JSON.stringify(result));
  }
  if (Array.isArray(value)) return Promise.all(value.map((item) => evaluated(item, bindings)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(async ([key, item]) => [key, await evaluated(item, bindings)]);
  return Object.fromEntries(await Promise.all(entries));
}
