// With only the modules that are used required, the fastest that Node itself can be.
"use strict";

const lazily = (provider) =>
  new Proxy({}, {
    get: (_, name) => require(`${provider}/lib/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`),
  });

require("./stack")(process.argv[2], lazily("@cdktf/provider-aws"), lazily("@cdktf/provider-github"));
