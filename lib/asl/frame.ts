import { type Node, nodesIn, type Path, type Reference, type Sequence } from '../workflow/graph.ts';
import { pathExpression } from './expression.ts';
import { runInputNode, runNameNode } from './ledger.ts';
import type { Scope } from './scope.ts';

const stateInput = '$states.input';
const runInput = '$states.context.Execution.Input';
const runName = '$states.context.Execution.Name';

/** How a machine's first state reads a part of a value that its input holds. */
type Given = (path: Path) => string;

interface FrameOptions {
  /** Values in the input of the first state. */
  readonly given?: ReadonlyMap<number, Given>;
  /** Where in its input the values from outside are. Default: at its top. */
  readonly passedAt?: string;
  /** The body of an execution of its own: it sees no variable and no run input from outside. */
  readonly isolated?: Sequence;
  /** The machine stands in the first state of the one around it, and receives the same input. */
  readonly sameInput?: boolean;
  /** It stands there too, but in a Map: the input is handed on in its items. */
  readonly handedOn?: boolean;
}

/**
 * What can be seen inside one machine (the document's, a branch's, an iteration's). Its first state
 * reads what it is given from its input, and assigns to variables what the others read.
 */
export class Frame {
  readonly id: number;
  readonly #scope: Scope;
  readonly #around: Frame | null;
  readonly #given: ReadonlyMap<number, Given>;
  readonly #passedAt: string;
  readonly #inside: ReadonlySet<number> | null;
  readonly #sameInput: boolean;
  readonly #handedOn: boolean;

  constructor(scope: Scope, around: Frame | null, options: FrameOptions = {}) {
    this.id = scope.nextFrame();
    this.#scope = scope;
    this.#around = around;
    this.#given = options.given ?? new Map();
    this.#passedAt = options.passedAt ?? stateInput;
    this.#inside = options.isolated ? idsIn(options.isolated) : null;
    this.#sameInput = options.sameInput ?? false;
    this.#handedOn = options.handedOn ?? false;
  }

  /**
   * JSONata for a reference in one of the machine's states.
   * @param isSure whether the state surely runs; what others read is assigned and passed whole
   */
  read(reference: Reference, isFirst: boolean, isSure = true): string {
    const node = reference.kind === 'input' ? runInputNode : reference.node;
    const home = this.#home(node);
    if (!home && node === runInputNode) return pathExpression(runInput, reference.path);
    if (!home && node === runNameNode) return runName;
    if (home === this && isFirst) return this.#fromInput(node, reference.path, isSure);
    const { ledger, names } = this.#scope;
    const frame = home?.id ?? 0;
    ledger.noteRead(frame, node, isSure ? reference.path : []);
    const covering = this.#scope.covering(frame, node, reference.path);
    const variable = `$${names.variable(frame, node, covering)}`;
    return pathExpression(variable, reference.path.slice(covering.length));
  }

  /** The variables that the first state assigns: name and expression. */
  get assigned(): readonly (readonly [string, string])[] {
    const { names } = this.#scope;
    return this.#scope
      .givenReads(this.id)
      .flatMap(({ node, paths }) =>
        paths.map((path) => [
          names.variable(this.id, node, path),
          this.#fromInput(node, path, true),
        ]),
      );
  }

  /** The machine whose input holds the value; null: a state's own variable holds it. */
  #home(node: number): Frame | null {
    if (this.#gives(node)) return this;
    return this.#inside || !this.#around ? null : this.#around.#home(node);
  }

  #gives(node: number): boolean {
    if (this.#given.has(node)) return true;
    if (this.#inside) return !this.#inside.has(node);
    if (!this.#around || !(this.#sameInput || this.#handedOn)) return false;
    return this.#around.#gives(node);
  }

  #fromInput(node: number, path: Path, isSure: boolean): string {
    const given = this.#given.get(node);
    this.#scope.ledger.noteRequest(this.id, node, isSure ? path : []);
    if (given) return given(path);
    if (this.#sameInput && this.#around) {
      return this.#around.#fromInput(node, path, isSure);
    }
    const { passed, rest } = this.#scope.passed(this.id, node, path);
    return pathExpression(this.#passedAt, [passed, ...rest]);
  }
}

/** The ids of all that is made inside a sequence. */
function idsIn(sequence: Sequence): ReadonlySet<number> {
  return new Set([...nodesIn(sequence)].flatMap(idsOf));
}

function idsOf(node: Node): number[] {
  switch (node.kind) {
    case 'each':
      return [node.id, node.item, node.index];
    case 'repeat':
      return [node.id, node.value, node.result, node.turn];
    case 'attempt':
      return [node.id, node.failure];
    default:
      return [node.id];
  }
}
