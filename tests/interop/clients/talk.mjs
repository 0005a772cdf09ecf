// How a client talks with the run: a line of JSON each way.
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const heard = async () => JSON.parse((await lines.next()).value);

export const given = await heard();
export const say = (what) => process.stdout.write(JSON.stringify(what) + '\n');
export const ask = async (what) => {
  say(what);
  return heard();
};
export const use = (name) =>
  say({ version: JSON.parse(readFileSync(`${process.env.INTEROP_MODULES}/${name}/package.json`)).version });
export const url = (path) => given.issuer + path;

export const refusedAtTheApi = async (token) => {
  const answer = await fetch(url('/v2/me'), { headers: { authorization: `Bearer ${token}` } });
  return answer.status === 403 && (await answer.json()).code === 'authentication_failed';
};
export const done = () => process.exit(0);
