"""Invented units and what they publish: facts, documents in every dialect and format, and the truth beside them."""
