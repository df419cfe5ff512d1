// SPDX-License-Identifier: Apache-2.0
/* What the programs share: where the network header is, and counting. */
#ifndef PACKET_H
#define PACKET_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* A program in section "xdp.frags" also takes packets of several buffers, as an MTU of 9000 brings on many NICs;
 * kernels before 5.18 refuse to load it. */
#ifdef FRAGS
#define XDP_SECTION "xdp.frags"
#else
#define XDP_SECTION "xdp"
#endif

#define VLAN_TAGS 2 /* that are looked through: one, or a service tag and a customer tag */

struct vlan_header {
	__be16 tag;
	__be16 protocol; /* EtherType of what follows */
};

struct counter {
	__u64 packets;
	__u64 bytes; /* with Ethernet header and the VLAN tags that the NIC left in, without frame check sequence */
};

/* The first byte behind the Ethernet header and VLAN tags, and its EtherType in network order.
 * NULL where the frame ends before. Headers lie in the first buffer of a packet, so `end` is the end of that. */
static __always_inline void *network_header(void *data, void *end, __be16 *protocol)
{
	struct ethhdr *ethernet = data;
	struct vlan_header *vlan = (void *)(ethernet + 1);

	if ((void *)vlan > end)
		return NULL;
	*protocol = ethernet->h_proto;

#pragma unroll
	for (int tags = 0; tags < VLAN_TAGS; tags++) {
		if (*protocol != bpf_htons(ETH_P_8021Q) && *protocol != bpf_htons(ETH_P_8021AD))
			break;
		if ((void *)(vlan + 1) > end)
			return NULL;
		*protocol = vlan->protocol;
		vlan++;
	}
	return vlan;
}

/* Adds one packet to an entry of a per-CPU array: no other CPU writes there, so no atomic operation is needed. */
static __always_inline void count(void *counters, __u32 key, struct xdp_md *ctx)
{
	struct counter *counter = bpf_map_lookup_elem(counters, &key);

	if (!counter)
		return;
	counter->packets++;
#ifdef FRAGS
	counter->bytes += bpf_xdp_get_buff_len(ctx);
#else
	counter->bytes += ctx->data_end - ctx->data;
#endif
}

#endif
