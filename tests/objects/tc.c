// SPDX-License-Identifier: Apache-2.0
/* A program that is none for XDP. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int classify(struct __sk_buff *skb)
{
	(void)skb;
	return 0;
}
