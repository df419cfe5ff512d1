"""What `netc compile` costs: time, memory, and how both grow."""
