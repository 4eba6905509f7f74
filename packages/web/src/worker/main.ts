// The worker's ear: hears calls from the page, has them done one by one or side by side, answers with plain data. Keys,
// storage and network live on this side only. start.ts loads it. Not its concern: what the calls do (desk.ts).
import type { Method, ToPage, ToWorker, WireError } from '../backend/worker-protocol.ts';
import type { Heard, Main } from './start.ts';
import { Desk } from './desk.ts';
import { Outgoing } from './outgoing.ts';
import { PageMark } from './page-mark.ts';

const scope = globalThis as unknown as { postMessage(message: ToPage): void };
const post = (message: ToPage): void => {
  scope.postMessage(message);
};
const outgoing = new Outgoing((events) => {
  post({ type: 'events', events });
});
const mark = new PageMark(post);
let desk: Desk;

/**
 * @param dialled - Gives a connection that start.ts opened ahead.
 * @returns what hears the page.
 */
export const begin: Main['begin'] = (dialled) => {
  desk = new Desk({ site: SOTTO_SITE, origin: location.origin, mark, outgoing, dialled });
  return hear;
};

function hear(data: Heard): void {
  switch (data.type) {
    case 'hello':
      mark.begin(data.mark);
      return;
    case 'marked':
      mark.written(data.id);
      return;
    case 'close':
      void desk.close().finally(() => {
        post({ type: 'closed' });
      });
      return;
    case 'call':
      void answer(data);
  }
}

async function answer({ id, method, args }: Extract<ToWorker, { type: 'call' }>): Promise<void> {
  try {
    // The page's types made sure that method and arguments belong together; messages carry no types.
    const served = desk as unknown as Record<Method, (...given: readonly unknown[]) => Promise<unknown>>;
    const value = await served[method](...args);
    post({ type: 'result', id, value });
  } catch (error) {
    const plain = plainError(error);
    if (plain.code === 'STORE_FULL') outgoing.add({ type: 'trouble', kind: 'disk-full', code: plain.code });
    post({ type: 'error', id, error: plain });
  }
}

/** Codes only: a message may hold what the page has no business to show. */
function plainError(error: unknown): WireError {
  const { code, retry } = (typeof error === 'object' && error !== null ? error : {}) as Partial<WireError>;
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]+$/.test(code))
    return { code: 'WEB_INTERNAL', retry: 'never' };
  return { code, retry: retry === 'later' || retry === 'reconnect' ? retry : 'never' };
}
