# shellcheck shell=sh
# Written by netc from input.net. Change it there and compile again.
# Functions of the scripts in /etc/netc/vfs. Each line they print is one change, or one promise that
# is not kept.
#
# With NETC_ROOT they work on a copy of /sys.

LC_ALL=C
export LC_ALL
ip=/sbin/ip
root=${NETC_ROOT:-}
sys=$root/sys
interface=
device=
made=0
apart=
taken=
addresses=
raised=no
failed=0
newline='
'

say() { printf 'netc: %s%s\n' "${interface:+$interface: }" "$*"; }
fail() { say "$@"; failed=1; }

# named NAME: the interface is the one of this name
named() { [ ! -e "$sys/class/net/$1" ] || interface=$1; }

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

must_be_there() {
    [ -n "$interface" ] || { fail "nic $1 is absent"; exit 1; }
    usable
}

may_be_absent() {
    [ -n "$interface" ] || exit 0
    usable
}

usable() {
    device=$sys/class/net/$interface/device
    [ -e "$device/sriov_numvfs" ] || { fail "its device makes no virtual functions: there is no sriov_numvfs"; exit 1; }
    [ -x "$ip" ] || { fail "$ip is not installed"; exit 1; }
}

finish() { exit "$failed"; }

# value_of FILE: its first line, empty where it cannot be read
value_of() {
    value=
    read -r value 2>/dev/null <"$1" || true
    printf '%s\n' "$value"
}

# store FILE VALUE: prints why the kernel does not take it; the shell's own words would hide the reason
store() {
    { printf '%s\n' "$2" >"$1"; } 2>/dev/null && return
    refused=$(printf '%s\n' "$2" | tee "$1" 2>&1 >/dev/null) || true
    printf '%s\n' "${refused##*: }"
}

# target_of LINK: the last component of what it points to, empty where there is none
target_of() {
    target=$(readlink "$1") || target=
    printf '%s\n' "${target##*/}"
}

is_up() {
    flags=$(value_of "$sys/class/net/$1/flags")
    [ $((${flags:-0} & 1)) = 1 ]
}

raise() {
    is_up "$interface" && return
    raised=yes
    "$ip" link set dev "$interface" up || fail "cannot be set up"
}

# may_drivers 0|1: whether drivers may have virtual functions; kernels before 4.12 have no such switch
may_drivers() {
    switch=$device/sriov_drivers_autoprobe
    [ ! -e "$switch" ] || [ "$(value_of "$switch")" = "$1" ] || refusal=$(store "$switch" "$1")
}

# make_functions NUMBER: drivers leave those alone that are made now
make_functions() {
    before=$(value_of "$device/sriov_numvfs")
    made=$before
    if [ "$before" != "$1" ]; then
        may_drivers 0
        # the kernel changes a number only from or to 0
        [ "$before" = 0 ] || refusal=$(store "$device/sriov_numvfs" 0)
        refusal=$(store "$device/sriov_numvfs" "$1")
        made=$(value_of "$device/sriov_numvfs")
        if [ "$made" != "$1" ] && ! is_up "$interface"; then
            # some drivers make them only while the link is up
            raise
            refusal=$(store "$device/sriov_numvfs" "$1")
            made=$(value_of "$device/sriov_numvfs")
        fi
        if [ "$made" = "$1" ]; then
            say "virtual functions were ${before:-unknown}, are $1"
            return
        fi
        most=$(value_of "$device/sriov_totalvfs")
        fail "virtual functions are ${made:-unknown}, wanted $1; the device has ${most:-no known number} at most${refusal:+: $refusal}"
    fi
}

# set_function NUMBER WORD VALUE ...: words are mac, vlan, trust and spoof-check
set_function() {
    number=$1
    shift
    case " $* " in
        *" mac "*) addresses="$addresses$number $(value_after mac "$@")
" ;;
        *) ;;
    esac
    [ -e "$device/virtfn$number" ] || { fail "virtual function $number is absent"; return; }
    differing=$(differing "$@")
    [ -n "$differing" ] || return 0
    # shellcheck disable=SC2086 # words and values are netc's own, and several
    change $differing >/dev/null 2>&1 || true
    # one refusal must not hide the others, and a function that is being reset takes a moment
    for attempt in 1 2 3 4 5; do
        refusal=$(one_by_one "$(differing "$@")")
        case $refusal in
            *"temporarily unavailable"* | *busy*) [ "$attempt" = 5 ] || sleep 1 ;;
            *) break ;;
        esac
    done
    present=$(shown)
    while [ $# -gt 0 ]; do
        now=$(printf '%s\n' "$present" | setting "$1")
        if [ "$now" != "$2" ]; then
            fail "$1 of virtual function $number is ${now:-unknown}, wanted $2${refusal:+: $refusal}"
        else
            case " $differing " in
                *" $(word_of "$1") $2 "*) say "$1 of virtual function $number is now $2" ;;
                *) ;;
            esac
        fi
        shift 2
    done
}

# value_after WORD WORD VALUE ...
value_after() {
    wanted=$1
    shift
    while [ "$1" != "$wanted" ]; do shift 2; done
    printf '%s\n' "$2"
}

# differing WORD VALUE ...: what the kernel does not have yet, in the words of ip, on one line
differing() {
    present=$(shown)
    rest=
    while [ $# -gt 0 ]; do
        [ "$(printf '%s\n' "$present" | setting "$1")" = "$2" ] || rest="$rest${rest:+ }$(word_of "$1") $2"
        shift 2
    done
    printf '%s\n' "$rest"
}

# one_by_one WORDS: what is refused, on one line
one_by_one() {
    # shellcheck disable=SC2086 # the same
    set -- $1
    while [ $# -gt 0 ]; do
        change "$1" "$2" 2>&1
        shift 2
    done | tr '\n' ' ' | sed 's/ *$//'
}

change() { "$ip" link set dev "$interface" vf "$number" "$@"; }

word_of() { if [ "$1" = spoof-check ]; then echo spoofchk; else echo "$1"; fi; }

# shown: what the kernel has of the virtual function
shown() { "$ip" link show dev "$interface" 2>/dev/null | grep -E "^[[:space:]]*vf $number "; }

# setting WORD: its value in that line, empty where the driver does not tell
setting() {
    case $1 in
        mac) sed -nE 's/.*(link\/ether|MAC) ([0-9a-f:]{17}).*/\2/p' ;;
        vlan) sed -E -e 's/.*, vlan ([0-9]+).*/\1/' -e t -e 's/.*/0/' ;;
        trust) sed -nE 's/.*, trust (on|off).*/\1/p' ;;
        spoof-check) sed -nE 's/.*, spoof checking (on|off).*/\1/p' ;;
    esac
}

keep_apart() { apart=" $* "; }
must_be_taken() { taken=" $* "; }

# let_drivers: drivers have the virtual functions, but for those that are kept apart. Theirs is loaded before, since a
# driver that comes later takes all that it may.
let_drivers() {
    [ -n "$root" ] || [ ! -e "$device/virtfn0" ] || modprobe -q -b "$(value_of "$device/virtfn0/modalias")" || true
    may_drivers 1
    number=0
    while [ "$number" -lt "${made:-0}" ]; do
        case $apart in
            *" $number "*) ;;
            *) let_driver ;;
        esac
        number=$((number + 1))
    done
}

let_driver() {
    function=$device/virtfn$number
    [ -e "$function" ] || { fail "virtual function $number is absent"; return; }
    address=$(target_of "$function")
    if [ -z "$(target_of "$function/driver")" ]; then
        refusal=$(store "$sys/bus/pci/drivers_probe" "$address")
    elif [ "$raised" = yes ] && is_idle; then
        # it was bound while its physical function did not answer, and would not ask again
        bind_anew "for the link was down before"
    fi
    bound=$(target_of "$function/driver")
    case $taken in
        *" $number "*) [ -n "$bound" ] || { fail "virtual function $number has no driver"; return; } ;;
        *) ;;
    esac
    wanted=$(printf '%s' "$addresses" | sed -n "s/^$number //p")
    [ -z "$wanted" ] || has_address "$wanted"
}

# has_address ADDRESS: a driver that was there before the address was set may have another one still
has_address() {
    differs "$1" || return 0
    if is_up "${net##*/}"; then
        fail "virtual function $number has address $present, wanted $1, and ${net##*/} is up"
        return
    fi
    bind_anew "for address $1"
    ! differs "$1" || fail "virtual function $number has address $present, wanted $1${refusal:+: $refusal}"
}

bind_anew() {
    refusal=$(store "$function/driver/unbind" "$address")
    refusal=$(store "$sys/bus/pci/drivers_probe" "$address")
    say "driver of virtual function $number was bound anew, $1"
}

# is_idle: whether the virtual function has an interface, and it is down
is_idle() {
    for net in "$function"/net/*; do
        [ -e "$net" ] && ! is_up "${net##*/}" || return 1
    done
}

# differs ADDRESS: whether the interface of the virtual function has another one
differs() {
    for net in "$function"/net/*; do
        [ -e "$net" ] || continue
        present=$(value_of "$net/address")
        [ "$present" = "$1" ] || return 0
    done
    return 1
}
