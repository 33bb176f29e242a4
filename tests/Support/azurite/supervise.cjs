// Loaded before Azurite (node --require), for a starter that holds the other end of standard input.
"use strict";

const { Server } = require("node:net");

// Asked to listen on port 0, Azurite prints 0. The starter needs the port that the system chose: asking for a free one
// beforehand could lose it to another process.
const listen = Server.prototype.listen;
Server.prototype.listen = function (...args) {
  this.once("listening", () => console.log(`supervise: port ${this.address().port}`));
  return listen.apply(this, args);
};

// When the starter dies in whatever way, the pipe closes, and no emulator is left behind.
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();
