mkdir -p out/edge-1
echo quiet > out/edge-1/kernel-command-line
netc compile input.net -o out
