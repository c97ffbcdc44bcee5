"""方案研究: the site, the supply points around it, the options and their composition."""
