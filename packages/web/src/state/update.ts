// A newer version of the site: noticed through the service worker, described by it, taken when the person says so.

import { signal } from '@preact/signals';
import { trustedScriptUrl } from '../first.ts';

export interface Update {
  readonly version: string;
  readonly notes: Readonly<Record<string, string>>;
}

export const update = signal<Update | undefined>(undefined);
let waiting: ServiceWorker | undefined;

/** Registers the service worker and watches for one that waits. */
export async function followUpdates(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register(trustedScriptUrl('/sw.js'));
    const look = () => {
      if (registration.waiting !== null && navigator.serviceWorker.controller !== null) {
        void describe(registration.waiting);
      }
    };
    const watch = () => registration.installing?.addEventListener('statechange', look);
    look();
    // One may have been found before anybody listened here, and be on its way.
    watch();
    registration.addEventListener('updatefound', watch);
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') registration.update().catch(() => undefined);
    });
  } catch {
    // Without a service worker everything works but the offline start.
  }
}

async function describe(worker: ServiceWorker): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise<Update>((resolve) => (port1.onmessage = ({ data }) => resolve(data as Update)));
  worker.postMessage('describe', [port2]);
  waiting = worker;
  update.value = await answer;
  port1.close();
}

/** Starts the waiting version and loads the page anew. */
export function takeUpdate(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting?.postMessage('take-over');
}

export function laterUpdate(): void {
  update.value = undefined;
}
