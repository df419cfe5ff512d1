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
    'programs': [
    ],
    'settings': [
        'sysctl net.core.netdev_budget = 600 (softirq budget)',
        'sysctl net.core.netdev_max_backlog = 2000 (backlog behind RPS)',
        'sysctl net.core.rmem_default = 2097152 (datagrams left unread)',
        'sysctl net.core.rmem_max = 4194304 (datagrams left unread)',
        'nic eth name = eth (interface name)',
        'nic eth rps.cpus = 0-3 (more CPUs than queues)',
        'nic eth irq.cpus = 0-3 (one core for each queue)',
        'service irqbalance.banned-interrupts = nics (irqbalance)'
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
    'programs': [
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
        'nic front rss.spread = equal 24 (even table after channels)',
        'nic front xps.cpus = 0,24 1,25 2,26 3,27 4,28 5,29 6,30 7,31 8,32 9,33 10,34 11,35 12,36 13,37 14,38 15,39 16,40 17,41 18,42 19,43 20,44 21,45 22,46 23,47 (transmit queue of the nearest interrupt)',
        'nic front irq.cpus = 0-47 (one core for each queue)',
        'service irqbalance.banned-interrupts = nics (irqbalance)',
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
    'programs': [
    ],
    'settings': [
        'sysctl net.ipv4.tcp_slow_start_after_idle = 0 (keep the window over pauses)',
        'sysctl vm.swappiness = 10 (written)',
        'nic front name = front (interface name)',
        'nic front channels.combined = 4 (one queue for each core)',
        'nic front rss.spread = equal 4 (even table after channels)',
        'nic front xps.cpus = 0,4 1,5 2,6 3,7 (transmit queue of the nearest interrupt)',
        'nic front irq.cpus = 0-7 (one core for each queue)',
        'service irqbalance.banned-interrupts = nics (irqbalance)'
    ]
}

snapshots['test_plan[dtn-01.example.net] dtn-01.example.net'] = {
    'layer': "queues: 8.333 M packets a second on nic `wan` are within 16 cores × 1 M/s of the kernel's stack",
    'left alone': [
    ],
    'programs': [
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
        'nic wan pause.tx = on (written)',
        'nic wan rss.spread = equal 16 (even table after channels)',
        'nic wan xps.cpus = 0-1 2-3 4-5 6-7 8-9 10-11 12-13 14-15 16-17 18-19 20-21 22-23 24-25 26-27 28-29 30-31 (transmit queue of the nearest interrupt)',
        'nic wan irq.cpus = 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 (one core for each queue)',
        'service irqbalance.banned-interrupts = drivers mlx5_core (irqbalance)'
    ]
}

snapshots['test_plan[fw-01.example.net] fw-01.example.net'] = {
    'layer': "queues: 1.667 M packets a second on nic `outside` are within 12 cores × 1 M/s of the kernel's stack",
    'left alone': [
        'net.netfilter.nf_conntrack_tcp_timeout_time_wait: 30 wanted, 120 there (closed entries)'
    ],
    'programs': [
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
        'nic admin xps.cpus = 0 1 2 3 4 5 6 7 8 9 10 11 (transmit queue of the nearest interrupt)',
        'nic admin irq.cpus = 0-11 (one core for each queue)',
        'nic inside name = inside (interface name)',
        'nic inside channels.combined = 6 (written)',
        'nic inside ring.rx = 4096 (written)',
        'nic inside ring.tx = 4096 (written)',
        'nic inside offload.gro = on (written)',
        'nic inside offload.lro = off (written)',
        'nic inside coalesce.adaptive-rx = on (written)',
        'nic inside coalesce.adaptive-tx = on (written)',
        'nic inside rss.spread = equal 6 (even table after channels)',
        'nic inside xps.cpus = 0-1 2-3 4-5 6-7 8-9 10-11 (transmit queue of the nearest interrupt)',
        'nic inside irq.cpus = 1,3,5,7,9,11,0,2,4,6,8,10 (one core for each queue)',
        'nic outside name = outside (interface name)',
        'nic outside channels.combined = 6 (written)',
        'nic outside ring.rx = 4096 (written)',
        'nic outside ring.tx = 4096 (written)',
        'nic outside offload.gro = on (written)',
        'nic outside offload.lro = off (written)',
        'nic outside coalesce.adaptive-rx = on (written)',
        'nic outside coalesce.adaptive-tx = on (written)',
        'nic outside rss.spread = equal 6 (even table after channels)',
        'nic outside xps.cpus = 0-1 2-3 4-5 6-7 8-9 10-11 (transmit queue of the nearest interrupt)',
        'nic outside irq.cpus = 0,2,4,6,8,10,1,3,5,7,9,11 (one core for each queue)',
        'service irqbalance.banned-interrupts = nics (irqbalance)',
        'kernel-argument panic=10 =  (written)'
    ]
}

snapshots['test_plan[gen-01.example.net] gen-01.example.net'] = {
    'layer': 'dpdk: applications poll the queues of `left`, `right`',
    'left alone': [
    ],
    'programs': [
    ],
    'settings': [
        "module vfio =  (module of a port's driver)",
        "module vfio_iommu_type1 =  (module of a port's driver)",
        "module vfio_pci =  (module of a port's driver)",
        'nic admin name = admin (interface name)',
        'nic admin xps.cpus = 0,2,6,10,14,20,24,28 1,3,7,11,15,21,25,29 4,8,12,16,18,22,26,30 5,9,13,17,19,23,27,31 (transmit queue of the nearest interrupt)',
        'nic admin irq.cpus = 0-1,16-17 (one core for each queue)',
        'service dpdk.service = masked (service of the package dpdk)',
        'service irqbalance.banned-cpus = 4-8,20-24 (irqbalance)',
        'service irqbalance.banned-interrupts = nics (irqbalance)',
        'kernel-argument isolcpus=managed_irq,domain,4-8,20-24 =  (isolated CPUs)',
        'kernel-argument nohz_full=4-8,20-24 =  (no tick on isolated CPUs)',
        'kernel-argument rcu_nocbs=4-8,20-24 =  (no RCU callbacks on isolated CPUs)',
        'kernel-argument irqaffinity=0-3,9-19,25-31 =  (CPUs of other interrupts)',
        'kernel-argument hugepagesz=1G =  (size of huge pages)',
        'kernel-argument hugepages=1 =  (huge pages)',
        'kernel-argument intel_iommu=on =  (IOMMU for user space drivers)',
        "kernel-argument iommu=pt =  (no translation for the kernel's own devices)",
        'hugepages node0/hugepages-1048576kB = 1 (huge pages)',
        'manager CPUAffinity = 0-3,9-19,25-31 (CPUs of services)'
    ]
}

snapshots['test_plan[lb-01.fra.example.net] lb-01.fra.example.net'] = {
    'layer': "queues: 12 M packets a second on nic `front` are within 15 cores × 1 M/s of the kernel's stack",
    'left alone': [
        'front ring rx: 2048 wanted, 2048 there (room for a stall)',
        'net.ipv4.tcp_max_syn_backlog: 16384 wanted, its own there (SYN queue)'
    ],
    'programs': [
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
        'nic back rss.spread = equal 8 (even table after channels)',
        'nic back xps.cpus = 0,8,16-17,32,40,48-49 1,9,18,25,33,41,50,57 2,10,19,26,34,42,51,58 3,11,20,27,35,43,52,59 4,12,21,28,36,44,53,60 5,13,22,29,37,45,54,61 6,14,23,30,38,46,55,62 7,15,24,31,39,47,56,63 (transmit queue of the nearest interrupt)',
        'nic back irq.cpus = 17-31,49-63 (one core for each queue)',
        'nic front name = front (interface name)',
        'nic front channels.combined = 15 (one queue for each core)',
        'nic front rss.spread = equal 15 (even table after channels)',
        'nic front xps.cpus = 0-1,16,31,33,62 2,17,32,34,48,63 3,18,35,49 4,19,36,50 5,20,37,51 6,21,38,52 7,22,39,53 8,23,40,54 9,24,41,55 10,25,42,56 11,26,43,57 12,27,44,58 13,28,45,59 14,29,46,60 15,30,47,61 (transmit queue of the nearest interrupt)',
        'nic front irq.cpus = 1-15,33-47 (one core for each queue)',
        'service irqbalance.banned-cpus = 1-15,17-31,33-47,49-63 (irqbalance)',
        'service irqbalance.banned-interrupts = nics (irqbalance)',
        'kernel-argument irqaffinity=0,16,32,48 =  (CPUs of other interrupts)',
        'kernel-argument module_blacklist=irdma =  (written)',
        'manager DefaultLimitNOFILE = 1024:4194304 (open files)'
    ]
}

snapshots['test_plan[scrub-01.example.net] scrub-01.example.net'] = {
    'layer': "xdp: 60 M packets a second on nic `outside` are beyond 31 cores × 1 M/s of the kernel's stack, and within 10 M/s for each core of an XDP program",
    'left alone': [
    ],
    'programs': [
        'outside prefix_drop of prefix_drop-99322bdb0767.o, native, maps counters, drop_v4, drop_v6',
        'inside count_pass of count_pass-a41ece329e57.o, native, maps counters'
    ],
    'settings': [
        'module cls_bpf =  (closed without its program)',
        'module sch_ingress =  (closed without its program)',
        'sysctl net.core.netdev_budget = 600 (softirq budget)',
        'sysctl net.ipv4.fib_multipath_hash_policy = 1 (spread flows over equal routes)',
        'sysctl net.ipv4.ip_forward = 1 (forwarding)',
        'sysctl net.ipv6.conf.all.forwarding = 1 (forwarding)',
        'sysctl net.ipv6.fib_multipath_hash_policy = 1 (spread flows over equal routes)',
        'nic inside name = inside (interface name)',
        'nic inside channels.combined = 16 (one queue for each core)',
        'nic inside ring.rx = 8192 (room for a stall)',
        'nic inside offload.gro-hw = off (no merging before XDP)',
        'nic inside offload.lro = off (no merging before XDP)',
        'nic inside rss.spread = equal 16 (even table after channels)',
        'nic inside xps.cpus = 0,2,32,34 1,4,33,36 3,6,35,38 5,8,37,40 7,10,39,42 9,12,41,44 11,14,43,46 13,16,45,48 15,18,47,50 17,20,49,52 19,22,51,54 21,24,53,56 23,26,55,58 25,28,57,60 27,30,59,62 29,31,61,63 (transmit queue of the nearest interrupt)',
        'nic inside irq.cpus = 2,4,6,8,10,12,14,16,18,20,22,24,26,28,30-31,1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,34,36,38,40,42,44,46,48,50,52,54,56,58,60,62-63,33,35,37,39,41,43,45,47,49,51,53,55,57,59,61 (one core for each queue)',
        'nic outside name = outside (interface name)',
        'nic outside channels.combined = 15 (one queue for each core)',
        'nic outside ring.rx = 8192 (room for a stall)',
        'nic outside offload.gro-hw = off (no merging before XDP)',
        'nic outside offload.lro = off (no merging before XDP)',
        'nic outside rss.spread = equal 15 (even table after channels)',
        'nic outside xps.cpus = 0-1,30,33,58 2-3,31,35,60 4-5,32,37,62 6-7,34,39,63 8-9,36,41 10-11,38,43 12-13,40,45 14-15,42,47 16-17,44,49 18-19,46,51 20-21,48,53 22-23,50,55 24-25,52,57 26-27,54,59 28-29,56,61 (transmit queue of the nearest interrupt)',
        'nic outside irq.cpus = 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30-31,33,35,37,39,41,43,45,47,49,51,53,55,57,59,61,34,36,38,40,42,44,46,48,50,52,54,56,58,60,62-63 (one core for each queue)',
        'service irqbalance.banned-cpus = 1-31,33-63 (irqbalance)',
        'service irqbalance.banned-interrupts = nics (irqbalance)',
        'kernel-argument irqaffinity=0,32 =  (CPUs of other interrupts)'
    ]
}

snapshots['test_plan[trade-01.example.net] trade-01.example.net'] = {
    'layer': 'dpdk: applications poll the queues of `market`',
    'left alone': [
    ],
    'programs': [
    ],
    'settings': [
        "module vfio =  (module of a port's driver)",
        "module vfio_iommu_type1 =  (module of a port's driver)",
        "module vfio_pci =  (module of a port's driver)",
        'sysctl kernel.numa_balancing = 0 (no faults to learn where memory is used)',
        'sysctl net.core.busy_poll = 50 (written)',
        'sysctl net.core.busy_read = 50 (written)',
        'sysctl net.ipv4.tcp_slow_start_after_idle = 0 (keep the window over pauses)',
        'sysctl vm.stat_interval = 10 (statistics less often)',
        'nic admin name = admin (interface name)',
        'nic admin xps.cpus = 0,2,4,6,8,10,12,14,16,18,20,22 1,3,5,7,9,11,13,15,17,19,21,23 (transmit queue of the nearest interrupt)',
        'nic admin irq.cpus = 0-1 (one core for each queue)',
        'nic orders name = orders (interface name)',
        'nic orders channels.combined = 2 (written)',
        'nic orders coalesce.rx-usecs = 2 (interrupt moderation)',
        'nic orders coalesce.tx-usecs = 2 (interrupt moderation)',
        'nic orders coalesce.adaptive-rx = off (fixed moderation)',
        'nic orders coalesce.adaptive-tx = off (fixed moderation)',
        'nic orders rss.spread = equal 2 (even table after channels)',
        'nic orders xps.cpus = 0,2,4,6,8,10,12,14,16,18,20,22 1,3,5,7,9,11,13,15,17,19,21,23 (transmit queue of the nearest interrupt)',
        'nic orders irq.cpus = 2-3 (one core for each queue)',
        'cpu governor = 0-23 performance (written)',
        'cpu idle = 0-23 off (written)',
        'service dpdk.service = masked (service of the package dpdk)',
        'service irqbalance.banned-cpus = 4-11,14-17 (irqbalance)',
        'service irqbalance.banned-interrupts = nics (irqbalance)',
        'kernel-argument isolcpus=managed_irq,domain,4-11,14-17 =  (isolated CPUs)',
        'kernel-argument nohz_full=4-11,14-17 =  (no tick on isolated CPUs)',
        'kernel-argument rcu_nocbs=4-11,14-17 =  (no RCU callbacks on isolated CPUs)',
        'kernel-argument irqaffinity=0-3,12-13,18-23 =  (CPUs of other interrupts)',
        'kernel-argument hugepagesz=1G =  (size of huge pages)',
        'kernel-argument hugepages=1:2 =  (huge pages)',
        'kernel-argument intel_iommu=on =  (IOMMU for user space drivers)',
        "kernel-argument iommu=pt =  (no translation for the kernel's own devices)",
        'kernel-argument skew_tick=1 =  (ticks one after another)',
        'kernel-argument transparent_hugepage=never =  (no huge pages behind the back of programs)',
        'kernel-argument nosmt =  (one thread for each core)',
        'hugepages node1/hugepages-1048576kB = 2 (huge pages)',
        'manager CPUAffinity = 0-3,12-13,18-23 (CPUs of services)'
    ]
}

snapshots['test_plan[upf-01.example.net] upf-01.example.net'] = {
    'layer': 'dpdk: applications poll the queues of `n3`, `n6`',
    'left alone': [
    ],
    'programs': [
    ],
    'settings': [
        "module ib_uverbs =  (module of a port's driver)",
        "module mlx5_core =  (module of a port's driver)",
        "module mlx5_ib =  (module of a port's driver)",
        'nic admin name = admin (interface name)',
        'nic admin xps.cpus = 0,2,6,10,14,18,22,26,30,32,36,40,44,48,52,56,60,68,72,76,80,84,88,92,96,100,104,108,112,116,120,124 1,3,7,11,15,19,23,27,31,33,37,41,45,49,53,57,61,69,73,77,81,85,89,93,97,101,105,109,113,117,121,125 4,8,12,16,20,24,28,34,38,42,46,50,54,58,62,64,66,70,74,78,82,86,90,94,98,102,106,110,114,118,122,126 5,9,13,17,21,25,29,35,39,43,47,51,55,59,63,65,67,71,75,79,83,87,91,95,99,103,107,111,115,119,123,127 (transmit queue of the nearest interrupt)',
        'nic admin irq.cpus = 0-1,64-65 (one core for each queue)',
        'nic n3 name = n3 (interface name)',
        'nic n3 mtu = 9000 (written)',
        'nic n6 name = n6 (interface name)',
        'nic n6 mtu = 9000 (written)',
        'service irqbalance.banned-cpus = 36-51,100-115 (irqbalance)',
        'service irqbalance.banned-interrupts = drivers bnxt_en (irqbalance)',
        'kernel-argument isolcpus=managed_irq,domain,36-51,100-115 =  (isolated CPUs)',
        'kernel-argument nohz_full=36-51,100-115 =  (no tick on isolated CPUs)',
        'kernel-argument rcu_nocbs=36-51,100-115 =  (no RCU callbacks on isolated CPUs)',
        'kernel-argument irqaffinity=0-35,52-99,116-127 =  (CPUs of other interrupts)',
        'hugepages node1/hugepages-1048576kB = 16 (huge pages)',
        'manager CPUAffinity = 0-35,52-99,116-127 (CPUs of services)'
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
    'programs': [
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
        'nic uplink channels.combined = 16 (one queue for each core)',
        'nic uplink rss.spread = equal 16 (even table after channels)',
        'nic uplink xps.cpus = 0,16 1,17 2,18 3,19 4,20 5,21 6,22 7,23 8,24 9,25 10,26 11,27 12,28 13,29 14,30 15,31 (transmit queue of the nearest interrupt)',
        'nic uplink irq.cpus = 0-31 (one core for each queue)',
        'service irqbalance.banned-interrupts = nics (irqbalance)'
    ]
}
