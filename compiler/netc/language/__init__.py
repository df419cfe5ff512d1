"""The words of the language: what each argument must be, which statements there are, how they are read."""
