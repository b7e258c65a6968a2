import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../json.ts';
import type { TestRun } from './test-run.ts';

declare module 'vitest' {
  // The parameters are those of vitest's own interface.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    toHaveSucceeded(...output: readonly Json[]): R;
    toHaveFailedWith(error: string): R;
    toHaveCalledModels(times: number): R;
    toTakeTransitions(most: number): R;
    toSpendTokens(most: number): R;
  }
}

interface Verdict {
  readonly pass: boolean;
  message(): string;
}

/** For `expect.extend(matchers)` of vitest: each is asked of what `testRun` gives. */
export const matchers = {
  /** The run succeeded; with a value, with exactly that output. */
  toHaveSucceeded(actual: TestRun, ...output: readonly Json[]): Verdict {
    const succeeded = actual.status === 'SUCCEEDED';
    const pass = succeeded && (output.length === 0 || isDeepStrictEqual(actual.output, output[0]));
    return verdict(pass, 'to have succeeded', shown(actual), output);
  },

  /** The run failed with an error of that name. */
  toHaveFailedWith(actual: TestRun, error: string): Verdict {
    const pass = actual.status === 'FAILED' && actual.error === error;
    return verdict(pass, 'to have failed with', shown(actual), [error]);
  },

  /** Models were called so often in all, those calls included that were made again. */
  toHaveCalledModels(actual: TestRun, times: number): Verdict {
    const calls = actual.calls.length;
    return verdict(calls === times, 'to have called models', `${calls} calls`, [times]);
  },

  /** Step Functions would bill at most so many state transitions. */
  toTakeTransitions(actual: TestRun, most: number): Verdict {
    const { transitions } = actual;
    return verdict(transitions <= most, 'to take at most', `${transitions} transitions`, [most]);
  },

  /** The run used at most so many tokens, failed attempts included. */
  toSpendTokens(actual: TestRun, most: number): Verdict {
    const { totalTokens } = actual.run.usage;
    return verdict(totalTokens <= most, 'to spend at most', `${totalTokens} tokens`, [most]);
  },
};

function verdict(
  pass: boolean,
  words: string,
  actual: string,
  expected: readonly (Json | undefined)[],
): Verdict {
  const wanted = expected.length === 0 ? '' : ` ${JSON.stringify(expected[0])}`;
  return {
    pass,
    message: () => `expected the run ${pass ? 'not ' : ''}${words}${wanted}; it was: ${actual}`,
  };
}

function shown({ status, output, error }: TestRun): string {
  return status === 'SUCCEEDED'
    ? `SUCCEEDED with ${JSON.stringify(output)}`
    : `${status} with ${error}`;
}
