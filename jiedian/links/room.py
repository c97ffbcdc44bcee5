"""接口: mail, SMS, WeChat and the signed webhook; outbox and dead letters."""

NAV = [("links", "接口", "links.view", "管理")]

JOBS = ["jiedian.links.services", "jiedian.links.jobs"]

COMMANDS = {"check-links": ("let every gateway examine itself", "jiedian.links.commands:check_links")}
