import { WorkflowInvalid } from '../errors.ts';
import { type Duration, longestWaitSeconds, seconds } from './duration.ts';
import type { ApprovalNode, Node, Value } from './graph.ts';
import { checkOptions } from './options.ts';
import { Step } from './step.ts';
import type { Given } from './symbolic.ts';
import type { Shape } from './symbolic-value.ts';
import { currentScope, type Scope } from './trace.ts';
import { toValue } from './value.ts';

export interface ApprovalOptions {
  /** What is asked, in a sentence or a few. Shown as text, whatever it holds. */
  readonly question: Given<string>;
  /** What the person should see before answering: text, or any data. Default: nothing. */
  readonly details?: unknown;
  /** How long it waits for an answer: seconds, or '30 minutes', '2 days'. At most 99,999,999 seconds. */
  readonly timeout: Duration;
  /** What holds when nobody has answered in time. Default: the step fails with States.Timeout. */
  readonly default?: { readonly approved: boolean; readonly comment?: string };
  /** The name of the step's state. Default 'approval'. */
  readonly name?: string;
}

/** What a person said, or the default. */
export interface Approved {
  readonly approved: boolean;
  readonly comment: string | null;
  /** Who answered, as they or their command line called them; null for the default. Not authenticated. */
  readonly by: string | null;
  /** Whether somebody answered, or nobody did in time. */
  readonly how: 'answered' | 'default';
}

/**
 * Asks a person: the run waits, without anything that runs or is paid meanwhile, until somebody
 * answers by the signed link that is announced, by `cloudgather approve`, or through the API.
 *
 * - Result: `{ approved, comment, by, how }`. A rejection is a result, not a failure.
 * - First failure: of several answers the first counts, the others are refused. When the time is over
 *   the default holds; without one the step fails with `States.Timeout`, which `catch` can take.
 * - Siblings: not touched. Gathered approvals wait side by side.
 * - Deadline: ended early by the deadline of a gather around it; an answer is refused from then on.
 * - Empty input: an empty question is refused.
 * - Limits: question and details together under 256 KiB; 1 second to 99,999,999 seconds.
 *
 * Compiles to one Task on a task token (`lambda:invoke.waitForTaskToken`): one transition. A default
 * that holds costs one more where nothing follows.
 * @throws WorkflowInvalid
 */
export function approval(options: ApprovalOptions): ApprovalStep {
  return new ApprovalStep(options);
}

export class ApprovalStep extends Step<Approved> {
  readonly #question: Value;
  readonly #details: Value | null;
  readonly #timeoutSeconds: number;
  readonly #byDefault: ApprovalNode['byDefault'];

  constructor(options: ApprovalOptions) {
    super('approval');
    const place = 'approval({ ... })';
    checkOptions(options, ['question', 'details', 'timeout', 'default', 'name'], place);
    const { question, details, timeout, default: byDefault, name } = options;
    const trace = currentScope()?.trace;
    if (!trace) throw new WorkflowInvalid('The approval step has no workflow.');
    this.#question = toValue(question, trace, 'the question of approval');
    this.#details =
      details === undefined ? null : toValue(details, trace, 'the details of approval');
    checkQuestion(this.#question);
    this.#timeoutSeconds = seconds(timeout, longestWaitSeconds);
    this.#byDefault = byDefault === undefined ? null : checkedDefault(byDefault);
    if (name !== undefined) this.named(name);
  }

  override get title(): string {
    return `approval${this.name ? ` '${this.name}'` : ''}`;
  }

  protected override get shape(): Shape {
    return 'unknown';
  }

  protected override async build(scope: Scope, id: number): Promise<Node> {
    this.checkReadable(this.#question, scope);
    if (this.#details) this.checkReadable(this.#details, scope);
    return {
      kind: 'approval',
      id,
      name: this.name,
      label: 'approval',
      question: this.#question,
      details: this.#details,
      timeoutSeconds: this.#timeoutSeconds,
      byDefault: this.#byDefault,
    };
  }
}

function checkQuestion(question: Value): void {
  const literal = question.kind === 'literal';
  const isText = !literal && question.kind !== 'object' && question.kind !== 'array';
  if (isText || (literal && typeof question.value === 'string' && question.value.trim() !== ''))
    return;
  throw new WorkflowInvalid(
    "The question of approval is not a text that asks something. Write what the person decides: approval({ question: 'Publish this?', timeout: '1 day' }).",
  );
}

function checkedDefault(
  byDefault: NonNullable<ApprovalOptions['default']>,
): NonNullable<ApprovalNode['byDefault']> {
  checkOptions(byDefault, ['approved', 'comment'], 'the default of approval');
  const { approved, comment = null } = byDefault;
  if (typeof approved === 'boolean' && (comment === null || typeof comment === 'string'))
    return { approved, comment };
  throw new WorkflowInvalid(
    'The default of approval must say whether it is approved: { approved: false }, with a comment where one helps: { approved: false, comment: "Nobody answered." }.',
  );
}
