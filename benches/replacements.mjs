// Asks AWS CDK's offline diff what changes of this repository's own templates replace, and writes tests/cli/replacements.jsonl.
//
//   node benches/replacements.mjs golden/prod > tests/cli/replacements.jsonl
//
// Needs `npm install @aws-cdk/cloudformation-diff@2.187.5 yaml@2` where it is run, and takes the folder of a golden tree. Each
// line is one change: the resource with the property that changes and what identifies it, those that refer to it, and what
// becomes of each.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(join(process.cwd(), 'package.json'));
const { fullDiff } = require('@aws-cdk/cloudformation-diff');
const { parse } = require('yaml');

const templates = readdirSync(process.argv[2], { recursive: true })
  .filter((path) => path.endsWith('template.yaml'))
  .sort()
  .map((path) => parse(readFileSync(join(process.argv[2], path), 'utf8'), { maxAliasCount: -1 }))
  .filter((template) => template?.Resources);

const names = (value, id) => {
  const text = JSON.stringify(value);
  return text.includes(`"Ref":"${id}"`) || text.includes(`["${id}",`) || text.includes(`\${${id}}`) || text.includes(`\${${id}.`);
};

/** A value of the same form that is another one. */
const other = (value) => {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') {
    const network = /^(\d+)\.(\d+)\.(\d+)\.(\d+\/\d+)$/.exec(value);
    if (network) return `${network[1]}.${(Number(network[2]) + 1) % 256}.${network[3]}.${network[4]}`;
    return /^\d+$/.test(value) ? String(Number(value) + 1) : `${value}-other`;
  }
  if (Array.isArray(value)) return value.length ? [...value.slice(0, -1), other(value.at(-1))] : ['other'];
  const [key] = Object.keys(value);
  if (key === 'Ref') return { Ref: `${value.Ref}Other` };
  if (key === 'Fn::GetAtt') return { 'Fn::GetAtt': [`${value[key][0]}Other`, value[key][1]] };
  if (key === 'Fn::Sub' && typeof value[key] === 'string') return { 'Fn::Sub': `${value[key]}-other` };
  if (key === 'Fn::ImportValue') return { 'Fn::ImportValue': other(value[key]) };
  return key ? { ...value, [key]: other(value[key]) } : { other: 'x' };
};

const answers = (before, after) => {
  const said = {};
  fullDiff(before, after).resources.forEachDifference((id, change) => {
    said[id] = change.changeImpact;
  });
  return said;
};

const lines = new Map();
const ask = (key, before, after) => {
  if (lines.has(key)) return;
  const conditions = { Conditions: { Choice: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] } } };
  const [old, now] = [{ ...conditions, Resources: before }, { ...conditions, Resources: after }];
  try {
    lines.set(key, JSON.stringify({ change: key, before, after, said: answers(old, now) }));
  } catch {
    // It reads policies, and wants them whole.
  }
};

for (const { Resources: all } of templates) {
  for (const [id, resource] of Object.entries(all)) {
    const { Type: type, Properties: properties = {} } = resource;
    const policies = Object.fromEntries(['DeletionPolicy', 'UpdateReplacePolicy'].flatMap((key) => (resource[key] ? [[key, resource[key]]] : [])));
    const own = (values) => ({ Type: type, ...policies, Properties: values });
    const users = Object.entries(all).filter(([user, it]) => user !== id && names(it.Properties ?? {}, id)).slice(0, 2);
    const reduced = Object.fromEntries(
      users.map(([user, it]) => {
        const kept = Object.entries(it.Properties).filter(([, value]) => names(value, id) && JSON.stringify(value).length < 400);
        return [user, { Type: it.Type, Properties: Object.fromEntries(kept) }];
      }),
    );
    for (const [property, value] of Object.entries(properties)) {
      if (JSON.stringify(value).length > 300) continue;
      const with_ = (it) => ({ [id]: own(it), ...reduced });
      const before = with_({ [property]: value });
      ask(`${type} ${property} other`, before, with_({ [property]: other(value) }));
      ask(`${type} ${property} gone`, before, with_({}));
      ask(`${type} ${property} new`, with_({}), before);
      ask(`${type} ${property} chosen`, before, with_({ [property]: { 'Fn::If': ['Choice', value, other(value)] } }));
      if (typeof value === 'string') ask(`${type} ${property} written`, before, with_({ [property]: { 'Fn::Sub': value } }));
    }
    ask(`${type} gone`, { [id]: own({}) }, {});
  }
}
// A fifth of all is enough, and the same fifth each time; of what replaces, all that change the value.
const keys = [...lines.keys()].sort();
const kept = keys.filter((key, at) => at % 5 === 0 || (key.endsWith(' other') && /REPLACE/.test(lines.get(key))));
for (const key of kept) console.log(lines.get(key));
