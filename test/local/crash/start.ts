import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { crashing } from './workflow.ts';

// A process that starts the run, follows it and ends with it: the one that is killed.
const [url = '', folder = '', id = ''] = process.argv.slice(2);
const runner = createLocalRunner({ workflows: [crashing], folder, environment: {} });
await runner.start('crashing', { url }, { id });
console.log('started');
for await (const _ of runner.events('crashing', id));
await runner.close();
