// Starts `ofc lsp` for OmniForce specs, and nothing else: all that is known of the language is there.
"use strict";

const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

function program() {
  const name = vscode.workspace.getConfiguration("omniforce").get("path") || "ofc";
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const relative = /[\\/]/.test(name) && !path.isAbsolute(name);
  return relative && folder ? path.join(folder, name) : name;
}

async function start() {
  const command = program();
  client = new LanguageClient(
    "omniforce",
    "OmniForce",
    { command, args: ["lsp"], transport: TransportKind.stdio },
    { documentSelector: [{ language: "omniforce" }] },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    vscode.window.showErrorMessage(
      `\`${command} lsp\` does not start: ${error.message}. ` +
        "Run `pip install 'omniforce[lsp]'`, or set `omniforce.path`.",
    );
  }
}

async function stop() {
  const running = client;
  client = undefined;
  await running?.stop();
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("omniforce.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) =>
      change.affectsConfiguration("omniforce.path") ? restart() : undefined,
    ),
  );
  await start();
}

module.exports = { activate, deactivate: stop };
