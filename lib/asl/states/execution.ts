import type { Json, JsonObject } from '../../json.ts';
import { longestLineage } from '../../run-name.ts';
import type { ExecutionNode, Value } from '../../workflow/graph.ts';
import { resourceMark } from '../document.ts';
import { expression, type Reader, template } from '../expression.ts';
import { own, resultHand } from '../hand.ts';
import { checkPayload } from '../limits.ts';
import { jsonataString } from '../literal.ts';
import {
  catchField,
  type Ending,
  type Exit,
  endingFields,
  type Place,
  readerAt,
} from '../place.ts';
import { workflowPlaceholder } from '../workflow-needs.ts';

/** AWS docs: "Associate a workflow execution with the parent": the console then links the two. */
const startedBy = 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID';
const parent = '$states.context.Execution.Id';

/** Another workflow's execution is a Task that waits for it (`.sync:2`: its output comes as JSON). */
export function executionState(place: Place, node: ExecutionNode, exit: Exit): Ending {
  const name = place.scope.names.state(node.id);
  const isFirst = place.first === node.id;
  const reader = readerAt(place, isFirst);
  const input = inputField(node.input, reader);
  checkPayload(input, name);
  place.machine.add(name, {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Arguments: {
      StateMachineArn: resourceMark(workflowPlaceholder(node.workflow)),
      Name: `{% ${nameExpression(node, reader)} %}`,
      Input: input,
    },
    ...(node.timeoutSeconds === null ? {} : { TimeoutSeconds: node.timeoutSeconds }),
    Retry: node.retry as unknown as Json,
    ...catchField(place, isFirst),
    ...endingFields(place, exit(own('Output')), isFirst, resultHand),
  });
  return { next: name, assign: [], output: null };
}

function inputField(input: Value, reader: Reader): Json {
  if (input.kind === 'object') {
    return { ...(template(input, reader) as JsonObject), [startedBy]: `{% ${parent} %}` };
  }
  return `{% $merge([${expression(input, reader)}, { '${startedBy}': ${parent} }]) %}`;
}

/**
 * The same for the same step of the same run, so that nothing is started twice; another one for a retry
 * and for a redrive, since a name that has been used cannot be used again for 90 days. People read the
 * caller's run and the workflow in it; the hash has the rest. At most 37 + 2 + 20 + 1 + 20 characters.
 */
function nameExpression({ workflow, turns }: ExecutionNode, reader: Reader): string {
  const parts = [
    '$states.context.Execution.Name',
    '$states.context.State.Name',
    ...turns.map((turn) => expression(turn, reader)),
    '$states.context.State.RetryCount',
    '$states.context.Execution.RedriveCount',
  ];
  const word = jsonataString(`--${workflow.slice(0, 20)}-`);
  const hash = `$hash(${parts.join(" & '/' & ")}, 'SHA-256')`;
  return `$substring($states.context.Execution.Name, 0, ${longestLineage}) & ${word} & $substring(${hash}, 0, 20)`;
}
