import { App, Stack } from 'aws-cdk-lib';
import { checkWorkflows } from '../lib/check/check.ts';
import { findingLine } from '../lib/check/findings.ts';
import { withCalled } from '../lib/constructs/called-workflows.ts';
import { Cloudgather } from '../lib/constructs/cloudgather.ts';
import { bundleFunctions } from '../lib/constructs/function-bundles.ts';

const app = new App();
const { workflows, findings } = await checkWorkflows('workflows');
if (findings.length > 0) {
  // What is wrong with a workflow is not deployed: it would go wrong in every run, and say nothing.
  console.error(findings.map(findingLine).join('\n'));
  process.exit(1);
}
const bundles = await bundleFunctions(workflows, process.cwd());

// `-c cloudgather:stack=Staging` names the stack; `-c cloudgather:stacks=each` makes one a workflow.
const name: string = app.node.tryGetContext('cloudgather:stack') ?? 'Cloudgather';
if (app.node.tryGetContext('cloudgather:stacks') === 'each') {
  for (const workflow of workflows) {
    const stack = new Stack(app, `${name}-${workflow.name}`, {
      description: workflow.description ?? undefined,
    });
    new Cloudgather(stack, 'Cloudgather', { workflows: withCalled(workflow, workflows), bundles });
  }
} else {
  const stack = new Stack(app, name, {
    description: `Workflows: ${workflows.map((each) => each.name).join(', ')}`,
  });
  new Cloudgather(stack, 'Cloudgather', { workflows, bundles });
}
