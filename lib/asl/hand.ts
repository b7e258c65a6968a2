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
const errorNode = -5;
const causeNode = -6;

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

/**
 * An execution's failure is 'States.TaskFailed' with what DescribeExecution tells of it as the cause,
 * its input among it. The reader wants the execution's own error and cause, which may be a function's.
 */
const execution = '$parse($states.errorOutput.Cause)';
const isExecution =
  "($states.errorOutput.Error = 'States.TaskFailed' " +
  'and $contains($states.errorOutput.Cause & \'\', /^\\{.*"ExecutionArn".*\\}$/))';
const executionError = `(${isExecution} ? [${execution}.Error, 'States.TaskFailed'][0] : $states.errorOutput.Error)`;
const executionCause =
  `($cause := (${isExecution} ? [${execution}.Cause, ${execution}.Status][0] : $states.errorOutput.Cause) & ''; ` +
  '$contains($cause, /^\\{.*"errorMessage".*\\}$/) ? $parse($cause).errorMessage : $cause)';

export const executionHand: Hand = new Map([
  [errorNode, executionError],
  [causeNode, executionCause],
]);

/** The JSONata of what is at hand; undefined for any other reference. */
export function inHand(hand: Hand, node: number, path: Path): string | undefined {
  if (node === failureNode) {
    return path[0] === 'error'
      ? (hand.get(errorNode) ?? '$states.errorOutput.Error')
      : (hand.get(causeNode) ?? readableCause);
  }
  const base = hand.get(node);
  return base === undefined ? undefined : pathExpression(base, path);
}
