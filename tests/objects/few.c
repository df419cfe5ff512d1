// SPDX-License-Identifier: Apache-2.0
/* Maps for prefixes as examples/xdp/prefix_drop.c has them, with room for two. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct v4_prefix {
	__u32 prefixlen;
	__u8 address[4];
};

struct v6_prefix {
	__u32 prefixlen;
	__u8 address[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 2);
	__type(key, struct v4_prefix);
	__type(value, __u8);
} drop_v4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 2);
	__type(key, struct v6_prefix);
	__type(value, __u8);
} drop_v6 SEC(".maps");

SEC("xdp")
int few(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}
