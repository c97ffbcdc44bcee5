"""The parts every page is built of: what stands behind the tags of ``templatetags/kit.py``."""
