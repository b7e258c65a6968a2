import type { Path, Value } from '../workflow/graph.ts';
import { pathExpression } from './expression.ts';

/**
 * What a state has at hand while it is left, and no other state can read: references to these are
 * resolved in the state itself, before they could become variables.
 */
const ownNode = -1;
const failureNode = -2;
const winnerNode = -3;
const inputNode = -4;

/** Where a state finds what it has at hand: a JSONata expression for each. */
export type Hand = ReadonlyMap<number, string>;

function at(node: number, ...path: Path): Value {
  return { kind: 'result', node, path };
}

/** The state's own result. */
export const own = (...path: Path): Value => at(ownNode, ...path);

/** The value that the winner's Fail state told in its cause. */
export const winner = (...path: Path): Value => at(winnerNode, ...path);

/** The state's input. */
export const input = (...path: Path): Value => at(inputNode, ...path);

/** The failure that a Catch takes. */
export const failure: Value = {
  kind: 'object',
  entries: [
    ['error', at(failureNode, 'error')],
    ['cause', at(failureNode, 'cause')],
  ],
};

export const resultHand: Hand = new Map([[ownNode, '$states.result']]);
export const inputHand: Hand = new Map([[inputNode, '$states.input']]);
export const winnerHand: Hand = new Map([[winnerNode, '$parse($states.errorOutput.Cause)']]);

/**
 * A Lambda function's failure has JSON text as its cause: `{"errorType", "errorMessage", "trace"}`. The
 * reader wants the message; any other cause is taken as it is, none as ''.
 */
const readableCause =
  '($contains($states.errorOutput.Cause & \'\', /^\\{.*"errorMessage".*\\}$/) ' +
  '? $parse($states.errorOutput.Cause).errorMessage ' +
  ": $states.errorOutput.Cause & '')";

/** The JSONata of what is at hand; undefined for any other reference. */
export function inHand(hand: Hand, node: number, path: Path): string | undefined {
  if (node === failureNode) {
    return path[0] === 'error' ? '$states.errorOutput.Error' : readableCause;
  }
  const base = hand.get(node);
  return base === undefined ? undefined : pathExpression(base, path);
}
