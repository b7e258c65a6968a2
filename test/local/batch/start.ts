import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { five } from './workflow.ts';

/** Starts the run 'one' of the workflow in that folder, or resumes it, and goes on until it is killed. */
const [folder = '', how = 'start'] = process.argv.slice(2);
const runner = createLocalRunner({ workflows: [five], folder, environment: process.env });
if (how === 'resume') await runner.resume('five', 'one');
else await runner.start('five', {}, { id: 'one' });
for await (const { type } of runner.events('five', 'one')) process.stdout.write(`${type}\n`);
await runner.close();
