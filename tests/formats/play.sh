#!/bin/sh
# Plays the role on this machine, in a mount namespace whose /etc is a copy. $1 is the interpreter that has netc,
# $2 what is played: changes or units.
# Programs that would act on the machine only note in `calls` how they were called.
set -eu
python=$1
mkdir etc bin
cp -a /etc/. etc
mount --bind etc /etc
for program in systemctl systemd-sysusers udevadm update-initramfs update-grub; do
    cat >"bin/$program" <<'PROGRAM'
#!/bin/sh
echo "${0##*/} $*" >>calls
case $1 in show) printf 'LoadState=loaded\nActiveState=active\n' ;; esac
[ ! -e "fails-${0##*/}" ]
PROGRAM
    sed -i "s|>>calls|>>$PWD/calls|; s|fails-|$PWD/fails-|" "bin/$program"
    chmod +x "bin/$program"
done
PATH=$PWD/bin:$PATH
export ANSIBLE_NOCOLOR=1

# play [ARGUMENT...]: compile and bring it to /etc; says whether each file of the tree lies there then
play() {
    "$python" -m netc compile x.net -o out --format ansible
    ansible-playbook -i out/netc_fleet/inventory.yaml -c local -e ansible_become=false \
        -e "ansible_python_interpreter=$python" "$@" out/netc_fleet/playbook.yaml || true
    diff -r --no-dereference out/edge-1/rootfs/etc /etc | grep -v '^Only in /etc' || echo 'all is there'
    echo "mask: $(readlink /etc/systemd/system/irqbalance.service || true)"
}

if [ "$2" = units ]; then
    play -e netc_live=true # names of units hold backslashes
    echo '--' >>calls
    sed -i 's/group dpdk/group packets/' x.net
    play # after-copy is the same as before, and has another group to make
    exit
fi
play # a host without any of it
echo '--' >>calls
play # nothing to do
touch fails-update-grub
sed -i 's/nosmt/panic=10/; s/; irqbalance disable//' x.net
play # breaks off before all is done
rm fails-update-grub
echo '--' >>calls
play # does what was left
rm /etc/netc/manifest.json
echo changed >>/etc/sysctl.d/90-netc.conf
play # a file that others wrote
