// SPDX-License-Identifier: Apache-2.0
/* One program that passes every packet, without maps. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#ifdef FRAGS
SEC("xdp.frags")
#else
SEC("xdp")
#endif
int pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}
