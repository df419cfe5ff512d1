# shellcheck shell=sh
# Written by netc from input.net. Change it there and compile again.
# Functions of the scripts in /etc/netc/nic. Each line they print is one change, or one promise that
# is not kept.

LC_ALL=C
export LC_ALL
ethtool=/sbin/ethtool
ip=/sbin/ip
sys=/sys/class/net
interface=
nic=
failed=0
group=
wants=

say() { printf 'netc: %s%s\n' "${interface:+$interface: }" "$*"; }
fail() { say "$@"; failed=1; }

# named NAME: the interface is the one of this name
named() { [ ! -e "$sys/$1" ] || interface=$1; }

# known_to_udev_as NIC: the interface is the one that 90-netc-nic.rules recognised
known_to_udev_as() {
    for found in "$sys"/*; do
        if udevadm info --query=property --path="$found" 2>/dev/null | grep -qx "NETC_NIC=$1"; then
            interface=${found##*/}
            return
        fi
    done
}

must_be_there() {
    nic=$1
    [ -n "$interface" ] || { fail "nic $1 is absent"; exit 1; }
    usable
}

may_be_absent() {
    nic=$1
    [ -n "$interface" ] || exit 0
    usable
}

usable() {
    [ -x "$ethtool" ] || { fail "$ethtool is not installed"; exit 1; }
}

raise() { "$ip" link set dev "$interface" up || fail "cannot be set up"; }

# want GROUP WORD LABEL VALUE: WORD is ethtool's for the setting, LABEL what it prints before the value.
# Settings of one group that follow each other are set by one call: many drivers reset the link for each.
want() {
    [ "$1" = "$group" ] || settle
    group=$1
    wants="$wants$2 $3 $4
"
}

finish() {
    settle
    exit "$failed"
}

# Sets what differs of the collected wants together, then what was refused one by one, and reads back.
settle() {
    differing=
    while read -r word label value; do
        [ -n "$word" ] || continue
        wanted=$(resolved "$label" "$value")
        wanted=${wanted:-$value}
        present=$(current "$label")
        [ "$present" = "$wanted" ] || differing="$differing$word $label $wanted ${present:-unknown}
"
    done <<WANTS
$wants
WANTS
    wants=
    [ -n "$differing" ] || return 0
    arguments=$(echo "$differing" | while read -r word _ wanted _; do echo "$word $wanted"; done)
    # shellcheck disable=SC2086 # words and values are netc's own, and several
    change $arguments >/dev/null 2>&1 || true
    while read -r word label wanted before; do
        [ -n "$word" ] || continue
        what="$group $word"
        [ "$group" != "$word" ] || what=$group
        refusal=
        [ "$(current "$label")" = "$wanted" ] || refusal=$(change "$word" "$wanted" 2>&1)
        present=$(current "$label")
        if [ "$present" = "$wanted" ]; then
            say "$what was $before, is $wanted"
        else
            refusal=$(printf '%s' "$refusal" | tr '\n' ' ')
            fail "$what is ${present:-unknown}, wanted $wanted${refusal:+: $refusal}"
        fi
    done <<DIFFERING
$differing
DIFFERING
}

# change WORD VALUE ...: of the present group
change() {
    case $group in
        mtu) "$ip" link set dev "$interface" "$@" ;;
        channels)
            "$ethtool" -L "$interface" "$@" 2>/dev/null && return
            release_queues
            "$ethtool" -L "$interface" "$@"
            ;;
        ring) "$ethtool" -G "$interface" "$@" ;;
        offload) "$ethtool" -K "$interface" "$@" ;;
        coalesce) "$ethtool" -C "$interface" "$@" ;;
        # a link partner that negotiates pause would undo what is set
        pause) "$ethtool" -A "$interface" autoneg off "$@" 2>/dev/null || "$ethtool" -A "$interface" "$@" ;;
    esac
}

# The kernel keeps channels that an indirection table or flow rules name, and some drivers refuse any change while there
# are rules. The steering unit sets both again, which netc-follow-links.service starts when queues change.
release_queues() {
    "$ethtool" -X "$interface" default
    while read -r number _; do
        "$ethtool" -N "$interface" delete "$number"
    done <"/run/netc/flow-rules-$nic"
} >/dev/null 2>&1

# resolved LABEL VALUE: `max` is the most that the device has
resolved() {
    if [ "$2" = max ]; then
        shown | after "Pre-set maximums:" | value_of "$1"
    else
        echo "$2"
    fi
}

# current LABEL: the value that the kernel reports, empty where there is none
current() {
    case $group in
        mtu) cat "$sys/$interface/mtu" ;;
        channels | ring) shown | after "Current hardware settings:" | value_of "$1" ;;
        *) shown | value_of "$1" ;;
    esac
}

shown() {
    case $group in
        channels) "$ethtool" -l "$interface" 2>/dev/null ;;
        ring) "$ethtool" -g "$interface" 2>/dev/null ;;
        offload) "$ethtool" -k "$interface" 2>/dev/null ;;
        coalesce) "$ethtool" -c "$interface" 2>/dev/null ;;
        pause) "$ethtool" -a "$interface" 2>/dev/null ;;
    esac
}

# after TITLE: the lines below it
after() { sed "1,/^$1/d"; }

# value_of LABEL: the first value that stands after it; `n/a` is none
value_of() {
    case $1 in
        adaptive-rx) sed -n 's/^Adaptive RX:[[:space:]]*\([^[:space:]]*\).*/\1/p' ;;
        adaptive-tx) sed -n 's/^Adaptive RX:.*TX:[[:space:]]*\([^[:space:]]*\).*/\1/p' ;;
        *) sed -n "s/^[[:space:]]*$1:[[:space:]]*\([^[:space:]]*\).*/\1/p" ;;
    esac | sed -n '/^n\/a$/d;1p'
}
