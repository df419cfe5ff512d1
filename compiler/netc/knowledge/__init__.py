"""Facts of kernels, drivers, distributions and traffic kinds, held as YAML with a JSON Schema each.

Every file is written for people and reviewed as YAML. `tables` reads them once per process.
"""
