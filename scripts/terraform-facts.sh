#!/usr/bin/env bash
# Writes testdata/terraform/aws-5.json and aws-6.json: the arguments and blocks that two
# versions of Terraform's AWS provider have for the types that exports write, as the
# declarations of an npm package list them that is generated from the provider's schema.
# It needs npm and node, and downloads 70 MB.
set -euo pipefail
cd "$(dirname "$0")/.."
here="$PWD"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
for release in 5:19.65.1 6:21.22.1; do
  npm pack --silent "@cdktf/provider-aws@${release#*:}" >/dev/null
  mkdir "${release%:*}"
  tar xzf "cdktf-provider-aws-${release#*:}.tgz" -C "${release%:*}"
  node - "$work/${release%:*}/package/lib" >"$here/testdata/terraform/aws-${release%:*}.json" <<'JS'
const fs = require('fs');
const lib = process.argv[2];
const types = ['cloudtrail', 'cloudwatch-log-group', 's3-bucket', 's3-bucket-ownership-controls', 's3-bucket-policy', 's3-bucket-public-access-block',
  's3-bucket-server-side-encryption-configuration', 's3-bucket-versioning', 'cloudwatch-event-api-destination', 'cloudwatch-event-connection', 'cloudwatch-event-rule', 'cloudwatch-event-target', 'cloudwatch-log-metric-filter',
  'cloudwatch-metric-alarm', 'data-aws-cloudwatch-event-bus', 'data-aws-cloudwatch-log-group', 'iam-role', 'iam-role-policy', 'sns-topic', 'sns-topic-policy', 'sns-topic-subscription'];
const snake = (s) => s.replace(/[A-Z]/g, (c) => '_' + c.toLowerCase());
const out = {};
for (const type of types) {
  const text = fs.readFileSync(`${lib}/${type}/index.d.ts`, 'utf8');
  const name = text.match(/static readonly tfResourceType = "([^"]+)"/)[1];
  // What an interface declares; a declaration ends at the first semicolon outside of braces.
  const members = (of) => {
    const body = text.split(new RegExp(`export interface ${of}( extends [^{]+)? \\{\n`))[2];
    if (body === undefined) throw new Error(`${type}: no interface ${of}`);
    return [...body.slice(0, body.indexOf('\n}')).matchAll(/readonly (\w+)(\??): (\{[^}]*\}|[^;]+);/g)];
  };
  const describe = (of) => {
    const d = { attributes: {}, blocks: {} };
    for (const [, member, optional, declared] of members(of)) {
      const kind = declared.replace(/ \| cdktf\.IResolvable/g, '').replace(/\s+/g, ' ');
      const block = kind.match(/^(\w+?)(\[\])?$/);
      if (block && text.includes(`export interface ${block[1]} {`)) {
        d.blocks[snake(member)] = { required: !optional, max1: !block[2], ...describe(block[1]) };
        continue;
      }
      const named = { string: 'string', number: 'number', boolean: 'bool', 'string[]': 'list', '{ [key: string]: string; }': 'map' }[kind];
      if (!named) throw new Error(`${type}.${member}: ${kind}`);
      d.attributes[snake(member)] = { type: named, required: !optional };
    }
    return d;
  };
  const config = text.match(/export interface (\w+Config) extends/)[1];
  out[(type.startsWith('data-') ? 'data.' + name : name)] = describe(config);
}
console.log(JSON.stringify(out, null, 1));
JS
done
