// A tap on the line between the relay and a platform: passes everything on and keeps what went by.
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * Listens on a free port of 127.0.0.1 and passes requests on to `target`.
 * @returns `{url, heard, close}`; `heard` holds `{path, request, reply}`, both with headers and body
 */
export async function tap(target) {
  const heard = [];
  const pass = async (incoming, outgoing) => {
    const sent = Buffer.concat(await incoming.toArray());
    const headers = { ...incoming.headers };
    for (const name of ['host', 'connection', 'content-length']) delete headers[name];
    const reply = await fetch(target + incoming.url, {
      method: incoming.method,
      headers,
      body: sent.length > 0 ? sent : undefined,
    });
    const body = Buffer.from(await reply.arrayBuffer());
    heard.push({
      path: incoming.url,
      request: { headers: incoming.headers, body: sent.toString() },
      reply: { status: reply.status, body: body.toString() },
    });
    const contentType = reply.headers.get('content-type') ?? 'application/octet-stream';
    outgoing.writeHead(reply.status, { 'content-type': contentType }).end(body);
  };
  const server = createServer((incoming, outgoing) => {
    // Where the platform breaks off, so does the tap.
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    heard,
    async close() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
