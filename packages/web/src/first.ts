// The page's very first script, alone in its file: starts the worker, whose files are most of what a newcomer waits for,
// and asks for the words of the language that the page will be in, so that they come down together with the code that
// shows them. The rest of the page takes the worker over (backend/worker-backend.ts). Not its concern: showing words
// (i18n/translate.ts), what is said to the worker.
import type { ToPage } from './backend/worker-protocol.ts';
import { LOCALES, localeFor } from './i18n/locales.ts';
import { trustedScriptUrl } from './safety/trusted-urls.ts';
import { storedSettings } from './state/stored.ts';

/** A worker that was started ahead, and what it said before anybody listened. */
export interface StartedWorker {
  readonly worker: Worker;
  readonly early: readonly MessageEvent<ToPage>[];
  readonly hasFailed: boolean;
}

// There is one instance of this module on a page, and so one Trusted Types policy, which others start scripts by.
export { trustedScriptUrl };

let started = startWorker();
askForWords();

/** @returns the worker that was started here, once; undefined where it couldn't be. */
export function takeWorker(): StartedWorker | undefined {
  const taken = started;
  started = undefined;
  return taken;
}

function startWorker(): StartedWorker | undefined {
  try {
    const worker = new Worker(trustedScriptUrl(SOTTO_WORKER_URL), { type: 'module' });
    const early: MessageEvent<ToPage>[] = [];
    const made = { worker, early, hasFailed: false };
    worker.onmessage = (message: MessageEvent<ToPage>) => {
      early.push(message);
    };
    worker.onerror = () => {
      made.hasFailed = true;
    };
    return made;
  } catch {
    return undefined;
  }
}

/** Which file has which language's words stands in the page, whose name doesn't follow from what is in it. */
function askForWords(): void {
  const { language } = storedSettings();
  const chosen = LOCALES.find((locale) => locale === language) ?? localeFor(navigator.languages);
  const { content } = document.querySelector<HTMLMetaElement>(`meta[name="words-${chosen}"]`) ?? {};
  if (content === undefined) return;
  const link = document.createElement('link');
  link.rel = 'modulepreload';
  link.crossOrigin = 'anonymous';
  link.href = content;
  document.head.append(link);
}
