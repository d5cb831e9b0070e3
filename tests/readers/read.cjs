// Reads YAML as js-yaml or yaml do. The table of what is written stands in README.md.
'use strict';

const path = require('node:path');
const readline = require('node:readline');

const [reader, modules] = process.argv.slice(2);
const from = (name) => require(path.join(modules, name));

const loaders = {
  'js-yaml': () => from('js-yaml').load,
  'js-yaml-4': () => from('js-yaml-4').load,
  'yaml-1.2': () => {
    const YAML = from('yaml');
    return (text) => YAML.parse(text, { version: '1.2', logLevel: 'error' });
  },
  'yaml-1.1': () => {
    const YAML = from('yaml');
    return (text) => YAML.parse(text, { version: '1.1', logLevel: 'error' });
  },
};
const load = loaders[reader]();

function shown(value) {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'bigint':
      return { n: String(value) };
    case 'number':
      return Number.isFinite(value) ? { n: String(value) } : { other: `number ${value}` };
  }
  if (Array.isArray(value)) return value.map(shown);
  if (value instanceof Map) return { m: [...value].map(([key, item]) => [shown(key), shown(item)]) };
  const kind = Object.getPrototypeOf(value);
  if (kind === null || kind === Object.prototype) {
    return { m: Object.entries(value).map(([key, item]) => [key, shown(item)]) };
  }
  return { other: `${value.constructor.name} ${value.toISOString ? value.toISOString() : value}` };
}

const lines = readline.createInterface({ input: process.stdin, crlfDelay: Infinity });
lines.on('line', (line) => {
  let result;
  try {
    result = shown(load(JSON.parse(line)));
  } catch (error) {
    result = { error: String(error.message).split('\n')[0] };
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
});
