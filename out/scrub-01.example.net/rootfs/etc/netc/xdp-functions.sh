# shellcheck shell=sh
# Written by netc from scrubber.net. Change it there and compile again.
# Functions of the scripts in /etc/netc/xdp, which attach XDP programs. Each line they print is one
# change, or one promise that is not kept.

LC_ALL=C
export LC_ALL
bpftool=/usr/sbin/bpftool
xdp_loader=/usr/sbin/xdp-loader
ip=/usr/sbin/ip
tc=/usr/sbin/tc
folder=${0%/*}
sys=/sys/class/net
records=/run/netc/xdp
nic=
interface=
pins=
closed=no
programs=
failed=0
newline='
'

say() { printf 'netc: %s%s\n' "${interface:+$interface: }" "$*"; }
fail() { say "$@"; failed=1; }

# try COMMAND...: refusal is what it says, on one line; whether it did its work shows elsewhere
try() {
    said=$("$@" 2>&1) || true
    refusal=
    while :; do
        case $said in
            *"$newline"*) refusal="$refusal${said%%"$newline"*} " ;;
            *) break ;;
        esac
        said=${said#*"$newline"}
    done
    refusal=$refusal$said
}

# quietly COMMAND...: nothing depends on whether it works
quietly() { "$@" >/dev/null 2>&1 || true; }

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

# begin NIC PINS [closed]: whose programs follow, and the folder of the BPF file system for their maps; closed where
# nothing from the wire may reach the kernel's stack while they are not attached
begin() {
    nic=$1
    pins=$2
    [ "${3:-}" != closed ] || closed=yes
}

# program NAME OBJECT MODE PRIORITY LIST MAPS: LIST is a file of prefixes or -, MAPS with commas between or -
program() {
    programs="$programs$*
"
}

# finish ACTION: attach, reload, detach or release
finish() {
    mkdir -p "$records"
    case $1 in
        attach | reload)
            [ -n "$interface" ] || { fail "nic $nic is absent"; exit 1; }
            if "$1"; then
                [ "$closed" = no ] || open_ingress
            else
                give_up
            fi
            ;;
        detach) detach ;;
        # nothing is promised of the NIC any more
        release)
            closed=no
            detach
            [ -z "$interface" ] || open_ingress
            ;;
        *) fail "there is no action $1" ;;
    esac
    exit "$failed"
}

# Where the promise is that nothing passes without the program, the link goes down too: a network manager may raise it
# again, and then the filter still drops.
give_up() {
    failed=1
    [ "$closed" = yes ] || return 0
    is_attached_at_all || { close_ingress; "$ip" link set dev "$interface" down; say "the link is down"; }
}

attach() {
    [ "$closed" = no ] || is_attached_at_all || close_ingress
    bpf_is_mounted || return 1
    case $programs in
        *"$newline"?*) attach_several ;;
        *) attach_one ;;
    esac
}

bpf_is_mounted() {
    while read -r _ place type _; do
        [ "$place $type" != "/sys/fs/bpf bpf" ] || return 0
    done </proc/self/mounts
    try mount -t bpf -o nosuid,nodev,noexec,mode=0700 bpf /sys/fs/bpf
    [ -z "$refusal" ] || { fail "there is no BPF file system at /sys/fs/bpf: $refusal"; return 1; }
}

is_attached_at_all() { [ -n "$interface" ] && "$ip" link show dev "$interface" 2>/dev/null | grep -q 'prog/xdp\|xdp.*/id:'; }

# The same programs in the same mode, attached by this script: then the lists alone can have changed.
reload() {
    if [ "$(cat "$records/$nic" 2>/dev/null)" = "$(wanted)" ] && each_program is_attached; then
        each_program refill && return
        say "its lists cannot be brought up to date where they are, so it is loaded anew"
    fi
    attach
}

# wanted: what tells one set of programs from another, but for the prefixes in lists
wanted() { printf '%s' "$programs"; }

# each_program FUNCTION: calls it with the words of each program; stops where it fails
each_program() {
    while read -r name object mode priority list maps; do
        [ -n "$name" ] || continue
        "$1" "$name" "$object" "$mode" "$priority" "$list" "$maps" || return 1
    done <<PROGRAMS
$programs
PROGRAMS
}

# One program, by bpftool: it takes the place of another without a gap, and its maps are pinned by their names.
attach_one() {
    if [ ! -x "$bpftool" ]; then
        attach_without_pins
        return
    fi
    [ ! -e "$pins/next" ] || rm -rf "$pins/next"
    mkdir -p "$pins/next"
    if ! each_program load || ! { each_program put_in_place || once_more; }; then
        rm -rf "$pins/next"
        return 1
    fi
    if [ -e "$pins/programs" ] || [ -e "$pins/maps" ]; then
        rm -rf "$pins/programs" "$pins/maps"
    fi
    [ -e "$pins/next/maps" ] || mkdir "$pins/next/maps" # bpftool makes it only where there are maps
    mv "$pins/next/programs" "$pins/next/maps" "$pins" || { fail "nothing can be pinned in $pins"; return 1; }
    rmdir "$pins/next"
    wanted >"$records/$nic"
}

# load NAME OBJECT MODE PRIORITY LIST MAPS
load() {
    # shellcheck disable=SC2046 # two words or none
    try "$bpftool" prog loadall "$folder/$2" "$pins/next/programs" $(device_of "$3") pinmaps "$pins/next/maps"
    # shellcheck disable=SC2046 # the same; older names of sections do not tell the type
    [ -e "$pins/next/programs/$1" ] ||
        try "$bpftool" prog loadall "$folder/$2" "$pins/next/programs" type xdp $(device_of "$3") pinmaps "$pins/next/maps"
    [ -e "$pins/next/programs/$1" ] || { fail "$1 of $2 cannot be loaded: $refusal"; return 1; }
    for map in "$pins/next/maps"/*; do
        case ",$6," in
            *",${map##*/},"*) ;;
            *) rm -f "$map" ;;
        esac
    done
    [ "$5" = - ] || fill "$5" "$pins/next/maps"
}

# device_of MODE: a program that runs on the NIC is loaded for it
device_of() { [ "$1" != offload ] || echo "dev $interface"; }

# put_in_place NAME OBJECT MODE ...
put_in_place() {
    put_on "$1" "$3"
    case $refusal in
        # the kernel has one mode at a time on an interface
        *"File exists"*)
            for kind in xdpdrv xdpgeneric xdpoffload; do
                [ "$kind" = "$(kind_of "$3")" ] || quietly "$bpftool" net detach "$kind" dev "$interface"
            done
            put_on "$1" "$3"
            ;;
        *) ;;
    esac
    id_of "$pins/next/programs/$1"
    if shows "$id" "$3"; then
        say "$1 of $2 is attached, mode $3"
    else
        fail "$1 of $2 is not attached in mode $3: $refusal"
        return 1
    fi
}

# once_more: some drivers reckon the size of their buffers when the link comes up, and refuse a program before
once_more() {
    flags=0
    read -r flags 2>/dev/null <"$sys/$interface/flags" || true
    [ $((flags & 1)) = 0 ] || return 1
    "$ip" link set dev "$interface" up || return 1
    failed=0
    each_program put_in_place && return
    "$ip" link set dev "$interface" down
    return 1
}

# put_on NAME MODE: refusal is why not
put_on() {
    try "$bpftool" net attach "$(kind_of "$2")" pinned "$pins/next/programs/$1" dev "$interface" overwrite
}

# kind_of MODE: the word of bpftool and ip
kind_of() {
    case $1 in
        native) echo xdpdrv ;;
        generic) echo xdpgeneric ;;
        *) echo xdpoffload ;;
    esac
}

# id_of PATH: id is the number of the pinned program, empty where there is none
id_of() {
    id=$("$bpftool" prog show pinned "$1" 2>/dev/null) || id=
    id=${id%%:*}
}

# shows ID MODE: whether the interface runs the program in this mode
shows() {
    [ -n "$1" ] || return 1
    word=driver
    [ "$2" = native ] || word=$2
    case $("$bpftool" net show dev "$interface" 2>/dev/null)$newline in
        *"$word id $1$newline"*) return 0 ;;
        *) return 1 ;;
    esac
}

# is_attached NAME OBJECT MODE ...
is_attached() {
    if [ -e "$pins/programs/$1" ]; then
        id_of "$pins/programs/$1"
        shows "$id" "$3"
    else
        [ -n "$(loader_id "$1")" ]
    fi
}

# fill LIST FOLDER: puts all prefixes into the maps of the folder
fill() {
    sed 's/^/+ /' "$folder/$1" | commands_of "$2" >"$records/$nic.commands"
    try "$bpftool" batch file "$records/$nic.commands"
    rm -f "$records/$nic.commands"
    case $refusal in
        *[Ee]rror*) fail "the prefixes of $1 cannot be filled in: $refusal"; return 1 ;;
        *) ;;
    esac
    sort "$folder/$1" >"$records/$nic.$1"
}

# commands_of FOLDER: lines of bpftool's batch files for lines of a list, behind + to put in and - to take out
commands_of() {
    sed -n \
        -e "s#^+ [0-9][^: ]* \(.*\)#map update pinned $1/drop_v4 key \1 value 1#p;t" \
        -e "s#^- [0-9][^: ]* \(.*\)#map delete pinned $1/drop_v4 key \1#p;t" \
        -e "s#^+ [^ ]* \(.*\)#map update pinned $1/drop_v6 key \1 value 1#p;t" \
        -e "s#^- [^ ]* \(.*\)#map delete pinned $1/drop_v6 key \1#p"
}

# refill NAME OBJECT MODE PRIORITY LIST MAPS: what is new goes in, then what is gone is taken out; what stays is dropped
# all the while
refill() {
    [ "$5" != - ] || return 0
    [ -e "$records/$nic.$5" ] || return 1
    sort "$folder/$5" >"$records/$nic.new"
    {
        comm -13 "$records/$nic.$5" "$records/$nic.new" | sed 's/^/+ /'
        comm -23 "$records/$nic.$5" "$records/$nic.new" | sed 's/^/- /'
    } >"$records/$nic.changes"
    commands_of "$pins/maps" <"$records/$nic.changes" >"$records/$nic.commands"
    added=$(grep -c '^+' "$records/$nic.changes")
    removed=$(grep -c '^-' "$records/$nic.changes")
    rm -f "$records/$nic.changes"
    [ "$added$removed" != 00 ] || { rm -f "$records/$nic.new" "$records/$nic.commands"; return 0; }
    try "$bpftool" batch file "$records/$nic.commands"
    rm -f "$records/$nic.commands"
    case $refusal in
        *[Ee]rror*) rm -f "$records/$nic.new"; say "$refusal"; return 1 ;;
        *) ;;
    esac
    mv "$records/$nic.new" "$records/$nic.$5"
    say "$1 drops $added prefixes more and $removed less"
}

# Without bpftool nothing can be pinned or filled, but a program that needs neither can run.
attach_without_pins() {
    case $programs in
        *" - -
") ;;
        *) fail "$bpftool is not installed, and pins and lists need it"; return 1 ;;
    esac
    if [ -n "$xdp_loader" ] && [ -x "$xdp_loader" ]; then
        attach_several
    else
        each_program attach_by_ip && wanted >"$records/$nic"
    fi
}

# attach_by_ip NAME OBJECT MODE ...
attach_by_ip() {
    try "$ip" -force link set dev "$interface" "$(kind_of "$3")" object "$folder/$2" program "$1"
    if is_attached_at_all; then
        say "$1 of $2 is attached, mode $3"
    else
        fail "$1 of $2 is not attached in mode $3: $refusal"
        return 1
    fi
}

# Several programs, one behind the other, by xdp-loader's dispatcher. New ones are attached before old ones go.
attach_several() {
    if [ -z "$xdp_loader" ] || [ ! -x "$xdp_loader" ]; then
        fail "several programs need ${xdp_loader:-xdp-loader}, which is not installed"
        return 1
    fi
    before=$(behind_one_another | tr '\n' ' ')
    rm -rf "$pins/programs" "$pins/maps"
    if ! each_program attach_behind; then
        # what was attached before this run stays; of this run nothing does
        for new in $(behind_one_another); do
            case " $before " in
                *" $new "*) ;;
                *) quietly "$xdp_loader" unload "$interface" --id "$new" ;;
            esac
        done
        [ -n "$before" ] || quietly "$xdp_loader" unload "$interface" --all
        return 1
    fi
    for old in $before; do
        try "$xdp_loader" unload "$interface" --id "$old"
        [ -z "$refusal" ] || fail "program $old stays attached: $refusal"
    done
    wanted >"$records/$nic"
}

# The numbers of the programs that the dispatcher calls.
behind_one_another() {
    "$xdp_loader" status "$interface" 2>/dev/null | sed -n 's/^ =>.* \([0-9][0-9]*\)  *[0-9a-f]\{16\}.*/\1/p'
}

# attach_behind NAME OBJECT MODE PRIORITY LIST MAPS
attach_behind() {
    mode=$3
    [ "$3" != generic ] || mode=skb
    [ "$3" != offload ] || mode=hw
    known=$(loader_id "$1")
    try "$xdp_loader" load --mode "$mode" --prog-name "$1" --prio "$4" "$interface" "$folder/$2"
    number=$(loader_id "$1" "$known")
    if [ -z "$number" ]; then
        fail "$1 of $2 is not attached in mode $3: ${refusal:-the kernel runs no dispatcher, which several programs need}"
        return 1
    fi
    say "$1 of $2 is attached, mode $3, priority $4"
    [ "$6" != - ] || return 0
    [ -x "$bpftool" ] || { fail "$bpftool is not installed, and pins and lists need it"; return 1; }
    mkdir -p "$pins/maps"
    for map in $("$bpftool" prog show id "$number" | sed -n 's/.*map_ids \([0-9,]*\).*/\1/p' | tr ',' ' '); do
        name=$("$bpftool" map show id "$map" | sed -n '1s/.* name \([^ ]*\) .*/\1/p')
        # the kernel keeps 15 characters
        for wanted in $(printf '%s' "$6" | tr ',' ' '); do
            [ "$(printf '%.15s' "$wanted")" != "$name" ] || "$bpftool" map pin id "$map" "$pins/maps/$wanted" || failed=1
        done
    done
    [ "$5" = - ] || fill "$5" "$pins/maps"
}

# loader_id NAME [OLD]: the number of an attached program that is none of the old ones; the kernel keeps 15 characters
loader_id() {
    [ -n "$xdp_loader" ] && [ -x "$xdp_loader" ] || return 0
    short=$(printf '%.15s' "$1")
    "$xdp_loader" status "$interface" 2>/dev/null |
        sed -n "s/^ => *[0-9][0-9]* *${short}[^ ]*  *\([0-9][0-9]*\) .*/\1/p" | grep -vx "${2:-none}" | sort -n | tail -n 1
}

detach() {
    if [ -n "$interface" ]; then
        [ "$closed" = no ] || close_ingress
        if [ -e "$pins/programs" ] || [ ! -x "$xdp_loader" ]; then
            each_program take_away
        else
            quietly "$xdp_loader" unload "$interface" --all
        fi
        if is_attached_at_all; then
            fail "a program is still attached"
        else
            say "no program is attached"
        fi
    fi
    rm -rf "$pins/programs" "$pins/maps" "$pins/next" "$records/${nic:?}" "$records/${nic:?}"[.]*
    rmdir "$pins" "${pins%/*}" 2>/dev/null || true
}

# take_away NAME OBJECT MODE ...
take_away() {
    if [ -x "$bpftool" ]; then
        quietly "$bpftool" net detach "$(kind_of "$3")" dev "$interface"
    else
        quietly "$ip" link set dev "$interface" "$(kind_of "$3")" off
    fi
}

# A filter in front of the stack that drops every packet; one instruction of classic BPF: return TC_ACT_SHOT.
close_ingress() {
    is_closed && return
    quietly "$tc" qdisc add dev "$interface" clsact
    try "$tc" filter replace dev "$interface" ingress pref 1 protocol all handle 1 bpf bytecode '1,6 0 0 2,' da
    if is_closed; then
        say "closed: nothing from the wire reaches the stack"
    else
        fail "cannot be closed: $refusal"
    fi
}

open_ingress() {
    is_closed || return 0
    try "$tc" filter del dev "$interface" ingress pref 1
    if is_closed; then
        fail "cannot be opened: $refusal"
    else
        say "open"
    fi
}

is_closed() { "$tc" filter show dev "$interface" ingress pref 1 2>/dev/null | grep -q "bytecode '1,6 0 0 2'"; }
