import { startJudge } from '../judge/server.ts';

/** A judge that runs until somebody kills it; says its address once. */
const { url } = await startJudge(JSON.parse(process.argv[2]!));
console.log(url);
