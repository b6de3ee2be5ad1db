"""Loaders: published budget documents in, raw text tables out."""
