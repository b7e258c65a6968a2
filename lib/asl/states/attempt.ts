import type { AttemptNode } from '../../workflow/graph.ts';
import type { Build } from '../build.ts';
import {
  assignments,
  type Catcher,
  type Ending,
  type Exit,
  type Place,
  passing,
} from '../place.ts';

/**
 * An attempt has no state of its own: every state of its body catches what the handler takes, and the
 * handler's states stand in the same machine. Both end where the attempt ends.
 */
export function attemptStates(place: Place, node: AttemptNode, exit: Exit, build: Build): Ending {
  const { names } = place.scope;
  // Once, however many states of the body lead to it.
  const handler = build.sequence({ ...place, first: null, unsure: true }, node.handler, exit);
  const catcher: Catcher = {
    errors: node.errors,
    ending: (failure) =>
      passing(assignments(place.scope, node.failure, failure), handler, node.failure, failure),
    resting: { key: `${node.id}:caught`, words: `${names.state(guarded(node))} caught` },
  };
  const takesAll = node.errors.includes('States.ALL');
  const catchers = takesAll ? [catcher] : [catcher, ...place.catchers];
  return build.sequence({ ...place, catchers }, node.body, exit);
}

/** The node whose name the reader of the document knows. */
function guarded(node: AttemptNode): number {
  const inner = node.body.nodes.at(-1);
  if (inner?.kind === 'attempt') return guarded(inner);
  return inner?.id ?? node.id;
}
