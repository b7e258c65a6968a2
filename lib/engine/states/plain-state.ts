import { compileDataFlow, type DataFlow } from '../data-flow.ts';
import type { Payload } from '../payload.ts';
import type { Strand } from '../strand.ts';
import type { CompileContext, State, StateDefinition } from './state.ts';

/** What Pass, Choice, Wait, Succeed and Fail share: data in and out, and no Retry or Catch. */
export abstract class PlainState implements State {
  readonly name: string;
  readonly type: string;
  readonly next: string | undefined;
  readonly enteredType: string;
  readonly exitedType: string;
  protected readonly flow: DataFlow;

  constructor(name: string, definition: StateDefinition, context: CompileContext) {
    this.name = name;
    this.type = definition.Type as string;
    this.next = definition.Next as string | undefined;
    this.enteredType = `${this.type}StateEntered`;
    this.exitedType = `${this.type}StateExited`;
    this.flow = compileDataFlow(definition, context);
  }

  abstract execute(strand: Strand): void;

  /** Computes Output and Assign and leaves the state. */
  protected complete(
    strand: Strand,
    input: Payload,
    result?: Payload,
    next: string | undefined = this.next,
  ): void {
    const outcome = this.flow.finish(strand, input, result);
    if (outcome instanceof Promise) {
      strand.when(outcome, ({ output, assigned }) => strand.exit(output, assigned, next));
    } else strand.exit(outcome.output, outcome.assigned, next);
  }
}
