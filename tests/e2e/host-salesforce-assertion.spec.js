// What the package's Apex signs, at a real relay: Apex itself runs in an org alone, so its claims are read from the class.
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from './servers.js';

const CLASS = new URL('../../web/salesforce/force-app/main/default/classes/PatchcordAssertion.cls', import.meta.url);
const ORG_ID = '00DQ7000000AbCdMAK';
const SANDBOX_ID = '00DQ7000000XyZaMAK';
const USER_ID = '005Q7000000QrStIAM';
const ISSUER = 'https://acme.my.salesforce.com';
const KEY_ID = 'acme-2026';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The relay knows the org, its key and one of its users. */
async function know(servers) {
  await servers.configure(
    (text) =>
      `${text}
[[issuer]]
iss = "${ISSUER}"
org = "${ORG_ID}"
kid = "${KEY_ID}"
algorithm = "RS256"
public_key = '''
${publicKey.export({ type: 'spki', format: 'pem' })}'''

[[agent]]
org = "${ORG_ID}"
sub = "${USER_ID}"
name = "Alex in Salesforce"
identities = [{ account = "samespace", agent = "alex@acme" }]
`,
  );
  await servers.restartRelay();
}

/** The names that the class puts into one of its maps. */
async function names(map) {
  const text = await readFile(CLASS, 'utf8');
  const [, body] = new RegExp(`${map} = new Map<String, Object>\\{([^}]*)\\}`).exec(text);
  return [...body.matchAll(/'(\w+)' =>/g)].map(([, name]) => name);
}

/** An assertion with exactly what the class has in it. */
async function assertion(servers, { org = ORG_ID, sub = USER_ID, lasts = 120 } = {}) {
  const now = Math.floor(Date.now() / 1000);
  const values = {
    alg: 'RS256',
    typ: 'JWT',
    kid: KEY_ID,
    iss: ISSUER,
    aud: servers.relay,
    org,
    sub,
    iat: now,
    exp: now + lasts,
    jti: randomUUID(),
  };
  const part = async (map) => {
    const written = (await names(map)).map((name) => [name, values[name]]);
    return Buffer.from(JSON.stringify(Object.fromEntries(written))).toString('base64url');
  };
  const text = `${await part('header')}.${await part('claims')}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
}

async function session(servers, signed) {
  const response = await fetch(`${servers.relay}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ assertion: signed }),
  });
  return { status: response.status, body: await response.json() };
}

test('the relay takes what the class signs, once', async ({ servers }) => {
  await know(servers);
  expect(await names('header')).toContain('kid');
  expect(await names('claims')).toEqual(expect.arrayContaining(['iss', 'aud', 'org', 'sub', 'iat', 'exp', 'jti']));
  const signed = await assertion(servers);
  const { status, body } = await session(servers, signed);
  expect(status).toBe(200);
  expect(body.agent).toMatchObject({ org: ORG_ID, sub: USER_ID, name: 'Alex in Salesforce' });
  expect((await session(servers, signed)).body.code).toBe('assertion_replayed');
});

test('a sandbox, which has the settings but another organisation id, is refused', async ({ servers, sandbox }) => {
  await know(servers);
  const { status, body } = await session(servers, await assertion(servers, { org: SANDBOX_ID }));
  expect(status).toBeGreaterThanOrEqual(400);
  expect(body.code).toMatch(/^(assertion_invalid|agent_unknown)$/);
  expect(await sandbox.requests()).toEqual([]);
});

test('a user whom the relay does not know is refused', async ({ servers }) => {
  await know(servers);
  const { body } = await session(servers, await assertion(servers, { sub: '005Q7000000NobodyA' }));
  expect(body.code).toBe('agent_unknown');
});

test('how long the class lets an assertion last is what the relay allows', async ({ servers }) => {
  const text = await readFile(CLASS, 'utf8');
  const [, seconds] = /Long SECONDS = (\d+);/.exec(text);
  await know(servers);
  expect((await session(servers, await assertion(servers, { lasts: Number(seconds) }))).status).toBe(200);
  expect((await session(servers, await assertion(servers, { lasts: 301 }))).body.code).toBe('assertion_expired');
});
