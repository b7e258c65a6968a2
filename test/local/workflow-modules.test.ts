import { describe, expect, it } from 'vitest';
import { UsageError } from '../../lib/errors.ts';
import { loadWorkflows } from '../../lib/local/workflow-modules.ts';

const fixtures = 'test/constructs/fixtures';

describe('loading the workflows of a folder', () => {
  it('finds every exported workflow once, in the order of the numbered files', async () => {
    const workflows = await loadWorkflows(`${fixtures}/modules`);
    expect(workflows.map(({ name }) => name)).toEqual(['first', 'second', 'third']);
  });

  it('rejects two workflows of one name, and names their files', async () => {
    await expect(loadWorkflows(`${fixtures}/twins`)).rejects.toThrow(
      new UsageError(
        'Two workflows are named "twin": one in 01-one.ts, one in 02-two.ts. Rename one.',
      ),
    );
  });

  it('rejects a folder that is not there', async () => {
    await expect(loadWorkflows('no-such-folder')).rejects.toThrow(
      'The folder of the workflows, no-such-folder, cannot be read.',
    );
  });
});
