netc compile input.net --format confext
