// SPDX-License-Identifier: Apache-2.0
/* A map as it was described before BTF, in a section that libbpf refuses since 1.0. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct old_map {
	__u32 type, key_size, value_size, max_entries, map_flags;
};

struct old_map counters SEC("maps") = {
	.type = BPF_MAP_TYPE_ARRAY,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 2,
};

SEC("xdp")
int old(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}
