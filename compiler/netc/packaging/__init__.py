"""From artifacts to directories: one host's tree in the output, or a root file system image."""
