import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { HistoryEvent } from '../../lib/engine/history/event.ts';
import { loadMachine } from '../../lib/engine/machine.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import { memoryStore } from '../conformance/memory-store.ts';
import {
  branch,
  echo,
  ended,
  engineWith,
  fails,
  type Handler,
  run,
  slow,
  task,
} from './harness.ts';

// Cases from AWS's documentation for what the recordings lack: "Map workflow state", "ItemReader",
// "ItemBatcher", "ResultWriter" and "Setting failure thresholds for Distributed Map states".

function map(more: JsonObject, processor: JsonObject = branch('T', task('f'))): JsonObject {
  return {
    StartAt: 'Each',
    States: { Each: { Type: 'Map', ItemProcessor: processor, End: true, ...more } },
  };
}

function distributed(more: JsonObject = {}, state: JsonObject = task('f')): JsonObject {
  const ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' };
  return map(more, { ProcessorConfig, ...branch('T', state) });
}

function reader(action: string, ReaderConfig: JsonObject, Parameters: JsonObject): JsonObject {
  return { ItemReader: { Resource: `arn:aws:states:::s3:${action}`, ReaderConfig, Parameters } };
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

test('gives the results in item order, whichever iteration is first', async () => {
  const { output } = await run(
    map({}),
    { f: async (n, call) => (await call.sleep(1_000 * (10 - (n as number)))) ?? n },
    range(5),
  );
  expect(output).toEqual(range(5));
});

test('runs as many iterations at once as MaxConcurrency says', async () => {
  const { seconds } = await run(map({ MaxConcurrency: 2 }), { f: slow(10) }, range(5));
  expect(seconds).toBe(30);
});

test('runs at most 40 inline iterations at once', async () => {
  const { seconds } = await run(map({}), { f: slow(10) }, range(81));
  expect(seconds).toBe(30);
});

test('stops the other iterations when one fails', async () => {
  const { outcome, types, seconds } = await run(
    map({}),
    { f: (n, call) => (n === 1 ? fails('Boom')(n, call) : slow(60)(n, call)) },
    range(3),
  );
  expect(outcome).toEqual({ status: 'FAILED', error: 'Boom' });
  expect(seconds).toBe(0);
  expect(types.filter((type) => type === 'MapIterationAborted')).toHaveLength(2);
  expect(types.slice(-2)).toEqual(['MapStateFailed', 'ExecutionFailed']);
});

test('catches what an iteration fails with, after a retry of the whole Map', async () => {
  const definition = map({
    Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 1 }],
    Catch: [{ ErrorEquals: ['Boom'], Next: 'Caught' }],
  });
  (definition.States as Record<string, JsonObject>).Caught = { Type: 'Pass', End: true };
  const { output, types } = await run(definition, { f: fails('Boom') }, [1]);
  expect(output).toEqual({ Error: 'Boom', Cause: '' });
  expect(types.filter((type) => type === 'MapStateStarted')).toHaveLength(2);
});

test('fails when there is nothing to iterate over', async () => {
  const { outcome } = await run(map({ ItemsPath: '$.items' }), { f: echo }, { items: 1 });
  expect(outcome).toMatchObject({
    error: 'States.Runtime',
    cause: expect.stringContaining('Reference path "$.items" must point to array'),
  });
});

test('gives an empty list for no items', async () => {
  expect((await run(map({}), {}, [])).output).toEqual([]);
  expect((await run(distributed(), {}, [])).output).toEqual([]);
});

test('runs children of a Distributed Map with histories of their own', async () => {
  const told = new Map<string, HistoryEvent[]>();
  const { output, types } = await run(distributed(), { f: echo }, ['a', 'b'], {
    onEvent: (event, arn) => told.set(arn, [...(told.get(arn) ?? []), event]),
  });
  expect(output).toEqual(['a', 'b']);
  expect(types).not.toContain('TaskStateEntered');
  expect(told.size).toBe(3);
  const children = [...told].filter(([arn]) => arn.includes('machine/Each'));
  expect(children.map(([, events]) => events.at(-1)?.type)).toEqual([
    'ExecutionSucceeded',
    'ExecutionSucceeded',
  ]);
});

test('gives children no outer variables and their item as the execution input', async () => {
  const ProcessorConfig = { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' };
  const Output = ['{% $exists($outer) %}', '{% $states.context.Execution.Input %}'];
  const { output } = await run(
    {
      QueryLanguage: 'JSONata',
      StartAt: 'Set',
      States: {
        Set: { Type: 'Pass', Assign: { outer: 1 }, Next: 'Each' },
        Each: {
          Type: 'Map',
          Items: [7],
          ItemProcessor: { ProcessorConfig, ...branch('P', { Type: 'Pass', Output, End: true }) },
          End: true,
        },
      },
    },
    {},
  );
  expect(output).toEqual([[false, 7]]);
});

const odd: Handler = (n, call) => ((n as number) % 2 ? fails('Odd')(n, call) : n);

test('fails a Map Run at its first failure when nothing is tolerated', async () => {
  const { outcome, types } = await run(distributed(), { f: odd }, [1]);
  expect(outcome).toEqual({
    status: 'FAILED',
    error: 'States.ExceedToleratedFailureThreshold',
    cause: 'The specified tolerated failure threshold was exceeded',
  });
  expect(types.slice(-3)).toEqual(['MapRunFailed', 'MapStateFailed', 'ExecutionFailed']);
});

test('bears as many failures as ToleratedFailureCount says, and no more', async () => {
  const two = distributed({ ToleratedFailureCount: 2 });
  expect((await run(two, { f: odd }, range(5))).outcome.status).toBe('SUCCEEDED');
  expect((await run(two, { f: odd }, range(6))).outcome.status).toBe('FAILED');
});

test('bears the share of failures that ToleratedFailurePercentagePath finds', async () => {
  const some = distributed({
    ItemsPath: '$.items',
    ToleratedFailurePercentagePath: '$.percent',
  });
  const half = { items: range(4), percent: 50 };
  expect((await run(some, { f: odd }, half)).outcome.status).toBe('SUCCEEDED');
  const less = { items: range(4), percent: 49 };
  expect((await run(some, { f: odd }, less)).outcome.status).toBe('FAILED');
});

test('counts the children of a Map Run', async () => {
  const tolerant = distributed({ ToleratedFailurePercentage: 100 });
  const { execution } = await run(tolerant, { f: odd }, range(5));
  expect(execution.mapRuns.map(({ status, counts }) => ({ status, counts }))).toEqual([
    {
      status: 'SUCCEEDED',
      counts: { total: 5, pending: 0, running: 0, succeeded: 3, failed: 2, aborted: 0 },
    },
  ]);
});

async function read(more: JsonObject, files: Record<string, string>): Promise<Json | undefined> {
  const { output, outcome } = await run(
    distributed(more),
    { f: echo },
    {},
    {
      store: memoryStore({ bucket: files }),
    },
  );
  return output ?? (outcome as unknown as Json);
}

test('reads JSON Lines', async () => {
  const JSONL = reader('getObject', { InputType: 'JSONL' }, { Bucket: 'bucket', Key: 'f' });
  expect(await read(JSONL, { f: '{"a":1}\n\n{"a":2}\n' })).toEqual([{ a: 1 }, { a: 2 }]);
});

test('reads CSV with quotes, another delimiter and other line ends', async () => {
  const config = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', CSVDelimiter: 'SEMICOLON' };
  const csv = reader('getObject', config, { Bucket: 'bucket', Key: 'f' });
  expect(await read(csv, { f: 'a;b\r\n"1;""x""";"2\n3"\r\n4\r\n' })).toEqual([
    { a: '1;"x"', b: '2\n3' },
    { a: '4', b: '' },
  ]);
});

test('reads a list inside a JSON document by its pointer', async () => {
  const config = { InputType: 'JSON', ItemsPointer: '/data/it~1ems' };
  const json = reader('getObject', config, { Bucket: 'bucket', Key: 'f' });
  expect(await read(json, { f: '{"data":{"it/ems":[1,2]}}' })).toEqual([1, 2]);
});

test('lists objects under a prefix', async () => {
  const listing = reader('listObjectsV2', {}, { Bucket: 'bucket', Prefix: 'in/' });
  const items = (await read(listing, { 'in/a': 'x', 'in/b': 'yy', out: '' })) as JsonObject[];
  expect(items.map(({ Key, Size }) => [Key, Size])).toEqual([
    ['in/a', 1],
    ['in/b', 2],
  ]);
});

test('reads an S3 inventory by its manifest, compressed files too', async () => {
  const manifest = {
    fileFormat: 'CSV',
    fileSchema: 'Bucket, Key, Size',
    destinationBucket: 'arn:aws:s3:::bucket',
    files: [{ key: 'data.csv.gz' }],
  };
  const store = memoryStore({ bucket: { 'manifest.json': JSON.stringify(manifest) } });
  await store.put('bucket', 'data.csv.gz', gzipSync('"b","k1","3"\n"b","k2","4"\n'));
  const inventory = reader(
    'getObject',
    { InputType: 'MANIFEST' },
    { Bucket: 'bucket', Key: 'manifest.json' },
  );
  const { output } = await run(distributed(inventory), { f: echo }, {}, { store });
  expect(output).toEqual([
    { Bucket: 'b', Key: 'k1', Size: '3' },
    { Bucket: 'b', Key: 'k2', Size: '4' },
  ]);
});

test('fails with States.ItemReaderFailed when the object is not there or not readable', async () => {
  const JSON_ = reader('getObject', { InputType: 'JSON' }, { Bucket: 'bucket', Key: 'f' });
  expect(await read(JSON_, {})).toMatchObject({ error: 'States.ItemReaderFailed' });
  expect(await read(JSON_, { f: '{' })).toMatchObject({ error: 'States.ItemReaderFailed' });
  const twice = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };
  const csv = reader('getObject', twice, { Bucket: 'bucket', Key: 'f' });
  expect(await read(csv, { f: 'a,a\n1,2' })).toMatchObject({
    cause: 'CSV headers cannot contain duplicates.',
  });
});

test('rejects Parquet by name before anything runs', () => {
  const parquet = reader('getObject', { InputType: 'PARQUET' }, { Bucket: 'b', Key: 'k' });
  expect(() => loadMachine(distributed(parquet))).toThrow('PARQUET');
});

test('batches items by number and by bytes, with an input for all of them', async () => {
  const byCount = distributed({
    ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { all: 'x' } },
  });
  expect((await run(byCount, { f: echo }, range(3))).output).toEqual([
    { BatchInput: { all: 'x' }, Items: [0, 1] },
    { BatchInput: { all: 'x' }, Items: [2] },
  ]);
  const byBytes = distributed({ ItemBatcher: { MaxInputBytesPerBatch: 40 } });
  const { output } = await run(byBytes, { f: echo }, ['a'.repeat(10), 'b'.repeat(10), 'c']);
  const sizes = (output as { Items: string[] }[]).map(({ Items }) => Items.length);
  expect(sizes).toEqual([2, 1]);
});

test('writes the results and a manifest, by status', async () => {
  const store = memoryStore();
  const definition = distributed({
    ToleratedFailurePercentage: 100,
    Label: 'Jobs',
    ResultWriter: {
      Resource: 'arn:aws:states:::s3:putObject',
      Parameters: { Bucket: 'out', Prefix: 'runs' },
    },
  });
  const { output } = await run(definition, { f: odd }, range(3), { store });
  const { MapRunArn, ResultWriterDetails } = output as Record<string, Json>;
  expect(MapRunArn).toMatch(/:mapRun:machine\/Jobs:/);
  const { Key } = ResultWriterDetails as { Key: string };
  const text = async (key: string) => Buffer.from(await store.get('out', key)).toString();
  const manifest = JSON.parse(await text(Key));
  const [succeeded] = manifest.ResultFiles.SUCCEEDED;
  const [failed] = manifest.ResultFiles.FAILED;
  const results = JSON.parse(await text(succeeded.Key));
  expect(results.map(({ Output }: { Output: string }) => Output)).toEqual(['0', '2']);
  expect(JSON.parse(await text(failed.Key))).toMatchObject([{ Error: 'Odd', Status: 'FAILED' }]);
  expect(Buffer.byteLength(await text(failed.Key))).toBe(failed.Size);
});

test('flattens results where the WriterConfig says so', async () => {
  const definition = distributed({
    ResultWriter: { WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSON' } },
  });
  expect((await run(definition, { f: (n) => [n, n] }, range(2))).output).toEqual([0, 0, 1, 1]);
});

test('resumes a Map Run: children that had ended are not run again', async () => {
  const told = new Map<string, HistoryEvent[]>();
  const onEvent = (event: HistoryEvent, arn: string): void => {
    told.set(arn, [...(told.get(arn) ?? []), event]);
  };
  const definition = distributed({ MaxConcurrency: 1 });
  const machine = loadMachine(definition);
  const first = engineWith({ f: (n) => (n === 2 ? new Promise<never>(() => {}) : n) }, { onEvent });
  const open = first.start(machine, { name: 'one', input: '[0,1,2]' });
  await expect.poll(() => told.size).toBe(4);
  const calls: Json[] = [];
  const note: Handler = (n) => {
    calls.push(n);
    return n;
  };
  const second = engineWith({ f: note }, { pastOf: (arn) => told.get(arn) });
  const resumed = second.resume(machine, [...open.history], { name: 'one' });
  expect((await ended(resumed)).output).toEqual([0, 1, 2]);
  expect(calls).toEqual([2]);
  open.stop();
});

test('redrives a Map Run: only the children that failed', async () => {
  const told = new Map<string, HistoryEvent[]>();
  const onEvent = (event: HistoryEvent, arn: string): void => {
    told.set(arn, [...(told.get(arn) ?? []), event]);
  };
  const machine = loadMachine(distributed({ ToleratedFailureCount: 1 }));
  const first = engineWith({ f: odd }, { onEvent });
  const failed = await ended(first.start(machine, { name: 'one', input: '[0,1,2,3]' }));
  expect(failed.outcome.status).toBe('FAILED');
  const calls: Json[] = [];
  const note: Handler = (n) => {
    calls.push(n);
    return n;
  };
  const second = engineWith({ f: note }, { pastOf: (arn) => told.get(arn) });
  const again = second.redrive(machine, failed.history, { name: 'one' });
  const { output, types } = await ended(again);
  expect(output).toEqual([0, 1, 2, 3]);
  expect(calls).toEqual([1, 3]);
  expect(types).toContain('MapRunRedriven');
});
