import { WorkflowInvalid } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { BlockStep } from './block.ts';
import type { Value } from './graph.ts';
import type { Given } from './symbolic.ts';
import { symbolic } from './symbolic-value.ts';
import type { Scope, Trace } from './trace.ts';
import { toValue } from './value.ts';
import { isWorkflow, type Workflow, workflowBody } from './workflow.ts';

/**
 * Calls a workflow from another one: its body is traced in place, and its states become states of the
 * caller's document. A step like any other, to await or to gather.
 *
 * - Result: what the workflow returns.
 * - First failure: fails the call, as a step's does.
 * - Siblings, deadline: as of the steps inside.
 * - Empty input: fields with a default may be left out where the input is written here; in one that
 *   only a run knows they are not filled.
 * - Limits: those of the caller. Its runs are not runs of the called workflow.
 *
 * Compiles to the states of the body: no transition more.
 *
 * @throws WorkflowInvalid for what is no workflow, or an input without a required field
 */
export function call<Input, Output>(
  flow: Workflow<Input, Output>,
  input: Given<NoInfer<Input>>,
): CallWorkflowStep<Output> {
  return new CallWorkflowStep(flow, input);
}

export class CallWorkflowStep<T> extends BlockStep<T> {
  protected readonly label: string;
  readonly #flow: Workflow;
  readonly #input: unknown;

  constructor(flow: unknown, input: unknown) {
    super('workflow call');
    if (!isWorkflow(flow)) {
      throw new WorkflowInvalid(
        `call was given a ${typeof flow} where a workflow belongs. Await its definition first: const panel = await workflow('panel', ...), then call(panel, { ... }).`,
      );
    }
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
      'Set it on the caller instead, and call a workflow without one.',
  );
}

/** The object with the schema's defaults where it has no field. */
function withDefaults(given: Value, schema: JsonObject, trace: Trace, place: string): Value {
  if (given.kind !== 'object') return given;
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonObject>);
  const known = new Map(given.entries);
  const missing = properties.filter(([key]) => !known.has(key));
  const required = (schema.required ?? []) as readonly string[];
  const lacking = missing.find(
    ([key, { default: own }]) => own === undefined && required.includes(key),
  );
  if (lacking) {
    throw new WorkflowInvalid(
      `${place.replace('the', 'The')} lacks '${lacking[0]}', which its schema requires. Pass it: call(flow, { ${lacking[0]}: ... }).`,
    );
  }
  const filled = missing
    .filter(([, { default: own }]) => own !== undefined)
    .map(([key, { default: own }]) => [key, toValue(own, trace, place)] as const);
  const inner = given.entries.map(([key, value]): readonly [string, Value] => {
    const property = properties.find(([name]) => name === key)?.[1];
    return [key, property ? withDefaults(value, property, trace, place) : value];
  });
  return { kind: 'object', entries: [...inner, ...filled] };
}
