// With only the modules that are used required, the fastest that Node itself can be.
"use strict";

const lazily = (provider) =>
  new Proxy({}, {
    get: (_, name) => require(`${provider}/lib/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`),
  });

const [outdir, stacks] = process.argv.slice(2);
require("./stack")(outdir, stacks, { aws: lazily("@cdktf/provider-aws"), github: lazily("@cdktf/provider-github") });
