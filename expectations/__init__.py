"""The gates: great-expectations suites at the two borders of the warehouse."""
