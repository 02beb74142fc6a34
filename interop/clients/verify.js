// npm's @sigstore/verify as a verifier of bundles, with a trusted root from a file.
//
// Usage: node verify.js PEER-DIRECTORY TRUSTED-ROOT IDENTITY ISSUER (ARTIFACT | sha256:HEX) BUNDLES...
//
// PEER-DIRECTORY is where node_modules with the version under test is. Each BUNDLES file holds one bundle, or one a line.
// Of a DSSE envelope one subject must have the artifact's SHA-256. With a digest in place of a file, message signatures
// cannot be verified and count as refused. Prints a line per bundle; exits 1 when one is refused, 2 when there is none.
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const [peer, rootFile, identity, issuer, artifact, ...files] = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: node verify.js PEER-DIRECTORY TRUSTED-ROOT IDENTITY ISSUER (ARTIFACT | sha256:HEX) BUNDLES...');
  process.exit(2);
}
const load = require('node:module').createRequire(path.join(path.resolve(peer), 'package.json'));
const { bundleFromJSON } = load('@sigstore/bundle');
const { TrustedRoot } = load('@sigstore/protobuf-specs');
const { Verifier, toSignedEntity, toTrustMaterial } = load('@sigstore/verify');

const bytes = artifact.startsWith('sha256:') ? undefined : fs.readFileSync(artifact);
const digest = bytes ? crypto.createHash('sha256').update(bytes).digest('hex') : artifact.slice('sha256:'.length);
const trust = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(fs.readFileSync(rootFile, 'utf8'))));
const verifier = new Verifier(trust, { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 });
// Versions before 4 take the name as a regular expression.
const escaped = '^' + identity.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') + '$';
const policy = { subjectAlternativeName: escaped, extensions: { issuer } };

let count = 0;
let refused = 0;
for (const file of files) {
  for (const line of documents(fs.readFileSync(file, 'utf8'))) {
    count += 1;
    let what = '?';
    try {
      const bundle = bundleFromJSON(JSON.parse(line));
      what = bundle.content.$case;
      verifier.verify(toSignedEntity(bundle, bytes), policy);
      if (bundle.content.$case === 'dsseEnvelope') {
        const statement = JSON.parse(bundle.content.dsseEnvelope.payload.toString('utf8'));
        what = statement.predicateType;
        if (!statement.subject.some((subject) => subject.digest.sha256 === digest)) {
          throw new Error("no subject of the statement has the artifact's digest");
        }
      }
      console.log(`ok       ${what}`);
    } catch (error) {
      refused += 1;
      console.log(`REFUSED  ${what}: ${error.code || error.name}: ${error.message}`);
    }
  }
}
if (count === 0) {
  console.error('no bundles');
  process.exit(2);
}
console.log(`${count - refused} accepted, ${refused} refused`);
process.exitCode = refused ? 1 : 0;

function documents(text) {
  try {
    JSON.parse(text);
    return [text];
  } catch {
    return text.split('\n').filter((line) => line !== '');
  }
}
