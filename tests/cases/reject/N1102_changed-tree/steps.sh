netc compile input.net -o out
echo quiet >> out/edge-1/kernel-command-line
netc diff out input.net
