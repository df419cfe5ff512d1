// SPDX-License-Identifier: Apache-2.0
/* Two programs in one object. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int front(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

SEC("xdp.frags")
int back(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}
