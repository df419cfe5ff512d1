"""`netc doctor`: which known bottleneck a machine is hitting, by its counters, and which statement answers it.

`counters` takes a sample of a machine, `interval` compares two, `receiving`, `sockets`, `tables` and `sending` hold
one small rule for each symptom, `examining` has them all in `RULES`, and `report` says it to people and programs.
Thresholds, causes and statements are data: `knowledge/bottlenecks.yaml`.
"""
