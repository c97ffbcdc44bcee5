"""Rows, metering, power quality, pieces and ownership."""
