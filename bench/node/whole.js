// With the whole providers required, as CDKTF's documentation shows it.
"use strict";

const [outdir, stacks] = process.argv.slice(2);
require("./stack")(outdir, stacks, {
  aws: require("@cdktf/provider-aws"),
  github: require("@cdktf/provider-github"),
});
