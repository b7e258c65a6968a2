import { describe, expect, it } from 'vitest';
import { research } from '../../workflows/03-research.ts';
import { providersAt } from '../cli/command-line.ts';
import { completion, providerServer, sendJson } from '../model/provider-server.ts';
import { runExample, transitions } from './loaded.ts';

describe('workflows/03-research.ts', () => {
  it('runs each planned search with the tool and joins the notes, in order', async () => {
    const server = await providerServer(({ path, body }, response) => {
      if (path.startsWith('/w/rest.php')) {
        const query = new URL(path, 'http://wiki').searchParams.get('q');
        if (query === 'lost') return sendJson(response, 503, {});
        const pages = [{ title: query, excerpt: '<b>A</b> page.' }];
        return sendJson(response, 200, { pages });
      }
      const text = JSON.stringify(body);
      if (text.includes('You break a question')) {
        return sendJson(response, 200, completion('{"queries":["one","lost","two"]}'));
      }
      const content = text.includes('You sum up')
        ? `Notes on ${/"one|"two|one|two/.exec(text)?.[0].replace('"', '')}`
        : 'The answer.';
      sendJson(response, 200, completion(content));
    });
    const { run, events } = await runExample(
      research,
      { question: 'Who?', wiki: server.origin },
      providersAt(server.origin),
    );
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: {
        answer: 'The answer.',
        notes: [
          { status: 'fulfilled', value: 'Notes on one' },
          { status: 'rejected', reason: { error: 'Search.Failed', index: 1 } },
          { status: 'fulfilled', value: 'Notes on two' },
        ],
      },
    });
    // plan, each, three searches of which two are read, one rejected, and the writer.
    expect(transitions(events)).toBe(1 + 1 + 3 + 2 + 1 + 1);
  });
});
