# -*- coding: utf-8 -*-
# snapshottest: v1 - https://goo.gl/zC4yUc
from __future__ import unicode_literals

from snapshottest import Snapshot


snapshots = Snapshot()

snapshots['test_plan[app-01.example.net] app-01.example.net'] = {
    'layer': "queues: 600 k packets a second on nic `eth` are within 4 cores × 1 M/s of the kernel's stack",
    'left alone': [
        'eth channels: 4 wanted, one there (one queue for each core)'
    ],
    'pending': [
        'rps (queues, interrupts and steering)'
    ],
    'settings': [
        'sysctl net.core.netdev_budget = 600 (softirq budget)',
        'sysctl net.core.netdev_max_backlog = 2000 (backlog behind RPS)',
        'sysctl net.core.rmem_default = 2097152 (datagrams left unread)',
        'sysctl net.core.rmem_max = 4194304 (datagrams left unread)',
        'nic eth name = eth (interface name)'
    ]
}

snapshots['test_plan[cache-001.fra.example.net] cache-001.fra.example.net'] = {
    'layer': "queues: 1.667 M packets a second on nic `front` are within 24 cores × 1 M/s of the kernel's stack",
    'left alone': [
        'front ring rx: 256 wanted, 511 there (room for a stall)',
        'fs.nr_open: 1048576 wanted, 1048576 there (ceiling of open files)',
        'net.core.somaxconn: 4096 wanted, 4096 there (accept queue)',
        'net.ipv4.ip_local_port_range: 10240 65535 wanted, 32768 60999 there (ports of outgoing connections)',
        'net.ipv4.tcp_max_syn_backlog: 4096 wanted, its own there (SYN queue)'
    ],
    'pending': [
    ],
    'settings': [
        'sysctl net.core.rmem_max = 4194304 (bandwidth × delay)',
        'sysctl net.core.wmem_max = 4194304 (bandwidth × delay)',
        'sysctl net.ipv4.tcp_fin_timeout = 15 (orphans in FIN_WAIT_2)',
        'sysctl net.ipv4.tcp_max_tw_buckets = 2160000 (TIME_WAIT entries)',
        'sysctl net.ipv4.tcp_rmem = 4096 131072 8388608 (twice bandwidth × delay)',
        'sysctl net.ipv4.tcp_slow_start_after_idle = 0 (keep the window over pauses)',
        'sysctl net.ipv4.tcp_tw_reuse = 1 (ports of outgoing connections)',
        'sysctl net.ipv4.tcp_wmem = 4096 16384 8388608 (twice bandwidth × delay)',
        'sysctl vm.swappiness = 10 (written)',
        'nic front name = front (interface name)',
        'nic front channels.combined = 24 (one queue for each core)',
        'manager DefaultLimitNOFILE = 1024:1048576 (open files)'
    ]
}

snapshots['test_plan[db-1.fra.example.net] db-1.fra.example.net'] = {
    'layer': "queues: 833.3 k packets a second on nic `front` are within 4 cores × 1 M/s of the kernel's stack",
    'left alone': [
        'DefaultLimitNOFILE: 1024:32768 wanted, 1024:524288 there (open files)',
        'front ring rx: 512 wanted, 512 there (room for a stall)',
        'net.core.somaxconn: 4096 wanted, 4096 there (accept queue)',
        'net.ipv4.tcp_fin_timeout: 60 wanted, 60 there (orphans in FIN_WAIT_2)',
        'net.ipv4.tcp_max_syn_backlog: 4096 wanted, its own there (SYN queue)',
        'net.ipv4.tcp_max_tw_buckets: 144000 wanted, 262144 there (TIME_WAIT entries)'
    ],
    'pending': [
    ],
    'settings': [
        'sysctl net.ipv4.tcp_slow_start_after_idle = 0 (keep the window over pauses)',
        'sysctl vm.swappiness = 10 (written)',
        'nic front name = front (interface name)',
        'nic front channels.combined = 4 (one queue for each core)'
    ]
}

snapshots['test_plan[dtn-01.example.net] dtn-01.example.net'] = {
    'layer': "queues: 8.333 M packets a second on nic `wan` are within 16 cores × 1 M/s of the kernel's stack",
    'left alone': [
    ],
    'pending': [
    ],
    'settings': [
        'module sch_fq =  (module of a sysctl)',
        'sysctl net.core.default_qdisc = fq (pace each flow)',
        'sysctl net.core.netdev_budget = 600 (softirq budget)',
        'sysctl net.core.rmem_max = 250609664 (bandwidth × delay)',
        'sysctl net.core.wmem_max = 250609664 (bandwidth × delay)',
        'sysctl net.ipv4.tcp_mtu_probing = 1 (survive a path that swallows large packets)',
        'sysctl net.ipv4.tcp_rmem = 4096 131072 500170752 (twice bandwidth × delay)',
        'sysctl net.ipv4.tcp_wmem = 4096 16384 500170752 (twice bandwidth × delay)',
        'nic wan name = wan (interface name)',
        'nic wan mtu = 9000 (written)',
        'nic wan channels.combined = 16 (one queue for each core)',
        'nic wan ring.rx = 8192 (written)',
        'nic wan ring.tx = 8192 (written)',
        'nic wan pause.rx = on (written)',
        'nic wan pause.tx = on (written)'
    ]
}

snapshots['test_plan[fw-01.example.net] fw-01.example.net'] = {
    'layer': "queues: 1.667 M packets a second on nic `outside` are within 12 cores × 1 M/s of the kernel's stack",
    'left alone': [
        'net.netfilter.nf_conntrack_tcp_timeout_time_wait: 30 wanted, 120 there (closed entries)'
    ],
    'pending': [
    ],
    'settings': [
        'module-option nf_conntrack.hashsize = 8160256 (buckets at module load)',
        'module nf_conntrack =  (tracking before first use)',
        'sysctl net.ipv4.ip_forward = 1 (forwarding)',
        'sysctl net.ipv4.neigh.default.gc_thresh1 = 2048 (neighbour table)',
        'sysctl net.ipv4.neigh.default.gc_thresh2 = 4096 (neighbour table)',
        'sysctl net.ipv4.neigh.default.gc_thresh3 = 8192 (neighbour table)',
        'sysctl net.ipv6.conf.all.forwarding = 1 (forwarding)',
        'sysctl net.ipv6.conf.eno1.accept_ra = 2 (written)',
        'sysctl net.ipv6.neigh.default.gc_thresh1 = 2048 (neighbour table)',
        'sysctl net.ipv6.neigh.default.gc_thresh2 = 4096 (neighbour table)',
        'sysctl net.ipv6.neigh.default.gc_thresh3 = 8192 (neighbour table)',
        'sysctl net.netfilter.nf_conntrack_buckets = 8160256 (buckets of the tracking table)',
        'sysctl net.netfilter.nf_conntrack_max = 8160000 (entries of the tracking table)',
        'sysctl net.netfilter.nf_conntrack_tcp_loose = 0 (written)',
        'sysctl net.netfilter.nf_conntrack_tcp_timeout_established = 32400 (entries of vanished ends)',
        'nic inside name = inside (interface name)',
        'nic inside channels.combined = 10 (written)',
        'nic inside ring.rx = 4096 (written)',
        'nic inside ring.tx = 4096 (written)',
        'nic inside offload.gro = on (written)',
        'nic inside offload.lro = off (written)',
        'nic inside coalesce.adaptive-rx = on (written)',
        'nic inside coalesce.adaptive-tx = on (written)',
        'nic outside name = outside (interface name)',
        'nic outside channels.combined = 10 (written)',
        'nic outside ring.rx = 4096 (written)',
        'nic outside ring.tx = 4096 (written)',
        'nic outside offload.gro = on (written)',
        'nic outside offload.lro = off (written)',
        'nic outside coalesce.adaptive-rx = on (written)',
        'nic outside coalesce.adaptive-tx = on (written)',
        'kernel-argument panic=10 =  (written)'
    ]
}

snapshots['test_plan[lb-01.fra.example.net] lb-01.fra.example.net'] = {
    'layer': "queues: 12 M packets a second on nic `front` are within 15 cores × 1 M/s of the kernel's stack",
    'left alone': [
        'front ring rx: 2048 wanted, 2048 there (room for a stall)',
        'net.ipv4.tcp_max_syn_backlog: 16384 wanted, its own there (SYN queue)'
    ],
    'pending': [
        'housekeeping (queues, interrupts and steering)'
    ],
    'settings': [
        'sysctl fs.nr_open = 4194304 (ceiling of open files)',
        'sysctl net.core.netdev_budget = 600 (softirq budget)',
        'sysctl net.core.rmem_max = 5242880 (bandwidth × delay)',
        'sysctl net.core.somaxconn = 32768 (written)',
        'sysctl net.core.wmem_max = 5242880 (bandwidth × delay)',
        'sysctl net.ipv4.ip_local_port_range = 10240 65535 (ports of outgoing connections)',
        'sysctl net.ipv4.tcp_fin_timeout = 15 (orphans in FIN_WAIT_2)',
        'sysctl net.ipv4.tcp_max_tw_buckets = 10800000 (TIME_WAIT entries)',
        'sysctl net.ipv4.tcp_rmem = 4096 131072 10485760 (twice bandwidth × delay)',
        'sysctl net.ipv4.tcp_slow_start_after_idle = 0 (keep the window over pauses)',
        'sysctl net.ipv4.tcp_tw_reuse = 1 (ports of outgoing connections)',
        'sysctl net.ipv4.tcp_wmem = 4096 16384 10485760 (twice bandwidth × delay)',
        'nic back name = back (interface name)',
        'nic back channels.combined = 8 (written)',
        'nic back ring.rx = 4096 (room for a stall)',
        'nic front name = front (interface name)',
        'nic front channels.combined = 15 (one queue for each core)',
        'manager DefaultLimitNOFILE = 1024:4194304 (open files)'
    ]
}

snapshots['test_plan[web-01.example.net] web-01.example.net'] = {
    'layer': "queues: 666.7 k packets a second on nic `uplink` are within 16 cores × 1 M/s of the kernel's stack",
    'left alone': [
        'DefaultLimitNOFILE: 1024:262144 wanted, 1024:524288 there (open files)',
        'net.core.somaxconn: 4096 wanted, 4096 there (accept queue)',
        'net.ipv4.ip_local_port_range: 10240 65535 wanted, 32768 60999 there (ports of outgoing connections)',
        'net.ipv4.tcp_max_syn_backlog: 4096 wanted, its own there (SYN queue)',
        'uplink ring rx: 128 wanted, 512 there (room for a stall)'
    ],
    'pending': [
    ],
    'settings': [
        'module sch_fq =  (module of a sysctl)',
        'module tcp_bbr =  (module of a sysctl)',
        'sysctl net.core.default_qdisc = fq (pacing for BBR)',
        'sysctl net.core.rmem_max = 4194304 (bandwidth × delay)',
        'sysctl net.core.wmem_max = 4194304 (bandwidth × delay)',
        'sysctl net.ipv4.tcp_congestion_control = bbr (congestion control)',
        'sysctl net.ipv4.tcp_fin_timeout = 15 (orphans in FIN_WAIT_2)',
        'sysctl net.ipv4.tcp_max_tw_buckets = 1440000 (TIME_WAIT entries)',
        'sysctl net.ipv4.tcp_notsent_lowat = 131072 (little unsent data)',
        'sysctl net.ipv4.tcp_rmem = 4096 131072 8388608 (twice bandwidth × delay)',
        'sysctl net.ipv4.tcp_slow_start_after_idle = 0 (keep the window over pauses)',
        'sysctl net.ipv4.tcp_tw_reuse = 1 (ports of outgoing connections)',
        'sysctl net.ipv4.tcp_wmem = 4096 16384 8388608 (twice bandwidth × delay)',
        'nic uplink name = uplink (interface name)',
        'nic uplink channels.combined = 16 (one queue for each core)'
    ]
}
