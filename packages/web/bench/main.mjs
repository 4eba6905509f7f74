// `npm run bench -- web`: goals 12 and 13 of the design and the figures of the web client's issue, in Debian's Chromium
// against the built site and the real relay.
import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const HELP = `npm run bench -- web [options]

The built site in Chromium, the page at a quarter of its speed on a simulated slow 4G line (a proxy; the browser's own
throttle leaves workers out, on both counts): first message from a cold start and on return; gzipped sizes; long tasks
while typing; a conversation of 20,000 messages opened and scrolled, unthrottled. Needs \`npm run build\`.

  --quick      one round and 2,000 messages, to see that it runs
  --rounds N   cold starts (default 3; the median counts)
  --timeline   what crossed the line when, in the first cold start
  --json FILE  writes all figures there
  --help
`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    timeline: { type: 'boolean' },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) {
  console.log(HELP);
  process.exit(0);
}
if (!existsSync(process.env.SOTTO_CHROMIUM ?? '/usr/bin/chromium')) {
  console.error('There is no Chromium here (set SOTTO_CHROMIUM): nothing measured.');
  process.exit(1);
}

const { inviteFor } = await import('./people.mjs');
const { filesBeforeFirstMessage, measureSizes } = await import('./sizes.mjs');
const { openStage } = await import('./stage.mjs');
const { measureStart } = await import('./start.mjs');
const { measureTalk } = await import('./talk.mjs');

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const rounds = values.quick === true ? 1 : Number(values.rounds ?? 3);
const stage = await openStage();
let figures;
let timeline;
try {
  const sizes = measureSizes(stage.site, await filesBeforeFirstMessage(stage, inviteFor));
  const starts = [];
  for (let round = 0; round < rounds; round++) starts.push(await measureStart(stage));
  [{ timeline }] = starts;
  const talk = await measureTalk(stage, values.quick === true ? { count: 2_000 } : {});
  const middle = (name) => median(starts.map((start) => start[name]));
  figures = {
    coldMs: middle('coldMs'),
    begunMs: middle('begunMs'),
    repeatMs: middle('repeatMs'),
    downKib: middle('bytesDown') / 1_024,
    ...sizes,
    ...talk,
  };
} finally {
  await stage.close();
}

const atMost = (name, key, limit, unit) => ({
  name,
  value: figures[key],
  limit,
  unit,
  met: figures[key] <= limit,
});
const goals = [
  atMost('12 first message, cold start', 'coldMs', 3_000, 'ms'),
  atMost('12 first message, next visit', 'repeatMs', 1_000, 'ms'),
  atMost('13 code before the first message', 'startKib', 250, 'KiB'),
  atMost('13 code of the whole app, one language', 'allKib', 400, 'KiB'),
  atMost('longest task while typing', 'longestTaskMs', 100, 'ms'),
  atMost('open a long conversation', 'openMs', 300, 'ms'),
  { name: 'scroll it', value: figures.fps, limit: 50, unit: 'frames/s', met: figures.fps >= 50 },
];
for (const { name, value, limit, unit, met } of goals) {
  console.log(
    `${met ? 'met   ' : 'MISSED'} ${name.padEnd(40)} ${value.toFixed(0).padStart(6)} ${unit} (goal ${limit})`,
  );
}
const { begunMs, downKib, screens, importMs, everyLanguageKib } = figures;
console.log(
  `beside: usable after ${begunMs.toFixed(0)} ms, ${downKib.toFixed(0)} KiB came down before the first message, ` +
    `${everyLanguageKib.toFixed(0)} KiB of code with all eight languages, ${screens.toFixed(0)} screens scrolled, the copy opened in ${(importMs / 1_000).toFixed(1)} s`,
);
if (values.timeline === true) console.log(timeline.join('\n'));
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ figures, goals }, undefined, 2)}\n`);
