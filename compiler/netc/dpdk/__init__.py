"""Applications that drive ports in user space: what checks, planners and pictures ask of them alike."""
