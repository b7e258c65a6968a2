import { expect, test } from 'vitest';
import { linesOf } from '../../../lib/model/batch/lines.ts';

async function all(body: ReadableStream<Uint8Array>, secret: string | null) {
  const lines: string[] = [];
  for await (const line of linesOf(body, secret)) lines.push(line);
  return lines;
}

function linesIn(pieces: readonly string[], secret: string | null) {
  const bytes = pieces.map((piece) => Buffer.from(piece));
  return all(ReadableStream.from(bytes) as ReadableStream<Uint8Array>, secret);
}

test('gives lines whole, wherever the file was cut, and leaves out what is empty', async () => {
  expect(await linesIn(['{"a', '":1}\n\n{"b":', '2}\n', '  \n{"c":3}'], null)).toEqual([
    '{"a":1}',
    '{"b":2}',
    '{"c":3}',
  ]);
});

test('gives a letter whole that was cut between its bytes', async () => {
  const [first, second] = [Buffer.from('{"é').subarray(0, 3), Buffer.from('{"é"}\n').subarray(3)];
  const body = ReadableStream.from([first, second]) as ReadableStream<Uint8Array>;
  expect(await all(body, null)).toEqual(['{"é"}']);
});

test('keeps a key that the provider repeats out of every line, also one cut in two', async () => {
  const told = ['{"request_id":"Bearer sk-', 'secret"}\n{"message":"sk-secret sk-secret"}\n'];
  expect(await linesIn(told, 'sk-secret')).toEqual([
    '{"request_id":"Bearer [key]"}',
    '{"message":"[key] [key]"}',
  ]);
});
