import http from 'node:http';
import { expect, it, vi } from 'vitest';
import { warmUp } from '../../lib/model/warm-up.ts';

it('makes one call to this machine alone and leaves no server behind', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch');
  await warmUp();
  expect(fetched).toHaveBeenCalledTimes(1);
  const url = new URL(String(fetched.mock.calls[0]?.[0]));
  expect(url.hostname).toBe('127.0.0.1');
  const refused = await new Promise<NodeJS.ErrnoException>((resolve) => {
    http.get(url).once('error', resolve);
  });
  expect(refused.code).toBe('ECONNREFUSED');
  fetched.mockRestore();
});

it('lets the function start when the call fails', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network'));
  await expect(warmUp()).resolves.toBeUndefined();
  fetched.mockRestore();
});
