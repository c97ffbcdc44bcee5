"""方案研究: the site, the supply points around it, the options and their composition."""

REACTIONS = {
    "case.applied": ["jiedian.supply.study.reactions.keep_site"],
    "case.corrected": ["jiedian.supply.study.reactions.forget_site"],
}
