// SPDX-License-Identifier: Apache-2.0
/* Drops packets whose source address is in a listed prefix, before the kernel allocates anything for them.
 *
 * IPv4 and IPv6, with up to two VLAN tags (802.1Q, 802.1ad) before them. All else passes: other protocols, and
 * packets that end before their source address. Of tunnelled packets the outer address counts.
 *
 * Names, keys and values of the maps are an interface: what fills and reads them knows them by these.
 *
 *   drop_v4   key: 4 bytes prefix length in the byte order of the host, 4 bytes address in network order
 *             value: 1 byte, 1
 *   drop_v6   the same with 16 bytes address
 *   counters  key: 4 bytes in the byte order of the host, 0 dropped, 1 passed
 *             value on each CPU: 8 bytes packets, 8 bytes bytes
 */
#include "packet.h"

/* A limit, not a reservation (BPF_F_NO_PREALLOC, which the kernel asks of a trie): a prefix takes up to 64 bytes while
 * it is in the trie, and inner nodes up to as much again. A million is about what the whole Internet has of IPv4.
 * Kernels before 5.11 count the limit against RLIMIT_MEMLOCK, 47 MB for drop_v4 and 60 MB for drop_v6; bpftool, ip and
 * xdp-loader raise it. */
#define MAX_PREFIXES (1 << 20)

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
	__uint(max_entries, MAX_PREFIXES);
	__type(key, struct v4_prefix);
	__type(value, __u8);
} drop_v4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_PREFIXES);
	__type(key, struct v6_prefix);
	__type(value, __u8);
} drop_v6 SEC(".maps");

enum { DROPPED, PASSED, COUNTERS };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

static __always_inline int v4_is_listed(struct iphdr *ip, void *end)
{
	struct v4_prefix source = { .prefixlen = 8 * sizeof(source.address) };

	if ((void *)(ip + 1) > end)
		return 0;
	__builtin_memcpy(source.address, &ip->saddr, sizeof(source.address));
	return bpf_map_lookup_elem(&drop_v4, &source) != NULL;
}

static __always_inline int v6_is_listed(struct ipv6hdr *ip, void *end)
{
	struct v6_prefix source = { .prefixlen = 8 * sizeof(source.address) };

	if ((void *)(ip + 1) > end)
		return 0;
	__builtin_memcpy(source.address, &ip->saddr, sizeof(source.address));
	return bpf_map_lookup_elem(&drop_v6, &source) != NULL;
}

SEC(XDP_SECTION)
int prefix_drop(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__be16 protocol = 0;
	void *network = network_header(data, end, &protocol);
	int listed = 0;

	if (network && protocol == bpf_htons(ETH_P_IP))
		listed = v4_is_listed(network, end);
	else if (network && protocol == bpf_htons(ETH_P_IPV6))
		listed = v6_is_listed(network, end);

	count(&counters, listed ? DROPPED : PASSED, ctx);
	return listed ? XDP_DROP : XDP_PASS;
}

/* No helper used here asks for a licence that is compatible with the GPL. */
char _license[] SEC("license") = "Apache-2.0";
