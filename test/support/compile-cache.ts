import { enableCompileCache } from 'node:module';
import { resolve } from 'node:path';

// Every test file loads much of src, and starts processes that do: its types are stripped and it is compiled once.
const FOLDER = resolve(import.meta.dirname, '../../node_modules/.cache/hamlet');
enableCompileCache(FOLDER);
process.env.NODE_COMPILE_CACHE = FOLDER;
