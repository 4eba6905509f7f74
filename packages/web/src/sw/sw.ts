// The service worker: keeps one version of the site, checked byte by byte, so that it starts offline and Help is there
// with every server gone. It never touches requests other than for those files. Not its concern: when to update
// (state/update.ts asks the person).

interface Precached {
  readonly url: string;
  readonly integrity: string;
}
declare const SOTTO_PRECACHE: readonly Precached[];
declare const SOTTO_MARK: string;
declare const SOTTO_RELEASE: { readonly version: string; readonly notes: Readonly<Record<string, string>> };

interface WaitingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchingEvent extends WaitingEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Scope {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: WaitingEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchingEvent) => void): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void;
}
const scope = globalThis as unknown as Scope;

const CACHE = `site-${SOTTO_MARK}`;
const urls = new Set(SOTTO_PRECACHE.map(({ url }) => url));

scope.addEventListener('install', (event) => event.waitUntil(fill()));

/** All files or none: `integrity` makes the browser refuse a file that isn't the one built. */
async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.all(
    SOTTO_PRECACHE.map(async ({ url, integrity }) => {
      const response = await fetch(url, { integrity, cache: 'no-cache', credentials: 'omit' });
      if (!response.ok) throw new Error('a file of the site is missing');
      await cache.put(url, response);
    }),
  );
}

scope.addEventListener('activate', (event) => event.waitUntil(takeOver()));

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== scope.location.origin) return;
  const path = request.mode === 'navigate' && url.pathname === '/index.html' ? '/' : url.pathname;
  if (urls.has(path)) event.respondWith(answer(path, request));
});

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

scope.addEventListener('message', (event) => {
  if (event.data === 'describe') event.ports[0]?.postMessage(SOTTO_RELEASE);
  if (event.data === 'take-over') void scope.skipWaiting();
});
