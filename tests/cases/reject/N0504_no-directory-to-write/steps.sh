netc compile input.net -o /proc/out
