netc compile input.net -o out
sed -i 's/"format": 1/"format": 99/' out/edge-1/plan.json
netc diff out/edge-1/plan.json input.net
