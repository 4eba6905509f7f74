// The page that the worker's tests load: the worker's page end and nothing else, under global names.
import type { Backend, BackendEvent } from '../../../src/backend/backend.ts';
import { connectWorker } from '../../../src/backend/worker-backend.ts';

/** What tests find in the page. */
export interface Tools {
  readonly backend: Backend;
  /** Every event since the page was loaded. */
  readonly heard: BackendEvent[];
  /** The newest event of a type. */
  readonly last: <T extends BackendEvent['type']>(type: T) => Extract<BackendEvent, { type: T }> | undefined;
}

const heard: BackendEvent[] = [];
const backend = connectWorker();
backend.on((event) => heard.push(event));
Object.assign(globalThis, {
  tools: {
    backend,
    heard,
    last: (type) => heard.filter((event) => event.type === type).at(-1) as never,
  } satisfies Tools,
});
