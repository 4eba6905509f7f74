// `npm run bench -- ratchet`: goals 10 and 11 of the design, beside their baselines of the same run.
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bundleForBrowser, importTypeScript } from '../tools/bundle.mjs';
import { withPage } from '../tools/chromium.mjs';

const HELP = `npm run bench -- ratchet [options]

Milliseconds per message (encrypted and decrypted, state serialised each time) and per session set-up: @sotto/ratchet
beside libsignal-client (native), Olm and an older JavaScript port in Node, and alone in Chromium.

  --quick        one short round, to see that it runs
  --rounds N     interleaved rounds (default 25)
  --no-chromium  Node only
  --json FILE    writes all figures there
  --help
`;

const OURS = '@sotto/ratchet';
const LIBSIGNAL = '@signalapp/libsignal-client';
const OLM = '@matrix-org/olm';
const PORT = '@privacyresearch/libsignal-protocol-typescript';

/** Rows of design section 11 and the issue: what is measured, against what, and the ratio to stay under. */
function goals(node, chromium) {
  const ratio = (row, to) => node[OURS][row] / node[to][row];
  const rows = [
    ['10 ping-pong 200 B / libsignal', ratio('ping-pong 200 B', LIBSIGNAL), 1.5],
    ['10 ping-pong 4 KiB / libsignal', ratio('ping-pong 4 KiB', LIBSIGNAL), 1.5],
    ['10 one-way 200 B / libsignal', ratio('one-way 200 B', LIBSIGNAL), 1],
    ['10 one-way 4 KiB / libsignal', ratio('one-way 4 KiB', LIBSIGNAL), 1],
    ['10 set-up / libsignal', ratio('set-up', LIBSIGNAL), 3],
    ['set-up / Olm', ratio('set-up', OLM), 4],
    ...Object.keys(node[OURS]).map((row) => [`${row} / older port`, ratio(row, PORT), 1]),
  ];
  if (chromium) rows.push(['11 ping-pong 200 B in Chromium, ms', chromium['ping-pong 200 B'], 0.5]);
  return rows.map(([name, value, limit]) => ({ name, value, limit, met: value <= limit }));
}

function table(node, chromium) {
  const columns = { ...node, ...(chromium && { [`${OURS} (Chromium)`]: chromium }) };
  const width = Math.max(...Object.keys(columns).map((name) => name.length));
  const rows = Object.keys(node[OURS]);
  const line = (name, cells) => `${name.padEnd(width)}  ${cells.map((cell) => cell.padStart(15)).join('  ')}`;
  return [
    line('ms', rows),
    ...Object.entries(columns).map(([name, figures]) =>
      line(
        name,
        rows.map((row) => figures[row].toFixed(3)),
      ),
    ),
  ].join('\n');
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    'no-chromium': { type: 'boolean' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) console.log(HELP);
else {
  const effort = values.quick
    ? { rounds: 2, setUps: 5, messages: 200 }
    : { rounds: Number(values.rounds ?? 25), setUps: 8, messages: 200 };
  const { benchInNode } = await importTypeScript(new URL('node.ts', import.meta.url));
  const node = await benchInNode(effort);
  let chromium;
  if (!values['no-chromium'] && (existsSync('/usr/bin/chromium') || !values.quick)) {
    const script = await bundleForBrowser(new URL('page.ts', import.meta.url));
    chromium = await withPage(script, (page) => page.evaluate((e) => globalThis.runBench(e), effort));
  }
  console.log(table(node, chromium));
  console.log();
  const judged = goals(node, chromium);
  for (const { name, value, limit, met } of judged) {
    console.log(`${met ? 'met   ' : 'MISSED'}  ${name.padEnd(40)} ${value.toFixed(2)}  (at most ${limit})`);
  }
  if (values.json)
    writeFileSync(values.json, `${JSON.stringify({ node, chromium, goals: judged }, null, 2)}\n`);
}
