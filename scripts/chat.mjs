// `npm run chat -- --relay URL`: the terminal client from this checkout. With --json use `npm run -s chat` or the bin
// `sotto-chat`: npm's own banner is not JSON.
import { runBin } from './lib/compile.mjs';

await runBin('client-sdk/bin/sotto-chat.js', 'client-sdk/dist/terminal/main.js');
