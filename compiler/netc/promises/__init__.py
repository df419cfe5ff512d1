"""What a plan promises of a running host, in the words in which both `netc verify` and the boot check tell of it.

The two read a host on their own, the one in Python and the other in shell; what they look for and how they say
what they found is here alone.
"""
