# shellcheck shell=sh
# Written by netc from input.net. Change it there and compile again.
# Functions of /etc/netc/verify. They start a program only where no file of /proc or /sys tells: the
# host is booting. Behind each promise stand the unit or file that carries it and who asked.
#
# With NETC_ROOT they read a copy of /proc and /sys.

LC_ALL=C
export LC_ALL
ethtool=/sbin/ethtool
ip=/sbin/ip
xdp_loader=/usr/sbin/xdp-loader
root=${NETC_ROOT:-}
net=$root/sys/class/net
folder=${0%/*}
tab=${IFS#?} # a shell starts with blank, tab and newline in it
tab=${tab%?}
newline='
'
kept=0
broken=0
unread=0
excused=0
nic=
interface=
optional=required
absent=
states=
sysctls=
linked=
linked_of=
set -f

say() { printf 'netc: %s\n' "$*"; }
keep() { kept=$((kept + 1)); }

# break_ SUBJECT FOUND WANTED BEHIND
break_() {
    broken=$((broken + 1))
    say "broken: $1 is $2, promised $3$4"
}

# cannot_read SUBJECT REASON BEHIND [excused]: what is excused need not hold on this machine
cannot_read() {
    if [ "${4:-}" = excused ]; then
        excused=$((excused + 1))
    else
        unread=$((unread + 1))
    fi
    say "cannot be read: $1: $2$3"
}

# judge SUBJECT FOUND WANTED BEHIND: kept where it is what was promised
judge() {
    if [ "$2" = "$3" ]; then
        keep
    else
        break_ "$1" "${2:-absent}" "$3" "$4"
    fi
}

# A promise that is not kept yet may be in a while: a link comes up, a unit is still at work. What the looking takes,
# which a slow NIC makes long, counts as waiting.
report() {
    said="netc: broken: check of the promises is unfinished, promised finished"
    # A tool that hangs is stopped with the unit: what is known by then is told.
    trap 'printf "%s\n" "$said"; exit 1' TERM
    seconds
    begun=$value
    while :; do
        status=0
        found=$(promises; summarize) || status=1
        said=$found
        seconds
        [ "$status" = 1 ] && [ $((value - begun)) -lt "${NETC_PATIENCE:-0}" ] || break
        sleep 5
    done
    printf '%s\n' "$said"
    exit "$status"
}

# seconds: value is how many the machine has run
seconds() {
    value=0
    read -r value _ 2>/dev/null </proc/uptime || true
    value=${value%%.*}
}

summarize() {
    count=$((kept + broken + unread + excused))
    word=promises
    [ "$count" != 1 ] || word=promise
    more=
    [ "$excused" = 0 ] || more=", $excused excused"
    say "$count $word: $kept kept, $broken broken, $unread cannot be read$more"
    [ $((broken + unread)) = 0 ]
}

# only_live SUBJECT BEHIND: whether tools can be asked; on a copy they would tell of another machine
only_live() {
    [ -n "$root" ] || return 0
    cannot_read "$1" "only the running machine tells" "$2"
    return 1
}

# first_line FILE: value is its first line without blanks around it, empty where it cannot be read
first_line() {
    value=
    read -r value 2>/dev/null <"$1" || true
}

# behind_start START TEXT: value is what the first line that starts so has behind it, empty where there is none. A long
# text is taken line by line: to look for words in one takes a shell longer than to start a program.
behind_start() {
    value=
    IFS=$newline
    for line in $2; do
        case $line in
            "$1"*)
                value=${line#"$1"}
                break
                ;;
            *) ;;
        esac
    done
    unset IFS
}

# squeeze WORDS: value is the words with one blank between
squeeze() {
    value=
    for word in $1; do value="$value${value:+ }$word"; done
}

# bare MASK: value is the mask without zeros and commas in front
bare() {
    value=$1
    while :; do
        case $value in
            [0,]?*) value=${value#?} ;;
            *) break ;;
        esac
    done
}

# read_sysctls PATTERN...: sysctls are all files of these paths, a line for each, path:value. A shell reads byte by byte,
# and files of /proc/sys give no more than the first one then.
read_sysctls() {
    # shellcheck disable=SC2048,SC2086 # patterns
    sysctls=$(set +f && cd "$root/proc/sys" 2>/dev/null && grep -s '' /dev/null $*) || true
}

# sysctl PATH FORM WANTED SUBJECT BEHIND [MODULE [INTERFACE]]: INTERFACE is the optional one that it is a key of
sysctl() {
    file=$root/proc/sys/$1
    if [ ! -d "$root/proc/sys" ]; then
        cannot_read "$4" "there is no /proc/sys" "$5"
    elif [ -n "${7:-}" ] && [ ! -e "$net/$7" ]; then
        cannot_read "$4" "$7 is absent" "$5" excused
    elif [ ! -e "$file" ] && [ -n "${6:-}" ] && ! is_loaded "$6"; then
        break_ "$4" "absent, for module $6 is not loaded" "$3" "$5"
    elif [ ! -e "$file" ]; then
        break_ "$4" absent "$3" "$5"
    else
        behind_start "$1:" "$sysctls"
        squeeze "$value"
        [ "$2" != mask ] || bare "$value"
        # some can only be written
        [ -n "$value" ] || [ -r "$file" ] || { cannot_read "$4" "it cannot be opened" "$5"; return; }
        if is_as_promised "$2" "$value" "$3"; then keep; else break_ "$4" "${value:-empty}" "$3" "$5"; fi
    fi
}

# sysctls PATH FORM WANTED SUBJECT BEHIND [PATH...]: a * in PATH is any name; paths at the end have lines of their own
sysctls() {
    pattern=$1
    form=$2
    wanted=$3
    subject=$4
    behind=$5
    shift 5
    [ -d "$root/proc/sys" ] || { cannot_read "$subject" "there is no /proc/sys" "$behind"; return; }
    found=no
    set +f
    for file in "$root/proc/sys/"$pattern; do
        set -f
        [ -e "$file" ] || continue
        path=${file#"$root/proc/sys/"}
        case " $* " in *" $path "*) continue ;; *) found=yes ;; esac
        sysctl "$path" "$form" "$wanted" "sysctl $path" "$behind"
    done
    set -f
    [ "$found" = yes ] || break_ "$subject" absent "$wanted" "$behind"
}

# is_as_promised FORM FOUND WANTED: of numbers the first ones count, of a set not the order
is_as_promised() {
    case $1 in
        numbers) case "$2 " in "$3 "*) return 0 ;; *) return 1 ;; esac ;;
        set)
            for word in $2; do case " $3 " in *" $word "*) ;; *) return 1 ;; esac done
            for word in $3; do case " $2 " in *" $word "*) ;; *) return 1 ;; esac done
            ;;
        *) [ "$2" = "$3" ] ;;
    esac
}

# is_loaded MODULE: a part of the kernel counts, which sysfs shows only where it has parameters
is_loaded() {
    name=$(printf '%s' "$1" | tr '-' '_')
    [ ! -d "$root/sys/module/$name" ] || return 0
    first_line "$root/proc/sys/kernel/osrelease"
    grep -q "/$(printf '%s' "$name" | sed 's/_/[-_]/g')\.ko" "$root/lib/modules/$value/modules.builtin" 2>/dev/null
}

# module NAME SUBJECT BEHIND
module() {
    if [ -d "$root/sys/module/$1" ] || is_loaded "$1"; then
        keep
    elif [ -d "$root/sys/module" ]; then
        break_ "$2" "not loaded" loaded "$3"
    else
        cannot_read "$2" "there is no /sys/module" "$3"
    fi
}

# parameter MODULE FOLDER NAME WANTED SUBJECT BEHIND
parameter() {
    file=$root/sys/module/$2/parameters/$3
    if [ ! -d "$root/sys/module/$2" ]; then
        cannot_read "$5" "module $1 is not loaded" "$6"
    elif [ ! -e "$file" ]; then
        cannot_read "$5" "module $1 does not show it" "$6"
    else
        first_line "$file"
        case "$value $4" in
            "Y 1" | "Y y" | "Y Y" | "Y on" | "Y true" | "N 0" | "N n" | "N N" | "N off" | "N false") keep ;;
            *) judge "$5" "$value" "$4" "$6" ;;
        esac
    fi
}

# argument PATTERN VALUE any|last WANTED SUBJECT BEHIND [FILE CPUS]: PATTERN is the name, in which - and _ are alike, VALUE =… or
# empty; of arguments of one name the last one counts, or any where they add up. FILE shows for which CPUs it is in effect
argument() {
    if [ ! -e "$root/proc/cmdline" ]; then
        cannot_read "$5" "there is no /proc/cmdline" "$6"
        return
    fi
    read -r words <"$root/proc/cmdline" || true
    present=
    is_there=no
    quoted=no
    for word in $words; do
        was_quoted=$quoted
        rest=$word
        while :; do
            case $rest in
                *'"'*) rest=${rest#*'"'} ;;
                *) break ;;
            esac
            if [ "$quoted" = no ]; then quoted=yes; else quoted=no; fi
        done
        [ "$was_quoted" = no ] || continue
        [ "$word" != -- ] || break
        # shellcheck disable=SC2254 # it is a pattern
        case $word in
            $1"$2") is_there=yes present=$word ;;
            $1 | $1=*)
                [ "$3" = any ] || is_there=no
                present=$word
                ;;
            *) ;;
        esac
    done
    if [ "$is_there" = no ]; then
        break_ "$5" "${present:-absent}" "$4" "$6"
    elif [ -n "${7:-}" ] && [ ! -e "$root/$7" ]; then
        cannot_read "$5" "there is no /$7" "$6"
    elif [ -n "${7:-}" ]; then
        first_line "$root/$7"
        case $value in
            "$8") keep ;;
            [0-9]*) break_ "$5" "in effect for CPUs $value" "$4" "$6" ;;
            *) break_ "$5" "in effect for no CPU" "$4" "$6" ;;
        esac
    else
        keep
    fi
}

# nic NIC NAME|- required|optional FOLDER|- MAC|- PORT|- BEHIND: whose promises follow; FOLDER is that of the device
nic() {
    nic=$1
    optional=$3
    asked=
    interface=
    device=$4
    address=$5
    port=$6
    if [ "$2" != - ]; then
        [ ! -e "$net/$2" ] || interface=$2
    elif is_any "$root"/run/udev/data/*; then
        find_recognised
    else
        find_by_device "$4" "$5" "$6"
        interface=$value
    fi
    [ -z "$interface" ] || return 0
    [ "$optional" = required ] || absent="$absent $nic "
    excuse=
    [ "$optional" = required ] || excuse=excused
    if [ ! -e "$net" ]; then
        cannot_read "nic $nic" "there is no /sys/class/net" "$7" "$excuse"
        return 0
    fi
    value=
    [ "$2" = - ] || find_by_device "$4" "$5" "$6"
    if [ -n "$value" ]; then
        break_ "$nic: name" "$value" "$2" "$7"
    else
        cannot_read "nic $nic" "it is absent" "$7" "$excuse"
    fi
}

# is_any PATTERN: whether there is such a file
is_any() {
    set +f
    for one in $1; do
        set -f
        [ ! -e "$one" ] || return 0
    done
    set -f
    return 1
}

# The interface that 90-netc-nic.rules marked, by udev's own record of its properties.
find_recognised() {
    set +f
    for found in "$net"/*; do
        set -f
        first_line "$found/ifindex"
        [ -e "$root/run/udev/data/n$value" ] || continue
        while read -r property; do
            [ "$property" != "E:NETC_NIC=$nic" ] || interface=${found##*/}
        done <"$root/run/udev/data/n$value"
        [ -z "$interface" ] || return 0
    done
    set -f
}

# find_by_device FOLDER MAC PORT: value is the name of the interface that the device has; those of virtio stand below
find_by_device() {
    its_name=
    set +f
    if [ "$1" != - ]; then
        for found in "$root/$1"/net/* "$root/$1"/virtio*/net/*; do
            [ -e "$found" ] || continue
            is_port "$found" "$3" || continue
            its_name=${found##*/}
            break
        done
    elif [ "$2" != - ]; then
        for found in "$net"/*; do
            first_line "$found/address"
            [ "$value" = "$2" ] && [ -e "$found/device" ] || continue
            its_name=${found##*/}
            break
        done
    fi
    set -f
    value=$its_name
}

# is_port FOLDER PORT|-: whether the interface whose folder this is has that number among those of its device
is_port() {
    [ "$2" != - ] || return 0
    first_line "$1/dev_port"
    [ "$value" = "$2" ]
}

# name_is device|address|- FOUND SUBJECT WANTED BEHIND: whether it is the device that was to have the name; FOUND says
# that it is not
name_is() {
    [ -n "$interface" ] || return 0
    case $1 in
        device)
            for found in "$root/$device/net/$interface" "$root/$device"/virtio[0-9]*/net/"$interface"; do
                if is_any "$found" && is_port "$one" "$port"; then keep; return; fi
            done
            [ -d "$root/sys/bus" ] || { cannot_read "$3" "there is no /sys/bus" "$5"; return; }
            ;;
        address)
            for found in "$net/$interface/address" "$net/$interface/bonding_slave/perm_hwaddr"; do
                first_line "$found"
                [ "$value" != "$address" ] || { keep; return; }
            done
            only_live "$3" "$5" || return 0
            [ -x "$ethtool" ] || { cannot_read "$3" "ethtool is not installed" "$5"; return; }
            value=$("$ethtool" -P "$interface" 2>/dev/null | tr '[:upper:]' '[:lower:]') || true
            case "$value " in *" $address "*) keep; return ;; *) ;; esac
            ;;
        *)
            keep
            return
            ;;
    esac
    break_ "$3" "$2" "$4" "$5"
}

# functions NUMBER SUBJECT BEHIND: how many virtual functions its device has
functions() {
    [ -n "$interface" ] || return 0
    first_line "$net/$interface/device/sriov_numvfs"
    judge "$2" "$value" "$1" "$3"
}

# ask_ip: linked is what ip tells of the interface, asked once
ask_ip() {
    [ "$linked_of" != "$interface" ] || return 0
    linked=$("$ip" -details link show dev "$interface" 2>/dev/null) || linked=
    linked_of=$interface
}

# function_is NUMBER mac|vlan|trust|spoof-check WANTED SUBJECT BEHIND: what the interface says of a virtual function
function_is() {
    [ -n "$interface" ] || return 0
    only_live "$4" "$5" || return 0
    [ -x "$ip" ] || { cannot_read "$4" "ip is not installed" "$5"; return; }
    ask_ip
    behind_start "    vf $1 " "$linked"
    told=" $value"
    value=
    case $2,$told in
        *,' ') ;;
        mac,*" link/ether "*) value=${told#*" link/ether "} ;;
        mac,*" MAC "*) value=${told#*" MAC "} ;;
        vlan,*", vlan "[0-9]*) value=${told#*", vlan "} ;;
        vlan,*) value=0 ;;
        trust,*", trust "*) value=${told#*", trust "} ;;
        spoof-check,*", spoof checking "*) value=${told#*", spoof checking "} ;;
        *) ;;
    esac
    judge "$4" "${value%%[, ]*}" "$3" "$5"
}

# mtu WANTED SUBJECT BEHIND
mtu() {
    [ -n "$interface" ] || return 0
    first_line "$net/$interface/mtu"
    judge "$2" "$value" "$1" "$3"
}

is_up() {
    first_line "$net/$interface/flags"
    [ $((${value:-0} & 1)) = 1 ]
}

# device GROUP LABEL WANTED SUBJECT BEHIND [pairs]: what ethtool prints behind a label, asked once for each group. With
# pairs a program of XDP may have brought a queue pair for each CPU
device() {
    [ -n "$interface" ] || return 0
    only_live "$4" "$5" || return 0
    [ -x "$ethtool" ] || { cannot_read "$4" "ethtool is not installed" "$5"; return; }
    if [ "$asked" != "$1" ]; then
        ask_ethtool "$1"
        asked=$1
    fi
    wanted=$3
    if [ "$3" = max ]; then
        behind_label "$2" "$maxima"
        wanted=${value:-max}
    fi
    behind_label "$2" "$present"
    found=$value
    if [ "${6:-}" = pairs ]; then
        first_line "$root/sys/devices/system/cpu/possible"
        [ -z "$value" ] || [ "$found" != $((${wanted%max} + ${value##*[-,]} + 1)) ] || found=$wanted
    fi
    value=$found
    if [ -n "$value" ]; then
        judge "$4" "$value" "$wanted" "$5"
    elif is_up; then
        break_ "$4" absent "$wanted" "$5"
    else
        cannot_read "$4" "the link is down" "$5"
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

# check_of SCRIPT [KEY BEHIND...]: what a script that sets things finds when it only looks
check_of() {
    script=$1
    shift
    if [ ! -e "$folder/$script" ]; then
        break_ "script /etc/netc/$script" absent there ""
        return
    fi
    # in a subshell, whose functions are those of the script then: a shell more need not start
    # shellcheck disable=SC2034 source=/dev/null # the script reads them
    checked=$(
        NETC_INTERFACE=$interface
        NETC_FOLDER=$folder
        set +f -- check
        . "$folder/$script" 2>/dev/null
    ) || true
    case $checked in
        *kept"$tab"[0-9]*) ;;
        *) break_ "check of /etc/netc/$script" unfinished finished "" ;;
    esac
    while IFS=$tab read -r verdict key subject one other; do
        case $verdict in
            kept) kept=$((kept + key)) ;;
            broken)
                behind_of "$key" "$@"
                break_ "$subject" "$one" "$other" "$behind"
                ;;
            unread)
                behind_of "$key" "$@"
                cannot_read "$subject" "$one" "$behind" "$other"
                ;;
            *) ;;
        esac
    done <<CHECKED
$checked
CHECKED
}

# behind_of KEY [KEY BEHIND...]
behind_of() {
    behind=
    wanted=$1
    shift
    while [ $# -gt 1 ]; do
        [ "$1" != "$wanted" ] || behind=$2
        shift 2
    done
}

# steering [KEY BEHIND...]: of the present NIC; interrupts can be told without an interface, on a copy of a machine
steering() {
    [ -n "$interface" ] || { [ -n "$root" ] && [ ! -e "$net" ]; } || return 0
    check_of "steering/$nic" "$@"
}

# program NAME MODE one|several SUBJECT BEHIND: an XDP program
program() {
    only_live "$4" "$5" || return 0
    if [ -z "$interface" ]; then
        excuse=
        [ "$optional" = required ] || excuse=excused
        cannot_read "$4" "nic $nic is absent" "$5" "$excuse"
        return
    fi
    [ -x "$ip" ] || { cannot_read "$4" "ip is not installed" "$5"; return; }
    ask_ip
    case $linked in
        *" mtu "*" xdpgeneric"*) mode=generic ;;
        *" mtu "*" xdpoffload"*) mode=offload ;;
        *" mtu "*" xdp"*) mode=native ;;
        *) mode="not attached" ;;
    esac
    # the kernel keeps 15 characters
    short=$1
    case $1 in ????????????????*) short=$(printf '%.15s' "$1") ;; *) ;; esac
    other=
    IFS=$newline
    for line in $linked; do
        case $line in
            *" prog/xdp id "*" name "*) other=${line#*" name "} ;;
            *) ;;
        esac
    done
    unset IFS
    other=${other%% *}
    if [ "$mode" != "not attached" ] && [ "$3" = one ] && [ "$other" != "$short" ]; then
        mode="replaced by ${other:-another}"
    elif [ "$3" = several ] && ! "${xdp_loader:-false}" status "$interface" 2>/dev/null | grep -qE "^ => *[0-9]+ +($1|$short) "; then
        mode="not attached"
    fi
    judge "$4" "$mode" "$2" "$5"
}

# pinned FILE SUBJECT BEHIND
pinned() {
    [ -n "$interface" ] && [ -z "$root" ] || return 0
    if [ -e "$1" ]; then keep; else break_ "$2" "not pinned" pinned "$3"; fi
}

# pages FOLDER LEAST SUBJECT BEHIND
pages() {
    first_line "$root/$1/nr_hugepages"
    case $value in
        '' | *[!0-9]*) break_ "$3" absent "at least $2" "$4" ;;
        *) if [ "$value" -ge "$2" ]; then keep; else break_ "$3" "$value" "at least $2" "$4"; fi ;;
    esac
}

# bound FOLDER DRIVER required|optional SUBJECT BEHIND
bound() {
    if [ -d "$root/$1" ]; then
        value=$(readlink "$root/$1/driver") || value=none
        judge "$4" "${value##*/}" "$2" "$5"
    elif [ "$3" = optional ]; then
        cannot_read "$4" "the device is absent" "$5" excused
    else
        cannot_read "$4" "the device is absent" "$5"
    fi
}

# affinity CPUS SUBJECT BEHIND: of systemd itself, which it takes from CPUAffinity= as services do
affinity() {
    [ -e "$root/proc/1/status" ] || { cannot_read "$2" "there is no /proc/1/status" "$3"; return; }
    found=
    while read -r name value; do
        [ "$name" != Cpus_allowed_list: ] || found=$value
    done <"$root/proc/1/status"
    judge "$2" "$found" "$1" "$3"
}

# manager DIRECTIVE WANTED SUBJECT BEHIND
manager() {
    only_live "$3" "$4" || return 0
    shown=$(systemctl show --property="$1,${1}Soft" 2>/dev/null) || shown=
    behind_start "$1=" "$shown"
    found=$value
    behind_start "${1}Soft=" "$shown"
    case "$2 $value" in
        *:*" "?*) found=$value:$found ;;
        *) ;;
    esac
    if [ -z "$shown" ]; then
        cannot_read "$3" "systemd does not answer" "$4"
    else
        judge "$3" "$found" "$2" "$4"
    fi
}

# units [UNIT...]: systemd is asked once for all of them; states is what it tells of each, with a tab behind
units() {
    states=
    told=
    [ -n "$root" ] || told=$(systemctl show --property=Id,LoadState,ActiveState,MainPID,DropInPaths -- "$@" 2>/dev/null) || told=
    while [ -n "$told" ]; do
        states=$states${told%%"$newline$newline"*}$tab
        case $told in
            *"$newline$newline"*) told=${told#*"$newline$newline"} ;;
            *) told= ;;
        esac
    done
    why="systemd does not answer"
    [ -z "$root" ] || why="only the running machine tells"
}

# of_unit UNIT: state is what systemd told of it, a line for each property
of_unit() {
    state=
    IFS=$tab
    for block in $states; do
        case $newline$block$newline in
            *"${newline}Id=$1$newline"*)
                state=$block
                break
                ;;
            *) ;;
        esac
    done
    unset IFS
}

# units_answer BEHIND: says once where systemd does not tell of units
units_answer() { [ -n "$states" ] || cannot_read "units of netc" "$why" "$1"; }

# unit UNIT NIC|- BEHIND
unit() {
    [ -n "$states" ] || return 0
    of_unit "$1"
    behind_start LoadState= "$state"
    load=$value
    behind_start ActiveState= "$state"
    case $absent in
        *" $2 "*)
            if [ "$load" != not-found ] && [ "$value" != active ]; then
                cannot_read "unit $1" "nic $2 is absent" "$3" excused
                return
            fi
            ;;
        *) ;;
    esac
    [ "$load" != not-found ] || value=absent
    judge "unit $1" "$value" active "$3"
}

# drop_in UNIT FILE BEHIND
drop_in() {
    [ -n "$states" ] || return 0
    of_unit "$1"
    behind_start LoadState= "$state"
    [ "$value" != not-found ] || { break_ "drop-in of $1" "absent, for there is no such unit" "$2" "$3"; return; }
    behind_start DropInPaths= "$state"
    case "$value " in
        *"/$1.d/$2 "*) keep ;;
        *) break_ "drop-in of $1" absent "$2" "$3" ;;
    esac
}

# masked UNIT SUBJECT BEHIND
masked() {
    of_unit "$1"
    [ -n "$state" ] || { cannot_read "$2" "$why" "$3"; return; }
    behind_start ActiveState= "$state"
    active=$value
    behind_start LoadState= "$state"
    [ "$active" != active ] || value="$value, and still active"
    judge "$2" "$value" masked "$3"
}

# irqbalance cpus|arguments WANTED SUBJECT BEHIND [MASK]
irqbalance() {
    of_unit irqbalance.service
    [ -n "$state" ] || { cannot_read "$3" "$why" "$4"; return; }
    behind_start MainPID= "$state"
    # one that does not run moves nothing
    [ "${value:-0}" != 0 ] || { keep; return; }
    if [ "$1" = cpus ]; then
        variables=$(tr '\0' '\n' <"/proc/$value/environ" 2>/dev/null)
        behind_start IRQBALANCE_BANNED_CPULIST= "$variables"
        if [ -n "$value" ]; then
            judge "$3" "$value" "$2" "$4"
        else
            behind_start IRQBALANCE_BANNED_CPUS= "$variables"
            if [ "$value" = "$5" ]; then keep; else break_ "$3" "${value:-none}" "$2" "$4"; fi
        fi
        return
    fi
    given=$(tr '\0' '\n' <"/proc/$value/cmdline" 2>/dev/null)
    found=
    for word in $2; do
        case "$newline$given$newline" in
            *"$newline$word$newline"*) found="$found${found:+ }$word" ;;
            *) ;;
        esac
    done
    judge "$3" "${found:-others}" "$2" "$4"
}

# files BEHIND: whether files and links are as /etc/netc/files says that they were written
files() {
    list=$root/etc/netc/files
    if [ ! -e "$list" ] && [ -n "$root" ]; then
        cannot_read "files of netc" "there is no /etc/netc/files" "$1"
    elif [ ! -e "$list" ]; then
        break_ /etc/netc/files absent "as written" "$1"
    elif ! command -v sha256sum >/dev/null; then
        cannot_read "files of netc" "sha256sum is not installed" "$1"
    else
        IFS=$newline
        check_list "$1"
        unset IFS
    fi
}

# check_list BEHIND: sha256sum is started once for all files, and readlink for all links
check_list() {
    sums=
    links=
    paths=
    targets=
    awaited=0
    # shellcheck disable=SC2013 # they are lines
    for line in $(cat "$list"); do
        path=${line##* /}
        mark=${line#* }
        mark=${mark%%" /"*}
        case $line in
            "file $mark /$path") sums="$sums${sums:+$newline}$mark  $path" awaited=$((awaited + 1)) ;;
            "link $mark /$path")
                links="$links$path -> $mark$newline"
                paths="$paths$path$newline"
                targets="$targets$mark$newline"
                ;;
            '#'* | "folder /$path") ;;
            *) awaited=-1; break ;;
        esac
    done
    answered=$(cd "$root/" && sha256sum -c 2>/dev/null <<SUMS
$sums
SUMS
    ) || true
    # shellcheck disable=SC2086 # a word for each line
    set -- "$1" $answered
    if [ $(($# - 1)) != "$awaited" ] || [ "$awaited" = 0 ]; then
        break_ /etc/netc/files changed "as written" "$1"
        return
    fi
    behind=$1
    shift
    for line in "$@"; do
        case $line in *": OK") keep ;; *) not_as_written "${line%": FAILED"*}" "$behind" ;; esac
    done
    [ -z "$links" ] || check_links "$behind"
}

# check_links BEHIND: readlink tells the targets of all; where they are others, or it takes one name alone, ls tells whose
check_links() {
    # shellcheck disable=SC2086 # a word for each line
    shown=$(cd "$root/" && readlink $paths 2>/dev/null) || true
    if [ "$shown$newline" = "$targets" ]; then
        for line in $links; do keep; done
        return
    fi
    # shellcheck disable=SC2086 # the same
    shown=$newline$(cd "$root/" && ls -l $paths 2>/dev/null)$newline
    for line in $links; do
        case $shown in *" $line$newline"*) keep ;; *) not_as_written "${line%%" -> "*}" "$1" ;; esac
    done
}

# not_as_written PATH BEHIND: newer sha256sum puts a backslash before a name with backslashes, and doubles those
not_as_written() {
    path=$1
    case $path in "\\"*) path=$(printf '%s' "$path" | sed 's/^\\//; s/\\\\/\\/g') ;; *) ;; esac
    if [ ! -e "$root/$path" ] && [ ! -L "$root/$path" ]; then
        break_ "/$path" absent "as written" "$2"
    elif [ -f "$root/$path" ] && [ ! -r "$root/$path" ]; then
        cannot_read "/$path" "it cannot be opened" "$2"
    else
        break_ "/$path" changed "as written" "$2"
    fi
}
