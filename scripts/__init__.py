"""Tools that make files of the repository from their sources; no run of the pipeline needs them."""
