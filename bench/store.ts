import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEngine, type Engine } from '../lib/engine/engine.ts';
import { loadMachine, type Machine } from '../lib/engine/machine.ts';
import type { JsonObject } from '../lib/json.ts';
import { Journal } from '../lib/local/store/journal.ts';
import { RunStore } from '../lib/local/store/run-store.ts';

// What a branch costs when its history is kept: `node bench/store.ts [rounds]`. Medians over the rounds
// in microseconds a branch, from the start of an execution to its last event on the disk, with a task
// that does nothing and is called only when everything before the call is on the disk, as in a run.

const ROUNDS = Number(process.argv[2] ?? 15);
const RESOURCE = 'arn:aws:lambda:us-east-1:123456789012:function:noop';
const KB = 'x'.repeat(1_000);
const ANSWER = '{"ok":1}';

function task(name: string): JsonObject {
  const Arguments = { id: '{% $states.input.id %}', text: '{% $states.input.text %}' };
  const Output = '{% $states.result.ok %}';
  return { [name]: { Type: 'Task', Resource: RESOURCE, Arguments, Output, End: true } };
}

function parallel(width: number): JsonObject {
  const Branches = Array.from({ length: width }, (_, i) => ({
    StartAt: `T${i}`,
    States: task(`T${i}`),
  }));
  return { Type: 'Parallel', Branches, End: true };
}

const map: JsonObject = {
  Type: 'Map',
  Items: '{% $states.input.ids %}',
  ItemSelector: { id: '{% $states.context.Map.Item.Value %}', text: '{% $states.input.text %}' },
  ItemProcessor: { StartAt: 'T', States: task('T') },
  End: true,
};

function load(state: JsonObject): Machine {
  const definition = { QueryLanguage: 'JSONata', StartAt: 'Fan', States: { Fan: state } };
  // Express, because a Standard history ends at 25,000 events.
  return loadMachine(definition, { type: 'EXPRESS', maxBytes: 10_000_000 });
}

type Execute = (machine: Machine, input: string) => Promise<void>;

async function end(engine: Engine, machine: Machine, input: string): Promise<void> {
  const outcome = await engine.start(machine, { input }).done;
  if (outcome.status !== 'SUCCEEDED') throw new Error(JSON.stringify(outcome));
}

const inMemory: Execute = (machine, input) =>
  end(
    createEngine({ tasks: { refuse: () => undefined, run: async () => ANSWER } }),
    machine,
    input,
  );

let runs = 0;

function kept(store: RunStore): Execute {
  return async (machine, input) => {
    const id = String(++runs);
    const assembly = { folder: '', machine: '', definition: '', definitionHash: '' };
    const { owner } = store;
    const run = { workflow: 'bench', id, started: Date.now(), input, program: { assembly }, owner };
    const key = store.add(run)?.key ?? 0;
    const journal = new Journal({
      write: (batch) => store.write(batch),
      written: () => {},
      failed(error) {
        throw error;
      },
    });
    const engine = createEngine({
      tasks: { refuse: () => undefined, run: () => journal.settled().then(() => ANSWER) },
      onEvent: (event) => journal.append(key, event),
    });
    await end(engine, machine, input);
    journal.commit();
  };
}

async function measure(count: number, execute: Execute, machine: Machine, input: string) {
  const times: number[] = [];
  for (let round = -2; round < ROUNDS; round += 1) {
    const start = performance.now();
    await execute(machine, input);
    if (round >= 0) times.push(performance.now() - start);
  }
  const median = times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
  return ((median * 1000) / count).toFixed(2);
}

const folder = mkdtempSync(path.join(tmpdir(), 'cloudgather-bench-'));
const store = new RunStore(folder);
try {
  console.log('microseconds a branch    in memory    kept');
  for (const count of [1_000, 10_000]) {
    for (const text of ['', KB]) {
      const ids = Array.from({ length: count }, (_, id) => id);
      const cases = [
        ['Parallel', load(parallel(count)), JSON.stringify({ id: 1, text })],
        ['Map', load(map), JSON.stringify({ ids, text })],
      ] as const;
      for (const [name, machine, input] of cases) {
        const memory = await measure(count, inMemory, machine, input);
        const disk = await measure(count, kept(store), machine, input);
        const title = `${name} ${count}, ${text === '' ? 'tiny' : '1 KB'}`;
        console.log(`${title.padEnd(24)} ${memory.padStart(9)} ${disk.padStart(7)}`);
      }
    }
  }
} finally {
  store.close();
  rmSync(folder, { recursive: true, force: true });
}
