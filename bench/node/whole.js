// With the whole providers required, as CDKTF's documentation shows it.
"use strict";

require("./stack")(process.argv[2], require("@cdktf/provider-aws"), require("@cdktf/provider-github"));
