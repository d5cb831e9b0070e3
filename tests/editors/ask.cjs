// Asks the YAML language server about files, as an editor does: opens each and waits for what is said about it. The paths
// of the files are the arguments after that of the server; what is printed is one JSON object, `{file: ["line:column message", …]}`.
// Nothing is fetched: the server finds schemas by the first lines of the files.
const { spawn } = require("child_process");
const fs = require("fs");
const { pathToFileURL } = require("url");

const [server, ...files] = process.argv.slice(2);
const child = spawn(process.execPath, [server, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const uris = new Map(files.map((file) => [pathToFileURL(file).href, file]));
const said = {};
let number = 0;
let quiet;

function send(message) {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

const settings = {
  yaml: { validate: true, schemaStore: { enable: false }, kubernetesCRDStore: { enable: false }, format: { enable: false } },
  http: {},
  editor: {},
  files: {},
};

function opened() {
  send({ method: "initialized", params: {} });
  send({ method: "workspace/didChangeConfiguration", params: { settings } });
  for (const [uri, file] of uris) {
    const text = fs.readFileSync(file, "utf8");
    send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text } } });
  }
}

function answer({ id, method, params }) {
  // The server's own questions: its settings, and leave to register.
  const result = method === "workspace/configuration" ? params.items.map((item) => settings[item.section] ?? null) : null;
  send({ id, result });
}

function received(message) {
  if (message.method && message.id !== undefined) return answer(message);
  if (message.id === number) return opened();
  if (message.method !== "textDocument/publishDiagnostics") return;
  const file = uris.get(message.params.uri);
  said[file] = message.params.diagnostics.map(
    ({ range: { start }, message }) => `${start.line + 1}:${start.character + 1} ${message}`,
  );
  if (Object.keys(said).length < files.length) return;
  // What is said of a file may be said anew; it is done when nothing comes any more.
  clearTimeout(quiet);
  quiet = setTimeout(() => {
    process.stdout.write(JSON.stringify(said));
    child.kill();
  }, 1000);
}

let buffer = Buffer.alloc(0);
child.stdout.on("data", (data) => {
  buffer = Buffer.concat([buffer, data]);
  for (;;) {
    const head = buffer.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, head).toString())[1]);
    if (buffer.length < head + 4 + length) return;
    const body = buffer.subarray(head + 4, head + 4 + length).toString();
    buffer = buffer.subarray(head + 4 + length);
    received(JSON.parse(body));
  }
});

number = 1;
send({ id: number, method: "initialize", params: { processId: process.pid, rootUri: null, capabilities: { workspace: { configuration: true } } } });
