import { App, Stack } from 'aws-cdk-lib';
import { compileWorkflow } from '../lib/asl/compile.ts';
import { Cloudgather } from '../lib/constructs/cloudgather.ts';
import { bundleFunctions } from '../lib/constructs/function-bundles.ts';
import { loadWorkflows } from '../lib/local/workflow-modules.ts';

const app = new App();
const workflows = (await loadWorkflows('workflows')).map(compileWorkflow);
const bundles = await bundleFunctions(workflows, process.cwd());

// `-c cloudgather:stack=Staging` names the stack; `-c cloudgather:stacks=each` makes one a workflow.
const name: string = app.node.tryGetContext('cloudgather:stack') ?? 'Cloudgather';
if (app.node.tryGetContext('cloudgather:stacks') === 'each') {
  for (const workflow of workflows) {
    const stack = new Stack(app, `${name}-${workflow.name}`, {
      description: workflow.description ?? undefined,
    });
    new Cloudgather(stack, 'Cloudgather', { workflows: [workflow], bundles });
  }
} else {
  const stack = new Stack(app, name, {
    description: `Workflows: ${workflows.map((each) => each.name).join(', ')}`,
  });
  new Cloudgather(stack, 'Cloudgather', { workflows, bundles });
}
