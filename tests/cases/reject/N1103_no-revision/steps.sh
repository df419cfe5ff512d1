git init -q .
netc diff input.net --against main
