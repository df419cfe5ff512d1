// SPDX-License-Identifier: Apache-2.0
/* One program more than xdp-loader's dispatcher calls. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PASSES(name) \
	SEC("xdp") \
	int name(struct xdp_md *ctx) \
	{ \
		(void)ctx; \
		return XDP_PASS; \
	}

PASSES(a) PASSES(b) PASSES(c) PASSES(d) PASSES(e) PASSES(f) PASSES(g) PASSES(h) PASSES(i) PASSES(j) PASSES(k)
