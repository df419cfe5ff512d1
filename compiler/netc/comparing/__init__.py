"""What differs between two states of a fleet: meaning first, then files.

`sides` says what may be compared and reads it, `changes` compares two plans, `fleets` two fleets, and there is one
module for each form of the report.
"""
