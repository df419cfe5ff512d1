netc compile input.net -o out
cp -r out/edge-1 out/edge-1-before
netc diff out input.net
