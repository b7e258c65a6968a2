import { WorkflowInvalid } from '../errors.ts';
import { BlockStep } from './block.ts';
import { withDefaults } from './defaults.ts';
import { ExecutionStep } from './execution.ts';
import { checkOptions } from './options.ts';
import type { Given } from './symbolic.ts';
import { symbolic } from './symbolic-value.ts';
import type { Scope } from './trace.ts';
import { toValue } from './value.ts';
import { isWorkflow, type Workflow, workflowBody } from './workflow.ts';

export interface CallOptions {
  /** Runs the workflow as an execution of its own. Default: its states become the caller's. */
  readonly execution: 'own';
}

/**
 * Calls a workflow from another one. A step like any other, to await or to gather.
 *
 * In place, the default: its body is traced here, and its states become states of the caller's document.
 * With `{ execution: 'own' }` it is a run of that workflow, with a history of its own, that the caller
 * waits for.
 *
 * - Result: what the workflow returns.
 * - First failure: fails the call, as a step's does. An execution's fails it with `States.TaskFailed`;
 *   a `catch` handler and a gather's slot have the execution's own error and cause.
 * - Siblings, deadline: as of the steps inside. An execution is stopped where the caller is, where its
 *   branch loses, and at its `timeout`.
 * - Empty input: fields with a default may be left out where the input is written here; in one that
 *   only a run knows they are not filled.
 * - Limits: in place, those of the caller: its runs are not runs of the called workflow. An execution
 *   has its own 25,000 events and 1 MB of document; its input and output stay under 256 KiB together.
 *
 * An execution is named after the caller's run and this step, so that it is not started twice. Where
 * the caller is redriven, one that has succeeded keeps its result, and one that has not begins anew.
 *
 * Compiles to the states of the body: no transition more. An execution is one Task state, and its own
 * transitions.
 *
 * @param flow the workflow; for an execution its name does, too: a workflow can call itself so
 * @throws WorkflowInvalid for what is no workflow, or an input without a required field
 */
export function call<Input, Output>(
  flow: Workflow<Input, Output>,
  input: Given<NoInfer<Input>>,
): CallWorkflowStep<Output>;
export function call<Input, Output>(
  flow: Workflow<Input, Output>,
  input: Given<NoInfer<Input>>,
  options: CallOptions,
): ExecutionStep<Output>;
export function call<Output = unknown>(
  flow: string,
  input: unknown,
  options: CallOptions,
): ExecutionStep<Output>;
export function call(
  flow: Workflow | string,
  input: unknown,
  options?: CallOptions,
): CallWorkflowStep<unknown> | ExecutionStep<unknown> {
  if (options === undefined) return new CallWorkflowStep(checkedFlow(flow), input);
  checkOptions(options, ['execution'], 'call(flow, input, options)');
  if (options.execution !== 'own') {
    throw new WorkflowInvalid(
      `call is to have the execution ${JSON.stringify(options.execution)}. Write { execution: 'own' }, or leave the options out for a call in place.`,
    );
  }
  const isName = typeof flow === 'string' && /^[A-Za-z][A-Za-z0-9-]{0,59}$/.test(flow);
  return new ExecutionStep(isName ? flow : checkedFlow(flow), input);
}

/** @throws WorkflowInvalid */
function checkedFlow(flow: unknown): Workflow {
  if (isWorkflow(flow)) return flow;
  throw new WorkflowInvalid(
    `call was given a ${typeof flow} where a workflow belongs. Await its definition first: const panel = await workflow('panel', ...), then call(panel, { ... }). ` +
      "A name is enough for an execution of its own: call('panel', { ... }, { execution: 'own' }).",
  );
}

/** Another workflow's states, in place. */
export class CallWorkflowStep<T> extends BlockStep<T> {
  protected readonly label: string;
  readonly #flow: Workflow;
  readonly #input: unknown;

  constructor(flow: Workflow, input: unknown) {
    super('workflow call');
    checkInline(flow);
    this.label = flow.name;
    this.#flow = flow;
    this.#input = input;
  }

  override get title(): string {
    return `call of workflow '${this.#flow.name}'`;
  }

  protected override run(scope: Scope): Promise<unknown> {
    const { trace } = scope;
    const { name, graph } = this.#flow;
    const place = `the input of workflow '${name}'`;
    const given = toValue(this.#input, trace, place);
    this.checkReadable(given, scope);
    const filled = withDefaults(given, graph.inputSchema, trace, place);
    const value = { kind: 'result', node: trace.bind(filled), path: [] } as const;
    const input = symbolic({ trace, value, text: `${name}.input` });
    return this.#flow[workflowBody](input as never);
  }
}

/** Its states become the caller's, so what holds for its runs would hold no more: not in silence. */
function checkInline({ name, graph }: Workflow): void {
  const own = [
    ...(graph.budget === undefined ? [] : ['budget']),
    ...(graph.timeoutSeconds === undefined ? [] : ['timeout']),
  ];
  if (own.length === 0) return;
  throw new WorkflowInvalid(
    `Workflow '${name}' has a ${own.join(' and a ')} of its own, which would not hold in the workflow that calls it. ` +
      "Call it as an execution of its own, call(flow, input, { execution: 'own' }), or set it on the caller and call a workflow without one.",
  );
}
