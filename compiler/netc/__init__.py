"""netc compiles a description of hosts, hardware and traffic into the files Linux reads at boot."""

__version__ = "0.1.0"
