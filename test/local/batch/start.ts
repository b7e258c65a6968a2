import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { five, hasty } from './workflow.ts';

/** Starts the run 'one' of that workflow in that folder, or resumes it, and goes on until it is killed. */
const [folder = '', how = 'start', flow = 'five'] = process.argv.slice(2);
const runner = createLocalRunner({ workflows: [five, hasty], folder, environment: process.env });
if (how === 'resume') await runner.resume(flow, 'one');
else await runner.start(flow, {}, { id: 'one' });
for await (const { type } of runner.events(flow, 'one')) process.stdout.write(`${type}\n`);
await runner.close();
