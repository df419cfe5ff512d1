netc compile input.net -o out
echo '{' > out/edge-1/manifest.json
netc compile input.net -o out
