import type { Node } from './graph.ts';
import { traceSequence } from './sequence.ts';
import { Step } from './step.ts';
import type { Shape } from './symbolic-value.ts';
import { Scope } from './trace.ts';

/** An async function of several steps as one step, that can be named, caught and gathered. */
export abstract class BlockStep<T> extends Step<T> {
  protected abstract readonly label: string;

  /** Awaits the steps; runs in a scope of its own. */
  protected abstract run(scope: Scope): Promise<unknown> | unknown;

  protected override get shape(): Shape {
    return 'unknown';
  }

  protected override async build(scope: Scope, id: number): Promise<Node> {
    const inside = new Scope(scope.trace, scope);
    const body = await traceSequence(() => this.run(inside), inside, this.title);
    return { kind: 'block', id, name: this.name, label: this.label, body };
  }
}
