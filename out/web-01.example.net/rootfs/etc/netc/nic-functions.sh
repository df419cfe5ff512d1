# shellcheck shell=sh
# Written by netc from web.net. Change it there and compile again.
# Functions of the scripts in /etc/netc/nic. Each line they print is one change, or one promise that
# is not kept.

LC_ALL=C
export LC_ALL
ethtool=/usr/sbin/ethtool
ip=/usr/sbin/ip
sys=/sys/class/net
interface=
nic=
failed=0
pairs=0
group=
wants=
tab=${IFS#?} # a shell starts with blank, tab and newline in it
tab=${tab%?}
newline='
'

say() { printf 'netc: %s%s\n' "${interface:+$interface: }" "$*"; }
fail() { say "$@"; failed=1; }

# named NAME: the interface is the one of this name
named() { [ ! -e "$sys/$1" ] || interface=$1; }

# known_to_udev_as NIC: the interface is the one that 90-netc-nic.rules recognised, by the files in which udev keeps
# the properties of each
known_to_udev_as() {
    recorded=$(grep -lFx "E:NETC_NIC=$1" /run/udev/data/n* 2>/dev/null) || true
    for found in /sys/class/net/*; do
        number=none
        read -r number 2>/dev/null <"$found/ifindex" || true
        case $recorded$newline in *"/n$number$newline"*) interface=${found##*/} ;; *) ;; esac
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
    set -f # from here on no word is a pattern
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

# Sets what differs of the collected wants together, then what was refused one by one, and reads back. A host boots
# meanwhile: ethtool is asked once for all of a group, and the shell looks for the values itself.
settle() {
    [ -n "$wants" ] || return 0
    ask
    differing=
    arguments=
    while read -r word label wanted; do
        [ -n "$word" ] || continue
        if [ "$wanted" = max ]; then
            behind_label "$label" "$maxima"
            wanted=${value:-max}
        fi
        behind_label "$label" "$present"
        ! is_as_wanted || continue
        differing="$differing$word $label $wanted ${value:-unknown}$newline"
        arguments="$arguments $word $wanted"
    done <<WANTS
$wants
WANTS
    wants=
    [ -n "$differing" ] || return 0
    # shellcheck disable=SC2086 # words and values are netc's own, and several
    change $arguments >/dev/null 2>&1 || true
    ask
    while read -r word label wanted before; do
        [ -n "$word" ] || continue
        what="$group $word"
        [ "$group" != "$word" ] || what=$group
        refusal=
        behind_label "$label" "$present"
        if ! is_as_wanted; then
            refusal=$(change "$word" "$wanted" 2>&1)
            ask
            behind_label "$label" "$present"
        fi
        if is_as_wanted; then
            say "$what was $before, is $wanted"
        else
            refusal=$(printf '%s' "$refusal" | tr '\n' ' ')
            fail "$what is ${value:-unknown}, wanted $wanted${refusal:+: $refusal}"
        fi
    done <<DIFFERING
$differing
DIFFERING
}

# pairs_for_programs: a program of XDP brings a queue pair for each CPU, where the device has as many left; ethtool counts
# them among the channels, which cannot be changed then
pairs_for_programs() {
    read -r pairs 2>/dev/null </sys/devices/system/cpu/possible || pairs=-1
    pairs=$((${pairs##*[-,]} + 1))
}

# is_as_wanted: value, of the present group
is_as_wanted() {
    [ "$value" = "$wanted" ] || { [ "$group" = channels ] && [ "$pairs" != 0 ] && [ $((value - pairs)) = "$wanted" ]; }
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

# ask: present, and maxima where there are some, of the present group
ask() {
    if [ "$group" = mtu ]; then
        present=
        read -r present 2>/dev/null <"$sys/$interface/mtu" || true
        present="mtu: $present"
    else
        ask_ethtool "$group"
    fi
}

# ask_ethtool GROUP: present is what ethtool tells of the interface's settings of a group; of some it tells maxima first
ask_ethtool() {
    maxima=
    case $1 in
        channels) present=$("$ethtool" -l "$interface" 2>/dev/null) ;;
        ring) present=$("$ethtool" -g "$interface" 2>/dev/null) ;;
        offload) present=$("$ethtool" -k "$interface" 2>/dev/null) ;;
        coalesce) present=$("$ethtool" -c "$interface" 2>/dev/null) ;;
        *) present=$("$ethtool" -a "$interface" 2>/dev/null) ;;
    esac
    case $1 in
        channels | ring)
            maxima=${present%%"Current hardware settings:"*}
            present=${present#*"Current hardware settings:"}
            ;;
        *) ;;
    esac
}

# behind_label LABEL TEXT: value is the first word behind it, empty where there is none; `n/a` is none. Where globs are
# off: the text is taken line by line, for to look for words in a long one takes a shell longer than to start a program.
behind_label() {
    case $1 in
        adaptive-rx | adaptive-tx) label_told='Adaptive RX:' ;;
        *) label_told=$1: ;;
    esac
    value=
    IFS=$newline
    for told in $2; do
        told=${told#"$tab"}
        case $told in
            "$label_told"*)
                value=${told#"$label_told"}
                break
                ;;
            *) ;;
        esac
    done
    unset IFS
    [ "$1" != adaptive-tx ] || value=${value#*TX:}
    value=${value#"${value%%[! "$tab"]*}"}
    value=${value%%[ "$tab"]*}
    [ "$value" != n/a ] || value=
}
