"""Arithmetic of the scheme room."""
