import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { createEngine } from '../lib/engine/engine.ts';
import { loadMachine, type Machine } from '../lib/engine/machine.ts';
import type { JsonObject } from '../lib/json.ts';

// What a branch costs: `node bench/engine.ts [rounds]`. Each figure is the median over the rounds, in
// microseconds a branch, of a whole execution with AWS's history in memory and a task that does nothing.

const RESOURCE = 'arn:aws:lambda:us-east-1:123456789012:function:noop';
const ROUNDS = Number(process.argv[2] ?? 15);
const COUNTS = [1_000, 10_000];
const KB = 'x'.repeat(1_000);

/** A Task as the compiler writes it: simple expressions over the input, one variable assigned. */
function jsonataTask(name: string): JsonObject {
  return {
    [name]: {
      Type: 'Task',
      Resource: RESOURCE,
      Arguments: { id: '{% $states.input.id %}', text: '{% $states.input.text %}' },
      Output: '{% $states.result.ok %}',
      End: true,
    },
  };
}

function jsonPathTask(name: string): JsonObject {
  return {
    [name]: {
      Type: 'Task',
      Resource: RESOURCE,
      Parameters: { 'id.$': '$.id', 'text.$': '$.text' },
      ResultSelector: { 'ok.$': '$.ok' },
      OutputPath: '$.ok',
      End: true,
    },
  };
}

interface Language {
  readonly name: 'JSONata' | 'JSONPath';
  task(name: string): JsonObject;
  /** Items, and an ItemSelector that gives each of them the text: 10,000 texts are no input. */
  readonly items: JsonObject;
}

const LANGUAGES: readonly Language[] = [
  {
    name: 'JSONata',
    task: jsonataTask,
    items: {
      Items: '{% $states.input.ids %}',
      ItemSelector: {
        id: '{% $states.context.Map.Item.Value %}',
        text: '{% $states.input.text %}',
      },
    },
  },
  {
    name: 'JSONPath',
    task: jsonPathTask,
    items: {
      ItemsPath: '$.ids',
      ItemSelector: { 'id.$': '$$.Map.Item.Value', 'text.$': '$.text' },
    },
  },
];

function load(language: Language, state: JsonObject): Machine {
  const definition = { QueryLanguage: language.name, StartAt: 'Fan', States: { Fan: state } };
  return loadMachine(definition, { type: 'EXPRESS', maxBytes: 10_000_000 });
}

function parallel(width: number, { task }: Language): JsonObject {
  const Branches = Array.from({ length: width }, (_, i) => ({
    StartAt: `T${i}`,
    States: task(`T${i}`),
  }));
  return { Type: 'Parallel', Branches, End: true };
}

function map({ task, items }: Language): JsonObject {
  return { Type: 'Map', ...items, ItemProcessor: { StartAt: 'T', States: task('T') }, End: true };
}

function mapInput(count: number, text: string): string {
  return JSON.stringify({ ids: Array.from({ length: count }, (_, id) => id), text });
}

const engine = createEngine({ tasks: { refuse: () => undefined, run: async () => '{"ok":1}' } });

async function execute(machine: Machine, input: string): Promise<number> {
  const start = performance.now();
  const execution = engine.start(machine, { input });
  const outcome = await execution.done;
  const took = performance.now() - start;
  if (outcome.status !== 'SUCCEEDED') throw new Error(JSON.stringify(outcome));
  return took;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

async function measure(count: number, run: () => Promise<number>): Promise<string> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) await run();
  for (let i = 0; i < ROUNDS; i++) times.push(await run());
  return ((median(times) * 1_000) / count).toFixed(2);
}

async function promiseAll(count: number): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: count }, async () => '{"ok":1}'));
  return performance.now() - start;
}

async function peer(count: number): Promise<number> {
  const { StateMachine } = await import('aws-local-stepfunctions');
  const states = { Fan: parallel(count, JSONPATH) };
  const definition = { StartAt: 'Fan', States: states } as unknown as StateMachineDefinition;
  const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });
  const noop = async () => ({ ok: 1 });
  const handlers = Object.fromEntries(Array.from({ length: count }, (_, i) => [`T${i}`, noop]));
  const start = performance.now();
  const run = machine.run(
    { id: 1, text: '' },
    { overrides: { taskResourceLocalHandlers: handlers } },
  );
  await run.result;
  return performance.now() - start;
}

/** Bytes of heap that an execution keeps when it has ended: its history, mostly. */
async function memory(count: number): Promise<string> {
  if (!globalThis.gc) return 'run with --expose-gc';
  const machine = load(JSONATA, map(JSONATA));
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const execution = engine.start(machine, { input: mapInput(count, '') });
  await execution.done;
  globalThis.gc();
  const kept = (process.memoryUsage().heapUsed - before) / count;
  return `${kept.toFixed(0)} (${execution.history.length} events)`;
}

const [JSONATA, JSONPATH] = LANGUAGES as readonly [Language, Language];
const rows: Record<string, Record<string, string>> = {};
for (const count of COUNTS) {
  const put = (row: string, value: string): void => {
    rows[row] = { ...rows[row], [count]: value };
  };
  put('Promise.all', await measure(count, () => promiseAll(count)));
  for (const language of LANGUAGES) {
    const wide = load(language, parallel(count, language));
    const mapped = load(language, map(language));
    for (const [size, text] of Object.entries({ tiny: '', '1 KB': KB })) {
      const one = JSON.stringify({ id: 1, text });
      const many = mapInput(count, text);
      const name = `${language.name}, ${size}`;
      put(`Parallel ${name}`, await measure(count, () => execute(wide, one)));
      put(`Map ${name}`, await measure(count, () => execute(mapped, many)));
    }
  }
  put('aws-local-stepfunctions, tiny', await measure(count, () => peer(count)));
  put('bytes kept a branch', await memory(count));
}
console.table(rows);
