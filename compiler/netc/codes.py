"""The one table of diagnostic codes and their wording.

Numbers are never used again for another finding. A name says what is wrong, a message stands on its own.
N00xx text, N01xx statements and declarations, N02xx hardware, N03xx kernel settings, N04xx goals,
N05xx output, N06xx queues, interrupts and CPUs, N07xx XDP programs, N08xx DPDK, huge pages and virtual functions,
N10xx forms of the output, N11xx sides of a comparison (N09xx, what netc did not write yet, is over). Every code has a
page `explain/<number>.md`.
"""

from netc import shipped
from netc.diagnostics import Code, Severity

WARNING = Severity.WARNING

# Text.
LINE_TOO_LONG = Code(
    "N0001",
    "line too long",
    "a line of {length} characters is longer than the {limit} netc reads",
    way_out="break the line, after a comma or between statements",
)
STRAY_CHARACTER = Code(
    "N0002",
    "stray character",
    "the character {character} may not stand outside a string",
    way_out="remove it, or put it into a string",
)
UNCLOSED_STRING = Code(
    "N0003",
    "string without end",
    "a string is not closed before the end of the line",
    way_out='close the string with `"` on this line',
)
MISSING_CLOSING_BRACE = Code("N0004", "block without end", "the block that begins on line {line} is never closed")
CLOSES_NOTHING = Code(
    "N0005",
    "brace that closes nothing",
    "this `}}` closes no block",
    way_out="remove it, or open the block it should close",
)
BLOCK_WITHOUT_STATEMENT = Code(
    "N0006",
    "block without statement",
    "`{{` must stand on the line of the statement it belongs to",
    way_out="move the brace to the end of the line above",
)
STATEMENT_AFTER_BLOCK = Code(
    "N0007",
    "statement right after a block",
    "a new statement after `}}` begins on the next line or after `;`",
    way_out="begin a new line before it",
)
NESTED_TOO_DEEP = Code(
    "N0008",
    "blocks nested too deep",
    "blocks are nested deeper than {limit}",
    way_out="no statement needs so many blocks: remove some",
)
UNKNOWN_ESCAPE = Code(
    "N0009", "unknown escape", "`{escape}` is no escape of a string", way_out="write `\\\\` for a backslash"
)
CONTROL_CHARACTER = Code(
    "N0010",
    "control character in a string",
    "a string holds the control character {character}",
    way_out="remove it; a string is one line of printable text",
)

# Statements and declarations.
UNKNOWN_DECLARATION = Code(
    "N0101",
    "unknown declaration",
    "`{word}` begins no statement of a file",
    way_out="a file holds `include`, `profile`, `host` and `hosts` statements",
)
BAD_DECLARATION = Code("N0102", "incomplete declaration", "this `{word}` statement does not have its form")
UNKNOWN_STATEMENT = Code("N0103", "unknown statement", "unknown statement `{word}` in `{block}`")
MISPLACED_STATEMENT = Code(
    "N0104",
    "misplaced statement",
    "`{word}` does not belong in `{block}`",
    way_out="move it to a block where it belongs",
)
WRITTEN_TWICE = Code(
    "N0105", "statement written twice", "`{statement}` is written twice in one block", way_out="remove one of the two"
)
MISSING_ARGUMENT = Code(
    "N0106", "missing argument", "`{word}` needs {wanted}", way_out="write {wanted} behind `{word}`"
)
WRONG_ARGUMENT = Code("N0107", "wrong argument", "`{word}` takes {wanted}, not `{found}`", way_out="write {wanted}")
EXTRA_ARGUMENT = Code(
    "N0108",
    "argument too many",
    "`{word}` takes nothing more, but `{found}` follows",
    way_out="remove `{found}`, or begin a new line before it",
)
WRONG_UNIT = Code("N0109", "wrong or missing unit", "`{word}` takes {wanted}: {problem}")
OUT_OF_RANGE = Code(
    "N0110", "number out of range", "`{word}` must be {range}, not {found}", way_out="write a number that is {range}"
)
MISSING_BLOCK = Code("N0111", "missing block", "`{word}` needs {wanted}", way_out="write `{word} {{ … }}`")
UNEXPECTED_BLOCK = Code("N0112", "unexpected block", "`{word}` takes no block", way_out="remove the block")
BAD_INTERFACE_NAME = Code(
    "N0113",
    "invalid interface name",
    "`{name}` is no name an interface can have",
    way_out="choose another name; `rename` can still give the interface a different one",
)
BAD_CPU_LIST = Code("N0114", "invalid CPU list", "invalid CPU list: {problem}", way_out="write CPUs as `0-15,32-47`")
BAD_NAME = Code(
    "N0115", "invalid name", "`{name}` is no name for a {kind}", way_out="use letters, digits, `-` and `_` only"
)
MISSING_BECAUSE = Code("N0116", "reason missing", "`{word}` needs a reason")
BAD_SYSCTL_KEY = Code(
    "N0117", "invalid sysctl key", "`{key}` is no sysctl key", way_out="write the key as `sysctl -a` shows it"
)
BAD_SYSCTL_VALUE = Code(
    "N0118",
    "invalid sysctl value",
    "`{value}` holds characters no sysctl value needs",
    way_out="write numbers and words only",
)
BAD_KERNEL_ARGUMENT = Code(
    "N0119",
    "invalid kernel argument",
    "`{argument}` is not one kernel argument that every boot loader keeps",
    way_out="leave the other characters out",
)
BAD_PREFIX = Code(
    "N0120",
    "invalid prefix",
    "`{prefix}` is no address prefix: {problem}",
    way_out="write the prefix with its host bits zero, such as `192.0.2.0/24`",
)
TOP_LEVEL_ONLY = Code("N0121", "declaration in a block", "`{word}` may not stand in `{block}`")
NOT_A_STATEMENT = Code(
    "N0122",
    "statement without a word",
    "a statement begins with a word, not with `{found}`",
    way_out="begin the line with the word of a statement, or remove it",
)

TAKES_NOTHING_BACK = Code(
    "N0123",
    "default that takes nothing back",
    "`{statement} default` takes nothing back: no profile of the host has the statement",
    WARNING,
    way_out="correct the name, or remove the statement",
)

# Files, profiles and hosts.
CANNOT_READ = Code(
    "N0131",
    "file cannot be read",
    "cannot read `{file}`: {reason}",
    way_out="correct the name; it is looked for beside the file that names it",
)
NOT_UTF8 = Code("N0132", "not UTF-8", "`{file}` is not UTF-8: byte {byte} at offset {offset}")
INCLUDE_CYCLE = Code("N0133", "include cycle", "`{file}` includes itself: {cycle}")
INCLUDED_HOSTS = Code(
    "N0134", "hosts in an included file", "`{file}` declares hosts, but an include gives only profiles"
)
DECLARED_TWICE = Code(
    "N0135", "declared twice", "{kind} `{name}` is declared twice", way_out="rename one of the two, or remove it"
)
UNKNOWN_PROFILE = Code("N0136", "unknown profile", "there is no profile `{name}`")
PROFILE_CYCLE = Code(
    "N0137",
    "profile cycle",
    "profile `{name}` takes itself: {cycle}",
    way_out="take one of them out of the list of profiles",
)
BAD_HOST_NAME = Code(
    "N0138",
    "invalid host name",
    "`{name}` is no host name: {problem}",
    way_out="use letters, digits and inner `-`, in parts joined by `.`",
)
BAD_HOST_RANGE = Code(
    "N0139",
    "invalid host range",
    "`{pattern}` is no range of host names: {problem}",
    way_out="write a range as `[01..40]` and a list as `[a,b,c]`",
)
TOO_MANY_HOSTS = Code("N0140", "too many hosts", "`{pattern}` makes the run larger than {limit} hosts")
HOST_TWICE = Code(
    "N0141",
    "host declared twice",
    "host `{name}` is declared twice",
    way_out="remove one of the two, or give it another name",
)
NO_HOSTS = Code("N0142", "nothing to compile", "`{file}` declares no host", WARNING)
CHAIN_TOO_LONG = Code(
    "N0143",
    "chain too long",
    "`{name}` ends a chain of more than {limit} {what}",
    way_out="take some of them out of the chain",
)

# Hardware: the system, CPUs, facts and NICs.
UNKNOWN_DISTRIBUTION = Code("N0201", "unknown distribution", "netc knows no distribution `{name}`")
UNKNOWN_RELEASE = Code("N0202", "unknown release", "`{name}` {what} and is taken for {judged}", WARNING)
SYSTEM_INCOMPLETE = Code("N0203", "target not known", "nothing tells {missing} of the target")
CPU_COUNT_MISSING = Code("N0204", "number of CPUs missing", "`cpu` needs `{word}`")
TOO_MANY_CPUS = Code(
    "N0205",
    "too many CPUs",
    "{count}, more than the {limit} a kernel can have",
    way_out="correct `sockets`, `cores` or `threads`",
)
NODES_DO_NOT_DIVIDE = Code(
    "N0206", "nodes do not divide the cores", "{cores} cores cannot be shared evenly by {nodes} NUMA nodes"
)
CPU_ON_TWO_NODES = Code("N0207", "CPU on two nodes", "node {node} and node {other} both have {cpus}")
CPU_NOT_THERE = Code(
    "N0208",
    "no such CPU",
    "`{word}` names {cpus}, but the host has {all}",
    way_out="name CPUs that are there, or correct the `cpu` block",
)
FACTS_DISAGREE = Code(
    "N0209",
    "facts disagree",
    "{what}: the file says {written}, but the facts of the machine say {found}",
    way_out="correct the statement, or leave it out and let the facts speak",
)
NIC_NOT_IN_FACTS = Code(
    "N0210", "NIC not found in the facts", "nic `{nic}`: {how} fits {count} of {total} in the facts, not one"
)
HOST_NOT_IN_FACTS = Code("N0211", "host not found in the facts", "`{file}` has no entry for host `{host}`")
GOALS_CONTRADICT = Code("N0401", "goals contradict each other", "`{key}` cannot be both {values}")
UNKNOWN_GOAL = Code("N0402", "unknown kind of goal", "there is no goal `{kind}`")
RTT_WITHOUT_RATE = Code(
    "N0403", "round trip without a rate", "goal `{kind}` has `rtt` but not how fast one flow must be"
)
FLOW_WITHOUT_RTT = Code(
    "N0404",
    "flow without a round trip",
    "goal `{kind}` has `flow` but no `rtt`, so no buffer follows from it",
    WARNING,
)
WINDOW_TOO_LARGE = Code(
    "N0405",
    "flow beyond TCP's window",
    "one flow of {rate} over {rtt} has {product} under way, TCP at most 1 GiB",
)
THROUGHPUT_BEYOND_LINKS = Code(
    "N0406",
    "throughput beyond the links",
    "`throughput` is {wanted}, but the links it arrives on carry {links}",
    way_out="lower `throughput` to what the links carry, or add a NIC",
)
PACKETS_BEYOND_LINKS = Code(
    "N0407",
    "packet rate beyond the links",
    "`packets` is {wanted}/s, but the links carry at most {links}/s",
    way_out="lower `packets` to what the links carry, or add a NIC",
)
CONTRARY_GOALS = Code(
    "N0408", "goals that exclude each other", "goals `{one}` and `{other}` exclude each other on {where}"
)
BEYOND_STACK = Code("N0409", "more packets than the kernel's stack takes", "{reason}", WARNING)
MORE_ADDRESSES = Code(
    "N0410",
    "ports of one address do not suffice",
    "`outbound-rate` {rate}/s to one destination needs {count} source addresses",
    WARNING,
)
CONNECTIONS_BEYOND_MEMORY = Code(
    "N0411",
    "connections beyond memory",
    "{count} connections need at least {needed}, more than half of the host's {memory}",
)
BUFFERS_BEYOND_MEMORY = Code(
    "N0412",
    "buffers could outgrow memory",
    "{count} connections could take {needed} for their first buffers, the host has {memory}",
    WARNING,
    way_out="lower `connections`, add memory, or set smaller first buffers with `set net.ipv4.tcp_rmem = …`",
)
TABLE_BEYOND_MEMORY = Code(
    "N0413",
    "tracking table beyond memory",
    "the tracking table would take {needed}, more than {share} of the host's {memory}",
)
TRACKING_WITHOUT_SIZE = Code(
    "N0414", "tracking without a size", "nothing tells how many connections are tracked", WARNING
)
STATEMENT_WITHOUT_EFFECT = Code("N0415", "statement without effect", "`{word}` has no effect in goal `{kind}`", WARNING)
FORWARDING_STOPS_ADVERTISEMENTS = Code(
    "N0417",
    "forwarding that ends router advertisements",
    "the host forwards IPv6, so the kernel takes no more router advertisements on management port `{nic}`",
    WARNING,
)
LRO_WITH_FORWARDING = Code("N0416", "LRO with forwarding", "nic `{nic}` merges packets with LRO, but the host forwards")

# More of hardware: CPUs in use, NICs and their settings.
QUEUES_BEYOND_CPUS = Code(
    "N0214", "more queues than CPUs", "nic `{nic}` asks for {queues} queues but only {cpus} CPUs may serve it"
)
QUEUES_BEYOND_CHANNELS = Code(
    "N0215", "more queues than channels", "nic `{nic}` asks for {queues} queues but {source} gives {limit}"
)
CHANNELS_FIXED = Code("N0216", "channels cannot be set", "driver `{driver}` does not let the channels be changed")
NO_MATCH = Code("N0217", "NIC without a match", "nothing tells how nic `{nic}` is recognised at boot")
UNSTABLE_MATCH = Code(
    "N0218",
    "match without a stable key",
    "nic `{nic}` is recognised by its {what} alone, which {other}",
)
DRIVER_MATCH = Code("N0219", "match by driver alone", "nic `{nic}` is recognised by its driver alone", WARNING)
SAME_PORT = Code(
    "N0220",
    "two NICs match one port",
    "nics `{one}` and `{other}` match the same port, {key}",
    way_out="correct the `match` of one of them",
)
SAME_NAME = Code(
    "N0221",
    "two NICs with one name",
    "{one} and {other} are both to be called `{name}`",
    way_out="give one of them another name with `rename`",
)
SAME_MAC = Code(
    "N0222",
    "MAC address on two hosts",
    "hosts `{one}` and `{other}` match the same MAC address {mac}",
    way_out="correct one of them; every port has an address of its own",
)
NO_SUCH_NODE = Code(
    "N0223",
    "no such node",
    "nic `{nic}` is on node {node}, but the host has {nodes}",
    way_out="write a node that is there, or correct the `cpu` block",
)
NODE_UNKNOWN = Code(
    "N0224",
    "node of a NIC unknown",
    "nothing tells which NUMA node nic `{nic}` is on, and the host has {nodes}",
    WARNING,
)
UNKNOWN_DRIVER = Code(
    "N0225", "unknown driver", "netc knows nothing of driver `{driver}`, so nothing is checked", WARNING
)
RING_TOO_LARGE = Code(
    "N0226",
    "ring larger than the device's",
    "nic `{nic}` asks for {wanted} {direction} descriptors, {source} gives {limit}",
)
RINGS_FIXED = Code("N0227", "rings cannot be set", "driver `{driver}` does not let the rings be changed")
RING_ROUNDED = Code(
    "N0228",
    "ring size rounded",
    "driver `{driver}` rounds {wanted} {direction} descriptors to {kept}",
    WARNING,
)
MTU_TOO_LARGE = Code(
    "N0229", "MTU larger than the driver's", "driver `{driver}` takes an MTU of at most {limit}, not {wanted}"
)
COALESCE_UNSUPPORTED = Code(
    "N0230",
    "coalescing parameter not supported",
    "driver `{driver}` does not take `{parameter}` in `coalesce`",
)
COALESCE_NOT_WHOLE = Code(
    "N0231",
    "coalescing time not in whole microseconds",
    "`{word}` is {wanted}, but drivers count whole microseconds",
)
OFFLOAD_UNSUPPORTED = Code(
    "N0232", "offload the driver does not have", "driver `{driver}` has no `{feature}` to turn on"
)
PAUSE_UNSUPPORTED = Code("N0233", "pause frames cannot be set", "driver `{driver}` does not let pause frames be set")
NIC_MISSING = Code("N0234", "no such NIC", "`{word}` names nic `{nic}`, which this host does not have")
CPUS_OVERLAP = Code("N0235", "CPUs with two duties", "{cpus} cannot be both {one} and {other}")
NONE_LEFT = Code("N0236", "no housekeeping CPU left", "every online CPU is isolated, so none is left for the system")
NO_FREE_CPU = Code("N0237", "no free CPU for a NIC", "no free CPU of {where} is left for nic `{nic}`", WARNING)
NODE_MEMORY_DISAGREES = Code(
    "N0238", "memory of nodes disagrees", "the nodes have {nodes} of memory together, the host {host}"
)

MATCH_NEEDS_SYSTEMD = Code(
    "N0239",
    "match the target's systemd cannot express",
    "systemd {systemd} cannot match `{word}`, which came with {since}",
)
MANAGEMENT_RENAMED = Code(
    "N0240",
    "management port renamed",
    "management port `{nic}` is called {known} now and will be called {name}",
    WARNING,
)
KERNEL_LIKE_NAME = Code(
    "N0241", "name that the kernel gives itself", "`{name}` is a name that the kernel may give to another port", WARNING
)

# Kernel settings.
SYSCTL_REFUSED = Code(
    "N0301",
    "value the kernel refuses",
    "{message}",
    way_out="write a value that the kernel takes, or leave the statement out",
)
SYSCTL_MISSING = Code("N0302", "key the kernel lacks", "{message}")
SYSCTL_READ_ONLY = Code("N0303", "key that cannot be written", "{message}", way_out="leave the statement out")
SYSCTL_UNKNOWN = Code(
    "N0304", "key netc does not know", "{message}", WARNING, way_out="check the key on the machine: `sysctl KEY`"
)
SYSCTL_BELOW_DEFAULT = Code(
    "N0305",
    "value below the kernel's default",
    "{message}",
    WARNING,
    way_out="leave the statement out to keep the kernel's default",
)
SYSCTL_WITHOUT_EFFECT = Code(
    "N0306", "setting without effect", "{message}", WARNING, way_out="leave the statement out: it changes nothing"
)
SYSCTL_HARMFUL = Code(
    "N0307",
    "value that does harm",
    "{message}",
    WARNING,
    way_out="write a value that makes sense, or leave the statement out",
)
SYSCTL_MYTH = Code(
    "N0308",
    "setting that does not do what is said of it",
    "{message}",
    WARNING,
    way_out="leave the statement out, or keep it if it is meant for what the message says it does",
)
UNKNOWN_KERNEL_ARGUMENT = Code(
    "N0310", "kernel argument without effect", "`{argument}` has no effect: {problem}", WARNING
)
SETTING_DEFEATS_GOAL = Code(
    "N0312",
    "setting that defeats a goal",
    "`{key}` is set to {value}, but the goals need {wanted}",
    WARNING,
    way_out="leave the statement out, or lower the goal to what is meant",
)
INTERFACE_SYSCTL = Code(
    "N0311",
    "sysctl of an unknown interface",
    "`{key}` names `{interface}`, which is no interface of host `{host}`",
    WARNING,
    way_out="correct the name, or declare the interface with `nic` or `interface`",
)

# Output.
FOREIGN_FILE = Code("N0501", "file not written by netc", "`{path}` stands in the output and netc did not write it")
CHANGED_FILE = Code("N0502", "output changed by hand", "`{path}` was changed since netc wrote it")
NOT_A_DIRECTORY = Code(
    "N0503",
    "no directory",
    "`{path}` is {found}, but the output needs a directory there",
    way_out="move it out of the way, or write to another folder with `-o DIR`",
)
CANNOT_WRITE = Code(
    "N0504",
    "output cannot be written",
    "`{path}` cannot be written or read: {reason}",
    way_out="name a folder that is there and can be written",
)
BAD_MANIFEST = Code(
    "N0505",
    "unreadable manifest",
    "`{path}` is no manifest that netc wrote: {reason}",
    way_out="restore the file, or remove the folder and compile again",
)
LINK_CYCLE = Code(
    "N0506",
    "links without end",
    "the symbolic links on the way to `{path}` lead nowhere",
    way_out="correct the links of the image",
)

# CPUs: isolation, idle states, irqbalance (N0601 to N0619).
BOOT_CPU_ISOLATED = Code(
    "N0601",
    "boot CPU among the isolated",
    "CPU 0 boots the host, so that the kernel's tick and stray interrupts stay on it though it is isolated",
    WARNING,
)
CORE_SPLIT = Code(
    "N0602",
    "core isolated by half",
    "`isolate` splits {cores}: it takes {isolated} without {siblings}",
    WARNING,
)
MORE_HOUSEKEEPING_THAN_CORES = Code(
    "N0603", "more housekeeping cores than cores", "`housekeeping` keeps {wanted}, but {where} has {cores}"
)
HOUSEKEEPING_OFFLINE = Code("N0604", "housekeeping CPUs that are off", "`housekeeping` names {cpus} alone, {state}")
CPUS_NOT_KNOWN = Code(
    "N0605",
    "CPUs not known",
    "nothing tells which CPUs the host has, so that `{word}` cannot be carried out",
    way_out='write `sockets`, `cores` and `threads` into `cpu`, or `hardware "…"` with facts of `netc probe`',
)
ARGUMENT_CONTRADICTS = Code(
    "N0606", "kernel argument against a statement", "kernel argument `{argument}` contradicts `{word}`"
)
ISOLATED_BY_ARGUMENT = Code(
    "N0607",
    "CPUs isolated by a kernel argument",
    "kernel argument `{argument}` isolates CPUs that netc then knows nothing of",
    WARNING,
)
TICK_NOT_STOPPED = Code(
    "N0608",
    "tick that cannot be stopped",
    "the kernel of {system} does not stop the tick of isolated CPUs",
    WARNING,
)
IRQBALANCE_KEPT = Code(
    "N0609",
    "irqbalance undoes what is pinned",
    "`irqbalance keep` lets irqbalance move {what} within seconds",
    WARNING,
)
IRQBALANCE_WITHOUT_EFFECT = Code(
    "N0610",
    "irqbalance statement without effect",
    "`irqbalance ban` has no effect: no interrupt is pinned and no CPU is to be free of interrupts",
    WARNING,
    way_out="remove it, or describe the CPUs of the host in `cpu`",
)
NOT_KEPT_FROM_IRQBALANCE = Code(
    "N0611",
    "interrupts that irqbalance may still move",
    "nothing tells the driver of nic `{nic}`, so that its interrupts cannot be kept from irqbalance",
    WARNING,
    way_out="write `driver …` for the NIC, or `irqbalance disable`",
)
ISOLATES_NOTHING = Code(
    "N0612",
    "isolate that isolates nothing",
    "`isolate rest` isolates no CPU: {cpus}, all that are online, are left to the operating system",
    WARNING,
    way_out="let `housekeeping` keep fewer, or remove `isolate`",
)

# Queues, interrupts and steering (N0620 to N0649).
IRQ_ISOLATED = Code("N0620", "interrupts on isolated CPUs", "`irq cpus` of nic `{nic}` names isolated {cpus}")
IRQ_OFFLINE = Code("N0621", "interrupts on CPUs that are off", "`irq cpus` of nic `{nic}` names no CPU that is online")
IRQ_OTHER_NODE = Code(
    "N0622",
    "interrupts on another node",
    "`irq cpus` of nic `{nic}` names {cpus} of {nodes}, but the NIC is on node {node}",
    WARNING,
)
CPUS_POLLED = Code(
    "N0623",
    "packets on CPUs that DPDK polls with",
    "`{word}` of {owner} names {cpus}, which `lcores` gives to a DPDK application",
)
QUEUES_SHARE_CORES = Code(
    "N0624",
    "more queues than cores",
    "{nics} {queues} for {cores}: {excess} a core with another",
    WARNING,
)
FIXED_QUEUES_SHARE_CORES = Code(
    "N0625",
    "more queues than cores, and they cannot be fewer",
    "driver `{driver}` opens {queues} on nic `{nic}`, and {cores} may serve them: {excess} a core with another",
    WARNING,
)
VECTORS_EXHAUSTED = Code(
    "N0626",
    "more interrupts than vectors",
    "{cpus} would serve {count} interrupts of queues{each}, but a CPU of x86-64 has at most {limit} vectors",
)
CHANNELS_HELD_BY_RDMA = Code(
    "N0627",
    "channels held by RDMA",
    "driver `{driver}` refuses to change the channels of {nics} while `{module}` uses the device",
    WARNING,
)
NO_SUCH_QUEUE = Code("N0628", "no such queue", "`{word}` of nic `{nic}` names queue {queue}, but the NIC has {queues}")
TABLE_FIXED = Code("N0629", "RSS that cannot be set", "driver `{driver}` does not let {what} be changed")
WEIGHTS_BEYOND_QUEUES = Code("N0630", "more weights than queues", "`weight` of nic `{nic}` has {weights}, but {queues}")
WEIGHTS_ZERO = Code(
    "N0631",
    "no weight above zero",
    "every weight of nic `{nic}` is 0, so that no queue would get packets",
    way_out="give at least one queue a weight above 0",
)
WEIGHTS_BEYOND_TABLE = Code(
    "N0632",
    "weights beyond the indirection table",
    "the weights of nic `{nic}` add up to {total}, but its indirection table has {table} entries",
)
TABLE_TOO_SMALL = Code(
    "N0633",
    "more queues than entries of the indirection table",
    "nic `{nic}` spreads flows over {queues} queues, but its indirection table has {table} entries",
    WARNING,
)
RPS_NOWHERE = Code(
    "N0634",
    "RPS to no CPU that may take part",
    "`rps cpus` of {owner} names {cpus} alone, {state}",
)
RPS_CPUS_LEFT_OUT = Code(
    "N0635",
    "RPS to CPUs that take no part",
    "`rps cpus` of {owner} names {cpus}, {state}, so that {they} no part",
    WARNING,
)
RPS_REDUNDANT = Code(
    "N0636",
    "RPS beside a queue for each core",
    "`rps on` gains nothing on nic `{nic}`: it has {queues} for the {cores} that may serve it",
    WARNING,
)
ARFS_MISSING = Code("N0637", "no accelerated RFS", "driver `{driver}` has no accelerated RFS")
FLOW_RULE_REFUSED = Code(
    "N0638", "flow rule the driver refuses", "driver `{driver}` does not take this rule: {problem}"
)
NEEDED_IS_OFF = Code(
    "N0639", "statement that needs what is off", "`{word}` of nic `{nic}` needs `{needed}`, which is turned off"
)
KERNEL_TOO_OLD = Code(
    "N0640",
    "steering the kernel lacks",
    "`{word}` needs kernel {since}, the target has {kernel}",
    way_out="leave `{word}` out, or name a newer kernel in `system`",
)
FLOW_FAMILY = Code("N0641", "flow rule of two IP versions", "`{protocol}` packets never come from {source}")
FLOW_TWICE = Code("N0642", "flow matched by two rules", "two rules of nic `{nic}` match the same packets")
DEFERRAL_HALVED = Code(
    "N0643",
    "half of the deferral of interrupts",
    "`{word}` of nic `{nic}` puts off no interrupt without `{other}`",
    WARNING,
)
STEERING_WITHOUT_EFFECT = Code(
    "N0644", "steering without effect", "{words} no effect on nic `{nic}`: {problem}", WARNING
)
NO_QUEUE_IN_FRONT = Code(
    "N0645",
    "NIC without a queueing discipline",
    "with `qdisc noqueue` nic `{nic}` drops every packet that finds its ring full",
    WARNING,
    way_out="write `qdisc fq`, or leave `qdisc` out",
)
QUEUES_WITHOUT_WEIGHT = Code(
    "N0646",
    "queues without a weight",
    "`weight` of nic `{nic}` has {weights} for {queues}: {rest} no flow by its hash",
    WARNING,
)
RPS_BELOW = Code(
    "N0647", "RPS of a bond or VLAN", "`rps` has no effect on interface `{name}`, which is a {kind}", WARNING
)

# Latency (N0650 to N0659).
ADAPTIVE_WITH_LATENCY = Code(
    "N0650",
    "moderation that grows with the load, against a latency",
    "`{word} on` lets nic `{nic}` wait the longer the more packets come, but goal `{goal}` wants {wanted}",
    WARNING,
)
MODERATION_BEYOND_LATENCY = Code(
    "N0651",
    "moderation longer than the latency",
    "nic `{nic}` may wait {wait} before it interrupts, but goal `{goal}` allows {latency} in all",
    WARNING,
)
BUSY_POLL_NOT_WHOLE = Code(
    "N0652",
    "busy polling not in whole microseconds",
    "`busy-poll` is {wanted}, but the kernel counts whole microseconds",
)
BUSY_POLL_OF_ANOTHER = Code(
    "N0653",
    "busy polling of another NIC",
    "`busy-poll` of nic `{nic}` is {own}, but nic `{other}` sets it to {longest} for the whole host",
    WARNING,
)

# XDP programs (N0701 to N0739).
BROKEN_OBJECT = Code("N0701", "no BPF object", "`{file}` is no BPF object that can be loaded: {problem}")
NO_SUCH_PROGRAM = Code("N0702", "program the object lacks", "`{file}` has no XDP program `{program}`")
PROGRAM_NOT_NAMED = Code("N0703", "several programs and none named", "`{file}` has {count} XDP programs")
BAD_DROP_LIST = Code("N0704", "list of prefixes that cannot be read", "`{text}` is no prefix: {problem}")
NATIVE_XDP_MISSING = Code("N0710", "driver without native XDP", "driver `{driver}` has no native XDP{where}")
NATIVE_XDP_UNCERTAIN = Code(
    "N0711",
    "native XDP that may be missing",
    "nothing tells whether driver `{driver}` has native XDP in kernel {kernel}",
    WARNING,
)
MTU_BEYOND_XDP = Code(
    "N0712",
    "MTU larger than an XDP program's",
    "driver `{driver}` runs {what} with an MTU of at most {limit}, not {wanted}",
)
FRAGS_CONTRADICT = Code(
    "N0713",
    "frags against the program's section",
    "`frags {state}` contradicts program `{program}`, which stands in section `{section}`",
)
FRAGS_TOO_NEW = Code(
    "N0714",
    "frags before kernel 5.18",
    "program `{program}` in section `xdp.frags` needs kernel 5.18, the target has {kernel}",
)
MERGING_WITH_XDP = Code(
    "N0715",
    "packets merged before an XDP program",
    "`{feature} on` and {what} exclude each other on nic `{nic}`",
)
QUEUES_BEYOND_HALF = Code(
    "N0716",
    "no queues left for an XDP program",
    "nic `{nic}` asks for {queues}, but driver `{driver}` runs XDP programs with at most {limit}",
)
QUEUES_NOT_HALVED = Code(
    "N0717",
    "queues that nothing halves for an XDP program",
    "nothing sets the queues of nic `{nic}`, and driver `{driver}` runs XDP programs with at most half of them",
    WARNING,
)
CPUS_BEYOND_XDP = Code(
    "N0718",
    "more CPUs than a driver has queues for XDP",
    "driver `{driver}` runs XDP programs on hosts of at most {limit} CPUs, not {cpus}",
)
XDP_SENDS_LOCKED = Code(
    "N0719",
    "programs that send under a lock",
    "nic `{nic}` has {channels} queue pairs, but XDP programs that send without a lock need {needed}",
    WARNING,
)
XDP_WITH_FUNCTIONS = Code(
    "N0720",
    "programs beside virtual functions",
    "driver `{driver}` runs no XDP program on nic `{nic}` while it has virtual functions",
)
NOT_ON_THE_NIC = Code(
    "N0721", "program the NIC itself cannot run", "`mode offload` does not work for program `{program}`: {problem}"
)
NO_DISPATCHER = Code(
    "N0722", "several programs and no dispatcher", "nic `{nic}` has {count} XDP programs, but {problem}"
)
XDP_WITH_DPDK = Code("N0723", "program on a port of DPDK", "nic `{nic}` is handed to DPDK, so that `{file}` never runs")
MODES_DIFFER = Code("N0724", "two modes on one NIC", "nic `{nic}` has a program of mode {one} and one of mode {other}")
ORDER_BY_NAME = Code(
    "N0725",
    "order of programs by their names",
    "programs `{one}` and `{other}` of nic `{nic}` have priority {priority}, so that their names decide the order",
    WARNING,
)
PROGRAMS_OF_ONE_NAME = Code("N0726", "programs of one name on a NIC", "nic `{nic}` has two programs called `{program}`")
BAD_PIN = Code("N0727", "no folder for maps", "`{pin}` is no folder that maps can be pinned in: {problem}")
PINS_OVERLAP = Code(
    "N0728",
    "two NICs pin into one folder",
    "nics `{one}` and `{other}` pin {where}",
)
PINS_DIFFER = Code(
    "N0729",
    "two folders of pins on one NIC",
    "the programs of nic `{nic}` are pinned in one folder, but `{file}` names another",
    way_out="write one `pin` for all programs of the NIC",
)
MAP_PINNED_TWICE = Code(
    "N0730",
    "two maps pinned under one name",
    "`{file}` and `{other}` of nic `{nic}` both pin a map `{map}` in one folder",
)
NO_SUCH_MAP = Code("N0731", "map the object lacks", "`{file}` has no map `{map}`")
NO_MAPS_TO_PIN = Code("N0732", "pin without maps", "`{file}` has no maps that could be pinned", WARNING)
DROP_MAPS_MISSING = Code(
    "N0733", "object that takes no prefixes", "`{file}` cannot take the prefixes of `drop`: {problem}"
)
DROPS_BEYOND_MAP = Code(
    "N0734",
    "more prefixes than the map takes",
    "`drop` has {count} prefixes of {family}, but map `{map}` of `{file}` takes {limit}",
)
DROPS_EVERYTHING = Code(
    "N0735", "prefix that drops everything", "`{prefix}` drops every {family} packet on nic `{nic}`", WARNING
)
KEEP_DOWN_MANAGEMENT = Code(
    "N0736",
    "management port that may stay closed",
    "management port `{nic}` lets nothing in while `{file}` is not attached",
)
KEEP_DOWN_ALONE = Code(
    "N0737",
    "only NIC may stay closed",
    "the only NIC `{nic}` lets nothing in while `{file}` is not attached",
    WARNING,
)
OBJECT_REFUSED = Code("N0738", "object the target cannot load", "`{file}` cannot be loaded on the target: {problem}")

# Huge pages.
PAGE_SIZE_MISSING = Code("N0801", "page size the target lacks", "{target} has no huge pages of {size}")
RESERVATION_SHORT = Code(
    "N0802",
    "fewer huge pages than applications take",
    "`hugepages` reserves {have} of {size}{where}, but {taken}",
)
RESERVATION_SHORT_OF_ESTIMATE = Code(
    "N0803",
    "fewer huge pages than applications are estimated to take",
    "`hugepages` reserves {have} of {size}{where}, and {taken} by netc's estimate",
    WARNING,
)
PAGES_BEYOND_MEMORY = Code(
    "N0804", "more huge pages than memory", "{pages} of huge pages are asked for {where}, which has {memory}"
)
PAGES_LEAVE_LITTLE = Code(
    "N0805",
    "huge pages that leave the system little",
    "{pages} of huge pages {where} leave the system {rest} of its {memory}",
    WARNING,
)
PAGES_ON_NO_NODE = Code(
    "N0806", "huge pages on a node that has no memory", "`{statement}` names node {node}, {problem}"
)
PAGE_NOT_RESERVED = Code(
    "N0807",
    "page size that is not reserved",
    "`page {size}` of `{unit}` is none of the sizes that `hugepages` reserves: {reserved}",
)
NODE_WITHOUT_MEMORY = Code(
    "N0808",
    "application without memory on one of its nodes",
    "`{unit}` has {what} on node {node}, but no memory there",
    WARNING,
)
PAGES_TOLD_TWICE = Code(
    "N0809", "huge pages told in two places", "`{statement}` and `{other}` both say how many huge pages there are"
)
BOOT_RESERVATION_SKIPPED = Code(
    "N0810",
    "huge pages the kernel does not reserve",
    "with `{argument}` the kernel reserves no pages of {size} at boot",
)
DEFAULT_SIZE_TWICE = Code(
    "N0811",
    "two default sizes of huge pages",
    "`{argument}` has no effect beside `{first}`, which stands before it",
    way_out="remove one of the two",
)
DEFAULT_SIZE_NOT_RESERVED = Code(
    "N0812",
    "default size of which no huge page is reserved",
    "`{argument}` gives programs that name no size huge pages of {size}, and none is reserved",
    WARNING,
)
MEMORY_EAL_DOES_NOT_SEE = Code(
    "N0813",
    "memory on a node without CPUs",
    "`{unit}` cannot take memory of node {node}, which has no CPU",
)

# Ports that are handed to DPDK.
DPDK_DRIVER_UNKNOWN = Code(
    "N0820",
    "driver for applications that netc does not know",
    "netc knows no driver `{driver}` by which DPDK has ports",
)
DPDK_DRIVER_UNFIT = Code(
    "N0821",
    "driver that gives an application no port",
    "`{driver}` cannot give nic `{nic}` to an application: {problem}",
)
DPDK_DRIVER_UNCERTAIN = Code(
    "N0822",
    "port of which nothing tells whether DPDK drives it",
    "nothing tells whether DPDK can have nic `{nic}` by `{driver}`",
    WARNING,
)
DEVICE_WITHOUT_ADDRESS = Code(
    "N0823", "port to bind without an address", "nothing tells the {bus} of nic `{nic}`, by which {purpose}"
)
KERNEL_DOES_NOT_DRIVE = Code(
    "N0824",
    "kernel setting of a port of DPDK",
    "{words} for the kernel, and nic `{nic}` is handed to DPDK",
)
SYSCTL_OF_DPDK = Code(
    "N0825", "sysctl of a port of DPDK", "`{key}` is never written: nic `{nic}` has no interface while DPDK has it"
)
BUILT_OVER_DPDK = Code(
    "N0826", "interface over a port of DPDK", "`{interface}` cannot be built over nic `{nic}`, which is handed to DPDK"
)
DPDK_TAKES_MANAGEMENT = Code(
    "N0827",
    "management port handed to DPDK",
    "the host is reached by nic `{nic}`, which is handed to DPDK",
    way_out="remove `dpdk` from it, or move `management` to the port the host is reached by",
)
DPDK_TAKES_ALL = Code(
    "N0828",
    "no port left to the kernel",
    "{ports} handed to DPDK, and no other port of host `{host}` is described",
    way_out="describe the port the host is reached by: `nic admin {{ match pci …; management }}`",
)
PORT_WITHOUT_APPLICATION = Code(
    "N0829", "port that no application has", "nic `{nic}` is handed to DPDK, and no application has it", WARNING
)
PORT_OF_THE_KERNEL = Code(
    "N0830", "application with a port of the kernel", "`{unit}` names nic `{nic}`, which is not handed to DPDK"
)
PORT_OF_TWO_APPLICATIONS = Code(
    "N0831", "port of two applications", "nic `{nic}` belongs to `{one}` already and cannot be given to `{other}` too"
)
CANNOT_STAY = Code(
    "N0832",
    "port that goes where another is bound",
    "{other} cannot stay with the kernel beside nic `{nic}`: they share {shared}",
)
AF_XDP_COPIES = Code(
    "N0833",
    "packets that AF_XDP copies",
    "AF_XDP {surely} each packet of nic `{nic}`: driver `{driver}` {problem}",
    WARNING,
)
IOMMU_OFF = Code(
    "N0834",
    "an IOMMU turned off",
    "`{argument}` turns the IOMMU off, without which {ports} cannot be bound to `vfio-pci`",
)
NO_IOMMU_MISSING = Code(
    "N0835", "no way around the IOMMU", "the kernel of {system} binds nothing to `vfio-pci` without an IOMMU"
)
NO_IOMMU_UNPROTECTED = Code(
    "N0836", "ports without an IOMMU", "`no-iommu on` lets {ports} write to any memory of the host", WARNING
)
IOMMU_IN_A_GUEST = Code(
    "N0837",
    "virtual machine that may have no IOMMU",
    "nic `{nic}` is bound to `vfio-pci`, which needs an IOMMU, and a virtual machine has none as a rule",
    WARNING,
)
UNCONFINED_DRIVER = Code(
    "N0838", "driver without an IOMMU", "`{driver}` lets nic `{nic}` write to any memory of the host", WARNING
)
AF_XDP_IMPOSSIBLE = Code("N0839", "port that AF_XDP cannot use", "nic `{nic}` cannot be used by AF_XDP: {problem}")

# Applications of DPDK.
BAD_UNIT = Code("N0840", "name of no service", "`{unit}` cannot be the unit of an application: {problem}")
NO_LCORES = Code(
    "N0841",
    "application without CPUs",
    "application `{unit}` has no `lcores`, so that nothing says which CPUs it polls with",
)
LCORES_OFFLINE = Code("N0842", "lcores that are off", "`lcores` of `{unit}` names {cpus}, {state} offline")
LCORES_SHARED = Code("N0843", "lcores of two applications", "{cpus} cannot be polled by `{one}` and `{other}` alike")
LCORES_TAKEN = Code("N0844", "lcores with another duty", "{cpus} cannot be both {one} and left to the operating system")
NO_MAIN_LCORE = Code(
    "N0845", "main lcore that is no lcore", "`main-lcore {cpu}` is none of the lcores of `{unit}`, {lcores}"
)
LCORES_SHARE_CORES = Code("N0846", "lcores on one core", "{lcores} share {cores}, and `siblings on` does not permit it")
LCORES_AWAY = Code(
    "N0847",
    "no lcore on the node of a port",
    "{ports} on node {node}, and `{unit}` has its lcores on {nodes}",
    WARNING,
)
LCORES_TOO_FEW = Code(
    "N0848",
    "more packets than lcores can take",
    "{lcores} of `{unit}` must take {packets} packets a second, {each} each",
    WARNING,
)
BAD_DEVARGS = Code("N0849", "device arguments EAL cannot be given", "`{devargs}` are no device arguments: {problem}")
DEVARGS_OF_OTHERS = Code(
    "N0850", "device arguments of another's port", "`devargs` names nic `{nic}`, which `{unit}` does not have"
)
BAD_GROUP = Code("N0851", "name of no group", "`{group}` cannot be the name of a group: {problem}")
UNIT_OF_THE_PACKAGE = Code(
    "N0852", "unit of the package dpdk", "`{unit}` is the service that the package dpdk of {system} brings"
)
QUEUES_OF_SOCKETS = Code(
    "N0853",
    "port by sockets of unknown queues",
    "nothing tells how many queues nic `{nic}` has, and `{unit}` gets sockets for {queues}",
    WARNING,
)
SOCKETS_WITHOUT_NAME = Code(
    "N0854",
    "port by sockets without a name",
    "nothing tells the interface of nic `{nic}`, by which AF_XDP of `{unit}` finds it",
    way_out="remove `rename keep`: the interface is then called as the NIC here",
)

# Virtual functions.
NO_SUCH_FUNCTION = Code(
    "N0860",
    "virtual function that is never made",
    "virtual function {number} of nic `{nic}` is never made: `vfs {count}` makes {last}",
)
NO_FUNCTIONS_MADE = Code(
    "N0861",
    "virtual functions of a NIC that makes none",
    "nic `{nic}` makes no virtual functions",
)
FUNCTIONS_BEYOND_DEVICE = Code(
    "N0862",
    "more virtual functions than there are",
    "nic `{nic}` asks for {count}, and {source} has {limit} at most",
)
DRIVER_WITHOUT_FUNCTIONS = Code(
    "N0863", "driver without virtual functions", "driver `{driver}` makes no virtual functions"
)
FUNCTION_OF_A_FUNCTION = Code(
    "N0864",
    "virtual function of a virtual function",
    "nic `{nic}` is a virtual function, which has none of its own",
)
FUNCTION_SETTING_UNSUPPORTED = Code(
    "N0865",
    "setting of virtual functions that a driver lacks",
    "driver `{driver}` cannot set `{word}` of a virtual function",
)
FUNCTION_DRIVER_DIFFERS = Code(
    "N0866",
    "driver that takes no such virtual function",
    "nic `{nic}` is a virtual function of `{physical}`, which the kernel drives by `{right}`, not `{driver}`",
)
FUNCTIONS_OF_DPDK = Code(
    "N0867",
    "virtual functions of a port of DPDK",
    "nobody makes the virtual functions of nic `{nic}` while `{driver}` has it for DPDK",
)
NO_WAY_TO_FUNCTIONS = Code(
    "N0868",
    "virtual functions that cannot be found",
    "nothing leads to the virtual functions of nic `{physical}`: neither a PCI address nor a name of its own",
)
QUEUES_BESIDE_FUNCTIONS = Code(
    "N0869",
    "queues that virtual functions take",
    "nic `{nic}` asks for {queues} queues, and driver `{driver}` leaves it {limit} beside {count}",
)
SAME_FUNCTION_ADDRESS = Code(
    "N0870",
    "MAC address of two virtual functions",
    "{one} and {other} have the same MAC address {mac}",
    way_out="write another address in one of them",
)
FUNCTION_ADDRESS_OF_HOSTS = Code(
    "N0871",
    "MAC address of virtual functions on two hosts",
    "hosts `{one}` and `{other}` give virtual functions the same MAC address {mac}",
    WARNING,
)

# Facts of machines.
FACTS_NOT_YAML = Code(
    "N0251",
    "facts are not readable as YAML",
    "these facts are not readable as YAML: {problem}",
    way_out="correct it, or write the file anew with `netc probe -o FILE`",
)
FACTS_NOT_PLAIN = Code(
    "N0252",
    "a YAML feature that facts do not use",
    "`{word}` is {feature} of YAML, and facts hold plain values only",
    way_out="write the value out where it is used",
)
FACTS_TOO_LARGE = Code(
    "N0253",
    "facts beyond every machine's size",
    "{what}, and a facts file holds at most {limit}",
    way_out="split the inventory into several files",
)
FACT_KEY_TWICE = Code(
    "N0254", "a fact written twice", "`{key}` is written twice in one mapping", way_out="remove one of the two"
)
FACT_WRONG_SHAPE = Code(
    "N0255",
    "a fact of the wrong shape",
    "{where} holds {found} where {wanted} belongs",
    way_out="`netc probe` writes the form",
)
FACT_UNKNOWN_KEY = Code(
    "N0256",
    "an unknown fact",
    "`{key}` is not a fact of {owner}",
)
FACT_MISSING = Code("N0257", "a fact that must be there is missing", "{owner} has no `{key}`", way_out="add `{key}`")
FACT_INVALID = Code(
    "N0258",
    "an invalid fact",
    "`{value}` is invalid as `{key}`: {reason}",
    way_out="correct the value, or leave `{key}` out where it is not known",
)
FACT_LISTED_TWICE = Code(
    "N0259",
    "a part of the machine is listed twice",
    "two of `{list}` have the {key} `{value}`",
    way_out="remove one of the two",
)
FACT_LEAVES_OUT_CPU = Code(
    "N0260",
    "CPUs that share something without the CPU itself",
    "`{key}` of CPU {cpu} is `{cpus}`, which leaves CPU {cpu} itself out",
    way_out="add CPU {cpu} to the list, or leave `{key}` out",
)
FACT_UNKNOWN_CPU = Code(
    "N0261",
    "facts name a CPU that the machine does not list",
    "{what} names CPU {cpu}, which `{list}` does not hold",
    way_out="list the CPU, or take it out here",
)
FACT_UNKNOWN_NODE = Code(
    "N0262",
    "facts name a node that the machine does not list",
    "{what} lies on node {node}, which `nodes` does not hold",
    way_out="list the node, or leave the node out here",
)
FACT_WITHOUT_VALUE = Code(
    "N0265",
    "a fact without a value",
    "`{key}` has no value",
    way_out="give it a value, or leave the key out where it is not known",
)
FACTS_EMPTY = Code(
    "N0263", "a file without facts", "`{file}` holds no facts", way_out="write the file with `netc probe -o FILE`"
)
FACTS_SECOND_DOCUMENT = Code(
    "N0264",
    "two YAML documents in a facts file",
    "a second YAML document begins here, and a facts file holds one",
    way_out="make one list of both, or two files",
)

# Forms of the output (`--format`).
FORMAT_FOR_OTHERS = Code(
    "N1001",
    "form of the output for other hosts",
    "`{format}` needs {needed}, and a host has {found}",
    way_out="compile the host with another `--format`, or choose hosts with `--host`",
)
EARLY_LEFT = Code(
    "N1002",
    "files that the form of the output does not bring into the initramfs",
    "`{format}` comes after the initramfs, which needs {files} too",
    WARNING,
    way_out="make the initramfs of the image that the extension is for with {files}",
)
ARGUMENTS_LEFT = Code(
    "N1003",
    "kernel arguments that the form of the output leaves out",
    "`{format}` passes no kernel arguments, so `{arguments}` does not reach the kernel",
    WARNING,
    way_out="give the boot loader of the image what `kernel-command-line` holds",
)
FILE_LEFT = Code(
    "N1004",
    "file that the form of the output leaves out",
    "`{format}` holds `/etc` alone, so `{path}` is not in it",
    WARNING,
    way_out="bring the file into the image with `--format tree`",
)
NOT_EXECUTED = Code(
    "N1005",
    "program that may not be executed",
    "`{path}` lies in a confext, which is mounted without execution, so {program} cannot run it",
    WARNING,
    way_out="merge the extension with `systemd-confext refresh --noexec=no`",
)
GROUP_LEFT = Code(
    "N1006",
    "group that the form of the output cannot make",
    "`{format}` makes no group `{group}`, since `/etc` cannot be written while an extension is merged",
    WARNING,
    way_out="make it in the image that the extension is for: `groupadd --system {group}`",
)

# Sides of a comparison.
UNREADABLE_PLAN = Code(
    "N1101",
    "a plan that cannot be read",
    "`{path}` is no plan that this netc reads: {reason}",
    way_out="compile its host again, and compare with what that writes",
)
NOT_AS_WRITTEN = Code(
    "N1102",
    "a tree that was changed by hand",
    "`{path}` is not as netc wrote it: {how}",
    severity=WARNING,
    way_out="compile the host again, or keep in mind that the comparison shows the file as it lies there",
)
NO_REVISION = Code(
    "N1103",
    "git does not give a revision",
    "git does not give the files of `{revision}`: {reason}",
    way_out="name a branch, tag or commit that `git log` shows here",
)
SECOND_PLAN = Code(
    "N1104",
    "two plans of one host",
    "`{path}` is a second plan of host `{host}`, which `{first}` has too",
    way_out="compare with a folder that has each host once",
)


def every() -> dict[str, Code]:
    """All codes by number."""
    return {code.number: code for code in globals().values() if isinstance(code, Code)}


def titles() -> dict[str, str]:
    """Number → title."""
    return {number: code.title for number, code in every().items()}


def page(number: str) -> str | None:
    """The page that explains a code, or None for a number that no code has."""
    if number not in every():
        return None
    return shipped.read("netc.explain", f"{number}.md").decode()
