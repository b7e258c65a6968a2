import { expect, it } from 'vitest';
import { createApi } from '../../lib/api/api.ts';
import { RunnerInMemory } from './runner-in-memory.ts';

async function setUp() {
  const runner = new RunnerInMemory();
  await runner.start('panel', { question: 'why?' }, { id: 'a' });
  return { runner, app: createApi(runner), path: '/workflows/panel/runs/a/events' };
}

/** Server-sent events as they came: id, event and data of each. */
function parse(text: string) {
  return text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) =>
      Object.fromEntries(
        block.split('\n').map((line) => {
          const colon = line.indexOf(': ');
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      ),
    );
}

it('streams the events of a run as they happen, and ends with it', async () => {
  const { app, runner, path } = await setUp();
  const response = await app.request(path);
  expect(response.status).toBe(200);
  expect(response.headers.get('Content-Type')).toMatch(/^text\/event-stream/);
  const text = response.text();
  runner.tell('a', 'TaskStateEntered', { name: 'ask' });
  runner.tell('a', 'ExecutionSucceeded', { output: '1' });
  const events = parse(await text);
  expect(events.map(({ id, event }) => id ?? event)).toEqual(['1', '2', '3', 'end']);
  expect(JSON.parse(events[1]?.data ?? '')).toMatchObject({
    run: 'a',
    id: 2,
    type: 'TaskStateEntered',
    details: { name: 'ask' },
  });
});

it('goes on after the event that the client saw last', async () => {
  const { app, runner, path } = await setUp();
  runner.tell('a', 'ExecutionSucceeded', { output: '1' });
  const resumed = await app.request(path, { headers: { 'Last-Event-ID': '1' } });
  expect(parse(await resumed.text()).map(({ id, event }) => id ?? event)).toEqual(['2', 'end']);
  const asked = await app.request(`${path}?after=1`);
  expect(parse(await asked.text())).toHaveLength(2);
});

it('answers 204 to a client that has seen everything, which ends an EventSource', async () => {
  const { app, runner, path } = await setUp();
  runner.tell('a', 'ExecutionSucceeded', { output: '1' });
  const response = await app.request(path, { headers: { 'Last-Event-ID': '2' } });
  expect(response.status).toBe(204);
});

it('stops following when the client goes away', async () => {
  const { app, runner, path } = await setUp();
  const followed = Promise.withResolvers<AbortSignal>();
  const events = runner.events.bind(runner);
  runner.events = (workflow, id, options = {}) => {
    if (options.signal) followed.resolve(options.signal);
    return events(workflow, id, options);
  };
  const response = await app.request(path);
  const signal = await followed.promise;
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
  await response.body?.cancel();
  await aborted;
  expect(signal.aborted).toBe(true);
});

it('ends an open run without an end when the window of the server is over', async () => {
  const { runner, path } = await setUp();
  const response = await createApi(runner, { eventsWindow: 20 }).request(path);
  expect(parse(await response.text()).map(({ id, event }) => id ?? event)).toEqual(['1']);
});

it('ends without an end when the answer is full, and loses no event', async () => {
  const { runner, path } = await setUp();
  for (let i = 0; i < 5; i += 1) runner.tell('a', 'PassStateEntered', { input: 'x'.repeat(100) });
  runner.tell('a', 'ExecutionSucceeded', { output: '1' });
  const app = createApi(runner, { eventsSize: 400 });
  const seen: string[] = [];
  while (seen.at(-1) !== 'end') {
    const headers = { 'Last-Event-ID': seen.at(-1) ?? '0' };
    const events = parse(await (await app.request(path, { headers })).text());
    expect(events.length).toBeLessThan(6);
    seen.push(...events.map(({ id, event }) => id ?? event ?? ''));
  }
  expect(seen).toEqual(['1', '2', '3', '4', '5', '6', '7', 'end']);
});

it('tells a failure in the middle as a problem, without its inside', async () => {
  const { app, runner, path } = await setUp();
  runner.events = async function* () {
    yield { id: 1, previousEventId: 0, timestamp: 0, type: 'ExecutionStarted', run: 'a' };
    throw new TypeError('the inside');
  };
  const events = parse(await (await app.request(path)).text());
  expect(events.map(({ id, event }) => id ?? event)).toEqual(['1', 'problem']);
  expect(JSON.parse(events[1]?.data ?? '')).toMatchObject({ status: 500 });
  expect(events[1]?.data).not.toContain('the inside');
});

it('rejects a run that is not there and a Last-Event-ID that is no number, before it streams', async () => {
  const { app, path } = await setUp();
  expect((await app.request('/workflows/panel/runs/b/events')).status).toBe(404);
  expect((await app.request(path, { headers: { 'Last-Event-ID': 'x' } })).status).toBe(400);
});
