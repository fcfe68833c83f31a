// Loaded into Playwright's driver before it. Playwright 1.65 asks each new context for its colour
// scheme by a command that Firefox 153 doesn't know, and gives up; here it asks and goes on.

const { Module } = require("node:module");

const compile = Module.prototype._compile;
const COMMAND = '("emulation.setMediaFeaturesOverride"';

Module.prototype._compile = function (text, ...rest) {
  const mended = text.replaceAll(`.send${COMMAND}`, `.sendMayFail${COMMAND}`);
  return compile.call(this, mended, ...rest);
};
