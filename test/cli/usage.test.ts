import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { providerServer } from '../model/provider-server.ts';
import { cloudgather, providersAt } from './command-line.ts';

describe('wrong use of the command line', () => {
  it.each<[string, string[], RegExp]>([
    [
      'an unknown workflow',
      ['run', 'pannel'],
      /There is no workflow 'pannel'\. The workflows are: panel, drafts/,
    ],
    [
      'an input that is not JSON',
      ['run', 'panel', '--input', '{question: 1}'],
      /The input from --input is not JSON.*Write it as one JSON value/,
    ],
    [
      'a field that fails the schema',
      ['run', 'panel', '--input', '{"question":7}'],
      /\/question: .*string/,
    ],
    ['an empty question', ['run', 'panel', ''], /\/question: /],
    ['an input that is no object', ['run', 'panel', '--input', '[]'], /object/],
    [
      'a missing file',
      ['run', 'panel', '--input', '@missing.json'],
      /The input file missing\.json cannot be read: it does not exist/,
    ],
    [
      'text and input at once',
      ['run', 'panel', 'text', '--input', '{}'],
      /gives both a text and --input/,
    ],
    ['an unknown option', ['run', 'panel', '--jason'], /unknown option '--jason'/],
    ['an unknown command', ['runn'], /unknown command 'runn'/],
    ['no command', [], /Usage: cloudgather/],
    ['too many arguments', ['run', 'panel', 'a', 'b'], /too many arguments/],
    ['an id that cannot be', ['run', 'panel', '--id', 'a b'], /1 to 80 characters/],
    ['a port that is none', ['dev', '--port', '70000'], /A port is a whole number from 0 to 65535/],
    [
      'a deployment that is not there',
      ['run', 'panel', '--aws', '--outputs', 'none.json'],
      /'npx cdk deploy' writes that file/,
    ],
  ])(
    'rejects %s with exit code 2, says what is allowed and starts nothing',
    async (_title, args, message) => {
      const server = await providerServer(() => undefined);
      const { code, stdout, stderr } = await cloudgather(args, providersAt(server.origin));
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/^ +at /m);
      expect(stdout).toBe('');
      expect(code).toBe(2);
      expect(server.received).toEqual([]);
    },
  );

  it('rejects a base URL that is none, without a stack', async () => {
    const { code, stderr } = await cloudgather(['run', 'panel'], { OPENAI_BASE_URL: 'nonsense' });
    expect(stderr).toMatch(/OPENAI_BASE_URL is not a base URL/);
    expect(code).toBe(2);
  });

  it('rejects a folder without workflows', async () => {
    const cwd = await mkdtemp(path.join(tmpdir(), 'cloudgather-'));
    const { code, stderr } = await cloudgather(['list'], {}, { cwd });
    expect(stderr).toMatch(/The folder of the workflows, workflows, cannot be read/);
    expect(code).toBe(2);
  });

  it('takes the input from a file and prints help with exit code 0', async () => {
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'cloudgather-')), 'input.json');
    await writeFile(file, '{"question":"from a file"}');
    const run = await cloudgather(['run', 'panel', '--json', '--input', `@${file}`]);
    expect(JSON.parse(run.stdout).input).toEqual({ question: 'from a file' });
    const help = await cloudgather(['--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toMatch(/list .*\n.*run /s);
  });
});

describe('cloudgather list and show-asl', () => {
  it('list the workflows with what they say of themselves', async () => {
    const { code, stdout } = await cloudgather(['list']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^panel {2,}Asks three models at once/m);
    expect(stdout).toMatch(/^drafts {2,}Drafts one e-mail/m);
  });

  it('list as JSON, with input schemas', async () => {
    const { stdout } = await cloudgather(['list', '--json']);
    expect(JSON.parse(stdout)[0]).toMatchObject({ name: 'panel', inputSchema: { type: 'object' } });
  });

  it('print a document that JSON reads', async () => {
    const { code, stdout } = await cloudgather(['show-asl', '01-panel']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ QueryLanguage: 'JSONata', StartAt: 'answers' });
  });
});
