"""The pages on the published file: compare years, see the source."""
