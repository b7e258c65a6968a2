import { expect, test } from 'vitest';
import { readRecordings, recordingsFile } from './recording.ts';
import { replay } from './replay.ts';

/** Recordings that cannot pass, each with its reason. The aim is that there is none. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

const recordings = recordingsFile === undefined ? [] : readRecordings(recordingsFile);

if (recordings.length === 0) {
  test.skip('recorded executions: the folder ../shared/conformance is not here', () => {});
}

for (const recording of recordings) {
  const reason = EXCEPTIONS[recording.id];
  const run = reason === undefined ? test : test.skip;
  const note = reason === undefined ? '' : ` (skipped: ${reason})`;
  run(`runs as AWS ran it: ${recording.id}${note}`, async () => {
    expect(await replay(recording)).toBeUndefined();
  });
}
