import { signedWebhook, type Webhook } from '../../lib/local/stand-in/background.ts';
import type { Threads } from './threads.ts';

export const webhookSecret = `whsec_${Buffer.from('the secret of the soak, 32 bytes').toString('base64')}`;
export const forgedSecret = `whsec_${Buffer.from('somebody else who would like to.').toString('base64')}`;

/** Seconds after which a webhook that was not taken comes again. */
const redeliveries = [5, 60, 300];

/** Brings a webhook to its receiver; gives the status that it was answered with. */
export type Deliver = (webhook: Webhook) => Promise<number>;

/** Sends webhooks, signed with the real time, by which they are judged. */
export function webhookSender(threads: Threads, deliver: Deliver) {
  function again([seconds, ...rest]: readonly number[], webhook: () => Webhook): void {
    if (seconds === undefined) return;
    threads.later(seconds, async () => {
      if ((await deliver(webhook())) >= 300) again(rest, webhook);
    });
  }

  /** Tells of an event of that type, such as 'response.completed'. */
  return async (type: string, id: string, secret = webhookSecret, time?: number): Promise<void> => {
    const body = JSON.stringify({ object: 'event', type, data: { id } });
    const webhook = () => signedWebhook(body, secret, `wh_${id}`, time);
    const status = await deliver(webhook());
    if (status >= 300 && secret !== forgedSecret) again(redeliveries, webhook);
  };
}
