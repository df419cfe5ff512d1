"""What the files of netc achieve: the same traffic on default settings, under tuned, and on what netc compiles."""
