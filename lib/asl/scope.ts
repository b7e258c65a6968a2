import type { Json, JsonObject } from '../json.ts';
import type { Node, Path, Reference, Value } from '../workflow/graph.ts';
import { pathExpression, type Reader, type Source, template } from './expression.ts';
import type { Functions } from './functions.ts';
import type { Names } from './names.ts';
import { coveringRead, type Reads } from './reads.ts';

/** One state of the document. */
export type State = JsonObject;

/** What every builder needs of the whole document. */
export interface Scope {
  readonly names: Names;
  readonly reads: Reads;
  readonly functions: Functions;
  readonly nodes: ReadonlyMap<number, Node>;
}

/** What a state does after its work, as its sequence decides: where to go, what to give, who catches. */
export interface Ending {
  /** The next state, or null at the sequence's end. */
  readonly next: string | null;
  /** The sequence's output, at its end. */
  readonly output: Value | null;
  /** Wraps the output of a branch that is allowed to fail. */
  readonly settles: boolean;
  /** The catchers of an allowed failure, the same for every state of a branch. */
  readonly catchers: readonly Json[];
}

const runInput = '$states.context.Execution.Input';

/** Reads variables and the run's input; what a state's Arguments may use. */
export function variableReader(scope: Scope): Reader {
  return {
    read(reference) {
      if (reference.kind === 'input') return pathExpression(runInput, reference.path);
      const covering = coveringRead(scope.reads, reference);
      const variable = `$${scope.names.variable(reference.node, covering)}`;
      return pathExpression(variable, reference.path.slice(covering.length));
    },
  };
}

/** Also reads the state's own result; what its Assign and Output may use. */
export function resultReader(scope: Scope, node: Node): Reader {
  const variables = variableReader(scope);
  return {
    read(reference: Reference): Source {
      return reference.kind === 'result' && reference.node === node.id
        ? ownResult(node, reference.path)
        : variables.read(reference);
    },
  };
}

function ownResult(node: Node, path: Path): Source {
  const result = '$states.result';
  if (node.kind === 'call') {
    return pathExpression(node.gives === 'output' ? `${result}.output` : result, path);
  }
  if (node.shape === 'tuple') return pathExpression(result, path);
  // Parallel gives a list; a record's slot is found by its position.
  const slots = node.branches.map((branch, index) => [branch.key, `${result}[${index}]`] as const);
  const [first, ...rest] = path;
  if (first === undefined) return { record: slots };
  const slot = slots.find(([key]) => key === String(first));
  return pathExpression(slot?.[1] ?? result, rest);
}

/** The fields of a state that follow its work: Assign, Output, Next or End. */
export function endingFields(scope: Scope, node: Node, ending: Ending): State {
  const reader = resultReader(scope, node);
  const assigned = (scope.reads.get(node.id) ?? []).map((path): [string, Json] => [
    scope.names.variable(node.id, path),
    template({ kind: 'result', node: node.id, path }, reader),
  ]);
  const output = ending.output === null ? undefined : outputField(ending.output, reader, ending);
  return {
    ...(ending.catchers.length > 0 ? { Catch: ending.catchers } : {}),
    ...(assigned.length > 0 ? { Assign: Object.fromEntries(assigned) } : {}),
    ...(output === undefined ? {} : { Output: output }),
    ...(ending.next === null ? { End: true } : { Next: ending.next }),
  };
}

/** undefined: what the state gives by itself is already the output. */
function outputField(output: Value, reader: Reader, ending: Ending): Json | undefined {
  const value = template(output, reader);
  if (ending.settles) return { status: 'fulfilled', value };
  return value === '{% $states.result %}' ? undefined : value;
}
