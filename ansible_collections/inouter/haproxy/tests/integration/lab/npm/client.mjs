// SPDX-FileCopyrightText: inouter.haproxy contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// One connection of the official TypeScript client: the arguments are the folder of the packages,
// and as JSON the client's release, its mode, where the server is, whether the user consents, and
// the requests. Prints as JSON what the client saw.

import { createRequire } from 'node:module';

const load = createRequire(`${process.argv[2]}/`);
const wish = JSON.parse(process.argv[3]);
const seen = { questions: [], progress: [], answers: [], errors: [] };

function answer({ params }) {
  seen.questions.push(params.message);
  return { action: 'accept', content: { go_on: wish.consent } };
}

// A busy machine starts a server slowly, and the first call of a write waits for that.
const patience = { timeout: 200_000 };
const capabilities = { elicitation: { form: {} } };
const releases = {
  1() {
    const { Client } = load('@modelcontextprotocol/sdk/client/index.js');
    const { ElicitRequestSchema } = load('@modelcontextprotocol/sdk/types.js');
    const client = new Client({ name: 'lab', version: '1' }, { capabilities });
    client.setRequestHandler(ElicitRequestSchema, answer);
    return {
      client,
      http: load('@modelcontextprotocol/sdk/client/streamableHttp.js').StreamableHTTPClientTransport,
      stdio: load('@modelcontextprotocol/sdk/client/stdio.js').StdioClientTransport,
      callTool: (params, options) => client.callTool(params, undefined, options),
      version: (transport) => transport.protocolVersion ?? null,
    };
  },
  2() {
    const { Client, StreamableHTTPClientTransport } = load('@modelcontextprotocol/client');
    const versionNegotiation = { mode: wish.mode };
    const client = new Client({ name: 'lab', version: '1' }, { capabilities, versionNegotiation });
    client.setRequestHandler('elicitation/create', answer);
    return {
      client,
      http: StreamableHTTPClientTransport,
      stdio: load('@modelcontextprotocol/client/stdio').StdioClientTransport,
      callTool: (params, options) => client.callTool(params, options),
      version: () => client.getNegotiatedProtocolVersion() ?? null,
    };
  },
};

const { client, http, stdio, callTool, version } = releases[wish.release]();
const { url, token, command, environment, folder } = wish.server;
const headers = { Authorization: `Bearer ${token}` };
const transport = url
  ? new http(new URL(url), { requestInit: { headers } })
  : new stdio({ command: command[0], args: command.slice(1), env: environment, cwd: folder });
client.onerror = (error) => seen.errors.push(error.message);
await client.connect(transport, patience);
seen.version = version(transport);
const onprogress = ({ progress }) => seen.progress.push(progress);
for (const [method, params] of wish.requests) {
  try {
    const options = method === 'callTool' ? { ...patience, onprogress } : patience;
    const call = method === 'callTool' ? callTool : client[method].bind(client);
    seen.answers.push(await call(params, options));
  } catch (error) {
    seen.answers.push({ refused: { code: error.code ?? null, message: error.message } });
  }
}
await client.close();
console.log(JSON.stringify(seen));
