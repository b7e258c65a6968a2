import { Payload } from '../payload.ts';
import type { Strand } from '../strand.ts';
import { PlainState } from './plain-state.ts';
import type { CompileContext, StateDefinition } from './state.ts';

/** Passes its input on, changed by its data fields; `Result` (JSONPath) replaces it. */
export class PassState extends PlainState {
  readonly #result: Payload | undefined;

  constructor(name: string, definition: StateDefinition, context: CompileContext) {
    super(name, definition, context);
    if (context.language === 'JSONPath' && definition.Result !== undefined)
      this.#result = Payload.ofValue(definition.Result);
  }

  execute(strand: Strand): void {
    const input = this.flow.input(strand);
    if (this.flow.language === 'JSONata') {
      this.complete(strand, input);
      return;
    }
    const work = this.flow.work(strand, input) as Payload;
    this.complete(strand, work, this.#result ?? work);
  }
}
