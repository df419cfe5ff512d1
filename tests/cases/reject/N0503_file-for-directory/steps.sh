mkdir out
touch out/edge-1
netc compile input.net -o out
