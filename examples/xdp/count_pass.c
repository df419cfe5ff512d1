// SPDX-License-Identifier: Apache-2.0
/* Passes every packet, and counts packets and bytes by what they carry.
 *
 * IPv4 and IPv6, with up to two VLAN tags before them. IPv6 extension headers are not followed: what begins with one
 * is OTHER_IP. Fragments count as the protocol that their header names.
 *
 *   counters  key: 4 bytes in the byte order of the host, 0 no IP (ARP, LLDP, frames that are cut off), 1 TCP, 2 UDP,
 *             3 ICMP and ICMPv6, 4 other IP
 *             value on each CPU: 8 bytes packets, 8 bytes bytes
 */
#include <linux/in.h>

#include "packet.h"

enum { NO_IP, TCP, UDP, ICMP, OTHER_IP, COUNTERS };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

static __always_inline __u32 class_of(__u8 protocol, __u8 icmp)
{
	if (protocol == IPPROTO_TCP)
		return TCP;
	if (protocol == IPPROTO_UDP)
		return UDP;
	return protocol == icmp ? ICMP : OTHER_IP;
}

static __always_inline __u32 class_of_packet(void *data, void *end)
{
	__be16 protocol = 0;
	void *network = network_header(data, end, &protocol);
	struct iphdr *v4 = network;
	struct ipv6hdr *v6 = network;

	if (network && protocol == bpf_htons(ETH_P_IP) && (void *)(v4 + 1) <= end)
		return class_of(v4->protocol, IPPROTO_ICMP);
	if (network && protocol == bpf_htons(ETH_P_IPV6) && (void *)(v6 + 1) <= end)
		return class_of(v6->nexthdr, 58 /* ICMPv6, RFC 4443; its name is in a header that clashes with in.h */);
	return NO_IP;
}

SEC(XDP_SECTION)
int count_pass(struct xdp_md *ctx)
{
	count(&counters, class_of_packet((void *)(long)ctx->data, (void *)(long)ctx->data_end), ctx);
	return XDP_PASS;
}

/* No helper used here asks for a licence that is compatible with the GPL. */
char _license[] SEC("license") = "Apache-2.0";
