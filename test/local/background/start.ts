import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { long } from './workflow.ts';

/** Starts the run 'one' of the workflow in that folder, and goes on until it is killed. */
const [folder = ''] = process.argv.slice(2);
const runner = createLocalRunner({ workflows: [long], folder, environment: process.env });
await runner.start('long', {}, { id: 'one' });
for await (const { type } of runner.events('long', 'one')) process.stdout.write(`${type}\n`);
