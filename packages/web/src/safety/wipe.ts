// Takes away everything that this site left in the browser. The worker erases keys and history first, in its own way;
// this sweeps the rest, and also works when the worker doesn't. Not its concern: asking first (screens/erase.tsx).

/** Erases IndexedDB, OPFS, caches, service workers and both storages; what fails doesn't stop the rest. */
export async function sweepBrowser(): Promise<void> {
  await Promise.allSettled([sweepDatabases(), sweepFiles(), sweepCaches(), sweepServiceWorkers()]);
  for (const storage of ['localStorage', 'sessionStorage'] as const) {
    try {
      globalThis[storage].clear();
    } catch {
      // Storage that is forbidden holds nothing.
    }
  }
}

async function sweepDatabases(): Promise<void> {
  const databases = await indexedDB.databases();
  await Promise.all(
    databases.map(
      ({ name }) =>
        new Promise<void>((resolve) => {
          if (name === undefined) {
            resolve();
            return;
          }
          const request = indexedDB.deleteDatabase(name);
          request.onsuccess = request.onerror = request.onblocked = () => resolve();
        }),
    ),
  );
}

async function sweepFiles(): Promise<void> {
  const folder = await navigator.storage.getDirectory();
  const names: string[] = [];
  for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
  await Promise.allSettled(names.map((name) => folder.removeEntry(name, { recursive: true })));
}

async function sweepCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function sweepServiceWorkers(): Promise<void> {
  const registrations = await navigator.serviceWorker.getRegistrations();
  await Promise.all(registrations.map((registration) => registration.unregister()));
}
