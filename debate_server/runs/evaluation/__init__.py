"""What the results of a run show: how often right, at what cost, and whether a difference is one."""
