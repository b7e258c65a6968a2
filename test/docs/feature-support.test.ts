import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMPARISONS } from '../../lib/engine/choice/comparison.ts';
import { TYPE_TESTS } from '../../lib/engine/choice/type-test.ts';
import { choiceRules } from '../../lib/engine/definition/states/choice.ts';
import { failRules } from '../../lib/engine/definition/states/fail.ts';
import { mapRules } from '../../lib/engine/definition/states/map.ts';
import { parallelRules } from '../../lib/engine/definition/states/parallel.ts';
import { passRules } from '../../lib/engine/definition/states/pass.ts';
import { succeedRules } from '../../lib/engine/definition/states/succeed.ts';
import { taskRules } from '../../lib/engine/definition/states/task.ts';
import { waitRules } from '../../lib/engine/definition/states/wait.ts';
import { arrayIntrinsics } from '../../lib/engine/intrinsics/array.ts';
import { encodingIntrinsics } from '../../lib/engine/intrinsics/encoding.ts';
import { jsonIntrinsics } from '../../lib/engine/intrinsics/json-text.ts';
import { mathIntrinsics } from '../../lib/engine/intrinsics/math.ts';
import { textIntrinsics } from '../../lib/engine/intrinsics/text.ts';
import { uniqueIdIntrinsics } from '../../lib/engine/intrinsics/unique-id.ts';
import { addedFunctions } from '../../lib/engine/jsonata/functions.ts';
import { operations } from '../../lib/local/endpoint/operations.ts';
import { createIntegrations } from '../../lib/local/integrations/integrations.ts';
import { awsServices } from '../../lib/local/integrations/services.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/feature-support.md'), 'utf8');

/** The rows of the first table under a heading: cells without their borders. */
function table(heading: string): readonly (readonly string[])[] {
  const section = page.split(/^#{2,3} /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The words in backticks. */
function words(cell: string | undefined): readonly string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, word]) => word as string);
}

/** The words of one column, of all rows. */
function column(heading: string, index: number): readonly string[] {
  return table(heading).flatMap((row) => words(row[index]));
}

const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();

describe('docs/feature-support.md', () => {
  test('names every operation of the endpoint, and none besides', () => {
    expect(sorted(column('Operations of the API', 0))).toEqual(sorted(Object.keys(operations)));
  });

  test('names every state and every field that a definition may have', () => {
    const rules = {
      Pass: passRules,
      Task: taskRules,
      Choice: choiceRules,
      Wait: waitRules,
      Succeed: succeedRules,
      Fail: failRules,
      Parallel: parallelRules,
      Map: mapRules,
    };
    const told = Object.fromEntries(
      table('States and their fields').map(([state, fields]) => [
        words(state)[0],
        sorted(words(fields)),
      ]),
    );
    const real = Object.fromEntries(
      Object.entries(rules).map(([state, { fields }]) => [state, sorted(Object.keys(fields))]),
    );
    expect(told).toEqual(real);
  });

  test('names every operator of a Choice rule', () => {
    expect(sorted(column('Choice rules (JSONPath)', 1))).toEqual(
      sorted([...COMPARISONS.keys(), ...TYPE_TESTS.keys(), 'IsPresent', 'And', 'Or', 'Not']),
    );
  });

  test('names every intrinsic function, all eighteen', () => {
    const real = [
      arrayIntrinsics,
      encodingIntrinsics,
      jsonIntrinsics,
      mathIntrinsics,
      textIntrinsics,
      uniqueIdIntrinsics,
    ].flatMap((functions) => Object.keys(functions).map((name) => `States.${name}`));
    expect(real).toHaveLength(18);
    expect(sorted(column('Intrinsic functions (JSONPath)', 1))).toEqual(sorted(real));
  });

  test('names every function that is added to JSONata', () => {
    const added = addedFunctions(() => ({ now: () => 0, random: () => 0 }));
    expect(sorted(column('JSONata', 1))).toEqual(
      sorted([...added.map(({ name }) => `$${name}`), '$eval']),
    );
  });

  test('names every service of the AWS SDK integration, with the variable of its endpoint', () => {
    const told = table('AWS SDK integrations').map((row) => [...words(row[0]), ...words(row[1])]);
    const real = Object.entries(awsServices).map(([name, { variable }]) => [
      name,
      `AWS_ENDPOINT_URL_${variable}`,
    ]);
    expect(told).toEqual(real);
  });

  const everything = createIntegrations({
    environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
    functions: { refuse: () => undefined, invoke: () => Promise.reject(new Error('not called')) },
    executions: {
      start: () => {
        throw new Error('not called');
      },
    },
  });

  test('what it calls supported is served, what it calls refused is refused', () => {
    const served = column('Task resources', 0);
    expect(served.length).toBeGreaterThan(15);
    for (const resource of served)
      expect([resource, everything.refuse(resource)]).toEqual([resource, undefined]);
    const refused = column('Refused', 0).filter((word) => word.startsWith('arn:'));
    expect(refused.length).toBeGreaterThan(15);
    for (const resource of refused)
      expect([resource, everything.refuse(resource)]).toEqual([resource, expect.any(String)]);
  });

  test('every test that it names is there', () => {
    const named = new Set([...page.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, file]) => file));
    expect(named.size).toBeGreaterThan(15);
    for (const file of named)
      expect([file, existsSync(path.join(root, file ?? ''))]).toEqual([file, true]);
  });
});
