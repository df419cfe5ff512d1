netc compile input.net --format bootc
