"""Facts of real machines: what they look like in YAML, and how /proc and /sys tell them.

`facts` holds the values, `facts.schema.json` their YAML form. `reading.read_facts` and `writing.write_facts`
go between the two; `probing.probe` reads a machine, or a copy of its /proc and /sys.
"""
