import type { SyntaxNode } from './syntax.ts';
import { weigh } from './weight.ts';

/** Nested evaluations at once. AWS fails an expression nested deeper: a sum of 200 terms, say. */
const DEPTH = 100;
/**
 * Where parts of an array or object constructor are in flight side by side, what is open is not a
 * depth; this only keeps the memory bounded.
 */
const OPEN_WHEN_SIDE_BY_SIDE = 20_000;
/** AWS's bound on what an expression may hold. */
const BYTES = 6_990_256;
/** More elements than this weigh more than that. */
export const ELEMENTS = 291_000;
export const MEMORY_EXCEEDED =
  'Expression evaluation memory limit exceeded: Check for excessive memory usage';
/** Of this thread's processor, not of the clock: a busy machine fails nothing. */
const MICROSECONDS = 800_000;
/**
 * What runs beside an evaluation on the same thread uses the same processor time, so that alone fails
 * nothing: an evaluation that is far from half of that time's worth of steps has not used it itself.
 */
const STEPS_OF_ITS_OWN = 100_000;
/** Bytes that a step hands on in the time that another step takes. */
const BYTES_A_STEP = 64;
/** How many steps pass between two looks at the time. */
const STEPS = 1_024;

/** One evaluation's budget. Throws errors without a code, in AWS's words. */
export class EvaluationLimits {
  private open = 0;
  private sideBySide = 0;
  private steps = 0;
  private handedOn = 0;
  private readonly started = processorTime();

  entered(node: SyntaxNode): void {
    this.open += 1;
    if (isSideBySide(node)) {
      this.sideBySide += 1;
    }
    if (this.open > (this.sideBySide > 0 ? OPEN_WHEN_SIDE_BY_SIDE : DEPTH)) {
      throw new Error(
        'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.',
      );
    }
    this.steps += 1;
    if (this.steps % STEPS === 0) {
      this.checkTime();
    }
  }

  left(node: SyntaxNode, result: unknown): void {
    this.open -= 1;
    if (isSideBySide(node)) {
      this.sideBySide -= 1;
    }
    if (typeof result === 'object' || typeof result === 'string') {
      const bytes = weigh(result);
      this.handedOn += bytes;
      this.checkSize(bytes);
    } else if (typeof result === 'function') {
      weigh(result);
    }
  }

  /** Fails when the value, of `bytes`, is more than an expression may hold. */
  checkSize(bytes: number): void {
    if (bytes > BYTES) {
      throw new Error(MEMORY_EXCEEDED);
    }
  }

  private checkTime(): void {
    if (this.steps + this.handedOn / BYTES_A_STEP < STEPS_OF_ITS_OWN) {
      return;
    }
    if (processorTime() - this.started > MICROSECONDS) {
      throw new Error('Expression evaluation timeout: Check for infinite loop');
    }
  }
}

/** In microseconds. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Whether the package evaluates the parts of a node at once: the items of an array, the groups of an object. */
function isSideBySide(node: SyntaxNode): boolean {
  if (node.group !== undefined) {
    return true;
  }
  return (
    node.type === 'unary' &&
    (node.value === '{' || (node.value === '[' && (node.expressions?.length ?? 0) > 1))
  );
}
