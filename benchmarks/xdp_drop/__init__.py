"""What a drop by XDP costs, next to the same drop by nftables."""
