"""What netc adds to a boot: the same machine bare, with tuned, and with the files that netc compiled."""
