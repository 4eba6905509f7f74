// `npm run bench -- rooms`: goal 14 of the design, and what a room costs by its number of members.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { withPage } from '../../../packages/ratchet/tools/chromium.mjs';
import { readOptions } from '../../lib/options.mjs';

const HELP = `npm run bench -- rooms [options]

Join, commit, process, send and receive in rooms of 8, 32, 100 and 200 members, in Node and in Chromium; bytes up and
down, and the stored state. Times are medians in milliseconds, without relay and store.

  --quick        rooms of 8 and 32 only, fewer runs
  --suite NAME   x25519 (default) or x-wing
  --no-chromium  Node only
  --json FILE    writes all figures there
  --help
`;

const repo = join(import.meta.dirname, '../../..');
const entry = join(import.meta.dirname, 'measure.mjs');

/** One file of sources; for Node what npm gave stays outside. */
const bundle = (options) =>
  build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    conditions: ['sotto-source'],
    logLevel: 'error',
    ...options,
  });

async function measureInNode(effort) {
  // Inside the SDK's folder, from where its dependencies are found.
  const dist = join(repo, 'client-sdk/dist');
  await mkdir(dist, { recursive: true });
  const folder = await mkdtemp(join(dist, '.bench-'));
  try {
    const outfile = join(folder, 'rooms.mjs');
    await bundle({ outfile, platform: 'node', target: 'node20', packages: 'external' });
    const { measureRooms } = await import(pathToFileURL(outfile).href);
    return await measureRooms(effort);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureInChromium(effort) {
  const nodePaths = [join(repo, 'client-sdk/node_modules')];
  const made = await bundle({
    write: false,
    platform: 'browser',
    target: 'chrome120',
    minify: true,
    nodePaths,
  });
  const [script] = made.outputFiles;
  return withPage(script.text, (page) => page.evaluate((e) => globalThis.measureRooms(e), effort));
}

const LEGEND = `
join: read the state that lies in the room's slot, and make the commit that enters. proc. join, process: what each other
member does with that commit, and with one that renews keys. commit: renew one's keys. send, receive: a text of 200 B
through MLS alone (goal 14). whole send, whole recv: the same with the author's proof, packet and padded block, as
clients make and take it. All four: ten messages timed at once, because a page's clock ticks in 0.1 ms; the median of
the means of ten. A single slow message doesn't show in it: it is a rate, not a latency. The others: median of the runs.
encode, decode: the stored state.
Bytes: down is what a newcomer fetches, up what it appends. packet: a commit with the state it leads to, up once and
down to each member. msg: a message within its block; block: what goes up once and down to each member for it.`;

const COLUMNS = {
  members: 'members',
  joinMs: 'join',
  enterMs: 'proc. join',
  commitMs: 'commit',
  processMs: 'process',
  sendMs: 'send',
  receiveMs: 'receive',
  wholeSendMs: 'whole send',
  wholeReceiveMs: 'whole recv',
  encodeMs: 'encode',
  decodeMs: 'decode',
  joinDownBytes: 'join B down',
  joinUpBytes: 'join B up',
  commitBytes: 'commit B',
  commitPacketBytes: 'packet B',
  messageBytes: 'msg B',
  blockBytes: 'block B',
  storedBytes: 'stored B',
};

function table(where, rows) {
  const cells = rows.map((row) =>
    Object.keys(COLUMNS).map((name) => {
      if (!name.endsWith('Ms')) return String(row[name]);
      return row[name].toFixed(/send|receive/i.test(name) ? 3 : 1);
    }),
  );
  const all = [Object.values(COLUMNS), ...cells];
  return [where, ...all.map((row) => row.map((cell) => cell.padStart(11)).join(' '))].join('\n');
}

/** Goal 14, and that a message costs the same in every room. */
function goals(where, rows, messageLimit) {
  const at = (members) => rows.find((row) => row.members === members);
  const message = (row) => row.sendMs + row.receiveMs;
  const judged = [];
  const judge = (name, value, limit) =>
    judged.push({ name: `14 ${where}: ${name}`, value, limit, met: value <= limit });
  if (at(32)) judge('join of 32, ms', at(32).joinMs, 150);
  if (at(200)) judge('join of 200, ms', at(200).joinMs, 500);
  for (const row of rows) judge(`send + receive of ${row.members}, ms`, message(row), messageLimit);
  const [first] = rows;
  const last = rows.at(-1);
  judge(`a message of ${last.members}, times one of ${first.members}`, message(last) / message(first), 1.5);
  return judged;
}

const { values } = readOptions({
  options: {
    quick: { type: 'boolean' },
    suite: { type: 'string', default: 'x25519' },
    'no-chromium': { type: 'boolean' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) console.log(HELP);
else {
  const { suite } = values;
  const effort = values.quick
    ? { suite, sizes: [8, 32], runs: 3, messages: 100 }
    : { suite, sizes: [8, 32, 100, 200], runs: 7, messages: 300 };
  const node = await measureInNode(effort);
  console.log(table(`Node, ${suite}`, node));
  const judged = goals('Node', node, 3);
  let chromium;
  if (!values['no-chromium']) {
    chromium = await measureInChromium(effort);
    console.log(table(`\nChromium, ${suite}`, chromium));
    judged.push(...goals('Chromium', chromium, 0.5));
  }
  const [load] = loadavg();
  const others = load > cpus().length ? ': others run beside, times are upper bounds' : '';
  console.log(
    `${LEGEND}\nLoad of this machine's ${cpus().length} cores over the last minute: ${load.toFixed(1)}${others}.\n`,
  );
  for (const { name, value, limit, met } of judged) {
    console.log(`${met ? 'met   ' : 'MISSED'}  ${name.padEnd(52)} ${value.toFixed(2)}  (at most ${limit})`);
  }
  if (values.json) {
    await writeFile(values.json, `${JSON.stringify({ suite, node, chromium, goals: judged }, null, 2)}\n`);
  }
}
