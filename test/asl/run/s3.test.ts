import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type BucketNeed,
  compileWorkflow,
  each,
  eq,
  fromS3,
  jsonata,
  type S3Source,
  toS3,
  type Workflow,
  when,
  workflow,
} from '../../../lib/index.ts';
import { memoryStore } from '../../conformance/memory-store.ts';
import { act, documentOf, run } from './program.ts';

const none = z.object({});
const bucket = 'tickets';

/** Gives every item of the source as it is. */
function reads(source: S3Source | (() => S3Source)): Promise<Workflow> {
  return workflow('reads', { input: z.object({ day: z.string().default('') }) }, () =>
    each(fromS3(typeof source === 'function' ? source() : source), (item) =>
      act({ value: item }),
    ).then((all) => all),
  );
}

async function itemsOf(source: S3Source, key: string, text: string) {
  return run(await reads(source), {}, memoryStore({ [bucket]: { [key]: text } }));
}

describe('each over a JSON object in S3', () => {
  it.each([
    ['[1, null, false, "", [2], {"a": []}]', [1, null, false, '', [2], { a: [] }]],
    ['[7]', [7]],
    ['[]', []],
  ])('gives a slot per item of the list: %s', async (text, items) => {
    const outcome = await itemsOf({ bucket, key: 'a.json', format: 'json' }, 'a.json', text);
    expect(outcome).toMatchObject({ output: items, transitions: 1 + items.length });
  });

  it('finds a list inside of the document', async () => {
    const source = { bucket, key: 'a.json', format: 'json', pointer: '/open/0' } as const;
    expect((await itemsOf(source, 'a.json', '{"open": [[1, 2]]}')).output).toEqual([1, 2]);
  });

  it('takes the first maxItems', async () => {
    const source = { bucket, key: 'a.json', format: 'json', maxItems: 2 } as const;
    expect((await itemsOf(source, 'a.json', '[1, 2, 3]')).output).toEqual([1, 2]);
  });

  it.each([
    ['{"a": 1}', 'Attempting to map over non-iterable node.'],
    ['[1, ', 'JSON'],
  ])('fails where it is no list: %s', async (text, cause) => {
    const outcome = await itemsOf({ bucket, key: 'a.json', format: 'json' }, 'a.json', text);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' });
    expect(outcome.cause).toContain(cause);
  });

  it('fails where there is no such object, and a catch takes that', async () => {
    const flow = await workflow('caught', { input: none }, async () =>
      each(fromS3({ bucket, key: 'no.json', format: 'json' }), (item) =>
        act({ value: item }),
      ).catch('States.ItemReaderFailed', () => 'none'),
    );
    expect((await run(flow, {}, memoryStore())).output).toBe('none');
  });
});

describe('each over JSON Lines in S3', () => {
  it.each([
    ['{"n":1}\n{"n":2}\n', [{ n: 1 }, { n: 2 }]],
    ['{"n":1}\r\n\r\n"two\\nlines"', [{ n: 1 }, 'two\nlines']],
    ['', []],
  ])('gives an item a line: %j', async (text, items) => {
    const source = { bucket, key: 'a.jsonl', format: 'jsonl' } as const;
    expect((await itemsOf(source, 'a.jsonl', text)).output).toEqual(items);
  });

  it('takes a thousand lines, and batches them', async () => {
    const flow = await workflow('lines', { input: none }, async () =>
      each(
        fromS3({ bucket, key: 'a.jsonl', format: 'jsonl', item: z.object({ n: z.number() }) }),
        (batch) => act({ value: jsonata`$sum(${batch}.n)` }),
        { batch: 300 },
      ),
    );
    const lines = Array.from({ length: 1000 }, () => '{"n":1}').join('\n');
    const outcome = await run(flow, {}, memoryStore({ [bucket]: { 'a.jsonl': lines } }));
    expect(outcome.output).toEqual([300, 300, 300, 100]);
  });
});

describe('each over CSV in S3', () => {
  const csv = { bucket, key: 'a.csv', format: 'csv' } as const;
  it.each([
    [
      'id,text\n1,late\n2,"a, ""b""\nc"\n',
      csv,
      [
        { id: '1', text: 'late' },
        { id: '2', text: 'a, "b"\nc' },
      ],
    ],
    [
      'id,text\r\n1\r\n2,b,c\r\n',
      csv,
      [
        { id: '1', text: '' },
        { id: '2', text: 'b' },
      ],
    ],
    ['id,text\n', csv, []],
    ['1;late', { ...csv, headers: ['id', 'text'], delimiter: ';' }, [{ id: '1', text: 'late' }]],
    ['a\tb\n1\t2', { ...csv, delimiter: '\t' }, [{ a: '1', b: '2' }]],
  ] as const)('gives an object of texts a row: %j', async (text, source, items) => {
    expect((await itemsOf(source, 'a.csv', text)).output).toEqual(items);
  });

  it('fails where two columns have one name', async () => {
    expect(await itemsOf(csv, 'a.csv', 'a,a\n1,2')).toMatchObject({
      error: 'States.ItemReaderFailed',
    });
  });
});

describe('each over the objects under a prefix', () => {
  const store = () =>
    memoryStore({ [bucket]: { 'in/b.jsonl': '3\n', 'in/a.jsonl': '1\n2\n', 'out/c.jsonl': '9' } });

  it('gives what the listing tells of each, in the order of the keys', async () => {
    const flow = await workflow('lists', { input: none }, async () =>
      each(fromS3({ bucket, prefix: 'in/' }), ({ Key, Size }) => act({ value: [Key, Size] })),
    );
    expect((await run(flow, {}, store())).output).toEqual([
      ['in/a.jsonl', 4],
      ['in/b.jsonl', 2],
    ]);
  });

  it('gives the items in all of them, with a format', async () => {
    const flow = await reads({ bucket, prefix: 'in/', format: 'jsonl' });
    expect((await run(flow, {}, store())).output).toEqual([1, 2, 3]);
  });

  it('is empty where there are none', async () => {
    expect((await run(await reads({ bucket, prefix: 'no/' }), {}, store())).output).toEqual([]);
  });
});

describe('each over a manifest in S3', () => {
  it('gives what an inventory lists', async () => {
    const manifest = { fileSchema: 'Bucket, Key', files: [{ key: 'data.csv' }] };
    const flow = await reads({ bucket, key: 'manifest.json', manifest: 's3-inventory' });
    const files = { 'manifest.json': JSON.stringify(manifest), 'data.csv': '"b","k1"\n"b","k2"' };
    expect((await run(flow, {}, memoryStore({ [bucket]: files }))).output).toEqual([
      { Bucket: 'b', Key: 'k1' },
      { Bucket: 'b', Key: 'k2' },
    ]);
  });

  it('gives the items of all files of an Athena UNLOAD', async () => {
    const flow = await reads({ bucket, key: 'm.csv', manifest: 'athena', format: 'jsonl' });
    const files = { 'm.csv': `s3://${bucket}/1\ns3://${bucket}/2`, 1: '1', 2: '2\n3' };
    expect((await run(flow, {}, memoryStore({ [bucket]: files }))).output).toEqual([1, 2, 3]);
  });
});

describe('a place in S3 that only a run knows', () => {
  it('is filled in, and its items are passed along with what the body reads', async () => {
    const input = z.object({ team: z.string(), day: z.string(), most: z.number() });
    const flow = await workflow('symbolic', { input }, async ({ team, day, most }) => {
      const source = fromS3({
        bucket: `tickets-${team}`,
        buckets: ['tickets-eu', 'tickets-us'],
        key: `in/${day}.json`,
        format: 'json',
        maxItems: most,
      });
      return each(source, (item, index) => act({ value: [item, index, day] }));
    });
    const store = memoryStore({ 'tickets-eu': { 'in/mon.json': '["a", "b", "c"]' } });
    const outcome = await run(flow, { team: 'eu', day: 'mon', most: 2 }, store);
    expect(outcome.output).toEqual([
      ['a', 0, 'mon'],
      ['b', 1, 'mon'],
    ]);
    expect(compileWorkflow(flow).resources).toEqual([
      { kind: 'bucket', bucket: 'tickets-eu', access: 'read', prefix: 'in/' },
      { kind: 'bucket', bucket: 'tickets-us', access: 'read', prefix: 'in/' },
    ]);
  });
});

describe('each with writeTo', () => {
  const numbers = z.object({ items: z.array(z.number()) });
  const target = { bucket: 'results', prefix: 'runs/labels' };

  function writes(options: object = {}) {
    return workflow('writes', { input: numbers }, async ({ items }) =>
      each(
        items,
        (item) => when(eq(item, 13), act({ fail: 'Unlucky', value: item }), act({ value: item })),
        { writeTo: toS3(target), ...options },
      ),
    );
  }

  it('gives where the results are, and writes one a line', async () => {
    const store = memoryStore();
    const { output, transitions } = await run(await writes(), { items: [3, 1, 2] }, store);
    const folder = expect.stringMatching(/^runs\/labels\/[0-9a-f-]{36}\//);
    expect(output).toEqual({ bucket: 'results', manifest: folder, prefix: folder });
    expect(transitions).toBe(1 + 3 * 2);
    const { manifest, prefix } = output as { manifest: string; prefix: string };
    expect(manifest).toMatch(/\/manifest\.json$/);
    const bytes = await store.get('results', `${prefix}0.jsonl`);
    expect(Buffer.from(bytes).toString()).toBe('3\n1\n2\n');
  });

  it('hands what was written to a later each, in two transitions and those of the bodies', async () => {
    const flow = await workflow('chain', { input: numbers }, async ({ items }) => {
      const labels = await each(items, (item) => act({ value: { item } }), {
        writeTo: toS3(target),
      });
      return each(fromS3(labels), (label) => act({ value: label }));
    });
    const items = [3, 1, 2];
    expect(await run(flow, { items }, memoryStore())).toMatchObject({
      output: items.map((item) => ({ item })),
      transitions: 2 + 2 * items.length,
    });
    expect((await run(flow, { items: [] }, memoryStore())).output).toEqual([]);
    expect(compileWorkflow(flow).resources).toEqual([
      { kind: 'bucket', bucket: 'results', access: 'write', prefix: 'runs/labels/' },
      { kind: 'bucket', bucket: 'results', access: 'list', prefix: 'runs/labels/' },
      { kind: 'bucket', bucket: 'results', access: 'read', prefix: 'runs/labels/' },
    ]);
  });

  it('carries more than 256 KiB of results', async () => {
    const flow = await workflow('large', { input: numbers }, async ({ items }) =>
      each(items, (item) => act({ value: jsonata`$pad('', 100000, $string(${item}))` }), {
        writeTo: toS3(target),
      }),
    );
    const store = memoryStore();
    const { status, output } = await run(flow, { items: [1, 2, 3, 4, 5] }, store);
    expect(status).toBe('SUCCEEDED');
    const { prefix } = output as { prefix: string };
    expect((await store.get('results', `${prefix}0.jsonl`)).byteLength).toBe(5 * 100_003);
  });

  it('writes slots with returnExceptions', async () => {
    const store = memoryStore();
    const flow = await writes({ returnExceptions: true });
    const { output } = await run(flow, { items: [1, 13] }, store);
    const text = await store.get('results', `${(output as { prefix: string }).prefix}0.jsonl`);
    expect(
      Buffer.from(text)
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { status: 'fulfilled', value: 1 },
      {
        status: 'rejected',
        reason: { error: 'Unlucky', cause: 'because of 13', name: '1', index: 1 },
      },
    ]);
  });

  it.each([
    [1, [1, 13, 2], 'SUCCEEDED'],
    [1, [13, 13, 2], 'FAILED'],
    [0, [1, 2], 'SUCCEEDED'],
    [0, [1, 13], 'FAILED'],
    ['50%', [13, 13, 1, 2], 'SUCCEEDED'],
    ['50%', [13, 13, 13, 1], 'FAILED'],
    ['0%', [], 'SUCCEEDED'],
  ])('tolerates %j of %j: %s', async (tolerate, items, status) => {
    const store = memoryStore();
    const outcome = await run(await writes({ tolerate }), { items }, store);
    expect(outcome.status).toBe(status);
    if (status === 'FAILED') {
      expect(outcome.error).toBe('States.ExceedToleratedFailureThreshold');
    }
  });

  it('leaves a tolerated failure out of the results, and keeps it beside them', async () => {
    const store = memoryStore();
    const { output } = await run(await writes({ tolerate: 1 }), { items: [1, 13, 2] }, store);
    const { prefix, manifest } = output as { prefix: string; manifest: string };
    expect(Buffer.from(await store.get('results', `${prefix}0.jsonl`)).toString()).toBe('1\n2\n');
    const listed = JSON.parse(Buffer.from(await store.get('results', manifest)).toString());
    const failed = await store.get('results', listed.ResultFiles.FAILED[0].Key);
    expect(JSON.parse(Buffer.from(failed).toString())).toMatchObject({ Error: 'Unlucky' });
  });

  it('takes part in a gather, and in the first state of a workflow', async () => {
    const document = JSON.parse(documentOf(await writes({ tolerate: '5%' })));
    expect(document.States.each).toMatchObject({
      ToleratedFailurePercentage: 5,
      ResultWriter: {
        Resource: 'arn:aws:states:::s3:putObject',
        WriterConfig: { OutputType: 'JSONL', Transformation: 'COMPACT' },
        Arguments: { Bucket: 'results', Prefix: 'runs/labels' },
      },
    });
  });
});

describe('what is granted', () => {
  const at = { kind: 'bucket', bucket } as const;
  it.each<[S3Source, readonly BucketNeed[]]>([
    [
      { bucket, key: 'a.json', format: 'json' },
      [{ ...at, access: 'read', prefix: 'a.json', exact: true }],
    ],
    [
      { bucket, key: 'a.csv', format: 'csv', version: '3' },
      [{ ...at, access: 'read', prefix: 'a.csv', exact: true, version: true }],
    ],
    [{ bucket, prefix: '' }, [{ ...at, access: 'list', prefix: '' }]],
    [
      { bucket, prefix: 'in/', format: 'csv' },
      [
        { ...at, access: 'list', prefix: 'in/' },
        { ...at, access: 'read', prefix: 'in/' },
      ],
    ],
    [
      { bucket, key: 'inventory/manifest.json', manifest: 's3-inventory' },
      [{ ...at, access: 'read', prefix: '' }],
    ],
  ])('is what %j names', async (source, needs) => {
    expect(compileWorkflow(await reads(source)).resources).toEqual(needs);
  });

  it('is nothing where nothing is in S3', async () => {
    const flow = await workflow('plain', { input: none }, async () => act({}));
    expect(compileWorkflow(flow)).not.toHaveProperty('resources');
  });
});

describe('what cannot be read or written', () => {
  it.each([
    [{ bucket, key: 'a' }, 'does not say how the object is to be read'],
    [{ bucket, key: 'a', format: 'parquet' }, 'has the format "parquet"'],
    [{ bucket, key: 'a', format: 'json', pointer: 'open' }, 'has the pointer "open"'],
    [{ bucket, key: 'a', format: 'json', headers: ['a'] }, 'has headers or a delimiter'],
    [{ bucket, key: 'a', format: 'csv', headers: ['a', 'a'] }, 'not unique'],
    [{ bucket, key: 'a', format: 'csv', delimiter: '#' }, 'has the delimiter "#"'],
    [{ bucket, key: 'a', manifest: 'athena', format: 'json' }, 'the manifest "athena"'],
    [{ bucket, key: 'a', prefix: 'b', format: 'json' }, "unknown option 'key'"],
    [{ bucket, key: '', format: 'json' }, 'the key of fromS3'],
    [{ bucket: 'Tickets_1', key: 'a', format: 'json' }, 'cannot be one'],
  ])('rejects %j', async (source, message) => {
    await expect(reads(source as S3Source)).rejects.toThrow(message);
  });

  it('rejects a bucket that only a run knows, unless it is listed', async () => {
    const flow = workflow('unknown', { input: z.object({ b: z.string() }) }, async ({ b }) =>
      each(fromS3({ bucket: b, key: 'a', format: 'json' }), (item) => act({ value: item })),
    );
    await expect(flow).rejects.toThrow('List the buckets that it may name');
  });

  it('rejects results whose bucket cannot be told before a run', async () => {
    const input = z.object({ results: z.object({ bucket: z.string(), prefix: z.string() }) });
    const flow = await workflow('given', { input }, async ({ results }) =>
      each(fromS3(results), (item) => act({ value: item })),
    );
    expect(() => compileWorkflow(flow)).toThrow('reads results from a bucket');
  });

  it.each([
    [{ distributed: false }, 'cannot have results in S3'],
    [{ tolerate: 1, returnExceptions: true }, 'leave one of the two out'],
    [{ tolerate: 1, batch: 2 }, 'leave one of the three out'],
    [{ writeTo: 'results' }, 'toS3({ bucket, prefix })'],
  ])('rejects writeTo with %j', async (options, message) => {
    const flow = workflow('wrong', { input: none }, async () =>
      each([1], (item) => act({ value: item }), {
        writeTo: toS3({ bucket }),
        ...(options as object),
      }),
    );
    await expect(flow).rejects.toThrow(message);
  });
});
