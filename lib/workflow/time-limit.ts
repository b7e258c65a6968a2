import { WorkflowInvalid } from '../errors.ts';
import { type Graph, type Node, nodesIn } from './graph.ts';

/**
 * A part's own limit ends before the workflow's, so that its error says what happened and a `catch` can
 * take it: nothing takes the end of a run.
 * @throws WorkflowInvalid, with both numbers
 */
export function checkTimeLimits({ name, body, timeoutSeconds: limit }: Graph): void {
  if (limit === undefined) return;
  for (const node of nodesIn(body)) {
    for (const [what, seconds, mend] of limitsOf(node)) {
      if (seconds < limit) continue;
      throw new WorkflowInvalid(
        `${what} '${node.name ?? node.label}' may take ${seconds} seconds, but workflow '${name}' ends after ${limit}. ` +
          `${mend}, below ${limit} seconds, or raise the timeout of the workflow.`,
      );
    }
  }
}

type Limit = readonly [what: string, seconds: number, mend: string];

function limitsOf(node: Node): readonly Limit[] {
  const shorter = "Give it a limit of its own: .timeout('45 seconds')";
  switch (node.kind) {
    case 'call':
      return [[node.target.kind === 'model' ? 'Model call' : 'Task', node.timeoutSeconds, shorter]];
    case 'gather':
      return [
        ...limit('The gather', node.timeoutSeconds, 'Shorten its timeout'),
        ...limit('A branch of gather', node.branchTimeoutSeconds, 'Shorten its branchTimeout'),
      ];
    case 'race':
      return limit('The race', node.timeoutSeconds, 'Shorten its timeout');
    case 'quorum':
      return [
        ...limit('The quorum', node.timeoutSeconds, 'Shorten its timeout'),
        ...limit('A branch of quorum', node.branchTimeoutSeconds, 'Shorten its branchTimeout'),
      ];
    case 'execution':
      return limit('The execution', node.timeoutSeconds, shorter);
    case 'wait':
      return node.seconds.kind === 'literal'
        ? limit('The wait', Number(node.seconds.value), 'Shorten it')
        : [];
    default:
      return [];
  }
}

function limit(what: string, seconds: number | null, mend: string): readonly Limit[] {
  return seconds === null ? [] : [[what, seconds, mend]];
}
