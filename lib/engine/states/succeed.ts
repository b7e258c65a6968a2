import type { Strand } from '../strand.ts';
import { PlainState } from './plain-state.ts';

/** Ends its branch with its output. */
export class SucceedState extends PlainState {
  execute(strand: Strand): void {
    this.complete(strand, this.flow.input(strand), undefined, undefined);
  }
}
