// `npm start [-- options]`: the relay from this checkout, with its own defaults (port 8787, data in ./data).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runBin } from './lib/compile.mjs';
import { repoRoot } from './lib/repo.mjs';

// For trial the relay hands out the web client too. In production it lives on another origin, best another operator's.
const site = join(repoRoot, 'packages/web/dist/site');
if (process.env.SOTTO_WEB_DIR === undefined && existsSync(site)) process.env.SOTTO_WEB_DIR = site;

await runBin('relay/bin/sotto-relay.js', 'relay/dist/cli/main.js');
