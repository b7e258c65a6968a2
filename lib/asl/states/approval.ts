import type { Json } from '../../json.ts';
import { taskRetry } from '../../model/retry-policy.ts';
import type { ApprovalNode, Value } from '../../workflow/graph.ts';
import { askingFunction } from '../approval-functions.ts';
import { resourceMark } from '../document.ts';
import { template } from '../expression.ts';
import { own, resultHand } from '../hand.ts';
import { runNameNode } from '../ledger.ts';
import { checkPayload } from '../limits.ts';
import type { State } from '../machine.ts';
import {
  catchField,
  type Ending,
  type Exit,
  endingFields,
  leadingFields,
  type Place,
  readerAt,
} from '../place.ts';

/**
 * An approval is a Task that waits for its token: the function that it calls keeps the question, makes
 * the link and announces it. The token brings the answer as the state's result. What holds when nobody
 * answers is the Output of the state's own Catch.
 */
export function approvalState(place: Place, node: ApprovalNode, exit: Exit): Ending {
  const { names, workflow } = place.scope;
  const name = names.state(node.id);
  const isFirst = place.first === node.id;
  const reader = readerAt(place, isFirst);
  const text = (value: string): Value => ({ kind: 'literal', value });
  const run: Value = { kind: 'result', node: runNameNode, path: [] };
  const asked: Value = {
    kind: 'object',
    entries: [
      ['workflow', text(workflow)],
      ['run', run],
      ['step', text(name)],
      ['question', node.question],
      ...(node.details ? [['details', node.details] as const] : []),
      ['timeoutSeconds', { kind: 'literal', value: node.timeoutSeconds }],
    ],
  };
  const args = {
    FunctionName: resourceMark(askingFunction.placeholder),
    Payload: { token: '{% $states.context.Task.Token %}', approval: template(asked, reader) },
  };
  checkPayload(args, name);
  place.machine.add(name, {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: args,
    TimeoutSeconds: node.timeoutSeconds,
    Retry: taskRetry as unknown as Json,
    ...catchField(place, isFirst, defaultCatch(place, node, name, exit)),
    ...endingFields(place, exit(own()), isFirst, resultHand),
  });
  return { next: name, assign: [], output: null };
}

function defaultCatch(place: Place, node: ApprovalNode, name: string, exit: Exit): State[] {
  if (!node.byDefault) return [];
  const { approved, comment } = node.byDefault;
  const literal = (value: boolean | string | null): Value => ({ kind: 'literal', value });
  const value: Value = {
    kind: 'object',
    entries: [
      ['approved', literal(approved)],
      ['comment', literal(comment)],
      ['by', literal(null)],
      ['how', literal('default')],
    ],
  };
  const resting = { key: `${node.id}:default`, words: `${name} by default` };
  const isFirst = place.first === node.id;
  return [
    {
      ErrorEquals: ['States.Timeout'],
      ...leadingFields({ ...place, unsure: true }, exit(value), resting, isFirst),
    },
  ];
}
