// `npm start [-- options]`: the relay from this checkout, with its own defaults (port 8787, data in ./data).
import { runBin } from './lib/compile.mjs';

await runBin('relay/bin/sotto-relay.js', 'relay/dist/cli/main.js');
