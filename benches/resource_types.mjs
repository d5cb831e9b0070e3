// Makes src/impact/cloudformation/types.txt: which properties of a resource type replace the resource when they change.
//
//   node benches/resource_types.mjs <folder of registry schemas> > src/impact/cloudformation/types.txt
//
// Needs `npm install @aws-cdk/aws-service-spec@0.1.216` where it is run. The registry's own schemas win where they are
// at hand: they name properties within properties, and what a value is turned into.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(join(process.cwd(), 'package.json'));
const { loadAwsServiceSpec } = require('@aws-cdk/aws-service-spec');
const folder = process.argv[2];
const db = await loadAwsServiceSpec();
const types = new Map();

for (const resource of db.all('resource')) {
  // A macro makes others of them.
  if (resource.cloudFormationType.startsWith('AWS::Serverless::')) continue;
  const properties = Object.entries(resource.properties);
  const words = properties.flatMap(([name, { causesReplacement }]) =>
    causesReplacement === 'yes' ? [name] : causesReplacement === 'maybe' ? [`${name}?`] : []);
  const own = resource.primaryIdentifier ?? [];
  const identifier = own.every((name) => name in resource.properties) ? own.map((name) => `=${name}`) : [];
  types.set(resource.cloudFormationType, [...words.sort(), ...identifier.sort()]);
}

const point = (path) => path.replace('/properties/', '').replaceAll('/properties/', '/').replaceAll('/', '.');
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const schema = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  if (!schema.typeName) continue;
  const paths = (list) => (list ?? []).map(point).filter((path) => !path.includes('*'));
  const transformed = new Set(Object.keys(schema.propertyTransform ?? {}).map(point));
  const word = (name) => (transformed.has(name) ? `${name}~` : name);
  const readOnly = new Set(paths(schema.readOnlyProperties));
  const own = paths(schema.primaryIdentifier);
  const identifier = own.length && own.every((name) => !readOnly.has(name)) ? own.map((name) => `=${name}`) : [];
  const strategy = { delete_then_create: ['@delete-first'] }[schema.replacementStrategy] ?? [];
  const sure = paths(schema.createOnlyProperties);
  const open = paths(schema.conditionalCreateOnlyProperties);
  // Of what the user guide says otherwise it is not known.
  const said = types.get(schema.typeName) ?? [];
  const doubtful = said.filter((name) => /^\w+$/.test(name) && ![...sure, ...open].some((it) => it.split('.')[0] === name));
  const known = [...sure.map(word), ...[...open, ...doubtful].map((it) => `${word(it)}?`)];
  types.set(schema.typeName, [...known.sort(), ...identifier.sort(), ...strategy]);
}

console.log(`# Resource types of CloudFormation and what replaces a resource: a property; \`?\` one that does so for some values; \`~\` one
# that is compared as CloudFormation rewrites it; \`=\` what identifies it, if the template says all of that; \`@delete-first\`
# types of which the old one is deleted before the new one is made.
# Registry schemas of us-east-1 for ${readdirSync(folder).filter((name) => name.endsWith('.json')).length} types, else @aws-cdk/aws-service-spec 0.1.216
# (https://github.com/cdklabs/awscdk-service-spec), Apache-2.0, looked up on 2026-11-29.
# Made by benches/resource_types.mjs; do not edit.`);
for (const type of [...types.keys()].sort()) console.log([type, ...types.get(type)].join(' '));
