import type { Json } from '../json.ts';
import type { Reference, Sequence, Value } from '../workflow/graph.ts';
import { partOf, substitute } from '../workflow/substitute.ts';
import { type Reader, template } from './expression.ts';
import type { Frame } from './frame.ts';
import { executionHand, failure, type Hand, inHand } from './hand.ts';
import type { Machine, State } from './machine.ts';
import type { Scope } from './scope.ts';

/** Where a state is built: in which machine, and who takes its failure. */
export interface Place {
  readonly scope: Scope;
  readonly frame: Frame;
  readonly machine: Machine;
  /** From the innermost to the outermost. */
  readonly catchers: readonly Catcher[];
  readonly first: First;
  /**
   * Whether it may be that the states here never run, as those of a case. What they alone read is then
   * assigned whole: a part of it that is absent must not fail the state that assigns it.
   */
  readonly unsure?: boolean;
}

/**
 * What starts the machine: the state of the node with that id, or the state that a builder puts around
 * a sequence. Null: none of the states to come.
 */
export type First = number | 'builder' | null;

/** The node of a sequence whose state comes first; null where a Pass has to stand in front of it. */
export function firstNode(sequence: Sequence): First {
  const node = sequence.nodes[0];
  if (node?.kind === 'attempt' || node?.kind === 'block') return firstNode(node.body);
  return !node || node.kind === 'repeat' ? null : node.id;
}

/** Takes failures of these names. */
export interface Catcher {
  readonly errors: readonly string[];
  readonly ending: (failure: Value) => Ending;
  readonly resting: Resting;
}

/** The state that ends a machine for a Choice or a Catch: its name, made when it is needed. */
export interface Resting {
  /** One state for each key. */
  readonly key: string;
  readonly words: string;
}

/** What a state does after its work: what it assigns, what it gives, where it leads. */
export interface Ending {
  /** The next state; null: the machine ends here. */
  readonly next: string | null;
  readonly assign: readonly Assignment[];
  /** The state's output; null: what it gives by itself, which nobody reads. */
  readonly output: Value | null;
}

export type Assignment = readonly [variable: string, value: Value];

/** An ending with more assignments, in which a node's value is replaced by what is at hand. */
export function passing(
  more: readonly Assignment[],
  ending: Ending,
  node: number,
  value: Value,
): Ending {
  const inHand = (each: Value): Value => substitute(each, node, value);
  return {
    next: ending.next,
    assign: [...more, ...ending.assign.map(([name, each]) => [name, inHand(each)] as const)],
    output: ending.output === null ? null : inHand(ending.output),
  };
}

/** How a sequence ends, once its value is known. It may be asked several times. */
export type Exit = (value: Value) => Ending;

/** The assignments by which later states read a value: the parts that they read, and no others. */
export function assignments(scope: Scope, node: number, value: Value): Assignment[] {
  return scope
    .reads(0, node)
    .map((path) => [scope.names.variable(0, node, path), partOf(value, path)] as const);
}

/** Reads what the state has at hand, and what its machine can see. */
export function readerAt(place: Place, isFirst: boolean, hand: Hand = new Map()): Reader {
  const isSure = !place.unsure;
  return {
    read(reference: Reference): string {
      const found =
        reference.kind === 'result' ? inHand(hand, reference.node, reference.path) : undefined;
      return found ?? place.frame.read(reference, isFirst, isSure);
    },
    get guarded(): Reader {
      return isSure ? readerAt({ ...place, unsure: true }, isFirst, hand) : this;
    },
  };
}

/** The fields of a state that follow its work: Assign, Output, Next or End. */
export function endingFields(place: Place, ending: Ending, isFirst: boolean, hand?: Hand): State {
  const { next } = ending;
  return {
    ...leavingFields(place, ending, isFirst, hand),
    ...(next === null ? { End: true } : { Next: next }),
  };
}

/** As `endingFields`, for a rule of a Choice and for a Catch, which cannot end the machine. */
export function leadingFields(
  place: Place,
  ending: Ending,
  resting: Resting,
  isFirst: boolean,
  hand?: Hand,
): State {
  return {
    ...leavingFields(place, ending, isFirst, hand),
    Next: ending.next ?? restingState(place, resting),
  };
}

function restingState({ machine, scope }: Place, { key, words }: Resting): string {
  return machine.rest(scope.names.extra(key, words));
}

function leavingFields(place: Place, ending: Ending, isFirst: boolean, hand?: Hand): State {
  const reader = readerAt(place, isFirst, hand);
  const given = isFirst ? place.frame.assigned : [];
  const assign: [string, Json][] = [
    ...given.map(([name, text]): [string, Json] => [name, `{% ${text} %}`]),
    ...ending.assign.map(([name, value]): [string, Json] => [name, template(value, reader)]),
  ];
  const output = ending.output === null ? undefined : template(ending.output, reader);
  // What a state gives by itself needs no word: its result.
  const says = output !== undefined && output !== '{% $states.result %}';
  return {
    ...(assign.length > 0 ? { Assign: Object.fromEntries(assign) } : {}),
    ...(says ? { Output: output } : {}),
  };
}

/**
 * The Catch field of a state: the catchers around it, after those that it has itself.
 * @param hand how the failure is told; by default as an execution's where there are any, since a
 *   branch's failure is also its Parallel's
 */
export function catchField(
  place: Place,
  isFirst: boolean,
  own: readonly State[] = [],
  hand: Hand | undefined = place.scope.hasExecutions ? executionHand : undefined,
): State {
  const aside = { ...place, unsure: true };
  const around = place.catchers.map(({ errors, ending, resting }) => ({
    ErrorEquals: errors,
    ...leadingFields(aside, ending(failure), resting, isFirst, hand),
  }));
  const rules = [...own, ...around];
  return rules.length > 0 ? { Catch: rules } : {};
}

/** Who takes a failure of that name; undefined: nobody in this machine. */
export function takerOf({ catchers }: Place, error: string): Catcher | undefined {
  return catchers.find(({ errors }) =>
    errors.some((name) => name === 'States.ALL' || name === error),
  );
}

/** Where a failure leads that is known while the document is built: to whoever takes it, or to a Fail. */
export function raise(place: Place, error: string, cause: Value, fail: Resting): Ending {
  const taker = takerOf(place, error);
  const literal: Value = { kind: 'literal', value: error };
  if (taker) {
    const entries = [
      ['error', literal],
      ['cause', cause],
    ] as const;
    return taker.ending({ kind: 'object', entries });
  }
  const name = place.scope.names.extra(fail.key, fail.words);
  place.machine.add(name, { Type: 'Fail', Error: error, Cause: '{% $states.input %}' });
  return { next: name, assign: [], output: cause };
}
