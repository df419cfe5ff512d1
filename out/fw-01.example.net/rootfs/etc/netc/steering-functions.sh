# shellcheck shell=sh
# Written by netc from firewall.net. Change it there and compile again.
# Functions of the scripts in /etc/netc/steering, which say where packets go: to which queue of the
# NIC, and to which CPU. They change only what differs, and may run at any time. Each line they
# print is one change, or one promise that is not kept.
#
# With the argument `check` they change nothing and print, for /etc/netc/verify, a line for each promise
# that is not kept and how many are: verdict, key of the plan, promise, what was found, what was promised.
#
# With NETC_ROOT they work on a copy of /proc and /sys.

LC_ALL=C
export LC_ALL
ethtool=/sbin/ethtool
tc=/sbin/tc
root=${NETC_ROOT:-}
sys=$root/sys/class/net
nic=
interface=
pci=
twin_queues=no
second_half_receives=no
failed=0
mode=${1:-apply}
kept=0
about=
newline='
'

# line TEXT: as it is; the echo of some shells takes backslashes for its own
line() { printf '%s\n' "$*"; }
say() { printf 'netc: %s%s\n' "${interface:+$interface: }" "$*"; }
fail() { say "$@"; failed=1; }

# named NAME: the interface is the one of this name
named() {
    expected=$1
    [ ! -e "$sys/$1" ] || interface=$1
}

# known_to_udev_as NIC: the interface is the one that 90-netc-nic.rules recognised, by the files in which udev keeps
# the properties of each
known_to_udev_as() {
    recorded=$(grep -lFx "E:NETC_NIC=$1" "$root"/run/udev/data/n* 2>/dev/null) || true
    for found in "$root"/sys/class/net/*; do
        number=none
        read -r number 2>/dev/null <"$found/ifindex" || true
        case $recorded$newline in *"/n$number$newline"*) interface=${found##*/} ;; *) ;; esac
    done
}

# recognised_as NIC: the same; what /etc/netc/verify has found already it is told
recognised_as() {
    expected=
    if checks && [ -n "${NETC_INTERFACE:-}" ]; then
        interface=$NETC_INTERFACE
    else
        known_to_udev_as "$1"
    fi
}

# begin NIC [WORD...]: whose settings follow. Words are the address of its PCI function where that is known;
# twin-queues where sysfs may show twice the receive queues in use; second-half-receives where the first half of the
# numbers in names of interrupts sends.
begin() {
    nic=$1
    shift
    for word in "$@"; do
        case $word in
            twin-queues) twin_queues=yes ;;
            second-half-receives) second_half_receives=yes ;;
            *) pci=$word ;;
        esac
    done
    [ "$mode" = apply ] || return 0
    [ -n "$interface" ] || { say "nic $nic is absent, and is steered when it comes"; exit 0; }
    # from now on netc-follow-links.service starts it anew for what happens
    { echo begun >"$root/run/netc/steered-$nic"; } 2>/dev/null || true
}

finish() {
    ! checks || printf 'kept\t%s\n' "$kept"
    exit "$failed"
}

is_up() {
    flags=0
    read -r flags 2>/dev/null <"$sys/$interface/flags" || true
    [ $((flags & 1)) = 1 ]
}

# not_kept TEXT: a promise that is not kept, unless the link is down and brings it about when it comes up
not_kept() {
    if is_up; then
        fail "$@"
    else
        say "$* (again when the link comes up)"
    fi
}

checks() { [ "$mode" = check ]; }

# acts KEY: whether the promise of this key is to be carried out or checked. A check of a copy without interfaces is for
# interrupts alone, and so is `pairs`.
acts() {
    about=$1
    [ "$mode" = apply ] || { checks && [ -n "$interface" ]; }
}

# judge PROMISE FOUND WANTED: in a check, whether it is kept
judge() {
    if [ "$2" = "$3" ]; then
        kept=$((kept + 1))
    else
        printf 'broken\t%s\t%s\t%s\t%s\n' "$about" "$nic: $1" "${2:-absent}" "$3"
    fi
}

# cannot_read PROMISE REASON [excused]: excused is what nobody can bring about
cannot_read() { printf 'unread\t%s\t%s\t%s\t%s\n' "$about" "$nic: $1" "$2" "${3:--}"; }

# judge_told PROMISE FOUND WANTED: the same of what a program tells; of a link that is down some drivers tell nothing
judge_told() {
    if [ -z "$2" ] && ! is_up; then
        cannot_read "$1" "the link is down"
    else
        judge "$@"
    fi
}

# can_ask PROMISE PROGRAM: in a check, whether the program tells of this machine
can_ask() {
    if [ -n "$root" ]; then
        cannot_read "$1" "only the running machine tells"
    elif [ ! -x "$2" ]; then
        cannot_read "$1" "${2##*/} is not installed"
    else
        return 0
    fi
    return 1
}

# count_queues rx|tx: count is the number of queues in this direction
count_queues() {
    count=0
    for queue in "$sys/$interface/queues/$1"-*; do
        [ ! -e "$queue" ] || count=$((count + 1))
    done
    if [ "$1" = rx ] && [ "$twin_queues" = yes ]; then
        opened=$("$ethtool" -l "$interface" 2>/dev/null | sed '1,/^Current hardware settings:/d' | sed -n 's/^Combined:[[:space:]]*//p')
        [ "$count" != $((2 * ${opened:-0})) ] || count=$opened
    fi
}

# put WHAT FILE VALUE [FORM]: the kernel shows what it made of the value; FORM is mask, or empty
put() {
    if checks; then
        value=absent
        [ ! -e "$2" ] || shown_in "$2" "${4:-}"
        judge "$1" "${value:-empty}" "$3"
        return
    fi
    if [ ! -e "$2" ]; then
        not_kept "$1 cannot be set: there is no ${2#"$sys/$interface/"}"
        return
    fi
    shown_in "$2" "${4:-}"
    before=$value
    [ "$before" != "$3" ] || return 0
    store "$2" "$3"
    shown_in "$2" "${4:-}"
    present=$value
    if [ "$present" = "$3" ]; then
        say "$1 was ${before:-empty}, is $3"
    else
        not_kept "$1 is ${present:-empty}, wanted $3${refusal:+: $refusal}"
    fi
}

# store FILE VALUE: refusal is why the kernel does not take it; the shell's own words would hide the reason
store() {
    refusal=
    { printf '%s\n' "$2" >"$1"; } 2>/dev/null && return
    refusal=$(line "$2" | tee "$1" 2>&1 >/dev/null) || true
    refusal=${refusal##*: }
}

# shown_in FILE FORM: value is what it shows; a mask without the zeros and groups before the first bit
shown_in() {
    value=
    read -r value 2>/dev/null <"$1" || true
    if [ "$2" = mask ]; then
        while :; do
            case $value in
                [0,]?*) value=${value#?} ;;
                *) break ;;
            esac
        done
    fi
}

# both MASK MASK: joined are the CPUs of both, as the kernel takes a mask: groups of 32 bits, the highest first, no
# longer than it must be, for it refuses bits and even empty groups beyond its CPUs
both() {
    one=$1
    other=$2
    joined=
    while [ -n "$one$other" ]; do
        bits=$((0x0${one##*,} | 0x0${other##*,}))
        case $one in *,*) one=${one%,*} ;; *) one= ;; esac
        case $other in *,*) other=${other%,*} ;; *) other= ;; esac
        if [ -n "$one$other" ]; then
            joined=,$(printf '%08x' "$bits")$joined
        else
            joined=$(printf '%x' "$bits")$joined
        fi
    done
}

# table_is SPREAD: the indirection table, as ethtool -X takes it: `equal N`, `start N equal N` or `weight N …`
table_is() {
    acts rss.spread || return 0
    ! checks || can_ask "indirection table" "$ethtool" || return 0
    present=$("$ethtool" -x "$interface" 2>/dev/null | table)
    size=$(line "$present" | wc -w)
    # shellcheck disable=SC2086 # the words of the spread
    wanted=$(table_of "$size" $1)
    if checks; then
        entries="$(line "$present" | cut -d ' ' -f 1-8) and so on"
        [ "$size" != 0 ] || entries=
        [ -z "$present" ] || [ "$present" != "$wanted" ] || entries=$1
        judge_told "indirection table" "$entries" "$1"
        return
    fi
    [ "$size" = 0 ] || [ "$present" != "$wanted" ] || return 0
    # shellcheck disable=SC2086 # the same
    refusal=$("$ethtool" -X "$interface" $1 2>&1) || true
    present=$("$ethtool" -x "$interface" 2>/dev/null | table)
    # shellcheck disable=SC2086 # the same
    if [ -n "$present" ] && [ "$present" = "$(table_of "$(line "$present" | wc -w)" $1)" ]; then
        say "indirection table is now $1"
    else
        not_kept "indirection table is not $1: $(line "${refusal:-it cannot be read}" | tr '\n' ' ')"
    fi
}

# The queues of the table, from the lines of ethtool -x, with one blank between.
table() { sed -n '/^RSS hash key/q; s/^[[:space:]]*[0-9][0-9]*:[[:space:]]*//p' | tr -s '[:space:]' ' ' | sed 's/ $//'; }

# table_of SIZE SPREAD...: the table that ethtool makes of the words
table_of() {
    size=$1
    first=0
    shift
    if [ "$1" = start ]; then
        first=$2
        shift 2
    fi
    entry=0
    text=
    if [ "$1" = equal ]; then
        while [ "$entry" -lt "$size" ]; do
            text="$text $((first + entry % $2))"
            entry=$((entry + 1))
        done
    else
        shift
        sum=0
        for weight in "$@"; do sum=$((sum + weight)); done
        queue=-1
        partial=0
        while [ "$entry" -lt "$size" ]; do
            while [ "$entry" -ge $((size * partial / sum)) ]; do
                queue=$((queue + 1))
                partial=$((partial + $1))
                shift
            done
            text="$text $queue"
            entry=$((entry + 1))
        done
    fi
    line "${text# }"
}

# key_is_symmetric: a hash key of 16 bits again and again, so that both directions of a flow hash alike
key_is_symmetric() {
    acts rss.key || return 0
    ! checks || can_ask "hash key" "$ethtool" || return 0
    present=$(hash_key)
    wanted=$(line "$present" | sed 's/[0-9a-f][0-9a-f]:[0-9a-f][0-9a-f]/6d:5a/g')
    if checks; then
        found=another
        [ "$present" != "$wanted" ] || found=symmetric
        judge_told "hash key" "${present:+$found}" symmetric
        return
    fi
    [ -z "$present" ] || [ "$present" != "$wanted" ] || return 0
    refusal=$("$ethtool" -X "$interface" hkey "${wanted:-6d:5a}" 2>&1) || true
    if [ -n "$present" ] && [ "$(hash_key)" = "$wanted" ]; then
        say "hash key is now symmetric"
    else
        not_kept "hash key is not symmetric: $(line "${refusal:-it cannot be read}" | tr '\n' ' ')"
    fi
}

# Empty where the driver has none, which ethtool says in words.
hash_key() { "$ethtool" -x "$interface" 2>/dev/null | sed -n '/^RSS hash key:/{n;/^[[:space:]]*[0-9a-f][0-9a-f]:/{s/[[:space:]]//g;p;};}'; }

# hash_fields PROTOCOL FIELDS: letters of ethtool -N DEVICE rx-flow-hash: s, d addresses, f, n ports
hash_fields() {
    acts "rss.hash.$1" || return 0
    ! checks || can_ask "hash of $1" "$ethtool" || return 0
    before=$(fields_of "$1")
    ! checks || { judge "hash of $1" "${before:-over nothing}" "$2"; return; }
    [ "$before" != "$2" ] || return 0
    refusal=$("$ethtool" -N "$interface" rx-flow-hash "$1" "$2" 2>&1) || true
    present=$(fields_of "$1")
    if [ "$present" = "$2" ]; then
        say "hash of $1 was over ${before:-nothing}, is over $2"
    else
        not_kept "hash of $1 is over ${present:-nothing}, wanted $2: $(line "$refusal" | tr '\n' ' ')"
    fi
}

fields_of() {
    "$ethtool" -n "$interface" rx-flow-hash "$1" 2>/dev/null |
        sed -n 's/^IP SA$/s/p; s/^IP DA$/d/p; s/^L4 bytes 0 & 1 .*/f/p; s/^L4 bytes 2 & 3 .*/n/p' | tr -d '\n'
}

# flow_rules RULES: a rule of ethtool -N on each line. The NIC numbers them; /run/netc remembers which are netc's.
flow_rules() {
    acts steer || return 0
    record=$root/run/netc/flow-rules-$nic
    ! checks || { check_rules "$1"; return; }
    mkdir -p "$root/run/netc"
    kept=
    while read -r number rule; do
        [ -n "$number" ] || continue
        case "$newline$1$newline" in
            *"$newline$rule$newline"*)
                if rule_is_there "$number" "$rule"; then
                    kept="$kept$number $rule$newline"
                fi
                ;;
            *)
                "$ethtool" -N "$interface" delete "$number" >/dev/null 2>&1 || true
                say "flow rule $number is taken back: $rule"
                ;;
        esac
    done <<KNOWN
$(cat "$record" 2>/dev/null)
KNOWN
    while read -r rule; do
        [ -n "$rule" ] || continue
        case "$newline$kept" in *[0-9]" $rule$newline"*) continue ;; esac
        # shellcheck disable=SC2086 # the words of the rule
        answer=$("$ethtool" -N "$interface" $rule 2>&1) || true
        number=$(line "$answer" | sed -n 's/^Added rule with ID \([0-9][0-9]*\).*/\1/p')
        if [ -n "$number" ] && rule_is_there "$number" "$rule"; then
            say "flow rule $number: $rule"
            kept="$kept$number $rule$newline"
        else
            not_kept "flow rule is not taken: $rule: $(line "$answer" | tr '\n' ' ')"
        fi
    done <<WANTED
$1
WANTED
    printf '%s' "$kept" >"$record"
}

# check_rules RULES
check_rules() {
    while read -r rule; do
        about="steer $rule"
        can_ask "flow rule $rule" "$ethtool" || continue
        there=
        while read -r number known; do
            [ "$known" != "$rule" ] || ! rule_is_there "$number" "$rule" || there=$rule
        done <<RECORD
$(cat "$record" 2>/dev/null)
RECORD
        judge_told "flow rule $rule" "$there" "$rule"
    done <<RULES
$1
RULES
}

# rule_is_there NUMBER RULE: whether the NIC has it: its kind of packets, its ports, and the action that it ends in
rule_is_there() {
    found=$newline$("$ethtool" -n "$interface" rule "$1" 2>/dev/null)$newline || return 1
    # shellcheck disable=SC2086 # the words of the rule
    set -- $2
    while [ $# -gt 1 ]; do
        case "$1 $2" in
            "flow-type tcp"[46]) part="Rule Type: TCP over IPv${2#tcp}" ;;
            "flow-type udp"[46]) part="Rule Type: UDP over IPv${2#udp}" ;;
            "flow-type sctp"[46]) part="Rule Type: SCTP over IPv${2#sctp}" ;;
            "src-port "*) part="Src port: $2 mask: 0x0" ;;
            "dst-port "*) part="Dest port: $2 mask: 0x0" ;;
            "action -1") part="Action: Drop" ;;
            "action "*) part="Action: Direct to queue $2" ;;
            *) part= ;;
        esac
        case $found in *"$part$newline"*) ;; *) return 1 ;; esac
        shift
    done
}

# attribute KEY NAME VALUE: a number in the interface's folder of sysfs
attribute() { ! acts "$1" || put "$2" "$sys/$interface/$2" "$3"; }

# queueing NAME: the queueing discipline of each transmit queue
queueing() {
    acts qdisc || return 0
    ! checks || can_ask "queueing discipline" "$tc" || return 0
    count_queues tx
    disciplines=$count
    if checks; then
        [ "$1" != noqueue ] || disciplines=1
        found=$("$tc" qdisc show dev "$interface" 2>/dev/null | grep -c "^qdisc $1 ") || true
        judge "queueing discipline" "$1 on $found queues" "$1 on $disciplines queues"
        return
    fi
    [ "$("$tc" qdisc show dev "$interface" 2>/dev/null | grep -c "^qdisc $1 ")" != "$disciplines" ] || return 0
    if [ "$disciplines" -lt 2 ] || [ "$1" = noqueue ]; then
        refusal=$("$tc" qdisc replace dev "$interface" root "$1" 2>&1) || true
        [ "$1" != noqueue ] || disciplines=1
    else
        refusal=$("$tc" qdisc replace dev "$interface" root handle 6e: mq 2>&1) || true
        queue=1
        while [ -z "$refusal" ] && [ "$queue" -le "$disciplines" ]; do
            refusal=$("$tc" qdisc replace dev "$interface" parent "6e:$(printf '%x' "$queue")" "$1" 2>&1) || true
            queue=$((queue + 1))
        done
    fi
    if [ "$("$tc" qdisc show dev "$interface" 2>/dev/null | grep -c "^qdisc $1 ")" = "$disciplines" ]; then
        say "queueing discipline is now $1 on $disciplines queues"
    else
        not_kept "queueing discipline is not $1 on each queue: $(line "$refusal" | tr '\n' ' ')"
    fi
}

# receive_cpus MASK: CPUs that each receive queue hands packets to (RPS)
receive_cpus() {
    acts rps.cpus || return 0
    for queue in "$sys/$interface"/queues/rx-*; do
        [ -e "$queue" ] || queue=${queue%-*}-0
        put "rps_cpus of ${queue##*/}" "$queue/rps_cpus" "$1" mask
    done
}

# flows_followed COUNT: entries of the flow tables of all receive queues together (RFS)
flows_followed() {
    acts rfs.flows || return 0
    count_queues rx
    received=$count
    [ "$received" != 0 ] || received=1
    share=1
    while [ $((share * received)) -lt "$1" ]; do share=$((share * 2)); done
    number=0
    while [ "$number" -lt "$received" ]; do
        put "rps_flow_cnt of rx-$number" "$sys/$interface/queues/rx-$number/rps_flow_cnt" "$share"
        number=$((number + 1))
    done
}

# send_by_cpu MASKS: the CPUs of each transmit queue; where there are fewer queues than masks, the queue of a mask's
# place takes what follows too (XPS)
send_by_cpu() {
    acts xps.cpus || return 0
    count_queues tx
    sent=$count
    [ "$sent" -gt 1 ] || return 0
    number=0
    while [ "$number" -lt "$sent" ]; do
        mask_of_queue "$number" "$sent" "$1"
        put "xps_cpus of tx-$number" "$sys/$interface/queues/tx-$number/xps_cpus" "$joined_mask" mask
        number=$((number + 1))
    done
}

# mask_of_queue QUEUE QUEUES MASKS: joined_mask are the masks at its place, joined; with more queues than masks they begin again
mask_of_queue() {
    # shellcheck disable=SC2086 # the masks
    set -- "$1" "$2" $3
    wanted=$1
    step=$2
    shift 2
    [ "$step" -le $# ] || step=$#
    wanted=$((wanted % step))
    place=0
    joined_mask=
    for mask in "$@"; do
        if [ $((place % step)) = "$wanted" ]; then
            joined=$mask
            [ -z "$joined_mask" ] || both "$joined_mask" "$mask"
            joined_mask=$joined
        fi
        place=$((place + 1))
    done
}

# mask_of_one NUMBER: the mask of this bit alone
mask_of_one() {
    groups=$(($1 / 32))
    mask=$(printf '%x' $((1 << ($1 % 32))))
    while [ "$groups" -gt 0 ]; do
        mask=$mask,00000000
        groups=$((groups - 1))
    done
    line "$mask"
}

# send_by_receive_queue: the transmit queue of the number of the receive queue (XPS)
send_by_receive_queue() {
    acts xps.rx-queues || return 0
    count_queues tx
    sent=$count
    [ "$sent" -gt 1 ] || return 0
    count_queues rx
    received=$count
    number=0
    while [ "$number" -lt "$sent" ]; do
        put "xps_rxqs of tx-$number" "$sys/$interface/queues/tx-$number/xps_rxqs" "$(mask_of_one "$((number % received))")" mask
        number=$((number + 1))
    done
}

# device_interrupts: known are the interrupts of the device, a line with number and name for each; none where there is
# no such folder
device_interrupts() {
    known=
    for folder in "$sys/$interface/device/msi_irqs" "$sys/$interface/device/../msi_irqs" "$root/sys/bus/pci/devices/$pci/msi_irqs"; do
        [ -d "$folder" ] || continue
        for vector in "$folder"/*; do
            number=${vector##*/}
            name=
            read -r name 2>/dev/null <"$root/sys/kernel/irq/$number/actions" || name_of "$number"
            [ -z "$name" ] || known="$known${known:+$newline}$number $name"
        done
        return
    done
    for file in "$sys/$interface/device/irq" "$sys/$interface/device/../irq"; do
        number=0
        read -r number 2>/dev/null <"$file" || continue
        [ "$number" -le 0 ] || { known="$number line"; return; }
    done
}

# name_of NUMBER: name is the folder that the kernel names after who requested an interrupt; else its line in
# /proc/interrupts has it
name_of() {
    for found in "$root/proc/irq/$1"/*/; do
        [ -d "$found" ] || continue
        found=${found%/}
        name=${found##*/}
        return
    done
    name=$(sed -n "s/^ *$1:.*[[:space:]]//p" "$root/proc/interrupts" 2>/dev/null)
}

# named_interrupts: known are interrupts by their names alone, where sysfs tells nothing: those that name the interface,
# its PCI function, or come from it
named_interrupts() {
    known=
    own=${interface:-$expected}
    while read -r number rest; do
        case $number in *[0-9]:) ;; *) continue ;; esac
        name=${rest##* }
        is_own=no
        case " $rest" in
            *"-$pci "*) [ -z "$pci" ] || is_own=yes ;;
            *) ;;
        esac
        case "=$name=" in
            *[!A-Za-z0-9_]"$own"[!A-Za-z0-9_]*) [ -z "$own" ] || is_own=yes ;;
            *) ;;
        esac
        case "=$name=" in
            *[!0-9a-f:]"$pci"[!0-9a-f:]*) [ -z "$pci" ] || is_own=yes ;;
            *) ;;
        esac
        [ "$is_own" = no ] || known="$known${known:+$newline}${number%:} $name"
    done <"$root/proc/interrupts"
}

# has_other_ports: whether the device of the interface has more than this one
has_other_ports() {
    for port in "$sys/$interface/device/net"/*; do
        [ ! -e "$port" ] || [ "${port##*/}" = "$interface" ] || return 0
    done
    return 1
}

# classify CLASSES NAME: queued are number, queue and name of the known interrupts that serve queues of an interface of
# this name
classify() {
    classes=
    rest=$1
    while :; do
        case $rest in
            *"{interface}"*) classes=$classes${rest%%"{interface}"*}$2 ;;
            *) break ;;
        esac
        rest=${rest#*"{interface}"}
    done
    queued=$(sed -nE "$classes$rest" <<KNOWN
$known
KNOWN
    )
    in_order || queued=$(line "$queued" | sort -n -k 2,2 -k 1,1)
}

# in_order: whether queued goes by queue and number already, as it does until numbers have a digit more
in_order() {
    last_queue=-1
    while read -r number queue _; do
        [ -n "$number" ] || continue
        [ "$queue" -gt "$last_queue" ] || { [ "$queue" = "$last_queue" ] && [ "$number" -gt "$last_number" ]; } || return 1
        last_queue=$queue
        last_number=$number
    done <<QUEUED
$queued
QUEUED
}

# expand LIST: expanded is every CPU of a list, in its order
expand() {
    expanded=
    rest=$1,
    while [ -n "$rest" ]; do
        span=${rest%%,*}
        rest=${rest#*,}
        cpu=${span%-*}
        while [ "$cpu" -le "${span#*-}" ]; do
            expanded="$expanded $cpu"
            cpu=$((cpu + 1))
        done
    done
}

# pairs CPUS CLASSES: chosen are for each interrupt of a queue its number, queue, CPU and name. CLASSES is a program of
# sed that makes "NUMBER QUEUE NAME" of "NUMBER NAME", and nothing of interrupts that serve no queue.
pairs() {
    device_interrupts
    [ -n "$known" ] || named_interrupts
    classify "$2" "${interface:-$expected}"
    # Drivers keep the name that the interface had when it went up. The kernel and udev give none with a hyphen.
    if [ -z "$queued" ] && ! has_other_ports; then
        classify "$2" '[^/: -]{1,15}'
    fi
    half=0
    [ "$second_half_receives" = no ] || half=$(($(line "$queued" | grep -c .) / 2))
    expand "$1"
    # shellcheck disable=SC2086 # the CPUs
    set -- $expanded
    chosen=
    while read -r number queue name; do
        [ -n "$number" ] || continue
        place=$queue
        [ "$half" = 0 ] || place=$((queue % half))
        place=$((place % $#))
        shifted=0
        for cpu in "$@"; do
            [ "$shifted" != "$place" ] || break
            shifted=$((shifted + 1))
        done
        chosen="$chosen${chosen:+$newline}$number $queue $cpu $name"
    done <<QUEUED
$queued
QUEUED
}

# interrupts_to CPUS CLASSES REQUESTED: pins the interrupts of the queues; REQUESTED is `open` where the driver has
# them only while the link is up
interrupts_to() {
    about=irq.cpus
    pairs "$1" "$2"
    if [ "$mode" = pairs ]; then
        line "$chosen"
        return 0
    fi
    if checks && [ -z "$chosen" ]; then
        if is_up; then
            judge "interrupts of its queues" "not found" found
        elif [ "$3" = open ]; then
            cannot_read "interrupts of its queues" "they come with the link, which is down"
        else
            cannot_read "interrupts of its queues" "none is found"
        fi
        return 0
    fi
    if [ -z "$chosen" ]; then
        if is_up; then
            fail "no interrupt of its queues is found"
        elif [ "$3" = open ]; then
            say "its interrupts come with the link, and are pinned then"
        fi
        return 0
    fi
    unmovable=$root/run/netc/unmovable-$nic
    checks || [ ! -e "$unmovable" ] || rm -f "$unmovable"
    while read -r number queue cpu name; do
        if checks; then
            check_pin "$number" "$cpu" "$name"
        else
            pin "$number" "$cpu" "$name"
        fi
    done <<CHOSEN
$chosen
CHOSEN
}

# pin NUMBER CPU NAME
pin() {
    file=$root/proc/irq/$1/smp_affinity_list
    before=
    read -r before 2>/dev/null <"$file" || true
    [ "$before" != "$2" ] || return 0
    store "$file" "$2"
    present=
    read -r present 2>/dev/null <"$file" || true
    if [ "$present" = "$2" ]; then
        say "interrupt $1 ($3) was on ${before:-no CPU}, is on CPU $2"
        return 0
    fi
    case $refusal in
        "Input/output error" | "Operation not permitted")
            mkdir -p "${unmovable%/*}"
            line "$1" >>"$unmovable"
            say "interrupt $1 ($3) is placed by the kernel alone, on ${present:-no CPU}; wanted CPU $2"
            ;;
        *)
            online=
            read -r online 2>/dev/null <"$root/sys/devices/system/cpu/cpu$2/online" || true
            [ "$online" != 0 ] || refusal="that CPU is offline"
            fail "interrupt $1 ($3) is on ${present:-no CPU}, wanted CPU $2${refusal:+: $refusal}"
            ;;
    esac
}

# check_pin NUMBER CPU NAME
check_pin() {
    promise="CPU of interrupt $1 ($3)"
    file=$root/proc/irq/$1/smp_affinity_list
    [ -e "$file" ] || { cannot_read "$promise" "it has no smp_affinity_list"; return; }
    present=
    read -r present <"$file" || true
    effective=
    read -r effective 2>/dev/null <"${file%/*}/effective_affinity_list" || true
    if [ "$present" != "$2" ] && is_unmovable "$1"; then
        cannot_read "$promise" "the kernel alone places it, on ${present:-no CPU}" excused
    elif [ "$present" = "$2" ] && [ -n "$effective" ] && [ "$effective" != "$2" ]; then
        # without interrupt remapping the kernel moves it when it next arrives
        cannot_read "$promise" "it moves there when it next arrives, and is on $effective" excused
    else
        judge "$promise" "${present:-no CPU}" "$2"
    fi
}

# is_unmovable NUMBER: whether the kernel refused to move it when the unit ran last
is_unmovable() {
    while read -r number; do
        [ "$number" != "$1" ] || return 0
    done 2>/dev/null <"$unmovable"
    return 1
}

# channels_to CPUS: the channels of a Hyper-V port, which have no interrupts of their own
channels_to() {
    acts irq.cpus || return 0
    ordered=$(
        for channel in "$sys/$interface"/device/channels/*; do
            index=0
            read -r index 2>/dev/null <"$channel/subchannel_id" || continue
            line "$index ${channel##*/}"
        done | sort -n
    )
    expand "$1"
    # shellcheck disable=SC2086 # the CPUs
    set -- $expanded
    while read -r _ channel; do
        [ -n "$channel" ] || continue
        put "CPU of channel $channel" "$sys/$interface/device/channels/$channel/cpu" "$1"
        first=$1
        shift
        set -- "$@" "$first"
    done <<ORDERED
$ordered
ORDERED
}
