// The states in which something is not right, for `npm run screenshots`: the page with a worker that says so.
/* global location, localStorage */
import { newPage } from './stage.mjs';

const boots = {
  '40-locked': { state: 'locked', method: 'pin' },
  '41-another-tab': { state: 'elsewhere' },
  '42-evicted': { state: 'lost' },
  '43-damaged': { state: 'damaged', kind: 'corrupt', code: 'STORE_CORRUPT' },
  '44-newer': { state: 'damaged', kind: 'newer-version', code: 'STORE_VERSION' },
  '45-no-storage': { state: 'unsupported', what: 'storage' },
};
const troubles = {
  '50-full': { type: 'trouble', kind: 'disk-full', code: 'STORE_FULL' },
  '51-relay-lost': { type: 'trouble', kind: 'relay-store-lost', code: '' },
  '52-clock': { type: 'connection', state: 'online', clockSkewMs: 9e6 },
  '53-offline': { type: 'connection', state: 'offline' },
  '54-promise': {
    type: 'promise',
    view: {
      ...{ relay: 'https://relay.example', checked: true, mismatches: ['ttl'], ttlDays: { mailbox: 14 } },
      ...{ durability: 'fsync', admission: 'open', operator: {}, software: 'sotto-relay 0.1.0' },
    },
  },
};
const self = { id: 'p', name: 'River', pictureSeed: [], online: true, stays: false, retired: false };

const worker = (boot, events) => `
  postMessage({ type: 'ready' });
  onmessage = ({ data }) => {
    if (data.type !== 'call') return;
    const value = data.method === 'boot' ? ${JSON.stringify(boot)} : undefined;
    postMessage({ type: 'result', id: data.id, value });
    if (data.method === 'boot') postMessage({ type: 'events', events: ${JSON.stringify(events)} });
  };`;

/** @param {(page: import('playwright-core').Page, name: string) => Promise<void>} take */
export async function photographStates(stage, options, take) {
  const states = [
    ...Object.entries(boots).map(([name, boot]) => [name, boot, []]),
    ...Object.entries(troubles).map(([name, event]) => [
      name,
      { state: 'open' },
      [{ type: 'personas', personas: [self] }, event],
    ]),
  ];
  for (const [name, boot, events] of states) {
    const page = await newPage(stage, { ...options, serviceWorkers: 'block' });
    await page
      .context()
      .route('**/assets/worker-*.js', (route) =>
        route.fulfill({ contentType: 'text/javascript', body: worker(boot, events) }),
      );
    await page.context().addInitScript(() => {
      if (location.protocol === 'http:') localStorage.setItem('sotto-store', 'none');
    });
    await page.goto(stage.url);
    await page
      .locator(events.length > 0 ? '.notice' : '.pane-main h1')
      .first()
      .waitFor();
    await take(page, name);
    await page.context().close();
  }
}
