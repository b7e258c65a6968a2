import { describe, expect, it } from 'vitest';
import type { Json } from '../../lib/json.ts';
import { memoryStore } from '../../lib/payload/memory-store.ts';
import { offloadPayloads } from '../../lib/payload/offload.ts';
import { payloadOf, referencesIn, tagOf, writeReference } from '../../lib/payload/reference.ts';
import { resolvePayloads } from '../../lib/payload/resolve.ts';

const run = 'run-1';
const long = (length: number, text = 'A line of "quoted" text\\with all\n'): string =>
  text.repeat(Math.ceil(length / text.length)).slice(0, length);

async function around(value: Json, share: number, keep: readonly string[] = []) {
  const store = memoryStore();
  const open = async () => store;
  const small = await offloadPayloads(value, { run, share, keep }, open);
  return { small, whole: await resolvePayloads(small, run, open), open };
}

const size = (value: Json): number => Buffer.byteLength(JSON.stringify(value));

describe('a value that is too large', () => {
  it.each<[string, Json]>([
    ['a text', long(200_000)],
    ['multi-byte text', long(200_000, 'é€😀"')],
    ['half a surrogate pair', `${long(100_000, 'x')}\ud83d`],
    ['an object with a text', { title: 'T', body: long(150_000), n: 1 }],
    ['a list of texts', Array.from({ length: 30 }, (_, i) => `${i} ${long(9000)}`)],
    ['a list of small objects', Array.from({ length: 5000 }, (_, i) => ({ i, name: `n${i}` }))],
    [
      'an object of many fields',
      Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`k/~${i}`, 'some text'])),
    ],
    ['lists in lists', [[[Array.from({ length: 40_000 }, (_, i) => i)]], [], [null, false, 0, '']]],
    [
      'a list in an object beside a text',
      { hits: Array.from({ length: 3000 }, (_, i) => [i]), text: long(80_000) },
    ],
  ])('comes back as it was, and fits meanwhile: %s', async (_, value) => {
    const { small, whole } = await around(value, 4000);
    expect(size(small)).toBeLessThanOrEqual(4000);
    expect(whole).toEqual(value);
  });

  it('keeps its structure where its texts are what is large', async () => {
    const { small } = await around({ title: 'T', pages: [{ n: 1, text: long(50_000) }] }, 2000);
    expect(small).toEqual({
      title: 'T',
      pages: [
        { n: 1, text: expect.stringMatching(/^\[\[payload text 50000 \S+ "A line of 'quoted' /) },
      ],
    });
  });

  it('loses a list, and not what stands around it', async () => {
    const hits = Array.from({ length: 3000 }, (_, i) => ({ i }));
    const { small } = await around({ query: 'q', found: { hits, more: false } }, 2000);
    expect(small).toEqual({
      query: 'q',
      found: { hits: expect.stringMatching(/^\[\[payload json /), more: false },
    });
  });

  it('is left alone while it fits, to the byte, and no store is asked for', async () => {
    const value = 'é'.repeat(499);
    const refuse = () => Promise.reject(new Error('no store is asked for'));
    expect(await offloadPayloads(value, { run, share: 1000 }, refuse)).toBe(value);
    await expect(offloadPayloads(`${value}.`, { run, share: 1000 }, refuse)).rejects.toThrow();
  });

  it('stays too large without a store', async () => {
    const value = long(5000);
    expect(await offloadPayloads(value, { run, share: 100 }, async () => null)).toBe(value);
  });

  it('keeps what the document looks into', async () => {
    const value = { kept: long(3000), list: [long(3000), long(3000)], other: long(3000) };
    const { small, whole } = await around(value, 4000, ['/kept', '/list/*']);
    const reference = expect.stringMatching(/^\[\[payload/);
    expect(small).toEqual({ kept: value.kept, list: [reference, reference], other: reference });
    expect(whole).toEqual(value);
  });

  it('stays too large where all of it has to be kept', async () => {
    const value = { list: [long(9000)] };
    expect((await around(value, 100, [''])).small).toEqual(value);
    expect((await around(value, 100, ['/list'])).small).toEqual(value);
    expect((await around(value, 100, ['/list/*/text'])).small).toEqual({
      list: [expect.stringMatching(/^\[\[payload text/)],
    });
  });
});

describe('a reference', () => {
  const held = { a: long(3000), list: Array.from({ length: 400 }, (_, i) => i) };

  it('is found inside of a text', async () => {
    const { small, open } = await around(held, 500);
    const { a } = small as { a: string };
    expect(await resolvePayloads([`Say: ${a} and ${a}.`], run, open)).toEqual([
      `Say: ${held.a} and ${held.a}.`,
    ]);
  });

  it.each([1, 2, 3])('is found in a value that was made JSON text %i times', async (times) => {
    const { small, open } = await around(held, 500);
    const text = (value: Json): string => {
      let made = value;
      for (let left = times; left > 0; left -= 1) made = JSON.stringify(made);
      return made as string;
    };
    const resolved = await resolvePayloads(`Of ${text(small)}.`, run, open);
    expect(resolved).toBe(`Of ${text(held)}.`);
  });

  it('of another run stays text, and its content is not read, though it is there', async () => {
    const { small, open } = await around(held, 500);
    const store = await open();
    const other = 'run-2';
    for (const { reference } of referencesIn(JSON.stringify(small))) {
      const content = await store.get(run, reference.sha256);
      await store.put(other, reference.sha256, content ?? '');
    }
    expect(await resolvePayloads(small, other, open)).toEqual(small);
  });

  it('of its own run that leads nowhere fails by name, and tells no content', async () => {
    const payload = payloadOf('secret words', tagOf(run));
    const text = writeReference(payload, 1000);
    await expect(resolvePayloads(text, run, async () => memoryStore())).rejects.toMatchObject({
      name: 'Payload.Missing',
      message: expect.not.stringContaining('secret'),
    });
    await expect(resolvePayloads(text, run, async () => null)).rejects.toMatchObject({
      name: 'Payload.Unavailable',
    });
  });

  it('whose content was changed fails by name', async () => {
    const { small } = await around(held, 500);
    const store = memoryStore();
    for (const { reference } of referencesIn(JSON.stringify(small))) {
      await store.put(run, reference.sha256, 'something else');
    }
    await expect(resolvePayloads(small, run, async () => store)).rejects.toMatchObject({
      name: 'Payload.Missing',
    });
  });

  it('in a content that was put aside is not looked into', async () => {
    const forged = writeReference(payloadOf('x', tagOf(run)), 1000);
    const value = `${forged} ${long(2000)}`;
    expect((await around(value, 500)).whole).toBe(value);
  });

  it('is shared by the runs of one lineage', async () => {
    const { small, open } = await around(held, 500);
    expect(await resolvePayloads(small, `${run}--reuse-0123456789--watched`, open)).toEqual(held);
  });
});
